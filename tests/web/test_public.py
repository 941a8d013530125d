"""What everybody sees: percentages of the last finished round, with small numbers hidden everywhere alike."""

import csv
import datetime as dt
import io

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from tests.adoption_figures import Figures, signers
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.surveys import RoundStatus
from webapp.models.surveys import SurveyRound


@pytest.fixture
def figures(sessions: sessionmaker[Session], world: World, clock: FixedClock) -> Figures:
    figures = Figures(sessions, world).load()
    for number in range(3):
        figures.visit(0, number, signers(5, 10, phones=9), clock.today() - dt.timedelta(days=2))
        figures.visit(1, number, signers(4, 8, phones=8), clock.today())
    return figures


def test_anybody_sees_the_wards_figures(figures: Figures, client: FlaskClient) -> None:
    page = client.get("/cong-khai")
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    assert "50\xa0%" in text
    assert "Chưa có đợt khảo sát nào kết thúc" in text


def test_small_cells_are_hidden_in_page_json_and_csv_alike(figures: Figures, client: FlaskClient) -> None:
    data = client.get("/cong-khai.json").json
    assert data["hidden_below"] == 5
    figures_of = {row["code"]: row for row in data["indicators"]}
    assert figures_of["esignature_adults"]["counts"] == {"numerator": 27, "denominator": 54, "rate": 0.5}
    assert figures_of["smartphone_adults"]["hidden"], "three of 54 without one"
    assert figures_of["smartphone_adults"]["counts"] is None
    for group in data["groups"]:
        assert group["indicators"]["smartphone_adults"] is None
        assert group["indicators"]["esignature_adults"] is not None
    rows = list(csv.DictReader(io.StringIO(client.get("/cong-khai.csv").data.decode("utf-8-sig"))))
    assert {row["tu_so"] for row in rows if row["ma_chi_tieu"] == "smartphone_adults"} == {""}
    text = client.get("/cong-khai").get_data(as_text=True)
    assert "51 trong 54" not in text
    assert "Không công bố" in text


def test_the_figures_are_those_of_the_last_finished_round(
    figures: Figures, client: FlaskClient, session: Session, clock: FixedClock
) -> None:
    yesterday = clock.today() - dt.timedelta(days=1)
    session.execute(update(SurveyRound).values(status=RoundStatus.CLOSED, ends_on=yesterday))
    session.commit()
    data = client.get("/cong-khai.json").json
    assert data["as_of"] == yesterday.isoformat()
    assert data["round"] == "Đợt 1"
    counts = {row["code"]: row["counts"] for row in data["indicators"]}
    assert counts["esignature_adults"]["denominator"] == 30, "the second group was visited today"


def test_an_unknown_ward_is_not_found(figures: Figures, client: FlaskClient) -> None:
    assert client.get("/cong-khai?phuong=00000").status_code == 404
    assert client.get("/cong-khai?phuong=99001").status_code == 200


def test_without_a_ward_the_page_says_so(client: FlaskClient) -> None:
    assert "Chưa có số liệu" in client.get("/cong-khai").get_data(as_text=True)
    assert client.get("/cong-khai.json").status_code == 404
