"""The administrator's pages."""

import io
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from tests.fakes import FixedClock
from tests.services.test_trust import certificate, pem
from tests.world import World
from webapp.core.access import Role
from webapp.models.accounts import Account, RoleGrant
from webapp.models.audit import AuditEvent
from webapp.models.places import ResidentialGroup
from webapp.models.signing import TrustAnchor
from webapp.services.passwords import verify_password

Login = Callable[[Role], FlaskClient]


def account_of(sessions: sessionmaker[Session], username: str) -> Account:
    with sessions() as session:
        return session.scalars(select(Account).where(Account.username == username)).one()


def test_an_administrator_without_second_factor_is_led_to_it(
    sessions: sessionmaker[Session], world: World, login: Login
) -> None:
    with sessions.begin() as session:
        session.execute(update(Account).values(totp_confirmed_at=None, totp_secret=None))
    client = login(Role.ADMIN)
    for page in ("/admin/accounts", "/admin/groups", "/admin/audit", "/admin/trust"):
        assert client.get(page).headers["Location"] == "/account/second-factor"
    assert "Người quản trị cần bật trước khi làm việc" in client.get("/account/second-factor").text
    assert login(Role.AUDITOR).get("/admin/audit").status_code == 200


def test_people_are_found_without_diacritics_and_by_role(world: World, login: Login) -> None:
    client = login(Role.ADMIN)
    page = client.get("/admin/accounts").text
    assert page.count("table__link") == 7
    found = client.get("/admin/accounts?q=NGUOI+CLERK").text
    assert re.findall(r'table__link"[^>]*>([^<]+)<', found) == ["Người clerk"]
    heads = client.get("/admin/accounts?role=group_head").text
    assert re.findall(r'table__link"[^>]*>([^<]+)<', heads) == ["Người group_head"]
    assert "Không tìm thấy ai" in client.get("/admin/accounts?q=khong-co").text


def test_a_new_person_gets_a_password_that_is_shown_once(
    sessions: sessionmaker[Session], world: World, login: Login
) -> None:
    client = login(Role.ADMIN)
    fields = {"display_name": "Trần Đình Ấn", "role": "group_head", "group_id": str(world.group_ids[1])}
    assert "chọn tổ dân phố" in client.post("/admin/accounts/new", data=fields | {"group_id": ""}).text
    shown = client.post("/admin/accounts/new", data=fields)
    password = re.search(r'<p class="code lead wrap-anywhere">([^<]+)<', shown.text)
    assert password is not None
    account = account_of(sessions, "antd")
    assert verify_password(account.password_hash, password.group(1))
    assert password.group(1) not in client.get(f"/admin/accounts/{account.id}").text
    assert "antd2" in client.post("/admin/accounts/new", data=fields).text, "the suggested name is free"


def test_roles_are_given_and_taken_but_the_last_administrator_stays(
    sessions: sessionmaker[Session], session: Session, world: World, login: Login
) -> None:
    client = login(Role.ADMIN)
    clerk, admin = world.accounts[Role.CLERK], world.accounts[Role.ADMIN]
    given = client.post(f"/admin/accounts/{clerk}/roles", data={"role": "officer", "title": "Công chức"})
    assert given.status_code == 303
    assert client.post(f"/admin/accounts/{clerk}/roles", data={"role": "officer"}).status_code == 422
    assert client.post(f"/admin/accounts/{clerk}/roles", data={"role": "public"}).status_code == 422
    found = session.execute(select(RoleGrant.role, RoleGrant.id).where(RoleGrant.account_id == clerk))
    grants = {row.role: row.id for row in found}
    last = session.scalars(select(RoleGrant.id).where(RoleGrant.account_id == admin)).one()
    session.rollback()
    assert client.post(f"/admin/accounts/roles/{grants[Role.OFFICER]}/revoke").status_code == 303
    assert client.post(f"/admin/accounts/roles/{grants[Role.OFFICER]}/revoke").status_code == 404
    for page in (f"/admin/accounts/roles/{last}/revoke", f"/admin/accounts/{admin}/disable"):
        refused = client.post(page)
        assert refused.status_code == 409
        assert "người quản trị cuối cùng" in refused.text


def test_an_account_is_reset_unlocked_stopped_and_opened(
    sessions: sessionmaker[Session], world: World, login: Login, clock: FixedClock
) -> None:
    client, clerk = login(Role.ADMIN), login(Role.CLERK)
    here = f"/admin/accounts/{world.accounts[Role.CLERK]}"
    with sessions.begin() as session:
        session.get_one(Account, world.accounts[Role.CLERK]).locked_until = clock.now().replace(year=2030)
    assert "Tạm khóa do nhập sai" in client.get(here).text
    assert client.post(f"{here}/unlock").status_code == 303
    assert "Đang dùng" in client.get(here).text
    assert client.post(f"{here}/password").status_code == 200
    assert clerk.get("/account").status_code == 303, "the old log-in ended"
    assert client.post(f"{here}/disable").status_code == 303
    assert "Đã ngừng dùng" in client.get(here).text
    assert client.post(f"{here}/enable").status_code == 303
    assert client.post(f"{here}/name", data={"display_name": "Lê  Thị Bưởi"}).status_code == 303
    assert "Lê Thị Bưởi" in client.get(here).text
    assert client.post(f"{here}/name", data={"display_name": " "}).status_code == 422


def test_a_lost_second_factor_is_switched_off_by_another_administrator(
    sessions: sessionmaker[Session], world: World, login: Login, clock: FixedClock
) -> None:
    with sessions.begin() as session:
        account = session.get_one(Account, world.accounts[Role.CLERK])
        account.totp_secret, account.totp_confirmed_at = b"x", clock.now()
    here = f"/admin/accounts/{world.accounts[Role.CLERK]}"
    client = login(Role.ADMIN)
    assert "mất điện thoại" in client.get(here).text
    assert client.post(f"{here}/second-factor/off").status_code == 303
    assert account_of(sessions, "clerk").totp_secret is None


def test_groups_are_pasted_uploaded_changed_and_closed(
    sessions: sessionmaker[Session], world: World, login: Login
) -> None:
    client = login(Role.STATISTICIAN)
    assert client.post("/admin/groups/new", data={"groups": ""}).status_code == 422
    assert client.post("/admin/groups/new", data={"groups": "03;Tổ 3\n01;Tổ 4"}).status_code == 422
    assert client.post("/admin/groups/new", data={"groups": "03;Tổ 3\n04;Tổ 4;1.000"}).status_code == 303
    upload = {"groups": "", "file": (io.BytesIO("mã;tên\nA;Tổ Á Đông\nB;Tổ Bắc Sơn\n".encode()), "to.csv")}
    assert client.post("/admin/groups/new", data=upload).status_code == 303
    with sessions() as session:
        rows = {row.code: row for row in session.scalars(select(ResidentialGroup))}
    assert {code: row.name for code, row in rows.items() if code in "AB04"} == {
        "04": "Tổ 4",
        "A": "Tổ Á Đông",
        "B": "Tổ Bắc Sơn",
    }
    here = f"/admin/groups/{rows['04'].id}"
    changed = {"code": "04", "name": "Tổ bốn", "sort_key": "1", "population": ""}
    assert client.post(here, data=changed).status_code == 303
    assert "Tổ bốn" in client.get("/admin/groups").text
    assert client.post(f"{here}/close").status_code == 303
    assert "Ngừng dùng" in client.get("/admin/groups").text
    assert client.post(f"{here}/open").status_code == 303
    assert client.post(f"/admin/groups/{world.group_ids[0]}/close").status_code == 409


def test_a_file_that_is_no_list_says_so(world: World, login: Login) -> None:
    upload = {"groups": "", "file": (io.BytesIO(b"%PDF-1.7 x"), "to.xlsx")}
    answer = login(Role.ADMIN).post("/admin/groups/new", data=upload)
    assert answer.status_code == 422
    assert "tệp PDF" in answer.text


def test_the_log_is_filtered_paged_and_checked(
    sessions: sessionmaker[Session], world: World, login: Login, clock: FixedClock
) -> None:
    admin, auditor = login(Role.ADMIN), login(Role.AUDITOR)
    for number in range(60):
        admin.post("/admin/groups/new", data={"groups": f"X{number};Tổ X{number}"})
    first = auditor.get("/admin/audit").text
    assert first.count("Sửa tổ dân phố</td>") == 50
    older = re.search(r'href="([^"]+before=[^"]+)"', first)
    assert older is not None
    assert auditor.get(older.group(1).replace("&amp;", "&")).text.count("Sửa tổ dân phố</td>") == 10
    assert "Không có dòng nào" in auditor.get("/admin/audit?person=clerk").text
    assert auditor.get("/admin/audit?person=NGUOI+admin&first=2026-11-22&last=2026-11-22").text.count("</tr>") == 51
    assert "Không có dòng nào" in auditor.get("/admin/audit?last=2026-11-21").text
    assert auditor.get("/admin/audit?first=hôm+qua").status_code == 422
    assert "Nhật ký còn nguyên vẹn" in auditor.get("/admin/audit?check=1").text
    with sessions.begin() as session:
        session.execute(update(AuditEvent).where(AuditEvent.sequence == 7).values(address="10.1.1.1"))
    broken = auditor.get("/admin/audit?check=1").text
    assert "Nhật ký đã bị thay đổi" in broken
    assert "số 7" in broken


def test_a_certificate_is_trusted_only_after_its_fingerprint_was_shown(
    session: Session, world: World, login: Login, clock: FixedClock
) -> None:
    client, made = login(Role.ADMIN), pem(certificate())
    look = client.post("/admin/trust/look", data={"file": (io.BytesIO(made), "ca.pem")})
    assert "So dấu vân tay" in look.text
    assert session.scalars(select(TrustAnchor)).all() == []
    session.rollback()
    shown = re.search(r'name="certificates"[^>]*value="([^"]+)"', look.text)
    assert shown is not None
    assert client.post("/admin/trust", data={"certificates": shown.group(1)}).status_code == 422
    decision = {"certificates": shown.group(1), "kind": "anchor"}
    assert client.post("/admin/trust", data=decision).status_code == 303
    anchor_id = session.scalars(select(TrustAnchor.id)).one()
    session.rollback()
    assert "CN=CA thử" in client.get("/admin/trust").text
    clock.move(minutes=11)
    assert client.post(f"/admin/trust/{anchor_id}/remove").headers["Location"].startswith("/account/confirm")


@pytest.mark.parametrize("content", [b"", b"x", b"%PDF"])
def test_what_is_no_certificate_or_list_gets_a_calm_answer(world: World, login: Login, content: bytes) -> None:
    client = login(Role.ADMIN)
    for page, field in (("/admin/trust/look", "file"), ("/admin/trust/crl", "crl")):
        answer = client.post(page, data={field: (io.BytesIO(content), "x.crt")})
        assert answer.status_code == 422
    for garbage in ("", "!!", "AAAA"):
        assert client.post("/admin/trust", data={"certificates": garbage, "kind": "anchor"}).status_code == 422
