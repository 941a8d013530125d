"""One small tree of errors; the edge turns each into a field message, a page or a problem document.

Messages are Vietnamese gettext ids with named placeholders; the web floor translates them for the reader.
"""

import dataclasses
from collections.abc import Mapping
from uuid import UUID


def N_(message: str) -> str:  # noqa: N802 - gettext's conventional name for "extract, do not translate here"
    """Mark `message` for the translation catalogue and return it unchanged."""
    return message


@dataclasses.dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field. `field` is a path such as `adults.0.smartphone`; empty means the whole form."""

    field: str
    message: str
    params: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def text(self) -> str:
        """Give the message in Vietnamese with its values filled in."""
        return self.message % self.params if self.params else self.message


class DomainError(Exception):
    """Anything the domain refuses. `message` is a catalogue id, `params` its named values."""

    message = N_("Không thực hiện được.")
    code = "refused"
    """The machine name that a program reads; people read `message`."""

    def __init__(self, message: str | None = None, /, **params: object) -> None:
        self.message = message or type(self).message
        self.params = params
        super().__init__(self.text())

    def text(self) -> str:
        """Give the message in Vietnamese with its values filled in."""
        return self.message % self.params if self.params else self.message


class NotFound(DomainError):
    """The thing does not exist, or not for this person: both look the same from outside (404)."""

    message = N_("Không tìm thấy nội dung này.")
    code = "not-found"


class NotAllowed(DomainError):
    """The person's role does not permit the act (403)."""

    message = N_("Tài khoản của bạn không có quyền làm việc này.")
    code = "not-allowed"


class WrongState(DomainError):
    """The act is legal, but not in the state the thing is in (409)."""

    message = N_("Việc này không còn thực hiện được ở trạng thái hiện tại.")
    code = "wrong-state"


class RoundShut(WrongState):
    """The round, or the group in it, takes no change now. The edge writes each such refusal into the audit log.

    `code` is the machine name: `round-closed`, `round-locked`, `group-closed` or `group-locked` (423 in the API);
    `subject` what was refused, when it has an id; `noted` whether the log has it already.
    """

    def __init__(self, code: str, message: str, /, *, subject: UUID | None = None, **params: object) -> None:
        self.code = code
        self.subject = subject
        self.noted = False
        super().__init__(message, **params)


class Conflict(DomainError):
    """Somebody else was faster, or the same identifier carries other content (409)."""

    message = N_("Có người khác vừa thay đổi nội dung này. Hãy tải lại trang và thử lại.")
    code = "conflict"


class InvalidInput(DomainError):
    """The values break a rule; `problems` says which and how to mend them (422)."""

    message = N_("Có lỗi cần sửa.")
    code = "invalid-answers"

    def __init__(self, problems: "list[Problem] | Problem | str") -> None:
        if isinstance(problems, str):
            problems = Problem("", problems)
        self.problems: list[Problem] = [problems] if isinstance(problems, Problem) else list(problems)
        super().__init__()

    def text(self) -> str:
        """Give every problem on a line of its own."""
        return "; ".join(problem.text() for problem in self.problems) or self.message


class StepUpRequired(DomainError):
    """The act asks for the password (or second factor) once more before it is done (QCVN 12:2026)."""

    message = N_("Hãy xác nhận lại mật khẩu trước khi ký.")
    code = "step-up-needed"


class SigningRefused(DomainError):
    """The signing room refused the file, the certificate or the PIN; `code` is its machine name (422).

    `english` is the room's own English text: its messages are not in the catalogue.
    """

    message = N_("Không ký được văn bản này.")

    def __init__(self, code: str, message: str | None = None, /, *, english: str = "", **params: object) -> None:
        self.code = code
        self.english = english
        super().__init__(message, **params)


class StorageFull(DomainError):
    """The disk has no room left; nothing was stored (507)."""

    message = N_("Máy chủ đã hết chỗ lưu. Dữ liệu bạn vừa nhập chưa được lưu; hãy báo quản trị và thử lại.")
    code = "storage-full"


class VisitClash(Conflict):
    """The visit is stored already: with other content, or corrected since.

    `code` is `other-content` or `stale-base`; `revision` and `sha256` are those of the stored visit.
    """

    def __init__(self, code: str, message: str, /, *, revision: int, sha256: str) -> None:
        self.code = code
        self.revision = revision
        self.sha256 = sha256
        super().__init__(message)


class Gone(DomainError):
    """It was there and is used up or out of date (410). `code` is its machine name."""

    def __init__(self, code: str, message: str, /) -> None:
        self.code = code
        super().__init__(message)


class CodeUnknown(InvalidInput):
    """A phone brought a one-time code that nobody made (422)."""

    code = "code-unknown"


class DeviceRefused(DomainError):
    """The phone's token opens nothing now (401).

    `code` is `token-unknown`, `device-withdrawn`, `account-disabled` or `password-change-needed`.
    """

    def __init__(self, code: str, message: str, /) -> None:
        self.code = code
        super().__init__(message)
