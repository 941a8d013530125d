"""Extra questions that several tests ask."""

from webapp.core.extra_expressions import Call, Expression, Field, This, Value
from webapp.core.extra_questions import Choice, ExtraForm, ExtraQuestion, QuestionType


def _selected(name: str, choice: str) -> Expression:
    return Call("selected", (Field(name), Value(choice)))


MAY_TINH = ExtraQuestion(
    name="may_tinh",
    type=QuestionType.INTEGER,
    label={"vi": "Nhà có mấy máy tính?", "en": "How many computers?"},
    required=True,
    constraint=Call("and", (Call(">=", (This(), Value(0))), Call("<=", (This(), Value(20))))),
    constraint_message={"vi": "Từ 0 đến 20 máy."},
)
DICH_VU = ExtraQuestion(
    name="dich_vu",
    type=QuestionType.SELECT_MULTIPLE,
    label={"vi": "Đã dùng dịch vụ công trực tuyến nào?"},
    choices=(
        Choice("ho_tich", {"vi": "Hộ tịch"}),
        Choice("dat_dai", {"vi": "Đất đai"}),
        Choice("thue", {"vi": "Thuế"}),
    ),
)
HAI_LONG = ExtraQuestion(
    name="hai_long",
    type=QuestionType.SELECT_ONE,
    label={"vi": "Có hài lòng không?"},
    hint={"vi": "Hỏi người đã dùng"},
    required=True,
    choices=(Choice("co", {"vi": "Có", "en": "Yes"}), Choice("khong", {"vi": "Không", "en": "No"})),
    relevant=Call("or", (_selected("dich_vu", "ho_tich"), _selected("dich_vu", "thue"))),
)
VI_SAO = ExtraQuestion(
    name="vi_sao",
    type=QuestionType.TEXT,
    label={"vi": "Vì sao không hài lòng?"},
    relevant=Call("=", (Field("hai_long"), Value("khong"))),
)
LOI_NHAC = ExtraQuestion(name="loi_nhac", type=QuestionType.NOTE, label={"vi": "Cảm ơn gia đình."}, required=True)
CUOC = ExtraQuestion(name="cuoc", type=QuestionType.DECIMAL, label={"vi": "Cước Internet một tháng (nghìn đồng)"})
LAP_NGAY = ExtraQuestion(name="lap_ngay", type=QuestionType.DATE, label={"vi": "Lắp Internet ngày nào?"})

QUESTIONS = (MAY_TINH, DICH_VU, HAI_LONG, VI_SAO, LOI_NHAC, CUOC, LAP_NGAY)
FORM = ExtraForm(1, QUESTIONS)
