"""Files of others that cannot be signed are refused at the upload, with the reason, before anybody works on them."""

from contextlib import AbstractContextManager
from types import SimpleNamespace

import pytest
from pyhanko.sign.fields import MDPPerm

from signing import open_pkcs12
from signing.keystores import KeySigner
from tests.gateways.test_signing_room import Office, office, pki
from tests.signing.documents import encrypted, hybrid_pdf, plan_pdf
from tests.signing.test_sign import certified, xfa
from webapp.core.errors import SigningRefused

__all__ = ["office", "pki"]


def certified_by(office: Office, permission: MDPPerm) -> bytes:
    def key() -> AbstractContextManager[KeySigner]:
        issued = office.pki.keys["leader"]
        return open_pkcs12(issued.path, issued.pin)

    return certified(SimpleNamespace(key=key), plan_pdf(), permission)  # type: ignore[arg-type]


def odd(office: Office, kind: str) -> bytes:
    if kind.startswith("certified"):
        return certified_by(office, MDPPerm.NO_CHANGES if kind.endswith("nothing") else MDPPerm.FILL_FORMS)
    return {"encrypted": encrypted, "XFA": xfa}[kind](plan_pdf())


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("encrypted", "mật khẩu"),
        ("XFA", "XFA"),
        ("certified, allows nothing", "khóa"),
        ("certified, allows forms", "khóa"),
    ],
)
def test_what_cannot_be_signed_is_refused_when_it_comes(office: Office, kind: str, words: str) -> None:
    with pytest.raises(SigningRefused) as caught:
        office.room.inspect(odd(office, kind))
    assert words in caught.value.text()


def test_a_hybrid_file_of_word_goes_through(office: Office) -> None:
    pdf = hybrid_pdf()
    assert office.room.inspect(pdf).signatures == 0
    prepared = office.room.prepare(pdf, verify_url="http://x/v/A", short_code="A").content
    ward = office.desk.world.ward_id
    signed = office.room.sign_person(prepared, office.person_order(), ward_id=ward).content
    sealed = office.room.sign_agency(signed, office.agency_order(), ward_id=ward).content
    report = office.room.verify(sealed, ward_id=ward)
    assert (report["code"], len(report["signatures"])) == ("ok", 2)
