"""The registers of infrastructure in the browser, without scripts."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, sessionmaker

from tests.adoption_figures import Figures
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role

Login = Callable[[Role], FlaskClient]
DAY = "2026-11-20"


@pytest.fixture
def figures(sessions: sessionmaker[Session], world: World) -> Figures:
    return Figures(sessions, world).load()


def answers(figures: Figures, *states: str, **more: str) -> dict[str, str]:
    data = {"observed_on": DAY, **more}
    for n, (group_id, state) in enumerate(zip(figures.world.group_ids, states, strict=True)):
        data |= {f"subjects-{n}-subject_id": str(group_id), f"subjects-{n}-state": state}
    return data


def text(client: FlaskClient, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.get_data(as_text=True)


def test_answers_for_groups_are_counted_and_only_changes_make_entries(figures: Figures, login: Login) -> None:
    client, path = login(Role.OFFICER), "/registers/infrastructure/groups_fibre"
    assert client.post(path, data=answers(figures, "yes", "no")).status_code == 303
    assert client.post(path, data=answers(figures, "yes", "yes")).status_code == 303
    page = text(client, path)
    assert page.count("20/11/2026</th>") == 3, "two entries, then one"
    assert "100\xa0%" in text(client, "/registers/infrastructure")
    unchanged = client.post(path, data=answers(figures, "yes", "yes"))
    assert unchanged.status_code == 422
    assert "Chưa có gì thay đổi" in unchanged.get_data(as_text=True)


def test_covered_population_asks_for_the_number_of_residents(figures: Figures, login: Login) -> None:
    client, path = login(Role.OFFICER), "/registers/infrastructure/population_5g"
    data = answers(figures, "yes", "unknown")
    wrong = client.post(path, data=data)
    assert wrong.status_code == 422
    assert "Hãy ghi số dân của tổ" in wrong.get_data(as_text=True)
    assert client.post(path, data=data | {"subjects-0-residents": "412"}).status_code == 303
    assert "412/412" in text(client, path)


def test_a_site_is_added_answered_and_retired(figures: Figures, login: Login) -> None:
    client, path = login(Role.STATISTICIAN), "/registers/infrastructure/sites_5g"
    assert client.post(f"{path}/items", data={"name": "Bến cá Cổ Lũy"}).status_code == 303
    assert client.post(f"{path}/items", data={"name": "Bến cá Cổ Lũy"}).status_code == 422
    page = text(client, path)
    assert "Bến cá Cổ Lũy" in page
    retire = next(part.split('"')[0] for part in page.split('action="') if "/retire" in part.split('"')[0])
    assert client.post(retire).status_code == 303
    assert client.post(retire).status_code == 404


def test_counts_of_the_ward_are_checked(figures: Figures, login: Login) -> None:
    client, path = login(Role.OFFICER), "/registers/infrastructure/machines_antimalware"
    wrong = client.post(path, data={"observed_on": DAY, "numerator": "9", "denominator": "4"})
    assert wrong.status_code == 422
    assert "Sửa một trong hai" in wrong.get_data(as_text=True)
    assert client.post(path, data={"observed_on": DAY, "numerator": "3", "denominator": "4"}).status_code == 303
    assert "3/4" in text(client, path)
    ward_things = "/registers/infrastructure/iot_per_resident"
    assert client.post(ward_things, data={"observed_on": DAY, "numerator": "40"}).status_code == 303


def test_a_leader_reads_but_does_not_record(figures: Figures, login: Login, clock: FixedClock) -> None:
    client, path = login(Role.LEADER), "/registers/infrastructure/groups_fibre"
    assert "Ghi vào sổ" not in text(client, path)
    assert client.post(path, data=answers(figures, "yes", "no")).status_code == 403
    assert client.get("/registers/infrastructure/smartphone_adults").status_code == 404
