"""The workflow with real signatures: several signers, initials, attachments, copies, blanks of the date, odd files."""

import io
import subprocess
import unicodedata
from pathlib import Path
from uuid import UUID

import pikepdf
import pypdfium2 as pdfium
import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, SimpleSigner
from pyhanko.sign import sign_pdf as sign_with_pyhanko
from pyhanko.sign.fields import MDPPerm
from sqlalchemy import select
from sqlalchemy.orm import Session

from signing.appearance import draw_demo_seal, draw_demo_signature
from signing.trust.demo_pki import DemoPki, Holder, make_demo_pki
from tests.fakes import FixedClock
from tests.gateways.test_signing_room import AGENCY, Office, office, pdfsig  # noqa: F401 - a fixture
from tests.pdfs import plan_pdf, scan_pdf
from tests.services.test_signing_chain import name_people, set_chain
from webapp.core.access import Role
from webapp.core.copies import COPY_TYPES, CopyForm
from webapp.core.documents import KeystoreOwner
from webapp.core.errors import SigningRefused
from webapp.models.documents import DocumentType
from webapp.models.workflow import DocumentAttachment
from webapp.services.attachments import AddAttachment, add_attachment
from webapp.services.copies import MakeCopy, make_copy
from webapp.services.document_signing import SignDocument, initial_with_key


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> DemoPki:
    people = [
        Holder(slug="leader", common_name="Người leader", organization=AGENCY, title="Chủ tịch"),
        Holder(slug="officer", common_name="Người officer", organization=AGENCY),
    ]
    agency = Holder(slug="agency", common_name=AGENCY, organization=AGENCY)
    folder = tmp_path_factory.mktemp("pki")
    return make_demo_pki(folder, people, agency, now=FixedClock().now(), crl_url="http://crl.invalid/issuing.crl")


@pytest.fixture
def staffed(office: Office) -> Office:  # noqa: F811 - the fixture
    for role, slug in ((Role.LEADER, "leader"), (Role.OFFICER, "officer")):
        office.enrol(role, KeystoreOwner.PERSON, slug, draw_demo_signature(f"Người {slug}"))
    office.enrol(Role.CLERK, KeystoreOwner.AGENCY, "agency", draw_demo_seal("Phường Thử Nghiệm"))
    return office


def pin(office: Office, slug: str) -> str:  # noqa: F811
    return office.pki.keys[slug].pin


def text_of(pdf: bytes, folder: Path) -> str:
    path = folder / "read.pdf"
    path.write_bytes(pdf)
    return subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True).stdout


def to_the_seal(office: Office, document_id: UUID) -> bytes:  # noqa: F811
    office.desk.number(document_id)
    office.desk.seal(document_id, pin=pin(office, "agency"))
    office.desk.publish(document_id)
    return office.last_file()


def test_initials_two_signers_and_the_seal_are_all_valid(staffed: Office, tmp_path: Path) -> None:
    desk = staffed.desk
    set_chain(desk, author_initials=True, head_initials=False, initials_with_key=True, extra_signers=1)
    set_chain(desk, version=1, author_initials=True, initials_with_key=True, extra_signers=0)
    document_id = desk.upload(content=plan_pdf())
    desk.submit(document_id)
    command = SignDocument(document_id=document_id, base=desk.base(document_id), pin=pin(staffed, "officer"))
    with desk.sessions.begin() as session:
        initial_with_key(session, command, actor=desk.actor(Role.OFFICER), **desk.ports)  # type: ignore[arg-type]
    desk.sign(document_id, pin=pin(staffed, "leader"))
    sealed = to_the_seal(staffed, document_id)
    report = staffed.room.verify(sealed, ward_id=desk.world.ward_id)
    assert report["code"] == "ok"
    assert [one["field"] for one in report["signatures"]] == ["KyNhay1x1", "NguoiKy", "CoQuan"]
    assert "Ký nháy: Người officer" in text_of(sealed, tmp_path)
    path = tmp_path / "sealed.pdf"
    path.write_bytes(sealed)
    assert pdfsig(path).count("Signature is Valid.") == 3


def test_two_people_sign_one_file_and_attachments_are_sealed_in_the_corner(
    staffed: Office, tmp_path: Path, session: Session
) -> None:
    desk = staffed.desk
    set_chain(desk, extra_signers=1)
    document_id = desk.upload(content=plan_pdf())
    name_people(desk, document_id, Role.OFFICER)
    command = AddAttachment(document_id=document_id, title="Phụ lục I", content=plan_pdf("Ai đó"), filename="pl.pdf")
    with desk.sessions.begin() as writing:
        add_attachment(writing, command, actor=desk.actor(Role.OFFICER), **desk.ports)  # type: ignore[arg-type]
    desk.submit(document_id)
    desk.sign(document_id, role=Role.OFFICER, pin=pin(staffed, "officer"))
    desk.sign(document_id, pin=pin(staffed, "leader"))
    sealed = to_the_seal(staffed, document_id)
    report = staffed.room.verify(sealed, ward_id=desk.world.ward_id)
    assert report["code"] == "ok"
    assert [one["signer"] for one in report["signatures"]] == ["Người officer", "Người leader", AGENCY]
    name = session.scalars(select(DocumentAttachment.sealed_sha256)).one()
    attached = desk.files.get(str(name))
    assert staffed.room.verify(attached, ward_id=desk.world.ward_id)["code"] == "ok"
    words = text_of(attached, tmp_path)
    assert "Số: 01/KH-UBND" in words
    assert "Thời gian ký: 2026-11-22T09:00:00+07:00" in words
    _corner_is_ten_points_at_the_top_right(attached)


def _corner_is_ten_points_at_the_top_right(pdf: bytes) -> None:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        page = document.pages[0]
        widget = next(one for one in page.Annots if "CoQuan" in str(one.get("/T", "")))
        left, _bottom, right, top = (float(value) for value in widget.Rect)
        look = widget.AP.N.read_bytes()
        width, height = float(page.MediaBox[2]), float(page.MediaBox[3])
    assert right > width - 30
    assert top > height - 30
    assert right - left < width / 2
    assert b"/Chu 10.000 Tf" in look
    assert b"0 g" in look
    assert b"Do" not in look


def test_a_copy_of_a_scan_carries_the_agencys_corner_alone(staffed: Office, tmp_path: Path) -> None:
    desk = staffed.desk
    with desk.sessions.begin() as session:
        session.add(
            DocumentType(
                code=COPY_TYPES[CopyForm.SAO_Y], sort_key=9, abbreviation="SY", name_vi="Bản sao y", name_en="Copy",
                source="NĐ 30/2020",
            )
        )  # fmt: skip
    command = MakeCopy(
        form=CopyForm.SAO_Y,
        abstract="Quyết định giao đất",
        source_notation="12/QĐ-UBND",
        source_issuer="UBND tỉnh",
        content=scan_pdf(),
        filename="quet.pdf",
    )
    with desk.sessions.begin() as session:
        document_id = make_copy(session, command, actor=desk.actor(Role.CLERK), **desk.ports)  # type: ignore[arg-type]
    sealed = to_the_seal(staffed, document_id)
    assert sealed.startswith(command.content)
    report = staffed.room.verify(sealed, ward_id=desk.world.ward_id)
    assert report["code"] == "ok"
    assert [one["signer"] for one in report["signatures"]] == [AGENCY]
    words = " ".join(text_of(sealed, tmp_path).split())
    assert "SAO Y" in words
    assert f"{AGENCY} Thời gian ký: 2026-11-22T09:00:00+07:00" in words
    _corner_is_ten_points_at_the_top_right(sealed)


@pytest.mark.parametrize(
    ("pdf", "dpi", "colour", "full"),
    [
        (scan_pdf, 200, True, True),
        (lambda: scan_pdf(150), 150, True, True),
        (lambda: scan_pdf(colour=False), 200, False, True),
        (lambda: scan_pdf(shrink=0.5), 200, True, False),
        (plan_pdf, 0, False, False),
    ],
)
def test_scans_are_measured_by_their_pictures(office: Office, pdf, dpi: int, colour: bool, full: bool) -> None:  # noqa: F811
    page = office.room.inspect_scan(pdf()).pages[0]
    assert round(page.dpi) == pytest.approx(dpi, abs=1)
    assert page.colour is colour
    assert (page.cover >= 0.95) is full


@pytest.mark.parametrize(
    ("date", "values"),
    [
        ("ngày #h(16pt) tháng #h(16pt) năm 2026", ["22", "11"]),
        ("ngày … tháng … năm ……", ["22", "11", "2026"]),
        ("ngày 05 tháng #h(16pt) năm 2026", ["11"]),
        ("ngày 05 tháng 10 năm 2026", []),
    ],
)
def test_the_day_is_filled_into_the_blanks_of_the_date(office: Office, date: str, values: list[str]) -> None:  # noqa: F811
    ward_id = office.desk.world.ward_id
    prepared = office.room.prepare(plan_pdf(date=date), verify_url="http://x/v/A", short_code="A").content
    signed = office.room.sign_person(prepared, office.person_order(), ward_id=ward_id).content
    filled = office.room.fill_number(signed, notation="07/KH-UBND", issued_on=office.desk.clock.today())
    with pikepdf.open(io.BytesIO(filled)) as document:
        fields = {str(one.T): str(one.get("/V", "")) for one in document.Root.AcroForm.Fields}
    assert [value for name, value in fields.items() if name.endswith("BanHanh")] == values
    assert fields["SoKyHieu"] == "07"
    sealed = office.room.sign_agency(filled, office.agency_order(), ward_id=ward_id)
    assert office.room.verify(sealed.content, ward_id=ward_id)["code"] == "ok"


def test_a_file_of_three_hundred_pages_goes_the_whole_way(staffed: Office) -> None:
    desk = staffed.desk
    document_id = desk.upload(content=plan_pdf(pages=300))
    desk.submit(document_id)
    desk.sign(document_id, pin=pin(staffed, "leader"))
    sealed = to_the_seal(staffed, document_id)
    assert len(pdfium.PdfDocument(sealed)) >= 300
    assert staffed.room.verify(sealed, ward_id=desk.world.ward_id)["code"] == "ok"


def test_names_in_decomposed_letters_are_found_and_stored_composed(staffed: Office) -> None:

    nfd = unicodedata.normalize("NFD", "Kế hoạch về hạ tầng số")
    document_id = staffed.desk.upload(content=plan_pdf(unicodedata.normalize("NFD", "Người leader")), abstract=nfd)
    staffed.desk.submit(document_id)
    staffed.desk.sign(document_id, pin=pin(staffed, "leader"))
    assert staffed.desk.number(document_id) == "01/KH-UBND"


def test_an_encrypted_file_is_refused_at_the_door_with_the_reason(staffed: Office) -> None:
    locked = io.BytesIO()
    with pikepdf.open(io.BytesIO(plan_pdf())) as document:
        document.save(locked, encryption=pikepdf.Encryption(owner="a", user="b"))
    with pytest.raises(SigningRefused, match="mật khẩu") as encrypted:
        staffed.desk.upload(content=locked.getvalue())
    assert encrypted.value.code == "document_encrypted"


@pytest.mark.parametrize("permission", [MDPPerm.NO_CHANGES, MDPPerm.FILL_FORMS])
def test_a_file_that_somebody_certified_is_refused_at_the_door_with_the_reason(
    staffed: Office, permission: MDPPerm
) -> None:
    key = staffed.pki.keys["officer"]
    signer = SimpleSigner.load_pkcs12(str(key.path), passphrase=key.pin.encode())
    assert signer is not None
    meta = PdfSignatureMetadata(field_name="NguoiKhac", certify=True, docmdp_permissions=permission)
    certified = sign_with_pyhanko(IncrementalPdfFileWriter(io.BytesIO(plan_pdf())), meta, signer=signer).read()
    with pytest.raises(SigningRefused, match="đã khóa văn bản") as told:
        staffed.desk.upload(content=certified)
    assert told.value.code == "document_locked"
