"""One throw-away PKI and one finished document per session; everything else is made from them."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from signing import Level, SignedPdf, SignRequest, Surroundings, TrustStore, open_pkcs12, sign_pdf
from signing.appearance import draw_demo_seal, draw_demo_signature, person_stamp, seal_stamp
from signing.fields import place_person, place_seal
from signing.keystores import KeySigner, load_pkcs12
from signing.prepare import fill_number, prepare_document
from signing.timestamps import LocalTimestamper
from signing.trust import load_crls, load_trust
from signing.trust.demo_pki import DemoPki, Holder, make_demo_pki
from tests.signing.documents import AGENCY, SIGNER, plan_pdf

CRL_URL = "http://crl.invalid/issuing.crl"


@dataclass(frozen=True)
class World:
    """What a test needs to sign and to check."""

    pki: DemoPki
    trust: TrustStore
    crls: Sequence[bytes]
    tsa: LocalTimestamper

    def around(self, **changes: object) -> Surroundings:
        parts = {"timestamper": self.tsa, "trust": self.trust, "crls": self.crls, **changes}
        return Surroundings(**parts)  # type: ignore[arg-type]

    @contextmanager
    def key(self, slug: str = "chu-tich") -> Iterator[KeySigner]:
        issued = self.pki.keys[slug]
        with open_pkcs12(issued.path, issued.pin) as signer:
            yield signer

    def sign(
        self, pdf: bytes, slug: str = "chu-tich", request: SignRequest | None = None, **changes: object
    ) -> SignedPdf:
        with self.key(slug) as signer:
            return sign_pdf(pdf, signer, request or SignRequest(level=Level.B_T), self.around(**changes))


def _world(folder: Path, crl_url: str | None) -> World:
    people = [
        Holder(slug="chu-tich", common_name=SIGNER, organization=AGENCY, title="Chủ tịch"),
        Holder(slug="van-thu", common_name="Trần Văn Bình", organization=AGENCY, title="Văn thư"),
        Holder(slug="thu-hoi", common_name="Lê Thị Thu", organization=AGENCY, revoked=True),
        Holder(slug="het-han", common_name="Phạm Văn Hạn", organization=AGENCY, expired=True),
    ]
    agency = Holder(slug="co-quan", common_name=AGENCY, organization="Ủy ban nhân dân")
    pki = make_demo_pki(folder, people, agency, now=datetime.now(UTC), crl_url=crl_url)
    tsa = LocalTimestamper(load_pkcs12(pki.tsa.path, pki.tsa.pin))
    return World(pki, load_trust([pki.trust_folder]), load_crls(pki.crls), tsa)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Certificates that declare a CRL."""
    return _world(tmp_path_factory.mktemp("pki"), CRL_URL)


@pytest.fixture(scope="session")
def plain_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Certificates that declare no revocation data."""
    return _world(tmp_path_factory.mktemp("pki-plain"), None)


@pytest.fixture(scope="session")
def plan() -> bytes:
    return plan_pdf()


@dataclass(frozen=True)
class Journey:
    """Every stage of one document."""

    prepared: bytes
    person: SignedPdf
    filled: bytes
    sealed: SignedPdf


@pytest.fixture(scope="session")
def journey(world: World, plan: bytes) -> Journey:
    """Prepare, sign by the person, number, seal."""
    prepared = prepare_document(plan, verify_url="https://hoamau.example.vn/kiem-tra/AB7K2M", short_code="AB7-K2M")
    place = place_person(prepared.data, SIGNER)
    stamp = person_stamp(draw_demo_signature(SIGNER))
    person = world.sign(
        prepared.data, "chu-tich", SignRequest(field="KyNguoi", level=Level.B_T, place=place, stamp=stamp)
    )
    filled = fill_number(person.data, "30")
    seal = SignRequest(
        field="KyCoQuan",
        level=Level.B_T,
        place=place_seal(place, person.data),
        stamp=seal_stamp(draw_demo_seal(AGENCY)),
    )
    return Journey(prepared.data, person, filled, world.sign(filled, "co-quan", seal))


@pytest.fixture
def quiet_pyhanko() -> Iterator[None]:
    """PyHanko's own warnings about broken files, silenced."""
    logger = logging.getLogger("pyhanko")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    yield
    logger.setLevel(before)


Change = Callable[[bytes], bytes]
