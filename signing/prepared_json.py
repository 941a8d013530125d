"""A prepared signature as JSON, both ways; what is read back is not trusted."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from signing.errors import PreparedUnreadable
from signing.model import Json, Level, Mechanism

if TYPE_CHECKING:
    from signing.protocol import PreparedSignature

FORMAT: Final = 1
MAX_CHAIN: Final = 10
_HEX: Final = re.compile(r"[0-9a-f]{64}\Z")
_PARAMETERS: Final[dict[Mechanism, Json]] = {
    Mechanism.RSA_PSS: {"hash": "sha256", "mask": "mgf1-sha256", "salt_length": 32},
    Mechanism.RSA_PKCS1V15: {"hash": "sha256"},
    Mechanism.ECDSA: {"hash": "sha256"},
}


def write_prepared(prepared: PreparedSignature) -> Json:
    """As JSON."""
    return {
        "format": FORMAT,
        "field": prepared.field,
        "level": prepared.level.value,
        "mechanism": prepared.mechanism.value,
        "parameters": dict(_PARAMETERS[prepared.mechanism]),
        "claimed_time": prepared.claimed_time.astimezone(UTC).isoformat(),
        "base_sha256": prepared.base_sha256,
        "base_size": prepared.base_size,
        "prepared_sha256": prepared.prepared_sha256,
        "prepared_size": prepared.prepared_size,
        "hole": list(prepared.hole),
        "digest_algorithm": "sha256",
        "digest": prepared.digest.hex(),
        "attributes": _encode(prepared.attributes),
        "certificate": _encode(prepared.certificate),
        "chain": [_encode(certificate) for certificate in prepared.chain],
    }


def read_prepared(value: object) -> dict[str, Any]:
    """Return the parts by name. Raises PreparedUnreadable."""
    try:
        if not isinstance(value, dict) or value["format"] != FORMAT or value["digest_algorithm"] != "sha256":
            raise PreparedUnreadable
        return _parts(value)
    except (KeyError, ValueError, TypeError, binascii.Error) as error:
        raise PreparedUnreadable from error


def _parts(value: dict[str, Any]) -> dict[str, Any]:
    mechanism = Mechanism(value["mechanism"])
    claimed = datetime.fromisoformat(value["claimed_time"])
    base, size = _number(value["base_size"]), _number(value["prepared_size"])
    start, end = (_number(number) for number in value["hole"])
    if value["parameters"] != _PARAMETERS[mechanism] or claimed.tzinfo is None or len(value["chain"]) > MAX_CHAIN:
        raise ValueError("parameters")
    if not base <= start < end - 2 < size or (end - start) % 2:
        raise ValueError("hole")
    return {
        "field": _text(value["field"]),
        "level": Level(value["level"]),
        "mechanism": mechanism,
        "claimed_time": claimed.astimezone(UTC),
        "base_sha256": _sha256(value["base_sha256"]),
        "base_size": base,
        "prepared_sha256": _sha256(value["prepared_sha256"]),
        "prepared_size": size,
        "hole": (start, end),
        "digest": bytes.fromhex(_sha256(value["digest"])),
        "attributes": _decode(value["attributes"]),
        "certificate": _decode(value["certificate"]),
        "chain": tuple(_decode(certificate) for certificate in value["chain"]),
    }


def _text(value: object) -> str:
    if not isinstance(value, str) or not value or len(value) > 200:
        raise ValueError("field")
    return value


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("number")
    return value


def _sha256(value: object) -> str:
    if not isinstance(value, str) or not _HEX.match(value):
        raise ValueError("sha256")
    return value


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _decode(value: object) -> bytes:
    if not isinstance(value, str):
        raise TypeError("base64")
    return base64.b64decode(value, validate=True)
