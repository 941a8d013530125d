"""Signing from disk to disk: large scans, and that nothing is left behind."""

import errno
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from signing import Level, Place, SignRequest, errors, validate_pdf
from signing.appearance import draw_demo_signature, person_stamp
from signing.batch import sign_batch
from signing.deferred import complete_signature
from signing.model import Code
from signing.sign import sign_file
from signing.sign.desk import BatchItem
from tests.signing.conftest import Journey, World
from tests.signing.documents import SIGNER
from tests.signing.test_deferred import Unreachable
from tests.signing.test_sign import pdfsig

ROOT = Path(__file__).parents[2]


def test_a_scan_of_74_megabytes_is_signed_in_less_than_100_of_memory(world: World, tmp_path: Path) -> None:
    key = world.pki.keys["chu-tich"]
    command = [sys.executable, "-m", "tests.signing.big_scan", str(tmp_path), "74", str(key.path), key.pin]
    command.append(str(world.pki.trust_folder))
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    told = json.loads(done.stdout)
    assert told["peak_mb"] <= 100
    signed = tmp_path / "signed.pdf"
    with signed.open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == told["sha256"]
    said = subprocess.run(["pdfsig", "-nocert", str(signed)], capture_output=True, text=True, timeout=60, check=False)
    assert "Signature is Valid" in said.stdout
    assert "Total document signed" in said.stdout


@pytest.mark.parametrize("level", [Level.B_B, Level.B_T, Level.B_LT])
def test_a_file_is_signed_like_bytes_are(world: World, plan: bytes, tmp_path: Path, level: Level) -> None:
    source = tmp_path / "a.pdf"
    source.write_bytes(plan)
    stamp = person_stamp(draw_demo_signature(SIGNER), with_text=True)
    request = SignRequest(level=level, place=Place(page=0, box=(60, 300, 260, 380)), stamp=stamp)
    with world.key() as key:
        facts = sign_file(source, source, key, request, world.around())
    signed = source.read_bytes()
    assert signed.startswith(plan)
    assert (facts.sha256, facts.size) == (hashlib.sha256(signed).hexdigest(), len(signed))
    assert (facts.timestamp_time is None) == (level is Level.B_B)
    report = validate_pdf(signed, trust=world.trust, crls=world.crls)
    assert (report.code, report.signatures[0].level) == (Code.OK, level)
    assert report.signatures[0].revision_end == facts.revision_end
    assert "Signature is Valid" in pdfsig(signed, tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_signed_file_takes_the_next_signature_too(world: World, journey: Journey, tmp_path: Path) -> None:
    source, target = tmp_path / "a.pdf", tmp_path / "b.pdf"
    source.write_bytes(journey.filled)
    with world.key("co-quan") as key:
        facts = sign_file(source, target, key, SignRequest(field="KyCoQuan", level=Level.B_T), world.around())
    assert facts.report is not None
    assert len(facts.report.signatures) == 2


@pytest.mark.parametrize("content", [b"", b"no PDF", None], ids=["empty", "other", "missing"])
def test_what_cannot_be_signed_leaves_nothing_behind(world: World, tmp_path: Path, content: bytes | None) -> None:
    source, target = tmp_path / "a.pdf", tmp_path / "b.pdf"
    if content is not None:
        source.write_bytes(content)
    with world.key() as key, pytest.raises(errors.DocumentUnreadable):
        sign_file(source, target, key, SignRequest(), world.around())
    assert not target.exists()


def test_a_bad_certificate_is_refused_for_files_as_well(world: World, plan: bytes, tmp_path: Path) -> None:
    source, target = tmp_path / "a.pdf", tmp_path / "b.pdf"
    source.write_bytes(plan)
    with world.key("thu-hoi") as key, pytest.raises(errors.CertificateRevoked):
        sign_file(source, target, key, SignRequest(), world.around())
    assert list(tmp_path.iterdir()) == [source]


def test_an_untrusted_signer_is_refused_for_files_as_well(
    world: World, plain_world: World, plan: bytes, tmp_path: Path
) -> None:
    source, target = tmp_path / "a.pdf", tmp_path / "b.pdf"
    source.write_bytes(plan)
    with plain_world.key() as key, pytest.raises(errors.CertificateUntrusted):
        sign_file(source, target, key, SignRequest(), world.around())
    assert list(tmp_path.iterdir()) == [source]


def test_a_full_disk_leaves_the_original_alone(world: World, plan: bytes, tmp_path: Path) -> None:
    source = tmp_path / "a.pdf"
    source.write_bytes(plan)
    with world.key() as key, pytest.raises(errors.OutputNotWritten):
        sign_file(source, Path("/dev/full/b.pdf"), key, SignRequest(), world.around())
    assert source.read_bytes() == plan


def test_a_disk_that_fills_up_while_writing_leaves_everything_as_it_was(
    world: World, plan: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "a.pdf"
    source.write_bytes(plan)

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with world.key() as key:
        with pytest.raises(errors.OutputNotWritten):
            sign_file(source, source, key, SignRequest(), world.around())
        item = BatchItem(name="a", pdf=source, request=SignRequest(), target=source)
        (result,) = sign_batch([item], key, world.around())
    assert isinstance(result.error, errors.OutputNotWritten)
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]
    assert source.read_bytes() == plan


def test_a_file_without_its_timestamp_can_be_completed_later(world: World, plan: bytes, tmp_path: Path) -> None:
    source, target = tmp_path / "a.pdf", tmp_path / "b.pdf"
    source.write_bytes(plan)
    with world.key("van-thu") as tsa_key:
        down = Unreachable(tsa_key)
    with world.key() as key, pytest.raises(errors.TimestampPending) as caught:
        sign_file(source, target, key, SignRequest(level=Level.B_T), world.around(timestamper=down))
    left = caught.value.unfinished
    signed = complete_signature(left.prepared, left.pdf, left.raw, world.around())
    assert validate_pdf(signed.data, trust=world.trust, crls=world.crls).code is Code.OK
