"""A cipher that remembers the search tokens of one import."""

from uuid import UUID

from webapp.core.ports import PersonalDataCipher


class TokenMemory:
    """Gives what the cipher inside gives; a few thousand words make up all names and streets of a workbook.

    Lives as long as one import, so no name stays in memory behind it.
    """

    def __init__(self, inside: PersonalDataCipher) -> None:
        """Take the cipher that does the work."""
        self._inside = inside
        self._tokens: dict[UUID, dict[str, bytes]] = {}

    def token(self, ward_id: UUID, word: str) -> bytes:
        """Give the keyed index of a word, computed once."""
        if "|" in word:  # the identity of a household: met once, not worth remembering
            return self._inside.token(ward_id, word)
        known = self._tokens.setdefault(ward_id, {})
        found = known.get(word)
        if found is None:
            found = known[word] = self._inside.token(ward_id, word)
        return found

    def encrypt(self, ward_id: UUID, text: str, *, like: bytes | None = None) -> bytes:
        """Encrypt for one ward."""
        return self._inside.encrypt(ward_id, text, like=like)

    def decrypt(self, ward_id: UUID, data: bytes) -> str:
        """Decrypt. Raises Conflict."""
        return self._inside.decrypt(ward_id, data)

    def destroy(self, data: bytes) -> bool:
        """Destroy a household's key."""
        return self._inside.destroy(data)

    def seal(self, secret: bytes) -> bytes:
        """Encrypt a secret of the installation."""
        return self._inside.seal(secret)

    def unseal(self, data: bytes) -> bytes:
        """Open what `seal` made."""
        return self._inside.unseal(data)
