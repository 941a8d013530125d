"""Encryption of heads' names and addresses with a key outside the database."""

import hmac
import os
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from webapp.core.errors import N_, Conflict

_VERSION = b"\x01"
_NONCE = 12


def load_key(path: Path) -> bytes:
    """Read the 32-byte key, making it (mode 0600) the first time. Losing it loses names and addresses for good."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(os.urandom(32))
            file.flush()
            os.fsync(file.fileno())
    return path.read_bytes()


class AesGcmCipher:
    """AES-256-GCM with a key per ward derived by HKDF; each value starts with its format version and nonce."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._encryption = lru_cache(maxsize=256)(lambda scope: AESGCM(self._derive(b"encrypt", scope)))
        self._index = lru_cache(maxsize=256)(lambda scope: self._derive(b"index", scope))

    def _derive(self, purpose: bytes, scope: bytes) -> bytes:
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"phuong-so|" + purpose + b"|" + scope).derive(
            self._key
        )

    def _encrypt(self, scope: bytes, content: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        return _VERSION + nonce + self._encryption(scope).encrypt(nonce, content, scope)

    def _decrypt(self, scope: bytes, data: bytes) -> bytes:
        try:
            if data[:1] != _VERSION:
                raise InvalidTag
            return self._encryption(scope).decrypt(data[1 : 1 + _NONCE], data[1 + _NONCE :], scope)
        except InvalidTag as error:
            raise Conflict(N_("Không đọc được dữ liệu đã mã hóa: khóa khác hoặc dữ liệu đã bị thay đổi.")) from error

    def encrypt(self, ward_id: UUID, text: str) -> bytes:
        """Encrypt for one ward."""
        return self._encrypt(ward_id.bytes, text.encode())

    def decrypt(self, ward_id: UUID, data: bytes) -> str:
        """Decrypt. Raises Conflict."""
        return self._decrypt(ward_id.bytes, data).decode()

    def token(self, ward_id: UUID, word: str) -> bytes:
        """Give the keyed index of one folded word."""
        return hmac.digest(self._index(ward_id.bytes), word.encode(), sha256)[:8]

    def seal(self, secret: bytes) -> bytes:
        """Encrypt a secret of the installation."""
        return self._encrypt(b"installation", secret)

    def unseal(self, data: bytes) -> bytes:
        """Open what `seal` made."""
        return self._decrypt(b"installation", data)
