"""Drawing the invented documents: what papers.yaml says, in the layout of Decree 30/2020."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from typing import Any, Final

import typst
import yaml

from seeds.demo.people import STAFF, StaffMember
from webapp.core.documents import DocumentStatus, SigningCapacity, format_day

UNIT: Final = "ỦY BAN NHÂN DÂN"
RECIPIENTS: Final = ("Như trên;", "TT Đảng ủy, HĐND phường;", "CT, các PCT UBND phường;", "Các bộ phận chuyên môn;")
_BY_SLUG: Final = {member.slug: member for member in STAFF}


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One document of papers.yaml.

    `head` initials, `beside` signs before the signer; both have done so where the paper waits for somebody else.
    `replaces` names the `key` of an earlier paper.
    """

    type: str
    ago: int
    state: DocumentStatus
    author: str
    department: str
    signer: str
    abstract: str
    paragraphs: Sequence[str]
    to: str = ""
    reason: str = ""
    key: str = ""
    replaces: str = ""
    head: str = ""
    beside: str = ""
    attachments: Sequence[str] = ()

    @property
    def person(self) -> StaffMember:
        """Who signs it."""
        return _BY_SLUG[self.signer]

    @property
    def capacity(self) -> SigningCapacity:
        """In which capacity (Decree 30, Art 13): for the committee, for the chair, or by the chair's order."""
        if self.signer == "chu-tich":
            return SigningCapacity.TM
        return SigningCapacity.KT if self.person.title == "Phó Chủ tịch" else SigningCapacity.TL

    @property
    def capacity_lines(self) -> list[str]:
        """Give the lines above the signature."""
        if self.capacity is SigningCapacity.TM:
            return [f"TM. {UNIT}", "Chủ tịch"]
        return [f"{self.capacity.value} Chủ tịch", self.person.title]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """What the paper says beside its own text. `symbol` is printed after the gap for the number."""

    ward_name: str
    place: str
    type_name: str
    symbol: str
    is_letter: bool
    moment: dt.datetime
    day: dt.date


def read_papers(year: int) -> list[Paper]:
    """Give the documents, oldest first."""
    rows: list[dict[str, Any]] = yaml.safe_load((files("seeds.demo") / "papers.yaml").read_text(encoding="utf-8"))
    return [
        Paper(
            **row
            | {
                "state": DocumentStatus(row["state"]),
                "abstract": row["abstract"].format(year=year),
                "paragraphs": [text.format(year=year) for text in row["paragraphs"]],
            }
        )
        for row in rows
    ]


def draw_paper(paper: Paper, head: Letterhead) -> bytes:
    """Give the PDF. The same paper on the same day gives the same bytes."""
    values = {
        "agency": f"{UNIT} {head.ward_name}",
        "superior": UNIT,
        "unit": head.ward_name.upper(),
        "symbol": head.symbol,
        "is_letter": head.is_letter,
        "place": head.place,
        "day": format_day(head.day),
        "type_name": head.type_name,
        "abstract": paper.abstract,
        "to": paper.to,
        "paragraphs": list(paper.paragraphs),
        "recipients": [*RECIPIENTS, f"Lưu: VT, {paper.department}."],
        "capacity": paper.capacity_lines,
        "signer": paper.person.name,
        "beside": [_BY_SLUG[paper.beside].title, _BY_SLUG[paper.beside].name] if paper.beside else [],
    }
    with (
        as_file(files("seeds.demo")) as here,
        as_file(files("webapp") / "resources" / "fonts") as bold,
        as_file(files("signing") / "resources" / "fonts") as fonts,
    ):
        pdf = typst.compile(
            str(here / "paper.typ"),
            font_paths=[str(bold), str(fonts)],
            ignore_system_fonts=True,
            sys_inputs={"paper": json.dumps(values, ensure_ascii=False)},
            timestamp=int(head.moment.timestamp()),
        )
    return bytes(pdf)


def draw_attachment(title: str, *, moment: dt.datetime) -> bytes:
    """Give a plain table as an attachment's file."""
    with as_file(files("seeds.demo")) as here, as_file(files("signing") / "resources" / "fonts") as fonts:
        pdf = typst.compile(
            str(here / "attachment.typ"),
            font_paths=[str(fonts)],
            ignore_system_fonts=True,
            sys_inputs={"title": title},
            timestamp=int(moment.timestamp()),
        )
    return bytes(pdf)
