"""Pages of `surveys`: households, visits, rounds and their review; route modules hang their views on `bp`."""

from webapp.web.surveys import (
    collect_login,
    extra_forms,
    heads,
    households,
    imports,
    imports_check,
    lists,
    odk_issues,
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
    "collect_login",
    "extra_forms",
    "heads",
    "households",
    "imports",
    "imports_check",
    "lists",
    "odk_issues",
    "phone",
    "review",
    "round_groups",
    "rounds",
    "tools",
    "visit_steps",
    "visits",
]
