"""Pages of `exports`: what is given out of the survey; route modules hang their views on `bp`."""

from webapp.web.exports import jobs, orders
from webapp.web.exports.blueprint import bp

__all__ = ["bp", "jobs", "orders"]
