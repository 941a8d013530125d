"""A head's phone in the browser, and the ward's hand behind it: codes, returned visits, and what was stored."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.browser.conftest import Ward
from webapp.core.access import Actor, Role
from webapp.gateways.clock import SystemClock
from webapp.models.accounts import Account, RoleGrant
from webapp.models.database import make_engine, make_sessions, unit_of_work
from webapp.models.surveys import Visit, VisitRevision
from webapp.services.devices import make_code
from webapp.services.review import return_visit

PHONE = "/surveys/phone/"
AXE = (Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Stored:
    """The newest revision of a visit as the ward has it."""

    number: int
    sha256: str
    reason: str
    confirmed: list[dict[str, Any]]


class Desk:
    """The ward's side of the tests: straight to the services, as a staff page does."""

    def __init__(self, ward: Ward) -> None:
        self.engine = make_engine(f"sqlite:///{ward.folder / 'instance' / 'phuong-so.db'}")
        self.sessions = make_sessions(self.engine)
        self.clock = SystemClock()

    @contextmanager
    def session(self) -> Iterator[Session]:
        with unit_of_work(self.sessions) as session:
            yield session

    def code(self, username: str) -> str:
        """Make a one-time code for a head's phone."""
        with self.session() as session:
            head = session.execute(
                select(Account.id, RoleGrant.ward_id)
                .join(RoleGrant, RoleGrant.account_id == Account.id)
                .where(Account.username == username, RoleGrant.role == Role.GROUP_HEAD)
                .limit(1)
            ).one()
            actor = Actor(account_id=head.id, ward_id=head.ward_id, roles=frozenset({Role.GROUP_HEAD}))
            return make_code(session, head.id, actor=actor, clock=self.clock).code

    def send_back(self, visit_id: UUID, reason: str) -> None:
        """Return a visit to its head."""
        with self.session() as session:
            grant = session.execute(
                select(RoleGrant.account_id, RoleGrant.ward_id).where(RoleGrant.role == Role.STATISTICIAN).limit(1)
            ).one()
            actor = Actor(account_id=grant.account_id, ward_id=grant.ward_id, roles=frozenset({Role.STATISTICIAN}))
            return_visit(session, visit_id, reason=reason, actor=actor, clock=self.clock)

    def stored(self, visit_id: UUID) -> Stored:
        """Read the newest revision."""
        with self.session() as session:
            row = session.execute(
                select(VisitRevision)
                .join(Visit, (Visit.id == VisitRevision.visit_id) & (Visit.revision == VisitRevision.number))
                .where(Visit.id == visit_id)
            ).scalar_one()
            return Stored(row.number, row.sha256, row.reason, list(row.confirmed or []))


def set_up(page: Page, code: str) -> None:
    """Use the code as the QR card does, and wait until the form opens without a network."""
    page.goto(f"{PHONE}enrol#{code}")
    page.get_by_role("button", name="Bắt đầu").click()
    expect(page.locator(".row").first).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()  # from the second visit on the worker answers
    expect(page.locator(".row").first).to_be_visible()


def go_on(page: Page) -> None:
    """Press the main button of a step."""
    page.get_by_role("button", name="Tiếp tục").click()


# names of the rows of answers without one
BLANK = """[...new Set([...document.querySelectorAll('fieldset.answer input[type=radio]')].map((input) => input.name))]
  .filter((name) => !document.querySelector(`input[name="${name}"]:checked`))"""


def answer_all(page: Page, *, people: int = 1) -> None:
    """Answer what stands on the screen as a thumb does: the first answer of each question, numbers, a tick."""
    count = page.locator("#f-adult_count")
    if count.count() and count.input_value() == "":
        count.fill(str(people))
    for name in page.evaluate(BLANK):
        page.locator(f'input[name="{name}"]').first.check()
    for tick in page.locator("input[id$='-unknown']").all():
        tick.check()
    for number in page.locator(".stepper input").all():
        if number.input_value() == "" and "minors" in (number.get_attribute("id") or ""):
            number.fill("0")


def walk_to_check(page: Page, *, people: int = 1) -> None:
    """From the door to the check screen, answering everything."""
    page.get_by_label("Gặp và hỏi được").check()
    go_on(page)
    for title in ("Người trong nhà", "Điện thoại và giấy tờ số", "Mạng, thiết bị và lý do"):
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        answer_all(page, people=people)
        answer_all(page, people=people)  # an answer may ask one more question
        go_on(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Xem lại trước khi nộp")


def hand_in(page: Page) -> UUID:
    """Confirm what is asked and send; gives the visit."""
    for yes in page.get_by_role("button", name="Đúng", exact=True).all():
        yes.click()
    page.get_by_role("button", name="Nộp phiếu").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Phiếu hộ số")
    return UUID(page.url.rsplit("/", 1)[1])


def violations(page: Page) -> list[str]:
    """Ask axe-core; gives what it finds, one line each."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then((r) => r.violations)")
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]


Shot = Callable[..., None]
