"""Taking visits from a phone: the shape is read, one service is called, the receipt is given."""

from flask import Response
from werkzeug.exceptions import HTTPException

from webapp.core.access import Permission
from webapp.core.errors import DomainError, RoundShut
from webapp.core.survey_questions import Question, soft_questions
from webapp.core.visit_content import Receipt
from webapp.queries.visits import previous_answers
from webapp.services.submit_visit import SubmitVisit, submit_visit
from webapp.services.visit_bundles import submit_visits
from webapp.web.api.answers import json_answer
from webapp.web.api.blueprint import bp
from webapp.web.api.door import for_device, this_actor
from webapp.web.api.reading import read_body, read_visits
from webapp.web.api.shapes import BundleAnswer, BundleAnswers, ProblemDocument, VisitReceipt
from webapp.web.extensions import db
from webapp.web.shared.errors import status_of
from webapp.web.shared.problems import problem, problem_of
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
    return json_answer(_shape(receipt), 200 if receipt.repeated else 201)


@bp.post("/v1/visits/bundle")
@for_device(Permission.VISIT_SUBMIT)
@commits
def submit_bundle() -> Response:
    """Store the visits of a full outbox together; each gets the answer that it would have got alone."""
    answers: list[BundleAnswer | None] = []
    asked: list[SubmitVisit] = []
    for body in read_visits():
        refused = _refused_at_once(body)
        answers.append(refused)
        if refused is None and isinstance(body, VisitBody):
            asked.append(body.command())
    results = submit_visits(db.session, asked, actor=this_actor(), clock=clock())
    db.session.commit()  # a refused round leaves its trace beside the visits that were taken, see note_refusal
    for result in results:
        if isinstance(result, RoundShut):
            note_refusal(result, this_actor())
    told = iter(results)
    return json_answer(BundleAnswers(answers=[found or _told(next(told)) for found in answers]))


def _refused_at_once(body: VisitBody | HTTPException) -> BundleAnswer | None:
    if isinstance(body, HTTPException):
        return _of_problem(body.response if isinstance(body.response, Response) else problem(body.code or 400))
    open_questions = _unconfirmed(body) if body.source == "api" else []
    return _of_problem(_ask(open_questions)) if open_questions else None


def _told(result: Receipt | DomainError) -> BundleAnswer:
    if isinstance(result, DomainError):
        return _of_problem(problem_of(result, status_of(result)))
    return BundleAnswer(status=200 if result.repeated else 201, receipt=_shape(result))


def _of_problem(document: Response) -> BundleAnswer:
    return BundleAnswer(status=document.status_code, problem=ProblemDocument.model_validate_json(document.get_data()))


def _shape(receipt: Receipt) -> VisitReceipt:
    return VisitReceipt(
        visit_id=receipt.visit_id,
        revision=receipt.revision,
        sha256=receipt.sha256,
        code=receipt.code,
        submitted_at=receipt.submitted_at,
    )


def _unconfirmed(body: VisitBody) -> list[Question]:
    """Give the soft questions that a program has not confirmed; phones raise them themselves, before sending."""
    previous = previous_answers(db.session, this_actor().ward_id, body.household_id, round_id=body.round_id)
    confirmed = {entry.code for entry in body.confirmed}
    return [found for found in soft_questions(body.answers, previous) if found.code not in confirmed]


def _ask(questions: list[Question]) -> Response:
    told = [{"code": found.code, "params": found.params, "text": found.message % found.params} for found in questions]
    return problem(422, "soft-checks", "Có điều khác thường, cần xác nhận là đúng.", questions=told)
