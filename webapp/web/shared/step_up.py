"""Asking for the password once more before signing and other acts with consequences."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from webapp.services import step_up
from webapp.web.shared.identity import current_account
from webapp.web.shared.wiring import clock, settings


def step_up_needed() -> bool:
    """Tell whether the person must prove themselves (again) before the act."""
    row = current_account()
    return row is None or not step_up.is_fresh(row, now=clock().now(), minutes=settings().step_up_minutes)


def ask_step_up(back: str | None = None) -> ResponseReturnValue:
    """Send the person to the page that asks, and then back to `back` (this page when none is given)."""
    return redirect(url_for("auth.step_up", next=back or request.full_path.rstrip("?")), 303)
