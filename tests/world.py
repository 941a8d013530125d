"""A small invented ward for tests."""

import datetime as dt
import secrets
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.orm import Session, sessionmaker

from webapp.core.access import Actor, Role
from webapp.core.ids import new_id
from webapp.core.ports import Clock, PersonalDataCipher
from webapp.core.surveys import HouseholdStatus, RoundStatus
from webapp.core.text import fold, fold_words
from webapp.models.accounts import Account, LoginSession, RoleGrant
from webapp.models.households import Household, HouseholdToken
from webapp.models.places import Department, ResidentialGroup, Ward
from webapp.models.surveys import SurveyRound
from webapp.queries.accounts import token_hash

ADMIN_TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PEOPLE = (
    ("Nguyễn Thị Ánh", "12 Đường Lê Lợi"),
    ("Trần Đình Ấn", "Hẻm 5 Quang Trung"),
    ("Đỗ Văn Ước", "47 Phan Đình Phùng"),
)


@dataclass
class World:
    """Identifiers of what `make_world` made."""

    ward_id: UUID
    group_ids: list[UUID]
    round_id: UUID
    department_id: UUID
    accounts: dict[Role, UUID]
    households: dict[UUID, list[UUID]] = field(default_factory=dict)

    def actor(self, role: Role) -> Actor:
        groups = frozenset({self.group_ids[0]}) if role is Role.GROUP_HEAD else frozenset()
        return Actor(
            account_id=self.accounts[role],
            ward_id=self.ward_id,
            roles=frozenset({role}),
            group_ids=groups,
            address="127.0.0.1",
        )

    def open_session(self, sessions: sessionmaker[Session], role: Role, now: dt.datetime, length: dt.timedelta) -> str:
        token = secrets.token_urlsafe(16)
        with sessions.begin() as session:
            session.add(
                LoginSession(
                    account_id=self.accounts[role],
                    ward_id=self.ward_id,
                    token_sha256=token_hash(token),
                    created_at=now,
                    last_seen_at=now,
                    expires_at=now + length,
                    step_up_at=now,
                )
            )
        return token


def make_world(
    sessions: sessionmaker[Session], cipher: PersonalDataCipher, clock: Clock, *, code: str = "99001", prefix: str = ""
) -> World:
    """Make the ward and commit it."""
    now, today = clock.now(), clock.today()
    with sessions.begin() as session:
        ward = Ward(
            code=code,
            valid_from=dt.date(2025, 7, 1),
            name="phường Thử Nghiệm",
            province_code="99",
            province_name="tỉnh Thử Nghiệm",
            agency_name="Ủy ban nhân dân phường Thử Nghiệm",
            place_name="P. Thử Nghiệm",
        )
        session.add(ward)
        session.flush()
        world = World(ward.id, [], new_id(), new_id(), {})
        for n in (1, 2):
            group = ResidentialGroup(ward_id=ward.id, id=new_id(), code=f"{n:02d}", name=f"Tổ dân phố {n}", sort_key=n)
            session.add(group)
            world.group_ids.append(group.id)
        session.add(
            Department(ward_id=ward.id, id=world.department_id, code="VPTK", name="Văn phòng – Thống kê", symbol="VPTK")
        )
        session.add(
            SurveyRound(
                ward_id=ward.id,
                id=world.round_id,
                name="Đợt 1",
                starts_on=today - dt.timedelta(days=20),
                ends_on=today + dt.timedelta(days=10),
                status=RoundStatus.OPEN,
            )
        )
        session.flush()
        _accounts(session, world, now, prefix, cipher)
        for group_id in world.group_ids:
            world.households[group_id] = _households(session, world.ward_id, group_id, cipher, today)
    return world


def _accounts(session: Session, world: World, now: dt.datetime, prefix: str, cipher: PersonalDataCipher) -> None:
    for role in Role:
        if role is Role.PUBLIC:
            continue
        account = Account(
            id=new_id(),
            username=prefix + role.value,
            display_name=f"Người {role.value}",
            password_hash="!",
            must_change_password=False,
            created_at=now,
            failed_logins=0,
        )
        if role is Role.ADMIN:  # admin pages open only with a second factor
            account.totp_secret, account.totp_confirmed_at = cipher.seal(ADMIN_TOTP_SECRET.encode()), now
        session.add(account)
        session.flush()
        session.add(
            RoleGrant(
                ward_id=world.ward_id,
                account_id=account.id,
                role=role,
                group_id=world.group_ids[0] if role is Role.GROUP_HEAD else None,
                title="Chủ tịch" if role is Role.LEADER else "",
                granted_at=now,
            )
        )
        world.accounts[role] = account.id


def _households(
    session: Session, ward_id: UUID, group_id: UUID, cipher: PersonalDataCipher, today: dt.date
) -> list[UUID]:
    ids = []
    for number, (name, address) in enumerate(PEOPLE, 1):
        household = Household(
            ward_id=ward_id,
            id=new_id(),
            group_id=group_id,
            number=number,
            head_name=cipher.encrypt(ward_id, name),
            address=cipher.encrypt(ward_id, address),
            identity_token=cipher.token(ward_id, f"{fold(name)}|{fold(address)}"),
            status=HouseholdStatus.ACTIVE,
            registered_on=today - dt.timedelta(days=30),
        )
        session.add(household)
        session.flush()
        for word in fold_words(f"{name} {address}"):
            session.add(HouseholdToken(ward_id=ward_id, token=cipher.token(ward_id, word), household_id=household.id))
        ids.append(household.id)
    return ids
