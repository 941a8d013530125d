"""Encryption of heads' names and addresses with keys outside the database: one for the ward, one for each household."""

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
from webapp.gateways.keyring import ID_SIZE, KeyRing, open_ring

_VERSION = b"\x01"
_OWN_KEY = b"\x02"
_NONCE = 12
ERASED = "(đã xóa)"
"""What stands where a name was before it was erased."""
_UNREADABLE = N_("Không đọc được dữ liệu đã mã hóa: khóa khác hoặc dữ liệu đã bị thay đổi.")


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


def open_cipher(folder: Path, ring_url: str = "") -> "AesGcmCipher":
    """Open the installation's keys, making them the first time."""
    return AesGcmCipher(load_key(folder / "personal-data.key"), open_ring(ring_url, folder))


class AesGcmCipher:
    """AES-256-GCM. Each value starts with its format version, the id of its key (personal data) and its nonce.

    Personal data has a key of its own per household in the key ring, wrapped by one that HKDF derives from the
    installation's; search tokens and secrets of the installation use derived keys.
    """

    def __init__(self, key: bytes, ring: KeyRing | None = None) -> None:
        self._key = key
        self._ring = ring or KeyRing()
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
            raise Conflict(_UNREADABLE) from error

    def encrypt(self, ward_id: UUID, text: str, *, like: bytes | None = None) -> bytes:
        """Encrypt for one household: under the key of `like`, or under a new one."""
        name, key = self._own_key(like) if like else self._ring.new(self._wrap)
        nonce = os.urandom(_NONCE)
        return _OWN_KEY + name + nonce + AESGCM(key).encrypt(nonce, text.encode(), ward_id.bytes)

    def decrypt(self, ward_id: UUID, data: bytes) -> str:
        """Decrypt; what was erased reads `(đã xóa)`. Raises Conflict."""
        if not data:
            return ERASED
        if data[:1] != _OWN_KEY:  # written before households had keys of their own
            return self._decrypt(ward_id.bytes, data).decode()
        _name, key = self._own_key(data)
        nonce, content = data[1 + ID_SIZE : 1 + ID_SIZE + _NONCE], data[1 + ID_SIZE + _NONCE :]
        try:
            return AESGCM(key).decrypt(nonce, content, ward_id.bytes).decode()
        except InvalidTag as error:
            raise Conflict(_UNREADABLE) from error

    def destroy(self, data: bytes) -> bool:
        """Destroy the key under which `data` was encrypted, for good; False when it has none of its own."""
        if data[:1] != _OWN_KEY:
            return False
        self._ring.destroy(data[1 : 1 + ID_SIZE])
        return True

    def _own_key(self, data: bytes) -> tuple[bytes, bytes]:
        name = data[1 : 1 + ID_SIZE]
        key = self._ring.find(name, self._unwrap) if data[:1] == _OWN_KEY else None
        if key is None:
            raise Conflict(_UNREADABLE)
        return name, key

    def _wrap(self, key: bytes) -> bytes:
        return self._encrypt(b"household keys", key)

    def _unwrap(self, wrapped: bytes) -> bytes:
        return self._decrypt(b"household keys", wrapped)

    def token(self, ward_id: UUID, word: str) -> bytes:
        """Give the keyed index of one folded word."""
        return hmac.digest(self._index(ward_id.bytes), word.encode(), sha256)[:8]

    def seal(self, secret: bytes) -> bytes:
        """Encrypt a secret of the installation."""
        return self._encrypt(b"installation", secret)

    def unseal(self, data: bytes) -> bytes:
        """Open what `seal` made."""
        return self._decrypt(b"installation", data)
