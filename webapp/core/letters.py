"""Documents composed here: what each common type asks for, and its parts as Decree 30/2020, Appendix I, lays them out.

The same values fill the page (typst) and the Word file, so both say the same.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from webapp.core.documents import SigningCapacity
from webapp.core.errors import N_, Problem
from webapp.core.text import clean

MOST_LINES: Final = 400
LONGEST_LINE: Final = 4_000
MOST_RECIPIENTS: Final = 20
_HEADING = re.compile(r"^(?:(?:PHẦN|CHƯƠNG|MỤC)\s+)?[IVXL]{1,6}[.)]\s")
_ARTICLE = re.compile(r"^(Điều\s+\d{1,3}[a-zđ]?\s?\.)\s*")
_END = "./."
BLANK: Final = "[…]"
"""Where a beginning leaves something for the author to write; nothing is drawn while it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterTemplate:
    """What a type asks for. `addressed` and `based`: True must be given, None may, False has no such part.

    `decides`: the text is in articles behind "QUYẾT ĐỊNH:". `named`: the name of the type stands above the abstract;
    a letter (công văn) has none and puts its abstract under the number (Appendix I, part II, 5).
    """

    type_code: str
    body: str
    recipients: str
    addressed: bool | None = False
    based: bool | None = None
    decides: bool = False
    named: bool = True


LETTERS: Final[Mapping[str, LetterTemplate]] = MappingProxyType(
    {
        one.type_code: one
        for one in (
            LetterTemplate(
                type_code="ke_hoach",
                body="I. MỤC ĐÍCH, YÊU CẦU\n\nII. NỘI DUNG\n\nIII. TỔ CHỨC THỰC HIỆN\n",
                recipients="CT, các PCT UBND phường;\nCác bộ phận chuyên môn;\nCác tổ dân phố;",
            ),
            LetterTemplate(
                type_code="bao_cao",
                body="I. KẾT QUẢ ĐẠT ĐƯỢC\n\nII. TỒN TẠI, HẠN CHẾ\n\nIII. NHIỆM VỤ THỜI GIAN TỚI\n",
                recipients="TT Đảng ủy, HĐND phường;\nCT, các PCT UBND phường;",
                addressed=None,
            ),
            LetterTemplate(type_code="thong_bao", body="", recipients="CT, các PCT UBND phường;\nCác tổ dân phố;"),
            LetterTemplate(
                type_code="quyet_dinh",
                body="Điều 1. \n\nĐiều 2. Quyết định này có hiệu lực kể từ ngày ký.\n\nĐiều 3. \n",
                recipients="Như Điều 3;\nTT Đảng ủy, HĐND phường;\nCT, các PCT UBND phường;",
                based=True,
                decides=True,
            ),
            LetterTemplate(
                type_code="to_trinh", body="", recipients="Như trên;\nCT, các PCT UBND phường;", addressed=True
            ),
            LetterTemplate(
                type_code="cong_van",
                body="",
                recipients="Như trên;\nCT, các PCT UBND phường;",
                addressed=True,
                named=False,
            ),
        )
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterText:
    """What the author wrote, line by line. `principal` is the office for which a substitute signs: "Chủ tịch"."""

    paragraphs: tuple[str, ...]
    addressees: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    principal: str = ""

    def to_json(self) -> dict[str, Any]:
        """Give plain values for the database."""
        return {
            "paragraphs": list(self.paragraphs),
            "addressees": list(self.addressees),
            "bases": list(self.bases),
            "recipients": list(self.recipients),
            "principal": self.principal,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "LetterText":
        """Read them back."""
        lines = {name: tuple(value[name]) for name in ("paragraphs", "addressees", "bases", "recipients")}
        return cls(**lines, principal=value["principal"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """Everything around the text. `symbol` is printed behind the gap for the number, `unit` after "Lưu: VT"."""

    agency: str
    symbol: str
    place: str
    type_name: str
    abstract: str
    capacity: SigningCapacity
    signer_title: str
    signer_name: str
    unit: str = ""


def lines_of(text: str) -> tuple[str, ...]:
    """Give the lines that say something: composed (NFC), single blanks, without characters that nobody sees."""
    plain = "".join(c for c in text if c in "\n\r\t" or unicodedata.category(c) not in {"Cc", "Cs", "Co", "Cn"})
    return tuple(line for line in map(clean, plain.splitlines()) if line)


def letter_problems(template: LetterTemplate, text: LetterText) -> list[Problem]:
    """Say what is missing or too much."""
    problems = []
    if not text.paragraphs:
        problems.append(Problem("paragraphs", N_("Hãy ghi nội dung văn bản, mỗi đoạn một dòng.")))
    if template.addressed and not text.addressees:
        problems.append(Problem("addressees", N_("Hãy ghi nơi nhận ở phần “Kính gửi”, mỗi nơi một dòng.")))
    if template.based and not text.bases:
        problems.append(Problem("bases", N_("Hãy ghi căn cứ ban hành, mỗi căn cứ một dòng.")))
    if any(BLANK in line for line in text.paragraphs):
        problems.append(Problem("paragraphs", N_("Còn chỗ “[…]” chưa ghi. Hãy ghi nội dung vào đó, hoặc xóa dòng đó.")))
    for name, lines, most in (
        ("paragraphs", text.paragraphs, MOST_LINES),
        ("addressees", text.addressees, MOST_RECIPIENTS),
        ("bases", text.bases, MOST_RECIPIENTS * 2),
        ("recipients", text.recipients, MOST_RECIPIENTS),
    ):
        if len(lines) > most:
            problems.append(Problem(name, N_("Nhiều nhất %(most)s dòng."), {"most": most}))
        if any(len(line) > LONGEST_LINE for line in lines):
            message = N_("Có dòng dài quá %(most)s ký tự. Hãy tách thành nhiều đoạn.")
            problems.append(Problem(name, message, {"most": LONGEST_LINE}))
    return problems


def letter_values(template: LetterTemplate, text: LetterText, head: Letterhead) -> dict[str, Any]:
    """Give every part as plain values, punctuation and prefixes filled in."""
    agency, unit = _agency_lines(head.agency)
    abstract = head.abstract
    if template.decides and not abstract.casefold().startswith(("về ", "v/v")):
        abstract = f"Về việc {lower_first(abstract)}"
    return {
        "title": f"{head.type_name}: {head.abstract}",
        "agency": head.agency,
        "agency_lines": [line for line in (agency, unit) if line],
        "symbol": head.symbol,
        "place": head.place,
        "type_name": head.type_name.upper() if template.named else "",
        "abstract": abstract,
        "subject": "" if template.named else f"V/v {lower_first(without_prefix(head.abstract))}",
        "authority": _authority(head) if template.decides else "",
        "decides": "QUYẾT ĐỊNH:" if template.decides else "",
        "addressees": _addressees(text.addressees) if template.addressed is not False else [],
        "bases": _ended(text.bases, "."),
        "paragraphs": _paragraphs(text.paragraphs),
        "recipients": [f"- {line}" for line in _recipients(text.recipients, head.unit)],
        "capacity": capacity_lines(head.capacity, head, text.principal),
        "signer": head.signer_name,
    }


def capacity_lines(capacity: SigningCapacity, head: Letterhead, principal: str) -> list[str]:
    """Give the lines above the signature (Decree 30, Art 13; Appendix I, part II, 7)."""
    title = head.signer_title.upper()
    if capacity is SigningCapacity.OWN:
        return [title] if title else []
    if capacity is SigningCapacity.Q:
        return [f"Q. {title}"]
    top = _agency_lines(head.agency)[0] if capacity is SigningCapacity.TM else (principal or "Chủ tịch").upper()
    return [line for line in (f"{capacity.value} {top}", title) if line]


def _agency_lines(agency: str) -> tuple[str, str]:
    """Break `Ủy ban nhân dân phường Bến Mẫu` behind the name of the body, as letterheads do."""
    body, people, place = agency.partition(" nhân dân ")
    return (f"{body}{people}".strip().upper(), place.upper()) if place else (agency.upper(), "")


def _authority(head: Letterhead) -> str:
    """Say who decides: the committee when its chair signs for it, otherwise the chair."""
    return head.agency.upper() if head.capacity is SigningCapacity.TM else f"CHỦ TỊCH {head.agency.upper()}"


def _addressees(lines: Sequence[str]) -> list[str]:
    """One stands behind the words, several below them with a dash each (Appendix I, part II, 9)."""
    bare = [line.lstrip("-–+ ") for line in lines]
    return bare if len(bare) == 1 else [f"- {line}" for line in _ended(bare, ".")]


def _recipients(lines: Sequence[str], unit: str) -> list[str]:
    bare = [line.lstrip("-–+ ") for line in lines]
    if not any(line.casefold().startswith("lưu") for line in bare):
        bare.append(", ".join(part for part in ("Lưu: VT", unit) if part))
    return _ended(bare, ".")


def _ended(lines: Sequence[str], last: str) -> list[str]:
    """End every line with a semicolon and the last one with `last`."""
    bare = [line.rstrip(" .;,") for line in lines]
    return [f"{line};" for line in bare[:-1]] + [f"{line}{last}" for line in bare[-1:]]


def _paragraphs(lines: Sequence[str]) -> list[dict[str, str]]:
    """Tell headings (I., II.) and the leads of articles from plain text; the last one gets the closing mark."""
    found = []
    for number, line in enumerate(lines, 1):
        text = line
        if number == len(lines) and not line.endswith(_END):
            text = f"{line.rstrip(' .;,')}{_END}"
        article = _ARTICLE.match(text)
        if article:
            found.append({"kind": "article", "lead": article[1], "text": text[article.end() :]})
        else:
            found.append({"kind": "heading" if _HEADING.match(text) else "plain", "lead": "", "text": text})
    return found


def without_prefix(abstract: str) -> str:
    """Give an abstract without its "về việc"."""
    return re.sub(r"^(?:về việc|v/v)\s+", "", abstract, flags=re.IGNORECASE)


def lower_first(words: str) -> str:
    """Begin with a small letter, unless an abbreviation or a name of several words begins it ("UBND", "Bến Mẫu")."""
    second = words.partition(" ")[2]
    return words if words[1:2].isupper() or second[:1].isupper() else words[:1].lower() + words[1:]
