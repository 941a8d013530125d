"""Opening keys, wherever they are, for one use."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from signing import TrustStore, open_pkcs12
from signing.keystores import KeySigner
from webapp.core.documents import KeystoreKind
from webapp.core.errors import N_, SigningRefused
from webapp.core.ports import KeyAccess

_ELSEWHERE: Final = N_("Khóa này nằm trên máy của bạn. Hãy ký ở trang ký, khi tiện ích ký trên máy đang chạy.")


@contextmanager
def open_key(key: KeyAccess, *, trust: TrustStore | None = None) -> Iterator[KeySigner]:
    """Open a key that the server can reach; forgotten at the end of the block. Raises SigningError, SigningRefused."""
    chain = trust.intermediates if trust else ()
    if key.kind is KeystoreKind.PKCS12:
        with open_pkcs12(key.content, key.secret, chain=chain) as signer:
            yield _same(signer, key)
        return
    raise SigningRefused("key_elsewhere", _ELSEWHERE, english="This key is on your own computer; sign there.")


def _same(signer: KeySigner, key: KeyAccess) -> KeySigner:
    """Refuse a key whose certificate is not the enrolled one: a token may hold another since then."""
    if key.certificates and signer.certificate.dump() != key.certificates[0]:
        raise SigningRefused(
            "other_certificate",
            N_("Chứng thư số trong khóa khác với chứng thư đã đăng ký. Hãy đăng ký lại khóa ký."),
            english="The key now has another certificate than the enrolled one.",
        )
    return signer
