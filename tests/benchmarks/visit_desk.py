"""What bench_visits needs before its clock runs: a demo ward, a head who is logged in, and visits ready to be sent."""

import datetime as dt
import io
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import create_environ

from seeds.demo.answers import invent_answers, levels_of
from seeds.demo.homes import invent_home
from seeds.demo.levels import GroupTraits
from seeds.demo.loading import load_demo
from seeds.demo.scene import DemoPorts, DemoSize
from webapp.core.ids import new_id
from webapp.core.surveys import RoundStatus, VisitOutcome
from webapp.core.visit_content import VisitContent
from webapp.factory import build_wiring, create_app
from webapp.models import schema
from webapp.models.accounts import Account, LoginSession, RoleGrant
from webapp.models.database import make_engine, make_sessions
from webapp.models.households import Household
from webapp.models.surveys import SurveyRound, Visit
from webapp.queries.accounts import token_hash
from webapp.settings import Settings
from webapp.web.surveys.envelope import Envelope

HOUSEHOLDS = DemoSize(households=4_000, groups=2, documents=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The head of the first group, logged in, with the households that are left in the open round."""

    app: Flask
    cookie: str
    csrf_token: str
    round_id: UUID
    households: list[UUID]
    today: dt.date


def open_desk(settings: Settings) -> Desk:
    """Load a demo ward into an empty database and log its first head in."""
    engine = make_engine(settings.url)
    schema.upgrade(engine)
    sessions = make_sessions(engine)
    wiring = build_wiring(settings, sessions)
    ports = DemoPorts(
        settings=settings, sessions=sessions, clock=wiring.clock, cipher=wiring.cipher, files=wiring.files
    )
    load_demo(ports, HOUSEHOLDS)
    with sessions.begin() as session:
        grant = session.scalars(select(RoleGrant).where(RoleGrant.group_id.is_not(None))).first()
        assert grant is not None
        token = log_in(session, grant, wiring.clock.now())
        round_id = session.scalars(select(SurveyRound.id).where(SurveyRound.status == RoundStatus.OPEN)).one()
        done = select(Visit.household_id).where(Visit.round_id == round_id)
        left = session.scalars(
            select(Household.id).where(Household.group_id == grant.group_id, Household.id.not_in(done))
        ).all()
    app = create_app(wiring=wiring, sessions=sessions)
    cookie, csrf_token = open_page(app, token, f"/surveys/rounds/{round_id}/households/{left[0]}/visit")
    return Desk(
        app=app,
        cookie=cookie,
        csrf_token=csrf_token,
        round_id=round_id,
        households=list(left),
        today=wiring.clock.today(),
    )


def log_in(session: Session, grant: RoleGrant, now: dt.datetime) -> str:
    """Make a log-in of the grant's holder and give its token."""
    session.execute(update(Account).where(Account.id == grant.account_id).values(must_change_password=False))
    token = secrets.token_urlsafe(16)
    session.add(
        LoginSession(
            account_id=grant.account_id,
            ward_id=grant.ward_id,
            token_sha256=token_hash(token),
            created_at=now,
            last_seen_at=now,
            expires_at=now + dt.timedelta(hours=8),
        )
    )
    return token


def open_page(app: Flask, token: str, path: str) -> tuple[str, str]:
    """Open a form as the head's browser would; give its cookie and the form's CSRF token."""
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = token, True
    csrf_token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(path).text)[0]
    kept = client.get_cookie("phs")
    assert kept is not None
    return f"phs={kept.value}", csrf_token


def environ_of(path: str, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
    """Give a POST as a WSGI application gets it from its server."""
    environ = create_environ(path, method="POST", headers=headers)
    return environ | {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}


def contents(desk: Desk) -> Iterator[tuple[str, str]]:
    """Give path and hidden field of one visit a household, for as long as there are households left."""
    dice, at = Random(1), levels_of(GroupTraits(pull=0, fibre_pull=0, pace=(1, 1, 1)), 2)
    for household_id in desk.households:
        content = VisitContent(
            visit_id=new_id(),
            round_id=desk.round_id,
            household_id=household_id,
            outcome=VisitOutcome.INTERVIEWED,
            visited_on=desk.today,
            answers=invent_answers(invent_home(dice), at, 2, dice),
        )
        envelope = Envelope(content=content, base_revision=None, questions=())
        yield f"/surveys/visits/{content.visit_id}/submit", envelope.to_text()
