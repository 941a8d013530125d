"""Reference data: complete, cited, and harmless to load twice."""

import datetime as dt
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from seeds.__main__ import main
from seeds.reference import TABLES, check_reference, load_reference, read_rows
from tests.world import World
from webapp.core.adoption import HOUSEHOLD_MEASURES, IndicatorSource
from webapp.core.ids import new_id
from webapp.models.adoption import Indicator, IndicatorTarget, RegisterItem
from webapp.models.documents import DocumentType
from webapp.models.places import Department, Ward, WardLineage
from webapp.services.ward_plan import load_ward_plan, read_plan

REGISTRY = {
    "smartphone_adults", "digital_id_residents", "vneid_l2", "esignature_adults", "digital_signature_adults",
    "fibre_connected_households", "fibre_covered_households", "fibre_1gbps_users", "iot_per_resident",
    "groups_mobile_broadband", "groups_fibre", "sites_5g", "population_5g", "ipv6_connections", "machines_antimalware",
    "systems_monitored", "platforms_received", "ready_6g", "payment_accounts_15plus",
    "documents_signed", "signing_staff",
}  # fmt: skip
# In the order of Decree 30/2020, Appendix III.
ABBREVIATIONS = "NQ QĐ CT QC QyĐ TC TB HD CTr KH PA ĐA DA BC BB TTr HĐ CĐ BGN BTT GUQ GM GGT GNP PG PC PB SY TrS SL"


def test_every_row_cites_a_section_of_the_plan_or_a_law() -> None:
    assert check_reference() == []
    assert main(["check"]) == 0


def test_a_row_without_a_source_is_named() -> None:
    from seeds import reference

    assert not reference._is_cited({"code": "x", "plan_section": "IX.9"})
    assert not reference._is_cited({"code": "x", "source": "mọi người đều biết"})


def test_the_registry_is_whole_and_every_household_measure_is_in_it() -> None:
    rows = read_rows("indicators")
    assert {row["code"] for row in rows} == REGISTRY
    assert {row["code"] for row in rows if row["source"] == IndicatorSource.HOUSEHOLD} == set(HOUSEHOLD_MEASURES)


def test_document_types_carry_the_abbreviations_of_decree_30() -> None:
    rows = read_rows("document_types")
    assert " ".join(row["abbreviation"] for row in rows if row["abbreviation"]) == ABBREVIATIONS
    assert [row["name_vi"] for row in rows if not row["abbreviation"]] == ["Công văn"]


def test_signatures_must_be_more_than_half_in_2025_and_more_than_seventy_percent_in_2030() -> None:
    targets = {
        (row["indicator"], row["year"]): (row["operator"], row["value"], row["plan_section"])
        for row in read_plan("targets")
    }
    assert targets["esignature_adults", 2025] == ("more_than", 0.5, "III.1")
    assert targets["esignature_adults", 2030] == ("more_than", 0.7, "III.2")
    assert targets["population_5g", 2030] == ("at_least", 0.99, "III.2")


def test_loading_twice_changes_nothing(session: Session) -> None:
    first = load_reference(session)
    session.commit()
    assert load_reference(session) == first
    session.commit()
    total = sum(session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES.values())
    assert total == first


def test_a_changed_name_comes_back_to_what_the_file_says(session: Session) -> None:
    load_reference(session)
    row = session.get_one(DocumentType, "ke_hoach")
    row.name_vi = "Kế hoặch"
    session.flush()
    load_reference(session)
    assert session.get_one(DocumentType, "ke_hoach").name_vi == "Kế hoạch"
    assert session.get_one(Indicator, "payment_accounts_15plus").is_optional


def test_a_ward_gets_the_plan_once_and_keeps_its_own_changes(session: Session, world: World) -> None:
    load_reference(session)
    added = load_ward_plan(session, world.ward_id)
    target = session.scalars(select(IndicatorTarget).where(IndicatorTarget.year == 2030)).first()
    assert target is not None
    target.value = 0.8
    session.flush()
    assert added > 0
    assert load_ward_plan(session, world.ward_id) == 0
    assert target.value == 0.8


def test_a_ward_gets_departments_targets_and_platforms(session: Session, world: World) -> None:
    load_reference(session)
    load_ward_plan(session, world.ward_id)
    assert set(session.scalars(select(Department.code))) == {"VPTK", "VHXH", "TCKT", "DCXD", "DTT"}
    platforms = (
        select(func.count()).select_from(RegisterItem).where(RegisterItem.indicator_code == "platforms_received")
    )
    assert session.scalar(platforms) == len(read_rows("platforms"))


def test_the_predecessors_of_a_merged_ward_come_in_closed(session: Session) -> None:
    ward_id = _merged_ward(session)
    load_reference(session)
    load_reference(session)
    before = session.scalars(select(WardLineage.predecessor_id).where(WardLineage.ward_id == ward_id)).all()
    wards = [session.get_one(Ward, identifier) for identifier in before]
    assert {ward.code for ward in wards} == {"21172", "21223", "21202", "21232"}
    assert {ward.valid_to for ward in wards} == {dt.date(2025, 6, 30)}


def _merged_ward(session: Session) -> UUID:
    ward = Ward(
        id=new_id(),
        code="21172",
        valid_from=dt.date(2025, 7, 1),
        name="phường Trương Quang Trọng",
        province_code="51",
        province_name="tỉnh Quảng Ngãi",
        agency_name="Ủy ban nhân dân phường Trương Quang Trọng",
        place_name="P. Trương Quang Trọng",
    )
    session.add(ward)
    session.flush()
    return ward.id
