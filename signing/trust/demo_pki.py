"""A throw-away certification authority for the demo ward and the tests: root, issuing CA, TSA, people, agency, CRLs.

Keys are RSA-2048: what the Vietnamese tokens in use carry, accepted by every reader, and a dozen are made in about two
seconds. PINs are random and given back to the caller once; they are stored nowhere. Names say that everything is a
sample ("MẪU").
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

KEY_BITS: Final = 2048
PIN_DIGITS: Final = 8
CRL_DAYS: Final = 365
AUTHORITY: Final = "Tổ chức chứng thực MẪU"
SIGNING_USE: Final = ("digital_signature", "content_commitment")
CA_USE: Final = ("key_cert_sign", "crl_sign")
_ALL_USES: Final = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Someone to certify. ``slug`` names the file; ``revoked`` and ``expired`` make samples of bad certificates."""

    slug: str
    common_name: str
    organization: str = ""
    title: str = ""
    revoked: bool = False
    expired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedKey:
    """A PKCS#12 file and the random PIN that opens it."""

    slug: str
    path: Path
    pin: str = field(repr=False)
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPki:
    """Where everything lies. ``trust_folder`` holds the root only; ``crls`` are the lists of root and issuing CA."""

    folder: Path
    trust_folder: Path
    root: Path
    chain: Path
    crls: tuple[Path, ...]
    tsa: IssuedKey
    keys: dict[str, IssuedKey]
    issuing: tuple[x509.Certificate, rsa.RSAPrivateKey] = field(repr=False)
    """The issuing CA with its key, in memory only: for further lists. It is not written anywhere."""


@dataclass(frozen=True, slots=True)
class _Authority:
    certificate: x509.Certificate
    key: rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    subject: x509.Name
    valid: tuple[datetime, datetime]
    uses: Sequence[str]
    crl_url: str | None = None
    path_length: int | None = None
    is_ca: bool = False
    timestamping: bool = False


def make_demo_pki(
    folder: Path,
    people: Sequence[Holder],
    agency: Holder,
    *,
    now: datetime,
    crl_url: str | None = None,
    crl_days: int = CRL_DAYS,
) -> DemoPki:
    """Make the whole PKI under ``folder`` (created, mode 0700) and return the paths and PINs.

    ``now`` is the moment of issue; certificates are valid from a day before it, people's for three years. With
    ``crl_url`` the certificates declare a CRL at that address, so that checking them without a list gives
    ``status_unknown``. The lists are good for ``crl_days``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    valid = (now - timedelta(days=1), now + timedelta(days=3650))
    root = _self_signed(_name(f"{AUTHORITY} gốc", AUTHORITY), valid=valid)
    issuing = _certify(root, _issuing_order(now=now, crl_url=crl_url))
    chain = [issuing.certificate, root.certificate]
    holders = [*people, agency]
    issued = {holder.slug: _certify(issuing, _order(holder, now=now, crl_url=crl_url)) for holder in holders}
    revoked = [issued[holder.slug].certificate for holder in holders if holder.revoked]
    paths = _write_public(folder, root=root, issuing=issuing, revoked=revoked, now=now, days=crl_days)
    return DemoPki(
        folder=folder,
        trust_folder=folder / "trust",
        root=paths["root"],
        chain=paths["chain"],
        crls=(paths["crl"], paths["root_crl"]),
        tsa=_write_p12(folder, "tsa", _certify(issuing, _tsa_order(now=now, crl_url=crl_url)), chain),
        keys={slug: _write_p12(folder, slug, key, chain) for slug, key in issued.items()},
        issuing=(issuing.certificate, issuing.key),
    )


def _issuing_order(*, now: datetime, crl_url: str | None) -> _Order:
    return _Order(
        subject=_name(f"{AUTHORITY} cấp phát", AUTHORITY),
        valid=(now - timedelta(days=1), now + timedelta(days=3600)),
        uses=CA_USE,
        crl_url=crl_url and crl_url.replace("issuing", "root"),
        path_length=0,
        is_ca=True,
    )


def _tsa_order(*, now: datetime, crl_url: str | None) -> _Order:
    return _Order(
        subject=_name("Dịch vụ dấu thời gian MẪU", AUTHORITY),
        valid=(now - timedelta(days=1), now + timedelta(days=3500)),
        uses=("digital_signature",),
        crl_url=crl_url,
        timestamping=True,
    )


def _order(holder: Holder, *, now: datetime, crl_url: str | None) -> _Order:
    start = now - timedelta(days=1)
    valid = (start, start + timedelta(days=3 * 365))
    if holder.expired:
        valid = (now - timedelta(days=400), now - timedelta(days=30))
    subject = _name(holder.common_name, holder.organization, holder.title)
    return _Order(subject=subject, valid=valid, uses=SIGNING_USE, crl_url=crl_url)


def _name(common_name: str, organization: str, title: str = "") -> x509.Name:
    parts = [
        (NameOID.COUNTRY_NAME, "VN"),
        (NameOID.ORGANIZATION_NAME, organization),
        (NameOID.TITLE, title),
        (NameOID.COMMON_NAME, common_name),
    ]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts if value])


def _self_signed(subject: x509.Name, *, valid: tuple[datetime, datetime]) -> _Authority:
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    order = _Order(subject=subject, valid=valid, uses=CA_USE, is_ca=True)
    return _Authority(_build(order, key, subject, key), key)


def _certify(issuer: _Authority, order: _Order) -> _Authority:
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    return _Authority(_build(order, key, issuer.certificate.subject, issuer.key), key)


def _build(order: _Order, key: rsa.RSAPrivateKey, issuer: x509.Name, issuer_key: rsa.RSAPrivateKey) -> x509.Certificate:
    uses = {use: use in order.uses for use in _ALL_USES}
    builder = (
        x509.CertificateBuilder()
        .subject_name(order.subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(order.valid[0])
        .not_valid_after(order.valid[1])
        .add_extension(x509.BasicConstraints(order.is_ca, order.path_length), critical=True)
        .add_extension(x509.KeyUsage(**uses), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if order.timestamping:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    if order.crl_url:
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(order.crl_url)], None, None, None)
        builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def make_crl(
    issuer: x509.Certificate,
    key: rsa.RSAPrivateKey,
    *,
    revoked: Sequence[tuple[int, datetime]],
    now: datetime,
    days: int = CRL_DAYS,
) -> bytes:
    """Return a DER revocation list by ``issuer``: ``revoked`` are (serial number, moment of revocation).

    Valid from a day before ``now``.
    """
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(now - timedelta(days=1))
        .next_update(now + timedelta(days=days))
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .add_extension(x509.CRLNumber(1), critical=False)
    )
    for serial, moment in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(moment).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _write_public(
    folder: Path,
    *,
    root: _Authority,
    issuing: _Authority,
    revoked: Sequence[x509.Certificate],
    now: datetime,
    days: int,
) -> dict[str, Path]:
    pem = serialization.Encoding.PEM
    listed = [(certificate.serial_number, now - timedelta(hours=12)) for certificate in revoked]
    contents = {
        "root": (folder / "trust" / "root.pem", root.certificate.public_bytes(pem)),
        "chain": (folder / "chain.pem", issuing.certificate.public_bytes(pem)),
        "crl": (
            folder / "crl" / "issuing.crl",
            make_crl(issuing.certificate, issuing.key, revoked=listed, now=now, days=days),
        ),
        "root_crl": (
            folder / "crl" / "root.crl",
            make_crl(root.certificate, root.key, revoked=[], now=now, days=days),
        ),
    }
    for path, data in contents.values():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    return {name: path for name, (path, _data) in contents.items()}


def _write_p12(folder: Path, slug: str, holder: _Authority, chain: Sequence[x509.Certificate]) -> IssuedKey:
    pin = "".join(secrets.choice("0123456789") for _ in range(PIN_DIGITS))
    data = pkcs12.serialize_key_and_certificates(
        slug.encode(), holder.key, holder.certificate, chain, serialization.BestAvailableEncryption(pin.encode())
    )
    path = folder / f"{slug}.p12"
    path.touch(mode=0o600)
    path.write_bytes(data)
    return IssuedKey(slug=slug, path=path, pin=pin, sha256=holder.certificate.fingerprint(hashes.SHA256()).hex())
