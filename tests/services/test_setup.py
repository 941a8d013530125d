import dataclasses
import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from seeds.reference import load_reference
from tests.fakes import FixedClock
from webapp.core.access import Role
from webapp.core.errors import InvalidInput, NotFound, WrongState
from webapp.core.groups import GroupLine
from webapp.models.accounts import Account, RoleGrant, Setting
from webapp.models.adoption import IndicatorTarget
from webapp.models.places import Department, ResidentialGroup, Ward
from webapp.services.audit_check import check_audit
from webapp.services.setup import SetUpWard, check_setup, renew_setup_code, set_up_ward

COMMAND = SetUpWard(
    code="21172",
    name="phường Trương Quang Trọng",
    province_code="51",
    province_name="tỉnh Quảng Ngãi",
    valid_from=dt.date(2025, 7, 1),
    agency_name="Ủy ban nhân dân phường Trương Quang Trọng",
    place_name="Trương Quang Trọng",
    admin_username="quantri.ttt",
    admin_name="Nguyễn Thị Ánh",
    admin_password="thuyền giấy qua cầu",
    groups=(GroupLine(code="01", name="Tổ dân phố 1", population=850), GroupLine(code="02", name="Tổ dân phố 2")),
)


def test_a_ward_is_made_with_all_that_the_plan_gives_it(session: Session, clock: FixedClock) -> None:
    load_reference(session)
    new = set_up_ward(session, COMMAND, clock=clock)
    assert len(session.scalars(select(Department).where(Department.ward_id == new.ward_id)).all()) == 5
    assert session.scalars(select(IndicatorTarget)).all()
    assert [group.code for group in session.scalars(select(ResidentialGroup).order_by(ResidentialGroup.sort_key))] == [
        "01",
        "02",
    ]
    grant = session.scalars(select(RoleGrant)).one()
    assert (grant.role, grant.account_id) == (Role.ADMIN, new.admin.account_id)
    assert session.get_one(Account, new.admin.account_id).must_change_password is False
    assert check_audit(session, new.ward_id).intact


def test_without_a_password_a_one_time_password_is_made(session: Session, clock: FixedClock) -> None:
    load_reference(session)
    new = set_up_ward(session, dataclasses.replace(COMMAND, admin_password=None), clock=clock)
    assert new.admin.one_time_password
    assert session.get_one(Account, new.admin.account_id).must_change_password is True


def test_the_reference_data_must_be_there(session: Session, clock: FixedClock) -> None:
    with pytest.raises(WrongState, match="phs init"):
        set_up_ward(session, COMMAND, clock=clock)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", "2117"),
        ("province_code", "5"),
        ("name", "  "),
        ("admin_username", "x"),
        ("admin_password", "Trương Quang Trọng"),
        ("admin_password", "12345678"),
    ],
)
def test_wrong_values_are_named_by_their_field(session: Session, clock: FixedClock, field: str, value: str) -> None:
    load_reference(session)
    with pytest.raises(InvalidInput) as refused:
        set_up_ward(session, dataclasses.replace(COMMAND, **{field: value}), clock=clock)
    assert [problem.field for problem in refused.value.problems] == [field]


def test_only_the_newest_printed_code_opens_and_only_once(session: Session, clock: FixedClock) -> None:
    load_reference(session)
    with pytest.raises(InvalidInput):
        check_setup(session, COMMAND, code="")
    old = renew_setup_code(session)
    code = renew_setup_code(session)
    assert old is not None
    assert code is not None
    assert code.encode() not in session.scalars(select(Setting.value)).one()
    for wrong in (old, "", "AAAA-AAAA-AAAA"):
        with pytest.raises(InvalidInput):
            check_setup(session, COMMAND, code=wrong)
    check_setup(session, COMMAND, code=f" {code.lower()} ")
    set_up_ward(session, COMMAND, clock=clock)
    with pytest.raises(NotFound):
        check_setup(session, COMMAND, code=code)
    assert renew_setup_code(session) is None


def test_the_same_ward_is_not_set_up_twice(session: Session, clock: FixedClock) -> None:
    load_reference(session)
    set_up_ward(session, COMMAND, clock=clock)
    session.commit()
    with pytest.raises(WrongState, match="đã được cài đặt"):
        set_up_ward(session, COMMAND, clock=clock)
    assert len(session.scalars(select(Ward)).all()) == 1
