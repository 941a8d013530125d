"""Pages of `public`: route modules hang their views on `bp`."""

from webapp.web.public.blueprint import bp

__all__ = ["bp"]
