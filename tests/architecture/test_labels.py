"""Every enum member of the domain has a Vietnamese label."""

import importlib
import inspect
import pkgutil
from enum import StrEnum

import webapp.core
from webapp.core.events import AuditTag
from webapp.web.shared.labels import LABELS

# Permissions are asked for, never shown; audit tags are shown as they are stored (a vocabulary of the log).
NOT_SHOWN = {"Permission"}


def _enums() -> set[type[StrEnum]]:
    found = set()
    for info in pkgutil.iter_modules(webapp.core.__path__, "webapp.core."):
        module = importlib.import_module(info.name)
        found |= {
            member
            for _name, member in inspect.getmembers(module, inspect.isclass)
            if issubclass(member, StrEnum) and member is not StrEnum and member.__module__ == module.__name__
        }
    return found


def test_every_member_has_a_label() -> None:
    missing = [
        f"{enum.__name__}.{member.name}"
        for enum in sorted(_enums(), key=lambda e: e.__name__)
        if enum.__name__ not in NOT_SHOWN
        for member in enum
        if (enum, member) not in LABELS
    ]
    assert missing == []


def test_audit_tags_are_subject_and_action() -> None:
    assert all(tag.value.count(":") == 1 for tag in AuditTag)
