"""The door: log-in, log-out, one's own account, and proof of identity before acts with consequences."""

from webapp.web.auth import account, keep_alive, login, password, second_factor, step_up
from webapp.web.auth.blueprint import bp

__all__ = ["account", "bp", "keep_alive", "login", "password", "second_factor", "step_up"]
