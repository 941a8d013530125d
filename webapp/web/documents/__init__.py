"""Outgoing documents: list, upload, the way from draft to publication, keys."""

from webapp.web.documents import batch_jobs, batches, desk, keys, lists, page, places, remote_keys, signing, upload
from webapp.web.documents.blueprint import bp

__all__ = ["batch_jobs", "batches", "bp", "desk", "keys", "lists", "page", "places", "remote_keys", "signing", "upload"]
