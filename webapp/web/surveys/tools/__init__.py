"""Tools of the ward's staff beside the survey pages; route modules hang their views on the `surveys` blueprint."""

from webapp.web.surveys.tools import grid, listing, operations, overview, paper

__all__ = ["grid", "listing", "operations", "overview", "paper"]
