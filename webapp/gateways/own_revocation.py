"""Asking OCSP and CRL addresses, but only those that an authority of the ward's trust list wrote for the ward's use.

A file may carry certificates of strangers, and any address stands in them. So an address counts only when it is in a
certificate of the trust list, or in one that such an authority issued: another authority's, a time-stamping
service's, or one that is enrolled in the ward.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID

from signing.fetching import TIMEOUT, RevocationData, RevocationFetcher

_LONGEST_CHAIN: Final = 6


class OwnRevocation(RevocationFetcher):
    """Each address once for the life of the object: a batch, or one signature."""

    def __init__(self, trusted: Iterable[bytes], enrolled: Collection[str], *, timeout: float = TIMEOUT) -> None:
        """Take the ward's trust list (DER), and the SHA-256 fingerprints of its enrolled certificates (hex)."""
        super().__init__(timeout=timeout)
        self._listed = [x509.load_der_x509_certificate(each) for each in trusted]
        self._enrolled = enrolled

    def data_for(self, certificates: Sequence[Any]) -> RevocationData:
        """Ask for those certificates that are the ward's business; they come from a file and are not believed."""
        found = [x509.load_der_x509_certificate(each.dump()) for each in certificates]
        own = self._own(found)
        names = {_name(one) for one in own}
        # The anchors stay in the list: an OCSP query names the issuer.
        anchors = {_name(one) for one in self._listed}
        wanted = [each for each in certificates if bytes(each.sha256).hex() in names | anchors]
        return super().data_for(wanted)

    def _own(self, found: Sequence[x509.Certificate]) -> list[x509.Certificate]:
        authorities = list(self._listed)
        for _link in range(_LONGEST_CHAIN):
            more = [one for one in found if _is_authority(one) and one not in authorities and _issued(one, authorities)]
            if not more:
                break
            authorities += more
        mine = [one for one in found if _name(one) in self._enrolled or _stamps_time(one)]
        return [*authorities, *(one for one in mine if _issued(one, authorities))]


def _name(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(SHA256()).hex()


def _issued(certificate: x509.Certificate, authorities: Iterable[x509.Certificate]) -> bool:
    """Tell whether one of them signed it: names alone prove nothing."""
    for authority in authorities:
        try:
            certificate.verify_directly_issued_by(authority)
        except (ValueError, TypeError, InvalidSignature):
            continue
        return True
    return False


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def _stamps_time(certificate: x509.Certificate) -> bool:
    try:
        uses = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    return ExtendedKeyUsageOID.TIME_STAMPING in uses
