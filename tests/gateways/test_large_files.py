"""Documents of three hundred pages and of many megabytes, all the way, and the memory that takes."""

import ctypes
import gc
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from signing.appearance import draw_demo_seal, draw_demo_signature
from signing.fields import open_pdf, page_count
from tests.gateways.test_keys_elsewhere import prepared_for, signed_there
from tests.gateways.test_signing_room import AGENCY, Office, office, pdfsig, pki
from tests.pdfs import plan_pdf
from tests.signing.big_scan import peak_megabytes, write_scan
from webapp.core.access import Role
from webapp.core.documents import KeystoreOwner
from webapp.core.ports import SignedFile

__all__ = ["office", "pki"]

MEGABYTES = 64
AT_MOST = 2.5
"""What comes in and what goes out, and some for the program: no third copy of the file."""


def taken_by(step: Callable[[], object]) -> float:
    """Megabytes that a step takes at its worst moment, above what the process held before."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")
    before = peak_megabytes()
    step()
    return peak_megabytes() - before


def enrol(office: Office) -> None:
    office.enrol(Role.LEADER, KeystoreOwner.PERSON, "leader", draw_demo_signature("Người leader"))
    office.enrol(Role.CLERK, KeystoreOwner.AGENCY, "agency", draw_demo_seal("Phường Thử Nghiệm"))


def test_a_large_scan_is_never_three_times_in_memory(office: Office, tmp_path: Path) -> None:
    enrol(office)
    desk, pins = office.desk, {slug: office.pki.keys[slug].pin for slug in ("leader", "agency")}
    scan = tmp_path / "scan.pdf"
    write_scan(scan, MEGABYTES)
    made: list[UUID] = []
    taken = {"upload": taken_by(lambda: made.append(desk.upload(content=scan.read_bytes())))}
    (document,) = made
    taken["submit"] = taken_by(lambda: desk.submit(document))
    taken["sign"] = taken_by(lambda: desk.sign(document, pin=pins["leader"]))
    taken["number"] = taken_by(lambda: desk.number(document))
    taken["seal"] = taken_by(lambda: desk.seal(document, pin=pins["agency"]))
    taken["publish"] = taken_by(lambda: desk.publish(document))
    reports = []
    taken["verify"] = taken_by(
        lambda: reports.append(office.room.verify(office.last_file(), ward_id=desk.world.ward_id))
    )
    assert {step: round(most / MEGABYTES, 1) for step, most in taken.items() if most > AT_MOST * MEGABYTES} == {}
    assert [(one["code"], len(one["signatures"])) for one in reports] == [("ok", 2)]


def test_a_large_scan_signed_elsewhere_is_completed_without_a_third_copy(office: Office, tmp_path: Path) -> None:
    write_scan(tmp_path / "scan.pdf", MEGABYTES)
    unfinished = signed_there(office, prepared_for(office, (tmp_path / "scan.pdf").read_bytes()))
    made: list[SignedFile] = []
    taken = taken_by(lambda: made.append(office.room.complete(unfinished, ward_id=office.desk.world.ward_id)))
    assert taken <= 1.5 * MEGABYTES, "what was prepared is there already; the result comes to it"
    assert made[0].timestamp_at is not None


def test_three_hundred_pages_are_signed_sealed_and_verified(office: Office, tmp_path: Path) -> None:
    enrol(office)
    desk = office.desk
    document = desk.upload(content=plan_pdf(pages=300))
    desk.submit(document)
    desk.sign(document, pin=office.pki.keys["leader"].pin)
    desk.number(document)
    desk.seal(document, pin=office.pki.keys["agency"].pin)
    desk.publish(document)
    sealed = office.last_file()
    opened = open_pdf(sealed)
    assert page_count(opened.reader) == 300
    report = office.room.verify(sealed, ward_id=desk.world.ward_id)
    assert (report["code"], [one["signer"] for one in report["signatures"]]) == ("ok", ["Người leader", AGENCY])
    path = tmp_path / "sealed.pdf"
    path.write_bytes(sealed)
    assert pdfsig(path).count("Signature is Valid.") == 2
