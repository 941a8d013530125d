"""Outgoing documents: list, upload, the way from draft to publication, keys."""

from webapp.web.documents import desk, keys, lists, page, remote_keys, signing, upload
from webapp.web.documents.blueprint import bp

__all__ = ["bp", "desk", "keys", "lists", "page", "remote_keys", "signing", "upload"]
