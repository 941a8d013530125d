"""RSA-PSS where the key can, PKCS#1 v1.5 where it cannot, ECDSA for curves; and the report says which it was."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from pkcs11 import Mechanism as Token
from pkcs11 import exceptions

from signing import Level, SignRequest, errors, sign_pdf, validate_pdf
from signing.batch import sign_batch
from signing.cli.output import report_lines
from signing.keystores import KeySigner, csc
from signing.keystores.pkcs11 import TokenSigner, TokenWish, open_token
from signing.model import Mechanism
from signing.sign import sign_file
from signing.sign.desk import BatchItem
from signing.sign.surroundings import Surroundings
from tests.signing.conftest import World
from tests.signing.csc_service import PIN as CSC_PIN
from tests.signing.test_csc import PERSON, Provider, provider, running
from tests.signing.test_tokens import PIN, box, module
from tests.signing.test_verdicts import self_made

__all__ = ["box", "module", "provider", "running"]

PSS = {Token.RSA_PKCS_PSS, Token.SHA256_RSA_PKCS_PSS}


def scheme(pdf: bytes) -> str:
    return validate_pdf(pdf).signatures[0].scheme


def test_a_key_file_signs_with_pss_and_the_report_says_so(world: World, plan: bytes) -> None:
    signed = world.sign(plan)
    assert signed.report
    assert signed.report.signatures[0].scheme == "RSA-PSS"
    assert signed.report.to_json()["signatures"][0]["signature_scheme"] == "RSA-PSS"
    assert "  Thuật toán ký: RSA-PSS, SHA256" in report_lines(signed.report)


def test_a_batch_prefers_pss_too(world: World, plan: bytes) -> None:
    with world.key() as key:
        (result,) = sign_batch([BatchItem(name="a", pdf=plan, request=SignRequest())], key, world.around())
    assert scheme(result.signed.data) == "RSA-PSS"  # type: ignore[union-attr]


@pytest.mark.parametrize(("missing", "expected"), [(set(), "RSA-PSS"), (PSS, "RSA PKCS#1 v1.5")])
def test_a_token_signs_with_the_best_that_its_slot_lists(
    module: Path, world: World, plan: bytes, missing: set[Token], expected: str
) -> None:
    with open_token(module, PIN, TokenWish(label="Chủ tịch")) as signer:
        able = TokenSigner(signer._key, signer.certificate, signer.chain, signer._names - missing)
        signed = sign_pdf(plan, able, SignRequest(level=Level.B_T), world.around())
    assert scheme(signed.data) == expected


class Refusing:
    """A token whose library lists RSA-PSS although the chip cannot."""

    def __init__(self, key: object) -> None:
        self.key, self.asked = key, 0

    def sign(self, data: bytes, *, mechanism: Token, **options: object) -> bytes:
        if mechanism in PSS:
            self.asked += 1
            raise exceptions.MechanismInvalid
        return bytes(self.key.sign(data, mechanism=mechanism, **options))  # type: ignore[attr-defined]


@pytest.fixture
def refusing(module: Path) -> Iterator[TokenSigner]:
    with open_token(module, PIN, TokenWish(label="Chủ tịch")) as signer:
        names = {*PSS, Token.SHA256_RSA_PKCS}
        yield TokenSigner(Refusing(signer._key), signer.certificate, signer.chain, names)


def test_a_token_that_lists_pss_and_cannot_signs_with_v15_from_then_on(
    refusing: TokenSigner, world: World, plan: bytes, tmp_path: Path
) -> None:
    assert refusing.mechanisms == (Mechanism.RSA_PSS, Mechanism.RSA_PKCS1V15)
    signed = [sign_pdf(plan, refusing, SignRequest(level=Level.B_T), world.around()) for _ in range(2)]
    assert [scheme(one.data) for one in signed] == ["RSA PKCS#1 v1.5"] * 2
    assert refusing.mechanisms == (Mechanism.RSA_PKCS1V15,)
    assert refusing._key.asked == 1
    source = tmp_path / "a.pdf"
    source.write_bytes(plan)
    sign_file(source, source, refusing, SignRequest(), world.around())
    assert scheme(source.read_bytes()) == "RSA PKCS#1 v1.5"


def test_what_is_asked_for_by_name_is_not_replaced(refusing: TokenSigner, world: World, plan: bytes) -> None:
    with pytest.raises(errors.MechanismUnsupported):
        sign_pdf(plan, refusing, SignRequest(mechanism=Mechanism.RSA_PSS), world.around())


def test_a_remote_key_signs_with_pss_where_its_service_offers_it(provider: Provider, plan: bytes) -> None:
    with csc.open_csc(provider.service(), PERSON, pin=CSC_PIN) as key:
        signed = sign_pdf(plan, key, SignRequest(), Surroundings())
    assert scheme(signed.data) == "RSA-PSS"


def test_a_curve_signs_with_ecdsa(plan: bytes) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    signed = sign_pdf(plan, KeySigner(key, self_made(key)), SignRequest(), Surroundings())
    assert scheme(signed.data) == "ECDSA"
