"""Tools of the ward's staff beside the survey pages; route modules hang their views on the `surveys` blueprint."""

from webapp.web.surveys.tools import grid, overview, paper

__all__ = ["grid", "overview", "paper"]
