"""The leaders' pages: what they say, what they cost, and what they refuse."""

import csv
import datetime as dt
import io
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session, sessionmaker

from tests.adoption_figures import Figures, signers
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role

Login = Callable[[Role], FlaskClient]
PAGES = ("/adoption/", "/adoption/indicators/esignature_adults", "/adoption/groups")


@pytest.fixture
def figures(sessions: sessionmaker[Session], world: World, clock: FixedClock) -> Figures:
    figures = Figures(sessions, world).load()
    for number in range(3):
        figures.visit(0, number, signers(1, 2, phones=2), clock.today() - dt.timedelta(days=3))
    figures.visit(1, 0, signers(0, 4, phones=3), clock.today())
    return figures


def page(client: FlaskClient, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, (path, response.status_code)
    return response.get_data(as_text=True)


def test_the_leader_sees_value_count_age_coverage_target_and_gap(figures: Figures, login: Login) -> None:
    text = page(login(Role.LEADER), "/adoption/")
    assert "Người trưởng thành có chữ ký số hoặc chữ ký điện tử" in text
    assert "30\xa0%" in text
    assert "3 trong 10 người trưởng thành được hỏi" in text
    assert "Tính người từ 18 tuổi" in text
    assert "Đã hỏi 4 trong 6 hộ (67\xa0%)" in text
    assert "Chỉ tiêu 2030: trên 70\xa0%" in text
    assert "Còn thiếu 5 người" in text, "more than 70 % of 10 is 8"
    assert "địa giới" in text


def test_a_past_day_is_in_the_address_and_later_visits_are_not(
    figures: Figures, login: Login, clock: FixedClock
) -> None:
    client = login(Role.LEADER)
    yesterday = (clock.today() - dt.timedelta(days=1)).isoformat()
    text = page(client, f"/adoption/?day={yesterday}")
    assert "3 trong 6 người trưởng thành được hỏi" in text
    assert f"day={yesterday}" in text, "links keep the day"


@pytest.mark.parametrize("day", ["2099-01-01", "hom-qua", "2026-02-31"])
def test_a_day_that_cannot_be_becomes_today_with_a_word_about_it(figures: Figures, login: Login, day: str) -> None:
    text = page(login(Role.LEADER), f"/adoption/?day={day}")
    assert "nên trang hiện số liệu hôm nay" in text


def test_groups_stand_by_persons_missing_and_too_few_forms_are_not_judged(figures: Figures, login: Login) -> None:
    text = page(login(Role.LEADER), "/adoption/indicators/esignature_adults")
    table = text[text.index("Tổ còn thiếu nhiều nhất") :]
    assert table.index("Tổ dân phố 2") < table.index("Tổ dân phố 1"), "3 missing of 4 before 2 of 6"
    assert "Chưa đủ phiếu" in table, "one of three households asked in the second group"


def test_a_group_where_nobody_was_asked_shows_a_dash_and_the_ward_adds_counts(
    sessions: sessionmaker[Session], world: World, clock: FixedClock, login: Login
) -> None:
    figures, client = Figures(sessions, world).load(), login(Role.LEADER)
    for number, have in ((0, 2), (1, 0), (2, 1)):
        figures.visit(0, number, signers(have, 2, phones=1), clock.today())
    text = page(client, "/adoption/groups")
    asked, left_out = text[text.index("Tổ dân phố 1") :].split("Tổ dân phố 2", 1)
    assert "50\xa0%" in asked
    assert "–" in left_out
    assert "0\xa0%" not in left_out[: left_out.index("</tr>")], "not asked is not nought"
    figures.visit(1, 0, signers(4, 4, phones=4), clock.today())
    rows = list(csv.DictReader(io.StringIO(client.get("/adoption/dashboard.csv").get_data().decode("utf-8-sig"))))
    (ward,) = [row for row in rows if row["ma_chi_tieu"] == "esignature_adults"]
    assert (ward["tu_so"], ward["mau_so"], ward["ty_le"]) == ("7", "10", "0.7"), "the mean of 50 % and 100 % is 75 %"
    address = "/adoption/indicators/esignature_adults/groups.csv"
    groups = list(csv.DictReader(io.StringIO(client.get(address).get_data().decode("utf-8-sig"))))
    sums = [sum(int(row[column]) for row in groups) for column in ("tu_so", "mau_so")]
    assert sums == [7, 10]


def test_every_kind_of_indicator_has_its_page(figures: Figures, login: Login) -> None:
    client = login(Role.LEADER)
    for code in ("iot_per_resident", "groups_fibre", "ready_6g", "documents_signed", "ipv6_connections", "vneid_l2"):
        text = page(client, f"/adoption/indicators/{code}")
        assert "Chưa có số liệu" in text
    page(client, "/adoption/indicators/no_such", 404)


def test_a_group_has_its_page_and_an_unknown_one_is_not_found(figures: Figures, login: Login) -> None:
    client = login(Role.LEADER)
    text = page(client, f"/adoption/groups/{figures.world.group_ids[0]}")
    assert "3 trong 6 người trưởng thành được hỏi" in text
    page(client, f"/adoption/groups/{figures.world.ward_id}", 404)


def test_tables_come_with_their_mark_and_agree_with_the_page(figures: Figures, login: Login) -> None:
    client = login(Role.LEADER)
    group_id = figures.world.group_ids[0]
    for path in (
        "/adoption/dashboard.csv",
        "/adoption/indicators/esignature_adults/groups.csv",
        "/adoption/indicators/esignature_adults/rounds.csv",
        "/adoption/groups.csv",
        f"/adoption/groups/{group_id}/figures.csv",
    ):
        response = client.get(path)
        assert response.status_code == 200, path
        assert response.data.startswith(b"\xef\xbb\xbf")
        assert "attachment" in response.headers["Content-Disposition"]
    rows = client.get("/adoption/dashboard.csv").get_data(as_text=True).splitlines()
    esignature = next(row.split(",") for row in rows if row.startswith("esignature_adults"))
    assert esignature[2:5] == ["3", "10", "0.3"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_sends_a_fixed_number_of_statements_and_never_reads_visits(
    figures: Figures, login: Login, engine: Engine, clock: FixedClock, path: str
) -> None:
    client = login(Role.LEADER)

    def statements() -> list[str]:
        seen: list[str] = []

        def note(_connection, _cursor, statement, *_rest) -> None:
            if statement.startswith("SELECT") and "set_config" not in statement:
                seen.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        page(client, path)
        event.remove(engine, "before_cursor_execute", note)
        return seen

    before = statements()
    figures.visit(1, 1, signers(2, 2), clock.today())
    assert len(statements()) == len(before)
    assert not any("FROM visit" in statement or "JOIN visit" in statement for statement in before)
    if path == "/adoption/":
        assert len(before) <= 8 + 2, "eight and the two of the log-in"


def test_the_statistician_changes_age_and_target_and_wrong_values_stay_on_the_page(
    figures: Figures, login: Login
) -> None:
    client = login(Role.STATISTICIAN)
    assert "Thiết lập chỉ tiêu" in page(client, "/adoption/settings")
    assert "15 tuổi" in page(client, "/adoption/settings/smartphone_adults")
    client.post("/adoption/settings/smartphone_adults/age", data={"adult_age": "15"})
    assert "Tính người từ 15 tuổi" in page(client, "/adoption/")
    path = "/adoption/settings/vneid_l2/targets"
    values = {"year": "2027", "operator": "more_than", "value": "82,5", "plan_section": "IV.4"}
    assert client.post(path, data=values).status_code == 303
    assert "trên 82,5\xa0%" in page(client, "/adoption/indicators/vneid_l2")
    wrong = client.post(path, data=values | {"value": "150"})
    assert wrong.status_code == 422
    assert 'value="150"' in wrong.get_data(as_text=True)
    assert client.post("/adoption/settings/vneid_l2/targets/2027/remove").status_code == 303


def test_others_may_not_set_and_group_heads_may_not_look(figures: Figures, login: Login) -> None:
    page(login(Role.LEADER), "/adoption/settings", 403)
    page(login(Role.GROUP_HEAD), "/adoption/", 403)
