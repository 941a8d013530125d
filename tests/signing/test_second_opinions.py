"""pyHanko's own command line accepts what this room makes, at every level; pdfsig's opinion stands in test_sign.py."""

from pathlib import Path

import pytest

from signing import Level, SignRequest
from signing.model import Mechanism
from signing.preserve import Means, preserve
from signing.sign import Surroundings, sign_file
from tests.pyhanko_cli import pyhanko_says
from tests.signing.conftest import Journey, World


def _kept(folder: Path, pdf: bytes) -> Path:
    path = folder / "signed.pdf"
    path.write_bytes(pdf)
    return path


def _root(world: World) -> Path:
    return next(world.pki.trust_folder.glob("*.pem"))


@pytest.mark.parametrize("level", [Level.B_B, Level.B_T, Level.B_LT])
@pytest.mark.parametrize("mechanism", [Mechanism.RSA_PSS, Mechanism.RSA_PKCS1V15])
def test_its_command_line_accepts_a_signature(
    world: World, plan: bytes, tmp_path: Path, level: Level, mechanism: Mechanism
) -> None:
    signed = _kept(tmp_path, world.sign(plan, request=SignRequest(level=level, mechanism=mechanism)).data)
    assert len(pyhanko_says(signed, _root(world), revocation_inside=level is Level.B_LT)) == 1


def test_its_command_line_accepts_a_sealed_document_and_its_archived_form(
    world: World, journey: Journey, tmp_path: Path
) -> None:
    sealed = _kept(tmp_path, journey.sealed.data)
    assert len(pyhanko_says(sealed, _root(world), revocation_inside=False)) == 2
    means = Means(trust=world.trust, timestamper=world.tsa, crls=world.crls)
    archived = _kept(tmp_path, preserve(journey.sealed.data, means).data)
    assert len(pyhanko_says(archived, _root(world), revocation_inside=True)) >= 2


def test_its_command_line_accepts_a_large_scan_signed_on_disk(world: World, plan: bytes, tmp_path: Path) -> None:
    source, signed = tmp_path / "scan.pdf", tmp_path / "signed.pdf"
    source.write_bytes(plan)
    around = Surroundings(timestamper=world.tsa, trust=world.trust, crls=world.crls)
    with world.key() as signer:
        sign_file(source, signed, signer, SignRequest(level=Level.B_T), around)
    assert len(pyhanko_says(signed, _root(world), revocation_inside=False)) == 1
