"""The administrator's pages: people, groups, the audit log and the trust list."""

from webapp.web.admin import account_actions, accounts, audit, groups, trust, webhooks
from webapp.web.admin.blueprint import bp

__all__ = ["account_actions", "accounts", "audit", "bp", "groups", "trust", "webhooks"]
