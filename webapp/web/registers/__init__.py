"""Pages of `registers`: route modules hang their views on `bp`."""

from webapp.web.registers.blueprint import bp

__all__ = ["bp"]
