"""Outgoing documents: list, upload, the way from draft to publication, keys."""

from webapp.web.documents import (
    agent_keys,
    attachments,
    batch_jobs,
    batches,
    chains,
    copies,
    delegations,
    desk,
    elsewhere,
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
    "agent_keys",
    "attachments",
    "batch_jobs",
    "batches",
    "bp",
    "chains",
    "copies",
    "delegations",
    "desk",
    "elsewhere",
    "keys",
    "lists",
    "page",
    "people",
    "places",
    "remote_keys",
    "signing",
    "upload",
]
