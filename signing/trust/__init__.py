"""Whom to trust, and what is known of revocation.

Loaded from files that the caller names, never from the operating system.
"""

from __future__ import annotations

from signing.trust.anchors import TrustStore, load_certificates, load_crls, load_trust

__all__ = ["TrustStore", "load_certificates", "load_crls", "load_trust"]
