"""A phone with the offline form, driven through its engine, and the server behind it that can be stopped and broken."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from playwright.sync_api import Browser, BrowserContext, Error, Page

ROOT = Path(__file__).parents[2]
QUICK = {
    "private_window": False,
    "autosave_ms": 100,
    "save_again_ms": 150,
    "answer_limit_ms": 6_000,  # longer than a busy machine needs: who tests silence sets it shorter
    "probe_limit_ms": 6_000,
    "wait_unit_ms": 60,
    "wait_most_ms": 500,
}
# Runs before the page's own script: short times, a way to the engine, and what a screen would do with it.
DRIVER = """
window.phsPhone = {...%s, expose: (engine) => {
  window.engine = engine;
  engine.events.onChange((event) => heard.push(event));
}};
window.heard = [];
window.open_forms = {};
window.drive = {
  async form(number, body = {}) {
    const { rounds, households, form_version } = await engine.reference.readReference();
    const round = rounds.find((one) => one.status === "open");
    const house = households[number];
    const draft = engine.records.newDraft({
      household_id: house.id, group_id: house.group_id, round_id: round.id, label: house.number, form_version,
      body: { outcome: "absent", ...body },
    });
    open_forms[draft.visit_id] = draft;
    return draft.visit_id;
  },
  type(id, body) { Object.assign(open_forms[id].body, body); engine.autosave.change(open_forms[id]); },
  async write(number, body) {
    const id = await drive.form(number, body);
    drive.type(id, {});
    await engine.autosave.flush();
    return id;
  },
  async finish(id) { await engine.records.finish(open_forms[id] ?? await engine.records.find(id)); return id; },
  async send(number, body) { return drive.finish(await drive.write(number, body)); },
  async reopen(id) {
    const draft = await engine.records.reopen(id);
    if (draft) open_forms[id] = draft;
    return draft !== null;
  },
  // A correction lies beside the sent copy of what it corrects: the newest comes last, and its state counts.
  async states() {
    const all = [...await engine.records.list(), ...await engine.records.list({ others: true })];
    return Object.fromEntries(all.reverse().map((record) => [record.visit_id, record.state]));
  },
  async attempt(work) { try { return await work(); } catch (error) { return error.code ?? String(error); } },
};
"""

STORED = """
  select v.id, v.revision, r.sha256 from visit v
  join visit_revision r on r.ward_id = v.ward_id and r.visit_id = v.id and r.number = v.revision
"""
UNTIL = """async (argument) => {
  const end = performance.now() + 30_000;
  while (performance.now() < end) {
    if (await (CONDITION)) return;
    await new Promise((later) => setTimeout(later, 15));
  }
  throw new Error("never true: " + `CONDITION` + " " + JSON.stringify(await drive.states()));
}"""


@dataclass
class FaultyServer:
    """The server of `phone_server.py` on one port, through all its ends and starts."""

    port: int
    environment: dict[str, str]
    folder: Path
    mother: subprocess.Popen[str] | None = None
    server: int = 0

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> Self:
        """Start a server; the first time also the process that forks them."""
        if self.mother is None:
            environment = {**self.environment, "PHS_PORT": str(self.port), "PHS_BASE_URL": self.url}
            with (self.folder / "faulty.log").open("ab") as log:
                self.mother = subprocess.Popen(
                    [sys.executable, "-m", "tests.browser.phone_server"],
                    env={**environment, "PYTHONPATH": str(ROOT)},
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    cwd=ROOT,
                    text=True,
                )
        assert self.mother.stdin
        assert self.mother.stdout
        self.mother.stdin.write("start\n")
        self.mother.stdin.flush()
        self.server = int(self.mother.stdout.readline())
        self.until(self.answers)
        return self

    def answers(self) -> bool:
        """Tell whether the server is there."""
        with contextlib.suppress(OSError):
            self.control({})
            return True
        return False

    def stop(self, how: int = signal.SIGTERM) -> None:
        """End the server, gently or not."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.server, how)
        self.wait_until_dead()

    def wait_until_dead(self) -> None:
        """Wait until the server has ended."""
        self.until(lambda: not Path(f"/proc/{self.server}").exists())

    def close(self) -> None:
        """End everything."""
        self.stop()
        if self.mother is not None and self.mother.stdin and self.mother.stdout:
            self.mother.stdin.close()
            self.mother.wait(timeout=10)
            self.mother.stdout.close()

    def control(self, wish: dict[str, Any]) -> dict[str, Any]:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/__fault", json.dumps(wish).encode())
        with urllib.request.urlopen(request, timeout=10) as answer:
            return dict(json.loads(answer.read()))

    def fault(self, mode: str, times: int = 1, *, only: str = "", everywhere: bool = False) -> None:
        """Break the next posts of visits (those that hold the text `only`), or of the whole API."""
        self.control({"mode": mode, "times": times, "only": only, "everywhere": everywhere})

    def well(self) -> None:
        self.control({"clear": True, "times": 0})

    def posts(self) -> list[str]:
        """Give the visits that came since the last change of faults, as often as they came."""
        return [visit for together in self.together() for visit in together]

    def together(self) -> list[list[str]]:
        """Give them request by request."""
        return list(self.control({})["posts"])

    def until(self, true: Callable[[], bool], seconds: float = 30) -> None:
        """Wait until something is true of the server."""
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, "never true"
            time.sleep(0.02)

    def do(self, what: str, **arguments: Any) -> Any:
        return self.control({"do": what, "with": arguments})["result"]

    def stored(self) -> dict[str, list[Any]]:
        """Give what the ward holds: visit -> [revision, sha256], read past the server."""
        with contextlib.closing(sqlite3.connect(self.folder / "instance" / "phuong-so.db")) as database:
            found = database.execute(STORED).fetchall()
        return {str(UUID(row[0])): [row[1], row[2]] for row in found}


@dataclass
class Phone:
    """One phone: a browser context whose pages can die and be opened again."""

    context: BrowserContext
    server: FaultyServer
    page: Page = field(init=False)

    def open(self) -> Self:
        self.page = self.context.new_page()
        self.page.goto("/surveys/phone/")
        return self.ready()

    def ready(self) -> Self:
        """Wait for the first screen of the page that is open or opens itself again."""
        self.page.locator("[data-screen]:not([aria-busy])").wait_for(state="attached")
        return self

    def limit_storage(self, size: int) -> Callable[[], None]:
        """Give the phone room for so many bytes, before its first page; what comes back takes the limit away."""
        page = self.context.new_page()
        session = self.context.new_cdp_session(page)
        page.goto("/static/dist/mark.svg")
        session.send("Storage.overrideQuotaForOrigin", {"origin": self.server.url, "quotaSize": size})
        return lambda: session.send("Storage.overrideQuotaForOrigin", {"origin": self.server.url}) and None

    def enrol(self, username: str = "") -> Self:
        code = self.server.do("code", **({"username": username} if username else {}))
        self.run("(code) => engine.device.enrol(code, 'Máy thử')", code)
        self.until("engine.reference.readReference()")
        return self

    def run(self, script: str, argument: Any = None) -> Any:
        return self.page.evaluate(script, argument)

    def until(self, condition: str, argument: Any = None) -> None:
        """Wait until an expression (which may be a promise) is true; no fixed pauses."""
        self.run(UNTIL.replace("CONDITION", condition), argument)

    def write(self, number: int = 0, **body: Any) -> str:
        return str(self.run("([number, body]) => drive.write(number, body)", [number, body]))

    def finish(self, visit_id: str) -> None:
        self.run("(id) => drive.finish(id)", visit_id)

    def send(self, number: int = 0, **body: Any) -> str:
        return str(self.run("([number, body]) => drive.send(number, body)", [number, body]))

    def states(self) -> dict[str, str]:
        return dict(self.run("drive.states()"))

    def state(self, visit_id: str) -> str:
        return self.states().get(visit_id, "gone")

    def until_state(self, visit_id: str, state: str) -> None:
        self.until("drive.states().then((all) => all[argument[0]] === argument[1])", [visit_id, state])

    def until_heard(self, kind: str, code: str | None = None) -> None:
        self.until(
            "heard.some((e) => e.kind === argument[0] && (!argument[1] || e.code === argument[1]))", [kind, code]
        )

    def record(self, visit_id: str) -> dict[str, Any]:
        return dict(self.run("(id) => engine.records.find(id)", visit_id))

    def crash(self) -> None:
        """End the page at once, as when the battery dies: no event tells it."""
        with self.page.expect_event("crash"), contextlib.suppress(Error):
            self.page.goto("chrome://crash")
        self.page.close()

    def reopen(self) -> Self:
        return self.open()

    def leave(self) -> None:
        """Go to another page, as when the person follows a link."""
        self.page.goto("about:blank")

    def in_other_tab(self) -> "Phone":
        """Give the same phone with a second tab."""
        return Phone(self.context, self.server).open()


def init_script(before: str = "", **settings: Any) -> str:
    """Give what runs before the page's own script."""
    return f"if (location.protocol.startsWith('http')) {{ {DRIVER % json.dumps({**QUICK, **settings})} {before} }}"


def new_phone(
    chromium: Browser, server: FaultyServer, *, before: str = "", agent: str | None = None, **settings: Any
) -> Phone:
    """Give a phone with an empty storage; `before` is a script that runs before the page's own."""
    context = chromium.new_context(
        base_url=server.url,
        viewport={"width": 360, "height": 740},
        is_mobile=True,
        has_touch=True,
        locale="vi-VN",
        user_agent=agent,
    )
    context.add_init_script(init_script(before, **settings))
    return Phone(context, server)
