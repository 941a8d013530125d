"""Timestamp tokens (RFC 3161): what time they prove, and whether they are sound and trusted."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import cms
from pyhanko.sign.general import extract_signer_info, find_cms_attribute_iter
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation, validate_sig_integrity

from signing.model import Code
from signing.trust import TrustStore
from signing.validate.algorithms import weakness
from signing.validate.chain import ChainFinding, judge_chain, tsa_may_stamp
from signing.validate.evidence import Evidence

Imprint = Callable[[str], bytes]
"""Digest of the stamped data for the name of a hash function. May raise for an unknown one."""


@dataclass(frozen=True, slots=True)
class TokenFinding:
    """``sound``: matches what it stamps and its own signature. ``chain`` is the judgement on the TSA's certificate."""

    time: datetime | None
    sound: bool
    chain: ChainFinding

    @property
    def trusted(self) -> bool:
        """It proves its time."""
        return self.sound and self.time is not None and self.chain.code is Code.OK


BROKEN = TokenFinding(None, sound=False, chain=ChainFinding(Code.TAMPERED))


async def judge_token(
    token: cms.SignedData, imprint: Imprint, *, evidence: Evidence, trust: TrustStore, moment: datetime
) -> TokenFinding:
    """Judge a token, its TSA's certificate at ``moment``."""
    try:
        content = token["encap_content_info"]["content"]
        info = content.parsed
        stamped = info["message_imprint"]
        time: datetime = info["gen_time"].native
        signer_info = extract_signer_info(token)
        algorithm = str(stamped["hash_algorithm"]["algorithm"].native)
        matches = imprint(algorithm) == stamped["hashed_message"].native
        certificate = extract_certs_for_validation(token).signer_cert
        digest = hashlib.new(str(signer_info["digest_algorithm"]["algorithm"].native), bytes(content)).digest()
        intact, valid = validate_sig_integrity(signer_info, certificate, "tst_info", digest)
    except Exception:  # noqa: BLE001  -- a token that cannot be read proves nothing; asn1 errors come in many classes
        return BROKEN
    if not (matches and intact and valid):
        return TokenFinding(time, sound=False, chain=ChainFinding(Code.TAMPERED))
    if weakness(signer_info, certificate) is not None:
        return TokenFinding(time, sound=True, chain=ChainFinding(Code.WEAK_ALGORITHM))
    chain = await judge_chain(
        certificate,
        evidence=evidence.with_signature(token),
        trust=trust,
        moment=moment,
        usage=(tsa_may_stamp, "tsa_usage"),
    )
    return TokenFinding(time, sound=True, chain=chain)


def signature_tokens(signer_info: cms.SignerInfo) -> Iterator[cms.SignedData]:
    """Return the tokens over a signature's value, among its unsigned attributes."""
    for token in find_cms_attribute_iter(signer_info["unsigned_attrs"], "signature_time_stamp_token"):
        yield token["content"]


def imprint_of(data: bytes) -> Imprint:
    """Return the imprint function over some bytes."""
    return lambda algorithm: hashlib.new(algorithm, data).digest()
