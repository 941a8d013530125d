"""Documents about earlier ones, begun from the template: how the earlier one is cited, and the words of each kind.

Citing follows Decree 30/2020, Appendix I, part II, 6: type, number and symbol, day, issuer and abstract the first time;
type, number and symbol afterwards. What a recall asks of its receivers is Art 18.4.
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from webapp.core.documents import format_day
from webapp.core.letters import BLANK, LETTERS, LetterTemplate, LetterText, lower_first, without_prefix
from webapp.core.relations import RelationKind, form_problem

_IN_FORCE: Final = re.compile(r"có hiệu lực (?:thi hành )?(?:kể )?từ ngày ký")
_ARTICLE: Final = re.compile(r"^Điều\s+(\d{1,3})")
_EMPTY: Final = re.compile(r"Điều\s+\d{1,3}\s?\.")
_ACTS: Final = {
    RelationKind.AMENDS: "Sửa đổi, bổ sung một số nội dung của",
    RelationKind.RECALLS: "Thu hồi",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """The earlier document. `text`: what was written when it was composed here; `receivers`: who got it, by line."""

    type_code: str
    type_name: str
    notation: str
    issued_on: dt.date | None
    agency: str
    abstract: str
    receivers: tuple[str, ...] = ()
    text: LetterText | None = None

    @property
    def short(self) -> str:
        """As it is cited again: `Kế hoạch số 30/KH-UBND`."""
        return f"{self.type_name} số {self.notation}"

    @property
    def named(self) -> str:
        """With day and issuer, for an abstract."""
        day = f" {format_day(self.issued_on)}" if self.issued_on else ""
        return f"{self.short}{day} của {self.agency}"

    @property
    def full(self) -> str:
        """As it is cited the first time."""
        return f"{self.named} về việc {lower_first(without_prefix(self.abstract))}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterStart:
    """What the boxes of a new document hold before the author writes, line by line."""

    abstract: str = ""
    paragraphs: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    addressees: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()


def types_about(kind: RelationKind, target_type: str) -> list[str]:
    """Give the types with a template in which such a document may be written."""
    return [code for code in LETTERS if form_problem(kind, code, target_type) is None]


def start_about(template: LetterTemplate, kind: RelationKind, cited: Cited) -> LetterStart:
    """Begin a document that amends, replaces or recalls an earlier one; `[…]` stands where the author has to write."""
    if kind is RelationKind.REPLACES:
        abstract, paragraphs = f"{cited.abstract} (thay thế {cited.named})", _replacing(template, cited)
    else:
        abstract = f"{_ACTS[kind]} {cited.named}"
        paragraphs = _amending(template, cited) if kind is RelationKind.AMENDS else _recalling(template, cited)
    text = cited.text if cited.text and cited.type_code == template.type_code else None
    return LetterStart(
        abstract=abstract[:500],
        paragraphs=tuple(paragraphs),
        recipients=_recipients(template, paragraphs),
        addressees=(text.addressees if text else cited.receivers) if template.addressed is not False else (),
        bases=text.bases if text else (),
    )


def _amending(template: LetterTemplate, cited: Cited) -> list[str]:
    change = [f"1. Sửa đổi {BLANK} thành: “{BLANK}”", f"2. Bổ sung {BLANK}"]
    kept = f"Các nội dung khác của {cited.short} giữ nguyên hiệu lực."
    if template.decides:
        lead = f"Điều 1. Sửa đổi, bổ sung một số nội dung của {cited.full}, như sau:"
        return [lead, *change, f"Điều 2. {kept}", "Điều 3. Quyết định này có hiệu lực kể từ ngày ký.", _carried_out(4)]
    return [f"{cited.agency} sửa đổi, bổ sung một số nội dung của {cited.full}, như sau:", *change, kept]


def _replacing(template: LetterTemplate, cited: Cited) -> list[str]:
    """Go on from the earlier text where it was written here, and say in it what it replaces."""
    earlier = cited.text.paragraphs if cited.text and cited.type_code == template.type_code else ()
    frame = [line.strip() for line in template.body.splitlines() if line.strip()]
    paragraphs = list(earlier) or [f"{line} {BLANK}" if _EMPTY.fullmatch(line) else line for line in frame]
    for number, line in enumerate(paragraphs if template.decides else ()):
        if _IN_FORCE.search(line):
            paragraphs[number] = f"{line.rstrip(' .;,/')} và thay thế {cited.full}."
            return paragraphs
    if template.decides:
        return [*paragraphs, f"Điều {_last_article(paragraphs) + 1}. Quyết định này thay thế {cited.full}."]
    return [f"{cited.type_name} này thay thế {cited.full}.", *paragraphs]


def _recalling(template: LetterTemplate, cited: Cited) -> list[str]:
    why = f"Lý do thu hồi: {BLANK}"
    asked = f"ngừng sử dụng {cited.short}, hủy bản điện tử đã nhận trên hệ thống và báo lại cho {cited.agency}."
    if template.decides:
        return [
            f"Điều 1. Thu hồi {cited.full}.",
            why,
            f"Điều 2. Cơ quan, đơn vị, cá nhân đã nhận văn bản {asked}",
            "Điều 3. Quyết định này có hiệu lực kể từ ngày ký.",
            _carried_out(4),
        ]
    return [f"{cited.agency} thu hồi {cited.full}.", why, f"Đề nghị cơ quan, đơn vị, cá nhân đã nhận văn bản {asked}"]


def _carried_out(number: int) -> str:
    return f"Điều {number}. Các bộ phận chuyên môn, cá nhân có liên quan chịu trách nhiệm thi hành Quyết định này."


def _recipients(template: LetterTemplate, paragraphs: Sequence[str]) -> tuple[str, ...]:
    """As the type begins; "Như Điều 3" names the last article."""
    last = f"Như Điều {_last_article(paragraphs)};"
    lines = [line for line in template.recipients.splitlines() if line.strip()]
    return tuple(last if line.startswith("Như Điều") else line for line in lines)


def _last_article(paragraphs: Sequence[str]) -> int:
    return max((int(found[1]) for line in paragraphs if (found := _ARTICLE.match(line))), default=0)
