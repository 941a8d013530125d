"""Outgoing documents: list, upload, the way from draft to publication, keys."""

from webapp.web.documents import (
    attachments,
    batch_jobs,
    batches,
    chains,
    copies,
    delegations,
    desk,
    keys,
    lists,
    page,
    people,
    places,
    remote_keys,
    signing,
    upload,
)
from webapp.web.documents.blueprint import bp

__all__ = [
    "attachments",
    "batch_jobs",
    "batches",
    "bp",
    "chains",
    "copies",
    "delegations",
    "desk",
    "keys",
    "lists",
    "page",
    "people",
    "places",
    "remote_keys",
    "signing",
    "upload",
]
