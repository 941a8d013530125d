"""Proof, from the bytes of the result alone, that it is the signature we meant to make.

The full validator takes 15 to 20 ms and more per signature. For a file that was not signed before, what it finds out
about our own fresh output can be told from the bytes: the base is an unchanged prefix; the byte range covers everything
but the hole; the digest, computed anew over the final bytes, is the one in the signed attributes; the signature read
back from the hole verifies with the certificate; nothing but the hole differs from the prepared file; the update is
nothing but objects that its own cross-references name. The certificate itself (dates, usage, strength, revocation,
trust) is judged apart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from signing.errors import OutputNotValid, RawSignatureInvalid
from signing.protocol import PreparedSignature, verify_signature
from signing.sign.content import Content
from signing.sign.der import OCTETS, SEQUENCE, SET, Node, read
from signing.sign.update_check import check_structure

_INTEGER: Final = 0x02
_OID: Final = 0x06
_CONTEXT_0: Final = 0xA0
_CONTEXT_1: Final = 0xA1


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the signature was made of: the key's answer, and the timestamp token or nothing."""

    raw: bytes
    token: bytes


def prove(signed: Content, prepared: PreparedSignature, evidence: Evidence) -> str:
    """Return the SHA-256 of the file when it is what was prepared plus this signature. Raises OutputNotValid."""
    base = prepared.base_size
    try:
        if signed.size != prepared.prepared_size:
            raise ValueError("another size")
        update = signed.part(base, signed.size)
        start, end = (place - base for place in prepared.hole)
        content = _hole(update, start, end)
        check_structure(update, base, (start, end), prepared.byte_range)
        found = _check_digests(signed, update, prepared)
        _check_signature(content, prepared, evidence)
    except (ValueError, RawSignatureInvalid) as error:
        raise OutputNotValid from error
    return found


def _hole(update: bytes, start: int, end: int) -> bytes:
    if update[start : start + 1] != b"<" or update[end - 1 : end] != b">":
        raise ValueError("no brackets around the hole")
    before = update[max(0, start - 16) : start].rstrip()
    if not before.endswith(b"/Contents"):
        raise ValueError("the hole is no /Contents")
    return bytes.fromhex(update[start + 1 : end - 1].decode("ascii"))


def _check_digests(signed: Content, update: bytes, prepared: PreparedSignature) -> str:
    """Compare base, byte range and all that is not the hole with what was prepared; one pass over the base."""
    start, end = (place - prepared.base_size for place in prepared.hole)
    covered = hashlib.sha256()
    signed.feed(covered, start=0, end=prepared.base_size)
    if covered.hexdigest() != prepared.base_sha256:
        raise ValueError("the base is another")
    view = memoryview(update)
    covered.update(view[:start])
    blank, whole = covered.copy(), covered.copy()
    covered.update(view[end:])
    blank.update(b"<" + b"0" * (end - start - 2) + b">")
    blank.update(view[end:])
    if covered.digest() != prepared.digest or blank.hexdigest() != prepared.prepared_sha256:
        raise ValueError("the covered bytes are others")
    whole.update(view[start:])
    return whole.hexdigest()


def _check_signature(content: bytes, prepared: PreparedSignature, evidence: Evidence) -> None:
    """Read the CMS back: attributes, value and certificate are the prepared ones, and the value verifies."""
    outer = read(content)
    if content[outer.end :].strip(b"\0"):
        raise ValueError("something behind the signature")
    _kind, wrapped = outer.children(_OID, _CONTEXT_0)
    (signed_data,) = wrapped.children(SEQUENCE)
    _version, _digests, _content, certificates, signers = signed_data.children(_INTEGER, SET, SEQUENCE, _CONTEXT_0, SET)
    if prepared.certificate not in {certificate.whole for certificate in certificates.children()}:
        raise ValueError("the certificate is missing")
    (signer,) = signers.children(SEQUENCE)
    parts = signer.children()
    attributes, value = _signer_parts(parts, evidence.token)
    if attributes != prepared.attributes or value != evidence.raw:
        raise ValueError("another signature")
    if not _names_digest(attributes, prepared.digest):
        raise ValueError("another digest")
    verify_signature(prepared.certificate, prepared.mechanism, value, attributes)


def _signer_parts(parts: Sequence[Node], token: bytes) -> tuple[bytes, bytes]:
    """Return signed attributes, as the key signed them, and the value; the token must be the only unsigned one."""
    expected = [_INTEGER, SEQUENCE, SEQUENCE, _CONTEXT_0, SEQUENCE, OCTETS, *([_CONTEXT_1] if token else [])]
    if [part.tag for part in parts] != expected:
        raise ValueError("other parts of the signer")
    if token and not parts[6].content.endswith(token):
        raise ValueError("another timestamp")
    return bytes((SET,)) + parts[3].whole[1:], parts[5].content


def _names_digest(attributes: bytes, digest: bytes) -> bool:
    """Return True when the message-digest attribute holds the digest."""
    message_digest = bytes.fromhex("06092a864886f70d010904")
    for attribute in read(attributes).children():
        kind, values = attribute.children()
        if kind.whole == message_digest:
            return [value.content for value in values.children(OCTETS)] == [digest]
    return False
