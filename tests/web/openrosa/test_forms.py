"""What Collect loads: list, form, manifest, household list."""

import dataclasses
import hashlib
from xml.etree import ElementTree as ET

from sqlalchemy.orm import Session, sessionmaker

from tests.extra_questions import FORM
from tests.fakes import FixedClock
from tests.services.test_extra_answers import put_form
from tests.web.openrosa.conftest import Collect, token_of
from tests.world import World
from webapp.core.access import Role
from webapp.core.extra_questions import ExtraFormStatus
from webapp.core.surveys import RoundStatus
from webapp.factory import create_app
from webapp.models.database import unit_of_work
from webapp.services.rounds import move_round
from webapp.web.shared.wiring import Wiring

LIST = "{http://openrosa.org/xforms/xformsList}"
MANIFEST = "{http://openrosa.org/xforms/xformsManifest}"
XF = "{http://www.w3.org/2002/xforms}"


def _item(collect: Collect) -> dict[str, str]:
    root = ET.fromstring(collect.get("/formList").data)
    assert root.tag == f"{LIST}xforms"
    items = list(root)
    assert len(items) == 1
    return {element.tag.removeprefix(LIST): element.text or "" for element in items[0]}


def _path(address: str) -> str:
    return address.split("/openrosa", 1)[1]


def test_the_list_names_the_form_of_the_open_round_and_its_hash(collect: Collect, world: World) -> None:
    item = _item(collect)
    assert item["formID"] == f"phs-{world.round_id.hex}"
    assert (item["name"], item["version"]) == ("Đợt 1", "2026112200")
    form = collect.get(_path(item["downloadUrl"]))
    assert form.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert item["hash"] == f"md5:{hashlib.md5(form.data).hexdigest()}"
    assert collect.get("/formList").headers["X-OpenRosa-Version"] == "1.0"
    assert len(ET.fromstring(collect.get("/formList?formID=khac").data)) == 0


def test_the_form_is_an_xform_with_both_languages(collect: Collect, world: World) -> None:
    root = ET.fromstring(collect.get(_path(_item(collect)["downloadUrl"])).data)
    languages = [element.get("lang") for element in root.iter(f"{XF}translation")]
    assert languages == ["Tiếng Việt (vi)", "English (en)"]
    data = next(iter(root.iter(f"{XF}instance")))[0]
    assert (data.get("id"), data.get("version")) == (f"phs-{world.round_id.hex}", "2026112200")
    submission = next(iter(root.iter(f"{XF}submission")))
    assert submission.get("{http://www.opendatakit.org/xforms}client-editable") == "true"


def test_the_household_list_has_the_own_group_and_no_names(collect: Collect, world: World) -> None:
    root = ET.fromstring(collect.get(_path(_item(collect)["manifestUrl"])).data)
    media = {element.tag.removeprefix(MANIFEST): element.text or "" for element in root[0]}
    assert media["filename"] == "households.csv"
    answer = collect.get(_path(media["downloadUrl"]))
    assert media["hash"] == f"md5:{hashlib.md5(answer.data).hexdigest()}"
    lines = answer.data.decode().splitlines()
    assert lines[0] == "name,label"
    assert [line.split(",")[0] for line in lines[1:]] == [
        household.hex for household in world.households[world.group_ids[0]]
    ]
    assert "12 Đường Lê Lợi" in lines[1]
    assert "Ánh" not in answer.data.decode()


def test_extra_questions_make_a_new_version(
    collect: Collect, world: World, session: Session, clock: FixedClock
) -> None:
    before = _item(collect)
    put_form(session, world, clock, 1, FORM.questions, ExtraFormStatus.ACTIVE)
    after = _item(collect)
    assert (before["version"], after["version"]) == ("2026112200", "2026112201")
    assert before["hash"] != after["hash"]
    assert "Nhà có mấy máy tính?" in collect.get(_path(after["downloadUrl"])).data.decode()


def test_a_round_that_takes_no_visits_has_no_form(
    collect: Collect, world: World, sessions: sessionmaker[Session], clock: FixedClock
) -> None:
    paths = {name: _path(address) for name, address in _item(collect).items() if name.endswith("Url")}
    with unit_of_work(sessions, world.ward_id) as own:
        move_round(own, world.round_id, RoundStatus.CLOSED, actor=world.actor(Role.STATISTICIAN), clock=clock)
    assert len(ET.fromstring(collect.get("/formList").data)) == 0
    assert [collect.get(path).status_code for path in paths.values()] == [404, 404]


def test_wrong_tries_are_counted_and_end(
    wiring: Wiring, sessions: sessionmaker[Session], world: World, clock: FixedClock
) -> None:
    strict = dataclasses.replace(wiring, settings=wiring.settings.model_copy(update={"rate_limits": True}))
    app = create_app(wiring=strict, sessions=sessions)
    collect = Collect(app.test_client(), token_of(sessions, world, clock))
    asked = [collect.client.get("/openrosa/formList").status_code for _ in range(22)]
    assert asked == [401] * 22, "Collect asks without credentials first, which is no try"
    good = collect.headers["Authorization"]
    collect.headers["Authorization"] = "Basic YTpi"
    codes = [collect.get("/formList").status_code for _ in range(21)]
    assert codes == [401] * 20 + [429]
    collect.headers["Authorization"] = good
    assert collect.get("/formList").status_code == 429
    create_app(wiring=wiring, sessions=sessions)  # the extension is one for all applications: limits off again
