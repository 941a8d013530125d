"""Word files before and in LibreOffice: what is refused, what is left out, what a conversion may not do."""

import io
import socket
import struct
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdfium2
import pytest

from signing.fields import suggest_person
from signing.prepare import prepare_document
from tests.gateways.test_letters import written
from tests.word_files import RELATIONS, changed, plain_docx, with_body, with_relation
from webapp.core.word_files import WORD_PROBLEMS, WordRefused, is_word_name, tidy_word_name
from webapp.gateways import libreoffice, word_guard
from webapp.gateways.libreoffice import find_office, office_to_pdf
from webapp.gateways.word import WordPrograms
from webapp.gateways.word_guard import safe_copy
from webapp.settings import Settings

INSTRUCTION = '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r>{}<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
PIECE = '<w:r><w:instrText xml:space="preserve">{}</w:instrText></w:r>'
VML = (
    '<w:p><w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:imagedata src="{}"/></v:shape></w:pict>'
    "</w:r></w:p>"
)


def problem_of(content: bytes) -> str:
    with pytest.raises(WordRefused) as caught:
        safe_copy(content)
    assert str(caught.value) == WORD_PROBLEMS[caught.value.problem]
    return caught.value.problem


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def nothing() -> None:
    """Beat."""


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"%PDF-1.7", "other"),
        (b"{\\rtf1 x}", "other"),
        (b"", "other"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "locked"),
        (b"PK\x03\x04 word", "broken"),
        (plain_docx()[:-300], "broken"),
        (changed(plain_docx(), {}, {"word/vbaProject.bin": b"x"}), "macro"),
        (changed(plain_docx(), {"[Content_Types].xml": lambda part: part.replace(b"main+xml", b"other+xml")}), "other"),
        (changed(plain_docx(), {"word/document.xml": lambda part: part[: len(part) // 2]}), "broken"),
        (
            changed(
                plain_docx(),
                {"word/document.xml": lambda part: b'<!DOCTYPE x [<!ENTITY a "b">]>' + part[part.index(b"<w:doc") :]},
            ),
            "broken",
        ),
    ],
)
def test_what_is_no_docx_is_refused_by_name(content: bytes, problem: str) -> None:
    assert problem_of(content) == problem


def test_two_parts_of_one_name_are_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        twice = changed(plain_docx(), {}, {"word/document.xml": b"<x/>"})
    assert problem_of(twice) == "broken"


def test_a_bomb_is_refused_by_its_directory_and_by_what_comes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = changed(plain_docx(), {}, {"word/media/image1.png": bytes(60_000_000)})
    assert len(bomb) < 200_000
    assert problem_of(bomb) == "too_big"
    monkeypatch.setattr(word_guard, "MOST_ENTRIES", 3)
    assert problem_of(plain_docx()) == "too_big"
    monkeypatch.setattr(word_guard, "MOST_ENTRIES", 2_000)
    monkeypatch.setattr(word_guard, "MOST_XML", 500)
    assert problem_of(plain_docx()) == "too_big"


def test_a_directory_that_lies_about_sizes_is_refused() -> None:
    content = bytearray(changed(plain_docx(), {}, {"word/media/image1.png": bytes(3_000_000)}))
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 1_000)
    assert problem_of(bytes(content)) == "broken"


@pytest.mark.parametrize(
    "content",
    [
        with_relation("image", "http://127.0.0.1:9/a.png"),
        with_relation("image", "file:///etc/passwd"),
        with_relation("frame", "http://x/y.htm"),
        with_relation("subDocument", "file:///c:/x.docx"),
        with_relation("image", "http://127.0.0.1:9/a.png", external=False),
        with_relation("aFChunk", "chunk.html", external=False),
        with_body(
            '<w:altChunk r:id="rId1" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"/>'
        ),
        with_body(VML.format("http://127.0.0.1:9/a.png")),
        with_body('<w:p><w:fldSimple w:instr=" INCLUDEPICTURE http://x/y.png "/></w:p>'),
        with_body(INSTRUCTION.format(PIECE.format(' INCLUDEPICTURE "http://x/y.png" \\d '))),
        with_body(INSTRUCTION.format(PIECE.format(" inclu") + PIECE.format('detext "\\\\may\\a.docx" '))),
        with_body(INSTRUCTION.format(PIECE.format(" DDEAUTO cmd "))),
        with_body(INSTRUCTION.format(PIECE.format(" LINK Excel.Sheet.12 "))),
    ],
)
def test_content_that_lies_elsewhere_is_refused(content: bytes) -> None:
    assert problem_of(content) == "linked"


@pytest.mark.parametrize("mark", ["ins", "del", "moveFrom", "moveTo"])
def test_changes_nobody_accepted_are_refused(mark: str) -> None:
    body = (
        f'<w:p><w:{mark} w:id="1" w:author="a" w:date="2026-01-01T00:00:00Z"><w:r><w:t>x</w:t></w:r></w:{mark}></w:p>'
    )
    assert problem_of(with_body(body)) == "tracked"


def test_what_only_matters_while_editing_is_left_out_and_links_to_click_stay() -> None:
    content = with_relation("attachedTemplate", "file:///c:/mau.dotm")
    content = changed(
        content,
        {
            RELATIONS: lambda part: part.replace(
                b"</Relationships>",
                b'<Relationship Id="rIdH" Type="http://x/hyperlink" Target="https://vanban.vn/?a=1&amp;b=2" '
                b'TargetMode="External"/>'
                b'<Relationship Id="rIdF" Type="http://x/hyperlink" Target="file:///c:/x.docx" TargetMode="External"/>'
                b'<Relationship Id="rIdO" Type="http://x/oleObject" Target="embeddings/a.bin"/>'
                b'<Relationship Id="rIdS" Type="http://x/image" Target="media/a.svg"/></Relationships>',
            )
        },
        {"word/embeddings/a.bin": b"x", "word/fonts/a.odttf": b"x", "word/media/a.svg": b"<svg/>"},
    )
    kept = parts(safe_copy(content))
    assert b"https://vanban.vn/?a=1&amp;b=2" in kept[RELATIONS]
    for gone in (b"mau.dotm", b"file:///", b"oleObject", b"a.svg"):
        assert gone not in kept[RELATIONS]
    assert not {"word/embeddings/a.bin", "word/fonts/a.odttf", "word/media/a.svg"} & set(kept)
    assert kept["word/document.xml"] == parts(content)["word/document.xml"]


def test_an_ordinary_field_and_a_link_that_says_link_are_taken() -> None:
    body = INSTRUCTION.format(PIECE.format(' HYPERLINK "https://x.vn/link" ')) + INSTRUCTION.format(
        PIECE.format(" PAGE ")
    )
    assert safe_copy(with_body(body)).startswith(b"PK")


@pytest.mark.parametrize("name", ["a.docx", "A.DOC ", "b.docm", "c.odt"])
def test_names_of_text_programs_are_known(name: str) -> None:
    assert is_word_name(name)
    assert not is_word_name(name + ".pdf")


def test_names_are_tidied() -> None:
    assert tidy_word_name("C:\\Hồ sơ\\Kế hoạch <1>.DOCX") == "Kế hoạch 1.docx"
    assert tidy_word_name("...") == "van-ban.docx"


def test_the_word_file_of_a_composed_document_converts_and_is_ready_for_signing() -> None:
    desk = WordPrograms(Settings())
    assert desk.available(), "LibreOffice is not installed: `apt-get install libreoffice-writer-nogui`"
    pdf = desk.convert(written("ke_hoach"), beat=nothing)
    document = pypdfium2.PdfDocument(pdf)
    text = " ".join(document[0].get_textpage().get_text_bounded().split())
    size = document[0].get_size()
    document.close()
    assert size == pytest.approx((595.3, 841.9), abs=0.5)
    for part in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "TM. ỦY BAN NHÂN DÂN",
        "Tổ chức thực hiện./.",
        "- Lưu: VT, VPTK.",
    ):
        assert part in text
    assert b"Tinos" in pdf, "the house's font stands in for Times New Roman"
    prepared = prepare_document(pdf, verify_url="http://x/v/A", short_code="A")
    assert prepared.symbol == "/KH-UBND"
    assert b"(Ngay)" in prepared.data
    assert suggest_person(pdf, "Nguyễn Thị Ánh").printed


@contextmanager
def listener() -> Iterator[tuple[int, list[str]]]:
    """Somebody at an address of this machine who notes every visit."""
    visits: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        over = threading.Event()

        def listen() -> None:
            while not over.is_set():
                try:
                    connection, _address = server.accept()
                except TimeoutError:
                    continue
                visits.append("came")
                connection.close()

        thread = threading.Thread(target=listen)
        thread.start()
        yield server.getsockname()[1], visits
        over.set()
        thread.join()


def test_a_conversion_fetches_nothing_even_what_the_guard_would_refuse() -> None:
    office = find_office("")
    assert office is not None
    with listener() as (port, visits):
        address = f"http://127.0.0.1:{port}/a.png"
        blip = (
            "<w:p><w:r><w:drawing><wp:inline "
            'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing">'
            '<wp:extent cx="999999" cy="999999"/><wp:docPr id="1" name="a"/><a:graphic '
            'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData '
            'uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic '
            'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:nvPicPr>'
            '<pic:cNvPr id="1" name="a"/>'
            '<pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:link="rIdX" '
            'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"/></pic:blipFill><pic:spPr/>'
            "</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
        )
        content = with_relation(
            "image", address, body=blip + INSTRUCTION.format(PIECE.format(f'INCLUDEPICTURE "{address}"'))
        )
        assert office_to_pdf(office, content, seconds=60, beat=nothing).startswith(b"%PDF")
    assert visits == []


def test_a_program_that_hangs_is_stopped_with_all_it_started(tmp_path: Path) -> None:
    children = tmp_path / "children"
    office = tmp_path / "soffice"
    office.write_text(f"#!/bin/sh\nsleep 300 & echo $! > {children}\nsleep 300\n")
    office.chmod(0o755)
    began = time.monotonic()
    with pytest.raises(WordRefused) as caught:
        office_to_pdf(str(office), plain_docx(), seconds=1, beat=nothing)
    assert caught.value.problem == "slow"
    assert time.monotonic() - began < 10
    child = Path(f"/proc/{children.read_text().strip()}/stat")
    assert not child.exists() or child.read_text().split()[2] == "Z"


def test_a_conversion_is_stopped_when_its_job_is_lost(tmp_path: Path) -> None:
    office = tmp_path / "soffice"
    office.write_text("#!/bin/sh\nsleep 300\n")
    office.chmod(0o755)

    def lost() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        office_to_pdf(str(office), plain_docx(), seconds=60, beat=lost)


@pytest.mark.parametrize("script", ["exit 3", "exit 0"])
def test_a_program_that_fails_or_makes_nothing_is_named(tmp_path: Path, script: str) -> None:
    office = tmp_path / "soffice"
    office.write_text(f"#!/bin/sh\n{script}\n")
    office.chmod(0o755)
    with pytest.raises(WordRefused) as caught:
        office_to_pdf(str(office), plain_docx(), seconds=20, beat=nothing)
    assert caught.value.problem == "failed"


def test_the_program_sees_no_secret_of_the_server_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen"
    office = tmp_path / "soffice"
    office.write_text(f"#!/bin/sh\nenv > {seen}\nulimit -v >> {seen}\npwd >> {seen}\n")
    office.chmod(0o755)
    monkeypatch.setenv("PHS_SECRET_KEY", "khong-ai-duoc-thay")
    with pytest.raises(WordRefused):
        office_to_pdf(str(office), plain_docx(), seconds=20, beat=nothing)
    lines = seen.read_text().splitlines()
    assert "khong-ai-duoc-thay" not in seen.read_text()
    assert lines[-2] == str(libreoffice.MEMORY_KIB)
    assert not Path(lines[-1]).exists()


def test_without_the_program_it_says_so() -> None:
    desk = WordPrograms(Settings(soffice="no"))
    assert not desk.available()
    assert desk.program() == ""
    with pytest.raises(WordRefused) as caught:
        desk.convert(plain_docx(), beat=nothing)
    assert caught.value.problem == "missing"
