"""Invented people and addresses, drawn word by word."""

from dataclasses import dataclass
from importlib.resources import files
from random import Random
from typing import Final

import yaml

from webapp.core.access import Role

_WORDS: Final[dict[str, list[str]]] = yaml.safe_load((files("seeds.demo") / "words.yaml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember:
    """Somebody who works in the demo ward. `slug` names the key file, `department` is a code of plan VII."""

    slug: str
    username: str
    name: str
    role: Role
    title: str = ""
    department: str = ""
    key: bool = False


# The accounts whose log-in is printed; heads of groups beside the first get a password from the administrator.
STAFF: Final = (
    StaffMember(slug="chu-tich", username="chutich", name="Đặng Hữu Mẫn", role=Role.LEADER, title="Chủ tịch", key=True),
    StaffMember(
        slug="pho-chu-tich-1", username="phochutich1", name="Lương Thị Ánh Dương", role=Role.LEADER,
        title="Phó Chủ tịch", key=True,
    ),
    StaffMember(
        slug="pho-chu-tich-2", username="phochutich2", name="Cao Viết Ước", role=Role.LEADER,
        title="Phó Chủ tịch", key=True,
    ),
    StaffMember(
        slug="van-thu", username="vanthu", name="Trương Thị Mỹ Ý", role=Role.CLERK, title="Văn thư", department="VPTK",
    ),
    StaffMember(
        slug="thong-ke", username="thongke", name="Đinh Công Thịnh", role=Role.STATISTICIAN,
        title="Công chức Văn phòng – Thống kê", department="VPTK",
    ),
    StaffMember(
        slug="cong-chuc-1", username="congchuc1", name="Ngô Diệu Huệ", role=Role.OFFICER,
        title="Công chức Văn hóa – Xã hội", department="VHXH", key=True,
    ),
    StaffMember(
        slug="cong-chuc-2", username="congchuc2", name="Tạ Quốc Lâm", role=Role.OFFICER,
        title="Công chức Địa chính – Xây dựng", department="DCXD",
    ),
    StaffMember(
        slug="cong-chuc-3", username="congchuc3", name="Ung Bích Loan", role=Role.OFFICER,
        title="Công chức Tài chính – Kế toán", department="TCKT",
    ),
    StaffMember(slug="kiem-tra", username="kiemtra", name="Tiêu Minh Nghĩa", role=Role.AUDITOR, title="Kiểm tra viên"),
    StaffMember(slug="quan-tri", username="quantri", name="Châu Xuân Vinh", role=Role.ADMIN, title="Quản trị"),
)  # fmt: skip


def invent_name(dice: Random) -> str:
    """Draw a full name."""
    sex = dice.choice(("male", "female"))
    return " ".join(dice.choice(_WORDS[part]) for part in ("surnames", f"{sex}_middle", f"{sex}_given"))


class Addresses:
    """Draws addresses of one group; the same house number and street never twice."""

    def __init__(self, dice: Random) -> None:
        self._dice = dice
        self._streets = dice.sample(_WORDS["streets"], 4)
        self._taken: set[str] = set()

    def draw(self) -> str:
        """Give a free address: `12 Đường Hoa Sen`, `Hẻm 5/3 Đường Bằng Lăng`."""
        while True:
            street, number = self._dice.choice(self._streets), self._dice.randint(1, 320)
            alley = f"Hẻm {number}/{self._dice.randint(1, 30)}" if self._dice.random() < 0.3 else str(number)
            address = f"{alley} Đường {street}"
            if address not in self._taken:
                self._taken.add(address)
                return address
