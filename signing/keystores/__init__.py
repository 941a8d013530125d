"""Where private keys come from.

Each keystore opens per use, as a context manager of a ready signer, and forgets the key after.
"""

from __future__ import annotations

from signing.keystores.pkcs12 import describe_pkcs12, load_pkcs12, open_pkcs12
from signing.keystores.signer import KeySigner

__all__ = ["KeySigner", "describe_pkcs12", "load_pkcs12", "open_pkcs12"]
