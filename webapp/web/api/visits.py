"""Taking a visit from a phone: the shape is read, one service is called, the receipt is given."""

from flask import Response

from webapp.core.access import Permission
from webapp.core.errors import RoundShut
from webapp.core.survey_questions import Question, soft_questions
from webapp.queries.visits import previous_answers
from webapp.services.submit_visit import submit_visit
from webapp.web.api.answers import json_answer
from webapp.web.api.blueprint import bp
from webapp.web.api.door import for_device, this_actor
from webapp.web.api.reading import read_body
from webapp.web.api.shapes import VisitReceipt
from webapp.web.extensions import db
from webapp.web.shared.problems import problem
from webapp.web.shared.refusals import note_refusal
from webapp.web.shared.transactions import commits
from webapp.web.shared.visit_body import VisitBody
from webapp.web.shared.wiring import clock


@bp.post("/v1/visits")
@for_device(Permission.VISIT_SUBMIT)
@commits
def submit() -> Response:
    """Store a visit once: 201 the first time, 200 with the same receipt for every repeat."""
    body = read_body(VisitBody)
    open_questions = _unconfirmed(body) if body.source == "api" else []
    if open_questions:
        return _ask(open_questions)
    try:
        receipt = submit_visit(db.session, body.command(), actor=this_actor(), clock=clock())
    except RoundShut as error:
        note_refusal(error, this_actor())
        raise
    shape = VisitReceipt(
        visit_id=receipt.visit_id,
        revision=receipt.revision,
        sha256=receipt.sha256,
        code=receipt.code,
        submitted_at=receipt.submitted_at,
    )
    return json_answer(shape, 200 if receipt.repeated else 201)


def _unconfirmed(body: VisitBody) -> list[Question]:
    """Give the soft questions that a program has not confirmed; phones raise them themselves, before sending."""
    previous = previous_answers(db.session, this_actor().ward_id, body.household_id, round_id=body.round_id)
    confirmed = {entry.code for entry in body.confirmed}
    return [found for found in soft_questions(body.answers, previous) if found.code not in confirmed]


def _ask(questions: list[Question]) -> Response:
    told = [{"code": found.code, "params": found.params, "text": found.message % found.params} for found in questions]
    return problem(422, "soft-checks", "Có điều khác thường, cần xác nhận là đúng.", questions=told)
