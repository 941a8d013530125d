"""What can wait for a person: one list of kinds for the first page, for the page of reminders and for the letter."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from webapp.core.errors import N_

DELEGATION_ENDS_SOON: Final = 14
INCOMING_DUE_SOON: Final = 3
"""Days ahead; the acts name none `[?]`."""


class WaitingKind(StrEnum):
    """A kind of work, in the order of the day."""

    VISITS_TO_CORRECT = "visits_to_correct"
    HOUSEHOLDS_LEFT = "households_left"
    VISITS_TO_REVIEW = "visits_to_review"
    DEVICES_SILENT = "devices_silent"
    TO_SIGN = "to_sign"
    SENT_BACK = "sent_back"
    TO_NUMBER = "to_number"
    TO_SEAL = "to_seal"
    TO_PUBLISH = "to_publish"
    DRAFTS = "drafts"
    DELEGATIONS_ENDING = "delegations_ending"
    INCOMING_LATE = "incoming_late"
    INCOMING_SOON = "incoming_soon"
    INCOMING_MINE = "incoming_mine"
    INCOMING_TO_REGISTER = "incoming_to_register"
    INCOMING_TO_HAND_ON = "incoming_to_hand_on"
    REQUESTS_LATE = "requests_late"
    REQUESTS = "requests"
    LEDGER_FINDINGS = "ledger_findings"
    LEDGER_LATE = "ledger_late"
    STAMPS_MISSING = "stamps_missing"
    NOT_PRESERVED = "not_preserved"
    WEBHOOKS_FAILING = "webhooks_failing"
    LETTERS_FAILING = "letters_failing"
    ACCOUNTS_LOCKED = "accounts_locked"
    FIRST_LOGINS = "first_logins"
    GROUPS_WITHOUT_HEAD = "groups_without_head"


K = WaitingKind
# Read after a number: "3 văn bản chờ bạn ký".
WORDS: Final[Mapping[WaitingKind, str]] = {
    K.VISITS_TO_CORRECT: N_("phiếu cần sửa"),
    K.HOUSEHOLDS_LEFT: N_("hộ chưa khảo sát trong đợt này"),
    K.VISITS_TO_REVIEW: N_("phiếu chờ duyệt"),
    K.DEVICES_SILENT: N_("điện thoại của tổ trưởng không liên lạc quá 3 ngày"),
    K.TO_SIGN: N_("văn bản chờ bạn ký"),
    K.SENT_BACK: N_("văn bản bị trả lại"),
    K.TO_NUMBER: N_("văn bản chờ cấp số"),
    K.TO_SEAL: N_("văn bản chờ đóng dấu"),
    K.TO_PUBLISH: N_("văn bản chờ phát hành"),
    K.DRAFTS: N_("dự thảo của bạn chưa trình ký"),
    K.INCOMING_LATE: N_("văn bản đến của bạn đã quá hạn"),
    K.INCOMING_SOON: N_("văn bản đến của bạn đến hạn trong 3 ngày tới"),
    K.INCOMING_MINE: N_("văn bản đến giao cho bạn"),
    K.INCOMING_TO_REGISTER: N_("văn bản đến chờ vào sổ"),
    K.INCOMING_TO_HAND_ON: N_("văn bản đến chờ giao"),
    K.DELEGATIONS_ENDING: N_("giao ký hết hạn trong 14 ngày tới"),
    K.REQUESTS_LATE: N_("yêu cầu về dữ liệu cá nhân đã quá hạn trả lời"),
    K.REQUESTS: N_("yêu cầu về dữ liệu cá nhân"),
    K.LEDGER_FINDINGS: N_("chỗ sổ chữ ký số và tệp không khớp"),
    K.LEDGER_LATE: N_("lần đối chiếu sổ chữ ký số bị trễ"),
    K.STAMPS_MISSING: N_("chữ ký không xin được dấu thời gian: hãy kiểm tra dịch vụ (PHS_TSA_URL)"),
    K.NOT_PRESERVED: N_("tệp đã phát hành chưa lưu trữ lâu dài được"),
    K.WEBHOOKS_FAILING: N_("phần mềm không nhận được tin"),
    K.LETTERS_FAILING: N_("người không nhận được thư nhắc việc: hãy kiểm tra máy chủ thư (PHS_SMTP_URL)"),
    K.ACCOUNTS_LOCKED: N_("tài khoản đang bị khóa"),
    K.FIRST_LOGINS: N_("người chưa đăng nhập lần đầu"),
    K.GROUPS_WITHOUT_HEAD: N_("tổ chưa có tài khoản tổ trưởng"),
}

# The rest stands on the first page; it is no reason to write to anybody.
IN_LETTER: Final = frozenset(K) - {K.HOUSEHOLDS_LEFT, K.DRAFTS, K.FIRST_LOGINS, K.GROUPS_WITHOUT_HEAD}


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How many of a kind wait; never 0."""

    kind: WaitingKind
    count: int
