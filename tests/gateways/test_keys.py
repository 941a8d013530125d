"""The keys that an installation can reach: the ward's door to a remote service, with certomancer's server behind it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from signing.protocol import verify_signature
from tests.signing.csc_service import PIN, TOKEN, Provider, remote_service
from webapp.core.documents import KeystoreKind
from webapp.core.errors import SigningRefused
from webapp.core.ports import KeyAccess, KeyDescription
from webapp.gateways.keys import Keys
from webapp.settings import RemoteSigning, Settings


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with remote_service(Path(tmp_path_factory.mktemp("csc"))) as running:
        yield running


@pytest.fixture
def keys(provider: Provider) -> Keys:
    service = RemoteSigning(name="Dịch vụ MẪU", url=provider.url, token=TOKEN)
    return Keys(Settings(csc_services={"mau": service}))


def person(keys: Keys, holder: str = "csc/person") -> KeyDescription:
    (place,) = keys.places()
    return next(key for key in keys.find(place, holder) if key.location["credential"] == "csc/person")


def access(key: KeyDescription, **changes: object) -> KeyAccess:
    whole = {"secret": PIN, "location": key.location, "certificates": key.certificates, **changes}
    return KeyAccess(kind=KeystoreKind.CSC, **whole)  # type: ignore[arg-type]


def test_a_remote_key_is_found_and_signs_with_its_pin(keys: Keys) -> None:
    key = person(keys)
    assert key.location == {"place": "mau", "credential": "csc/person", "asks": "pin"}
    assert key.certificate.common_name == "Đỗ Thị Ngọc Ánh"
    with keys.open(access(key)) as signer:
        raw = signer.sign(b"attributes", signer.mechanisms[0])
        verify_signature(key.certificates[0], signer.mechanisms[0], raw, b"attributes")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"certificates": (b"another",)}, "other_certificate"),
        ({"location": {"place": "gone", "credential": "csc/person"}}, "no_key_place"),
    ],
)
def test_a_key_that_is_not_the_enrolled_one_is_refused(keys: Keys, changes: dict[str, object], code: str) -> None:
    with pytest.raises(SigningRefused) as caught, keys.open(access(person(keys), **changes)):
        pass
    assert caught.value.code == code


def test_a_key_on_somebodys_computer_is_not_opened_here(keys: Keys) -> None:
    with pytest.raises(SigningRefused) as caught, keys.open(KeyAccess(kind=KeystoreKind.AGENT)):
        pass
    assert caught.value.code == "key_elsewhere"


def test_secrets_of_the_service_are_never_shown() -> None:
    settings = Settings(csc_services={"mau": RemoteSigning(name="M", url="https://ky.example.vn", token="bi-mat-1")})
    assert "bi-mat-1" not in repr(settings) + repr(settings.csc_services)
    with pytest.raises(ValueError, match="url"):
        RemoteSigning(name="M", url="http://ky.example.vn")
