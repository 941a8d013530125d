"""Extra questions between workbook and round: reading what was uploaded, writing the form and a sheet to fill in."""

from typing import Final

from sqlalchemy.orm import Session

from webapp.analytics.workbooks import read_workbook
from webapp.analytics.xlsforms import Say, xlsform_bytes, xlsform_sheets
from webapp.core.access import Actor, Permission, require
from webapp.core.extra_expressions import Call, Field, This, Value
from webapp.core.extra_questions import Choice, ExtraForm, ExtraQuestion, QuestionType
from webapp.core.extra_sheet import ReadQuestions, read_extra_questions
from webapp.core.odk_instance import form_id_of
from webapp.core.survey_form import extra_form_only, survey_form
from webapp.queries.extra_forms import active_form
from webapp.queries.surveys import RoundRow

# What a sheet to write in shows when the round asks nothing yet.
EXAMPLES: Final = (
    ExtraQuestion(
        name="so_may_tinh",
        type=QuestionType.INTEGER,
        label={"vi": "Nhà có mấy máy tính?", "en": "How many computers are in the house?"},
        required=True,
        constraint=Call("and", (Call(">=", (This(), Value(0))), Call("<=", (This(), Value(20))))),
        constraint_message={"vi": "Từ 0 đến 20 máy.", "en": "From 0 to 20."},
    ),
    ExtraQuestion(
        name="dung_dich_vu_cong",
        type=QuestionType.SELECT_ONE,
        label={"vi": "Đã nộp hồ sơ trực tuyến chưa?", "en": "Ever used an online public service?"},
        choices=(Choice("co", {"vi": "Có", "en": "Yes"}), Choice("chua", {"vi": "Chưa", "en": "No"})),
    ),
    ExtraQuestion(
        name="vi_sao_chua",
        type=QuestionType.TEXT,
        label={"vi": "Vì sao chưa?", "en": "Why not?"},
        relevant=Call("=", (Field("dung_dich_vu_cong"), Value("chua"))),
    ),
)


def read_questions(content: bytes) -> ReadQuestions:
    """Read an uploaded workbook. What is wrong inside is in the result; raises InvalidInput if unreadable."""
    return read_extra_questions(read_workbook(content))


def round_sheet(session: Session, actor: Actor, found: RoundRow, say: Say) -> bytes:
    """Write the round's whole form, built-in and extra questions, as an XLSForm."""
    require(actor, Permission.ROUND_MANAGE)
    extra = active_form(session, actor.ward_id, found.round_id)
    return xlsform_bytes(xlsform_sheets(survey_form(form_id_of(found.round_id), found.name, extra), say))


def questions_sheet(session: Session, actor: Actor, found: RoundRow, say: Say) -> bytes:
    """Write only the extra questions in use, or examples, for people to change and upload."""
    require(actor, Permission.ROUND_MANAGE)
    extra = active_form(session, actor.ward_id, found.round_id)
    form = extra if extra.questions else ExtraForm(0, EXAMPLES)
    return xlsform_bytes(xlsform_sheets(extra_form_only(form_id_of(found.round_id), found.name, form), say))
