"""Pages of `surveys`: households, visits, rounds and their review; route modules hang their views on `bp`."""

from webapp.web.surveys import (
    back_check_walk,
    back_checks,
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
    "back_check_walk",
    "back_checks",
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
