"""Pages of `surveys`: households, visits, rounds and their review; route modules hang their views on `bp`."""

from webapp.web.surveys import (
    heads,
    households,
    imports,
    imports_check,
    lists,
    phone,
    review,
    round_groups,
    rounds,
    tools,
    visit_steps,
    visits,
)
from webapp.web.surveys.blueprint import bp

__all__ = [
    "bp",
    "heads",
    "households",
    "imports",
    "imports_check",
    "lists",
    "phone",
    "review",
    "round_groups",
    "rounds",
    "tools",
    "visit_steps",
    "visits",
]
