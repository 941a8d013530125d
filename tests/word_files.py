"""Word files for tests: plain, and with parts that reach out of them; and a stand-in for LibreOffice."""

import datetime as dt
import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import docx

from tests.fake_signing import PDF
from webapp.core.word_files import WordRefused

RELATIONS = "word/_rels/document.xml.rels"
TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def plain_docx(*lines: str) -> bytes:
    document = docx.Document()
    for line in lines or ("Số:          /KH-UBND", "Nội dung"):
        document.add_paragraph(line)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def changed(
    content: bytes, changes: Mapping[str, Callable[[bytes], bytes]], more: Mapping[str, bytes] | None = None
) -> bytes:
    """Give the file with some parts changed and others added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, changes.get(name, lambda part: part)(old.read(name)))
        for name, part in (more or {}).items():
            new.writestr(name, part)
    return out.getvalue()


def with_body(xml: str) -> bytes:
    """A file whose body begins with this WordprocessingML."""
    return changed(
        plain_docx(), {"word/document.xml": lambda part: part.replace(b"<w:body>", b"<w:body>" + xml.encode())}
    )


def with_relation(kind: str, target: str, *, external: bool = True, body: str = "") -> bytes:
    mode = ' TargetMode="External"' if external else ""
    relation = f'<Relationship Id="rIdX" Type="{TYPE}/{kind}" Target="{target}"{mode}/></Relationships>'
    return changed(
        with_body(body) if body else plain_docx(),
        {RELATIONS: lambda part: part.replace(b"</Relationships>", relation.encode())},
    )


class FakeWord:
    """Implements core.ports.WordDesk. `here`: LibreOffice is installed; `problem`: what converting ends with."""

    def __init__(self) -> None:
        self.here = True
        self.problem = ""
        self.refuse = ""
        self.converted: list[bytes] = []
        self.pdf = PDF

    def letter(self, values: Mapping[str, Any], *, moment: dt.datetime) -> bytes:
        return b"PK letter"

    def available(self) -> bool:
        return self.here

    def program(self) -> str:
        return "/usr/bin/soffice" if self.here else ""

    def inspect(self, docx: bytes) -> None:
        if self.refuse:
            raise WordRefused(self.refuse)

    def convert(self, docx: bytes, *, beat: Callable[[], None]) -> bytes:
        beat()
        if self.problem:
            raise WordRefused(self.problem)
        self.converted.append(docx)
        return self.pdf
