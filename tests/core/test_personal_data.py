"""Deadlines of the personal-data law, and what may follow on what."""

import datetime as dt

import pytest

from webapp.core.errors import WrongState
from webapp.core.personal_data import FIELDS, FieldCode, RequestKind, RequestStatus, check_request_move, deadlines


@pytest.mark.parametrize(
    ("received", "answer"),
    [
        ("2026-11-16", "2026-11-18"),
        ("2026-11-19", "2026-11-23"),
        ("2026-11-20", "2026-11-24"),
        ("2026-11-21", "2026-11-24"),
    ],
)
def test_the_first_answer_is_due_in_two_working_days(received: str, answer: str) -> None:
    found = deadlines(RequestKind.VIEW, dt.date.fromisoformat(received))
    assert found.answer_on == dt.date.fromisoformat(answer)


@pytest.mark.parametrize(
    ("kind", "days"), [("view", 10), ("correct", 10), ("withdraw", 15), ("object", 15), ("delete", 20), ("protect", 15)]
)
def test_each_request_has_the_days_of_the_decree_and_at_most_as_many_more(kind: str, days: int) -> None:
    day = dt.date(2026, 11, 16)
    assert deadlines(RequestKind(kind), day).due_on == day + dt.timedelta(days)
    assert deadlines(RequestKind(kind), day, extended=True).due_on == day + dt.timedelta(2 * days)


def test_what_was_decided_stays_decided() -> None:
    check_request_move(RequestStatus.RECEIVED, RequestStatus.REFUSED)
    for ended in (RequestStatus.DONE, RequestStatus.REFUSED):
        with pytest.raises(WrongState):
            check_request_move(ended, RequestStatus.DONE)


def test_every_kind_of_data_says_why_on_what_basis_and_how_long() -> None:
    assert set(FIELDS) == set(FieldCode)
    for field in FIELDS.values():
        assert all((field.name, field.purpose, field.basis, field.kept, field.seen_by))
