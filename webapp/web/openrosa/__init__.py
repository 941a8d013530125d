"""The OpenRosa protocol: how ODK Collect gets its form and sends it back."""

from webapp.web.openrosa import forms, submissions
from webapp.web.openrosa.blueprint import bp

__all__ = ["bp", "forms", "submissions"]
