"""Form → answers, with a message beside every field that was left blank; never guesses "no" or zero."""

from collections.abc import Iterable, Iterator
from typing import Any

from wtforms import Field

from webapp.core.errors import N_, Problem
from webapp.core.surveys import AdultLine, AgeBand, Answers, Barrier, FibreSpeed, MinorBand, MinorLine, Sex, Totals
from webapp.core.text import clean
from webapp.web.shared.errors import say_problem
from webapp.web.surveys.visit_fields import MINOR_COUNTS, TOTAL_COUNTS, YES_NO
from webapp.web.surveys.visit_form import (
    BLANK_COUNT,
    MINOR_PARTS,
    UNANSWERED,
    UNKNOWN,
    AdultForm,
    MinorForm,
    TotalsForm,
    VisitForm,
)


def read_people(form: VisitForm) -> bool:
    """Check the first page: outcome, day, how many people. Gives whether all is there."""
    fields: list[Field] = [form.outcome, form.visited_on]
    by_lines = form.outcome.data == "interviewed" and form.mode.data != "totals"
    if by_lines:
        fields += [form.adult_count, *(form[part].form.count for part in MINOR_PARTS.values())]
    complete = _all_valid(form, fields)
    if by_lines and not form.adults.entries and complete and form.adult_count.data is None:
        form.adult_count.errors = [say_problem(Problem("adult_count", N_("Ghi số người lớn. Không có ai thì ghi 0.")))]
        return False
    return complete


def read_answers(form: VisitForm) -> tuple[Answers, bool]:
    """Read everything that was answered, and tell whether nothing is missing; errors stand on the fields."""
    house = [form.fibre_connected, form.fibre_speed, form.payment_accounts, form.residents_15plus, form.note]
    complete = _all_valid(form, house)
    totals: Totals | None = None
    adults: tuple[AdultLine, ...] = ()
    minors: tuple[MinorLine, ...] = ()
    if form.mode.data == "totals":
        totals, all_there = _totals(form.totals.form)
    else:
        adults, minors, all_there = _people(form)
    covered = _covered(form)
    iot, iot_there = _count(form, "iot_connections")
    answers = Answers(
        adults=adults,
        minors=minors,
        totals=totals,
        fibre_covered=covered,
        fibre_connected=_known(form.fibre_connected.data),
        fibre_speed=_speed(form),
        iot_connections=iot,
        payment_accounts=form.payment_accounts.data,
        residents_15plus=form.residents_15plus.data if totals else None,
        note=clean(form.note.data or ""),
    )
    return answers, complete and all_there and iot_there and not _own_errors(form)


def _all_valid(form: VisitForm, fields: Iterable[Field]) -> bool:
    found = [bool(field.validate(form)) for field in fields]  # all of them, so that every error is shown at once
    return all(found)


def show_problems(form: VisitForm, problems: Iterable[Problem]) -> None:
    """Put messages beside their fields; what has no field stands on the form."""
    for problem in problems:
        field = _field(form, problem.field)
        if field is None:
            form.form_errors.append(say_problem(problem))
        else:
            field.errors = [*field.errors, say_problem(problem)]


def _people(form: VisitForm) -> tuple[tuple[AdultLine, ...], tuple[MinorLine, ...], bool]:
    there = [entry.form.validate() for entry in form.adults.entries]
    adults = tuple(_adult(entry.form) for entry in form.adults.entries)
    minors = []
    for band, part in MINOR_PARTS.items():
        line, complete = _minors(band, form[part].form)
        there.append(complete)
        if line is not None:
            minors.append(line)
    return adults, tuple(minors), all(there)


def _adult(form: AdultForm) -> AdultLine:
    level = form.vneid_level.data
    return AdultLine(
        sex=_member(Sex, form.sex.data),
        age_band=_member(AgeBand, form.age_band.data),
        vneid_level=int(level) if level in {"0", "1", "2"} else None,
        barrier=_member(Barrier, form.barrier.data),
        **{name: _known(form[name].data) for name in YES_NO},
    )


def _minors(band: MinorBand, form: MinorForm) -> tuple[MinorLine | None, bool]:
    if not form.count.validate(form):
        return None, False
    if not form.count.data:
        return None, True
    counts, complete = {}, True
    for name in MINOR_COUNTS:
        if name in form:
            counts[name], there = _count(form, name)
            complete = complete and there
    return MinorLine(band=band, count=form.count.data, **counts), complete


def _totals(form: TotalsForm) -> tuple[Totals | None, bool]:
    complete = True
    counts: dict[str, int | None] = {}
    for name in ("residents", "adults"):
        counts[name] = form[name].data
        if form[name].validate(form) and form[name].data is None:
            form[name].errors = [say_problem(Problem(name, N_("Ghi số người. Không có ai thì ghi 0.")))]
        complete = complete and not form[name].errors
    for name in TOTAL_COUNTS:
        counts[name], there = _count(form, name)
        complete = complete and there
    residents, adults = counts.pop("residents"), counts.pop("adults")
    return Totals(residents=residents or 0, adults=adults or 0, **counts), complete


def _count(form: Any, name: str) -> tuple[int | None, bool]:  # noqa: ANN401 - any part of the form
    """Read a number with its "not known" box; blank without the tick is an error, not a zero."""
    field = form[name]
    if not field.validate(form):
        return None, False
    if field.data is not None:
        return field.data, True
    if not form[f"{name}_unknown"].data:
        field.errors = [str(BLANK_COUNT)]
    return None, not field.errors


def _covered(form: VisitForm) -> bool | None:
    """Where fibre is connected it passes by: that is not asked twice."""
    if form.fibre_connected.data == "yes" and form.fibre_covered.data is None:
        return True
    form.fibre_covered.validate(form)
    return _known(form.fibre_covered.data)


def _speed(form: VisitForm) -> FibreSpeed | None:
    if form.fibre_connected.data == "yes" and not form.fibre_speed.data:
        form.fibre_speed.errors = [str(UNANSWERED)]
    speed: FibreSpeed | None = _member(FibreSpeed, form.fibre_speed.data)
    return speed


def _own_errors(form: VisitForm) -> bool:
    return bool(form.fibre_covered.errors or form.fibre_speed.errors)


def _known(value: str | None) -> bool | None:
    return {"yes": True, "no": False}.get(value or UNKNOWN)


def _member(members: Any, value: str | None) -> Any:  # noqa: ANN401 - an enum and its member
    return members(value) if value in set(members) else None


def _field(form: VisitForm, path: str) -> Field | None:
    """Find the field that a problem's path names (`adults.0.smartphone`, `minors.0-5.count`, `totals.adults`)."""
    steps = list(_steps(path))
    found: Any = form
    for step in steps:
        entries = getattr(found, "entries", None)
        inner = getattr(found, "form", found)
        if entries is not None:
            found = entries[int(step)] if step.isdigit() and int(step) < len(entries) else None
        else:
            found = inner[step] if step and step in inner else None
        if found is None:
            return None
    return found if steps and not hasattr(found, "form") and not hasattr(found, "entries") else None


def _steps(path: str) -> Iterator[str]:
    head, _dot, rest = path.partition(".")
    if head == "minors" and rest:
        band, _dot, name = rest.partition(".")
        yield from (MINOR_PARTS[MinorBand(band)], name)
    elif path:
        yield from path.split(".")
