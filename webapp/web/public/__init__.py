"""What everybody may see without an account: published percentages, with small numbers hidden."""

from webapp.web.public import overview, personal_data
from webapp.web.public.blueprint import bp

__all__ = ["bp", "overview", "personal_data"]
