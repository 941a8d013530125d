"""A timestamp token just received: that it is sound, and the time it states."""

from __future__ import annotations

import hashlib
from datetime import datetime

from asn1crypto import cms
from pyhanko.sign.general import extract_signer_info
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation, validate_sig_integrity

from signing.errors import TimestampFailed
from signing.validate.algorithms import weakness


def token_time(token: bytes, raw: bytes) -> datetime:
    """Return the time. Raises TimestampFailed when the token stamps something else, is broken or weak."""
    try:
        signed_data = cms.ContentInfo.load(token, strict=True)["content"]
        content = signed_data["encap_content_info"]["content"]
        info = content.parsed
        imprint = info["message_imprint"]
        algorithm = str(imprint["hash_algorithm"]["algorithm"].native)
        same = hashlib.new(algorithm, raw).digest() == imprint["hashed_message"].native
        signer_info = extract_signer_info(signed_data)
        certificate = extract_certs_for_validation(signed_data).signer_cert
        digest = hashlib.new(str(signer_info["digest_algorithm"]["algorithm"].native), bytes(content)).digest()
        intact, valid = validate_sig_integrity(signer_info, certificate, "tst_info", digest)
        time: datetime = info["gen_time"].native
        sound = same and intact and valid and weakness(signer_info, certificate) is None
    except Exception as error:  # asn1 errors come in many classes; a token that cannot be read is none
        raise TimestampFailed from error
    if not sound:
        raise TimestampFailed
    return time
