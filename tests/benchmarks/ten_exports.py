"""Ten exports of the whole ward, one after the other, as a statistician orders them: CSV, JSON, workbooks."""

import csv
import datetime as dt
import io
import json
import re
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlencode
from uuid import UUID

from python_calamine import CalamineWorkbook
from sqlalchemy import select

from tests.benchmarks.visit_desk import log_in, open_page
from webapp.core.access import Role
from webapp.core.jobs import UNFINISHED, JobStatus
from webapp.factory import build_wiring, create_app
from webapp.models.accounts import RoleGrant
from webapp.models.database import make_engine, make_sessions
from webapp.models.jobs import Job
from webapp.settings import Settings

KINDS = ("csv", "json", "xlsx", "csv", "json", "xlsx", "csv", "json", "xlsx", "csv")
PATIENCE = 600.0
"""Seconds that a workbook may take: a dozen on a quiet machine, minutes on one that others use."""


class Statistician:
    """Somebody who may export, with a browser's cookie for a server that runs on the same data."""

    def __init__(self, settings: Settings) -> None:
        self.sessions = make_sessions(make_engine(settings.url))
        app = create_app(wiring=build_wiring(settings, self.sessions), sessions=self.sessions)
        with self.sessions.begin() as session:
            grant = session.scalars(select(RoleGrant).where(RoleGrant.role == Role.STATISTICIAN)).first()
            assert grant is not None
            token = log_in(session, grant, dt.datetime.now(dt.UTC))
        self.cookie, self.csrf_token = open_page(app, token, "/exports/")

    def close(self) -> None:
        """Let the database go."""
        self.sessions.kw["bind"].dispose()

    def order(self, address: HTTPConnection, kind: str) -> bytes:
        """Order an export and give the file; a workbook is waited for and fetched."""
        form = {"round_id": "", "group_id": "", "status": "", "kind": kind, "table": "visits", "wording": "words"}
        status, location, content = self._post(address, "/exports/", form)
        if kind != "xlsx":
            assert status == 200, (kind, status, content[:300])
            return content
        assert status == 303, (kind, status, content[:300])
        job_id = UUID(re.findall(r"[0-9a-f-]{36}", location)[0])
        self._wait(job_id)
        status, _location, content = self._post(address, f"/exports/{job_id}/file", {})
        assert status == 200, (kind, status, content[:300])
        return content

    def _post(self, address: HTTPConnection, path: str, form: dict[str, str]) -> tuple[int, str, bytes]:
        connection = HTTPConnection(address.host, address.port, timeout=PATIENCE)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": self.cookie}
        connection.request("POST", path, urlencode(form | {"csrf_token": self.csrf_token}), headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, answer.headers.get("Location", ""), content

    def _wait(self, job_id: UUID) -> None:
        deadline = time.monotonic() + PATIENCE
        while (status := self._status(job_id)) in UNFINISHED and time.monotonic() < deadline:
            time.sleep(0.1)
        assert status is JobStatus.DONE, status

    def _status(self, job_id: UUID) -> JobStatus:
        with self.sessions() as session:
            return session.scalars(select(Job.status).where(Job.id == job_id)).one()


def ten_exports(settings: Settings, address: HTTPConnection) -> Iterator[tuple[str, float, bytes]]:
    """Give kind, seconds until the whole file is there, and the file, of each export. Raises when one fails."""
    person = Statistician(settings)
    try:
        for kind in KINDS:
            started = time.perf_counter()
            content = person.order(address, kind)
            yield kind, time.perf_counter() - started, content
    finally:
        person.close()


def visits_in(kind: str, content: bytes) -> int:
    """Count the visits of an exported file by reading it."""
    if kind == "csv":
        return sum(1 for _row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))) - 1
    if kind == "json":
        return len(json.loads(content)["visits"])
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).height - 1
