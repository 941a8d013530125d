"""Sign a large file from disk to disk, a scan of a hundred pages, without ever holding it in memory."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from signing.errors import DocumentUnreadable, OutputNotWritten, TimestampFailed, TimestampPending
from signing.fields import open_stream
from signing.model import SignedFacts, SignRequest
from signing.protocol import RawSigner, UnfinishedSignature
from signing.sign.acceptance import check_trust
from signing.sign.completing import ABOVE_B_T, ask_timestamp, check_raw, facts_of, fill
from signing.sign.content import FileContent
from signing.sign.document import sign_pdf, with_raw
from signing.sign.preparing import Draft, Identity, check_identity, check_opened, draft
from signing.sign.proof import prove
from signing.sign.surroundings import ALONE, Surroundings
from signing.sign.update import suits

MARKER: Final = b"/ByteRange"


def sign_file(
    source: Path, target: Path, signer: RawSigner, request: SignRequest, surroundings: Surroundings = ALONE
) -> SignedFacts:
    """Sign the file ``source`` into ``target``, which appears whole or not at all and may be the same path.

    A first signature up to B-T is written and proved from disk to disk: some 60 MB of memory whatever the size, and the
    same refusals as ``sign_pdf``. Everything else goes through memory. Raises as ``sign_pdf``, and OutputNotWritten.
    """
    with _reading(source) as file:
        opened = open_stream(file)
        content = FileContent(file)
        plain = suits(opened.reader, request.field) and not content.holds(MARKER)
        if plain and request.level not in ABOVE_B_T:
            identity = Identity(certificate=signer.certificate, chain=signer.chain)
            check_identity(identity, request, surroundings)
            check_opened(opened, b"", request, surroundings)
            made, raw = with_raw(
                lambda chosen: draft(content, opened, identity, chosen, surroundings), signer, request, surroundings
            )
            return _finish(source, target, made, raw, surroundings)
        file.seek(0)
        data = file.read()
    signed = sign_pdf(data, signer, request, surroundings)
    with writing(target) as out:
        out.write(signed.data)
    return signed


def _finish(source: Path, target: Path, made: Draft, raw: bytes, surroundings: Surroundings) -> SignedFacts:
    prepared = made.prepared
    try:
        check_raw(prepared, raw, surroundings)
        filled = fill(made, raw, ask_timestamp(prepared.level, raw, surroundings))
    except TimestampFailed as error:
        pdf = source.read_bytes() + made.update
        raise TimestampPending(UnfinishedSignature(prepared=prepared, pdf=pdf, raw=raw)) from error
    if surroundings.trust is not None:
        now = surroundings.moment()
        check_trust(prepared, surroundings.trust, crls=tuple(surroundings.crls), now=now)
    with writing(target) as out:
        with _reading(source) as file:
            shutil.copyfileobj(file, out, 1 << 20)
        out.write(filled.update)
        out.flush()
        sha256 = prove(FileContent(out), prepared, filled.evidence)
    return SignedFacts(**facts_of(prepared, filled, sha256=sha256, size=prepared.prepared_size))


@contextmanager
def _reading(path: Path) -> Iterator[IO[bytes]]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise DocumentUnreadable from error
    with file:
        yield file


@contextmanager
def writing(target: Path) -> Iterator[IO[bytes]]:
    """Write beside the target, then put it in place; nothing is left behind after a failure."""
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise OutputNotWritten from error
    try:
        with os.fdopen(handle, "w+b") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        Path(name).replace(target)
    except OSError as error:
        raise OutputNotWritten from error
    finally:
        with suppress(FileNotFoundError):
            Path(name).unlink()
