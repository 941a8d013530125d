"""Pages of `quality`: what the checks of a round found; route modules hang their views on `bp`."""

from webapp.web.quality import checks
from webapp.web.quality.blueprint import bp

__all__ = ["bp", "checks"]
