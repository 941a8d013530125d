import datetime as dt

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.core.errors import InvalidInput, NotAllowed, NotFound
from webapp.models.signing import TrustAnchor
from webapp.queries.trust import list_anchors, list_revocation_lists
from webapp.services.trust import add_anchor, add_revocation_list, read_certificates, remove_anchor

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
KEY = ec.generate_private_key(ec.SECP256R1())


def certificate(name: str = "CA thử", *, key: Key = KEY, ca: bool = True) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(dt.datetime(2024, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2034, 1, 1, tzinfo=dt.UTC))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .sign(key, SHA256())
    )


def pem(made: x509.Certificate) -> bytes:
    return made.public_bytes(Encoding.PEM)


def revoked_by(key: Key, name: str = "CA thử") -> bytes:
    return (
        x509.CertificateRevocationListBuilder()
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .last_update(dt.datetime(2026, 11, 1, tzinfo=dt.UTC))
        .next_update(dt.datetime(2026, 12, 1, tzinfo=dt.UTC))
        .sign(key, SHA256())
        .public_bytes(Encoding.DER)
    )


def test_pem_and_der_give_the_same_fingerprint(session: Session) -> None:
    made = certificate()
    (first,), (second,) = read_certificates(pem(made)), read_certificates(made.public_bytes(Encoding.DER))
    assert first == second
    assert first.fingerprint == made.fingerprint(SHA256()).hex()
    assert first.spaced_fingerprint.replace(" ", "").lower() == first.fingerprint
    assert len(read_certificates(pem(made) + pem(certificate("CA khác")))) == 2


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "không phải chứng thư"),
        (b"%PDF-1.7", "không phải chứng thư"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "không phải chứng thư"),
        (pem(certificate("Ông A", ca=False)), "không phải chứng thư của tổ chức"),
        (pem(certificate(key=rsa.generate_private_key(public_exponent=65537, key_size=1024))), "quá yếu"),
    ],
    ids=["empty", "pdf", "broken", "person", "short key"],
)
def test_what_is_no_fit_authority_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        read_certificates(content)


def test_an_anchor_is_added_once_removed_and_added_again(session: Session, world: World, clock: FixedClock) -> None:
    admin, made = world.actor(Role.ADMIN), pem(certificate())
    for _ in range(2):
        add_anchor(session, made, is_anchor=True, actor=admin, clock=clock)
    row = list_anchors(session, world.ward_id)[0]
    assert (row.subject, row.added_by, row.is_anchor) == ("CN=CA thử", "Người admin", True)
    remove_anchor(session, row.anchor_id, actor=admin, clock=clock)
    assert list_anchors(session, world.ward_id) == []
    with pytest.raises(NotFound):
        remove_anchor(session, row.anchor_id, actor=admin, clock=clock)
    add_anchor(session, made, is_anchor=False, actor=admin, clock=clock)
    assert [again.is_anchor for again in list_anchors(session, world.ward_id)] == [False]
    assert len(session.scalars(select(TrustAnchor)).all()) == 1


def test_only_the_administrator_changes_trust(session: Session, world: World, clock: FixedClock) -> None:
    with pytest.raises(NotAllowed):
        add_anchor(session, pem(certificate()), is_anchor=True, actor=world.actor(Role.CLERK), clock=clock)


def test_a_revocation_list_must_be_signed_by_a_kept_certificate(
    session: Session, world: World, clock: FixedClock
) -> None:
    admin = world.actor(Role.ADMIN)
    with pytest.raises(InvalidInput, match="không do chứng thư nào"):
        add_revocation_list(session, revoked_by(KEY), actor=admin, clock=clock)
    add_anchor(session, pem(certificate()), is_anchor=True, actor=admin, clock=clock)
    forged = revoked_by(ec.generate_private_key(ec.SECP256R1()))
    with pytest.raises(InvalidInput, match="không do chứng thư nào"):
        add_revocation_list(session, forged, actor=admin, clock=clock)
    with pytest.raises(InvalidInput, match="không phải danh sách thu hồi"):
        add_revocation_list(session, b"x", actor=admin, clock=clock)
    add_revocation_list(session, revoked_by(KEY), actor=admin, clock=clock)
    assert [row.issuer for row in list_revocation_lists(session, world.ward_id)] == ["CN=CA thử"]
