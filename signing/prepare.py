"""What happens to a document's pages around its signatures.

QR code and number field before the first, the number in between.

The number is known only after the authorised person has signed (Decree 30/2020/NĐ-CP, article 15). So an empty form
field is made before; filling it later is a permitted change, which the agency's signature then covers.
"""

from __future__ import annotations

import itertools
from datetime import date
from typing import Final

import segno
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields

from signing.appearance import draw_lines, form_object, stamp_font
from signing.errors import AlreadySigned, DocumentHasXfa, DocumentUnreadable
from signing.fields import GrowingFile, PageView, date_gaps, open_pdf, page_count, page_view, subdictionary
from signing.fields.dates import FILLERS
from signing.fields.text import Letter, bounds, find_first, has_text, letters_of, open_text
from signing.form_fields import EmptyField, add_field, fill_fields
from signing.model import Box, Place, PreparedPdf
from signing.validate.structure import count_byte_ranges

NUMBER_FIELD: Final = "SoKyHieu"
DATE_FIELDS: Final = ("Ngay", "Thang", "Nam")
QR_SIDE: Final = 45.0
"""16 mm: modules of about 0.5 mm, which a phone reads from paper."""
MARK_SIZE: Final = (270.0, QR_SIDE)
MARK_MARGIN: Final = 28.0
MARK_BOTTOM: Final = 9.0
NUMBER_SIZE: Final = (96.0, 17.0)
NARROWEST: Final = 20.0
COLUMN_GAP: Final = 6.0
"""Points between two letters that a space of ordinary size does not fill."""
_FILLERS: Final = frozenset(FILLERS)


def prepare_document(pdf: bytes, *, verify_url: str, short_code: str) -> PreparedPdf:
    """Add QR code, short code and address to the bottom margin, and the empty fields for number and date.

    As an incremental update. The date gets fields where page 1 leaves gaps for it ("ngày … tháng … năm …").

    The field stands right of a printed "Số:" on page 1, otherwise beside the QR code. Raises AlreadySigned (a signed
    file is kept as it is), DocumentEncrypted, DocumentUnreadable, DocumentHasXfa.
    """
    opened = open_pdf(pdf)
    if count_byte_ranges(pdf) or _is_signed(opened.reader):
        raise AlreadySigned
    if "/XFA" in subdictionary(opened.reader.root, "/AcroForm"):
        raise DocumentHasXfa
    out = GrowingFile(pdf)
    writer = IncrementalPdfFileWriter(out, strict=opened.strict)
    page, corner = _mark_place(pdf, writer)
    found = _number_place(pdf, page_view(writer, 0))
    beside = (
        corner[0] + MARK_SIZE[0] + 6,
        corner[1] + 4,
        corner[0] + MARK_SIZE[0] + 6 + NUMBER_SIZE[0],
        corner[1] + 21,
    )
    place, symbol, covers = found or (Place(page=page.index, box=beside), "", False)
    try:
        _draw_mark(writer, page, corner, [f"Mã tra cứu: {short_code}", "Kiểm tra văn bản tại:", verify_url], verify_url)
        number = EmptyField(name=NUMBER_FIELD, title="Số, ký hiệu văn bản", place=place, opaque=covers)
        for wanted in (number, *_date_fields(pdf, page_view(writer, 0))):
            add_field(writer, wanted)
        writer.write_in_place()
    except Exception as error:  # a damaged page tree can fail anywhere in the library
        raise DocumentUnreadable from error
    return PreparedPdf(data=out.whole(), number_place=place, symbol=symbol)


def fill_number(pdf: bytes, text: str, *, field: str = NUMBER_FIELD, issued_on: date | None = None) -> bytes:
    """Fill the number field, and the date's where there are any, by one update that earlier signatures permit.

    Raises FieldNotFound, FieldAlreadyFilled, DocumentUnreadable, DocumentEncrypted.
    """
    texts = {field: text}
    if issued_on is not None:
        # A leading zero for days below 10 and for months 1 and 2 only (annex I, part II, 4.b).
        month = f"{issued_on.month:02d}" if issued_on.month <= 2 else str(issued_on.month)
        texts |= dict(zip(DATE_FIELDS, (f"{issued_on.day:02d}", month, str(issued_on.year)), strict=True))
    return fill_fields(pdf, texts, must=field)


def number_text(pdf: bytes, notation: str) -> str:
    """Say what belongs into the still empty number field for ``30/KH-UBND``.

    The number alone where the page already prints the symbol behind the gap, the whole after a printed "Số:", and
    with its own "Số:" where the field stands beside the QR code. Raises DocumentUnreadable, DocumentEncrypted.
    """
    found = _number_place(pdf, page_view(open_pdf(pdf).reader, 0))
    if found is None:
        return f"Số: {notation}"
    _place, symbol, _covers = found
    return notation.split("/", 1)[0] if symbol else notation


def _is_signed(reader: PdfFileReader) -> bool:
    return next(enumerate_sig_fields(reader, filled_status=True), None) is not None


# ---- the mark in the bottom margin -----------------------------------------------------------------------------------


def _mark_place(pdf: bytes, writer: IncrementalPdfFileWriter) -> tuple[PageView, tuple[float, float]]:
    """Return the first free of: page 1 left, page 1 right, last page left, last page right.

    Page 1 left when none is.
    """
    candidates = []
    for index in dict.fromkeys((0, page_count(writer) - 1)):
        page = page_view(writer, index)
        sides = (MARK_MARGIN, page.width - MARK_MARGIN - MARK_SIZE[0])
        candidates += [(page, (max(x, 0.0), MARK_BOTTOM)) for x in sides]
    with open_text(pdf) as document:
        for page, corner in candidates:
            box = page.to_page(_clip((*corner, corner[0] + MARK_SIZE[0], corner[1] + MARK_SIZE[1]), page))
            if not has_text(document[page.index], box):
                return page, corner
    return candidates[0]


def _draw_mark(
    writer: IncrementalPdfFileWriter, page: PageView, corner: tuple[float, float], lines: list[str], url: str
) -> None:
    font = stamp_font()
    x, y = corner
    matrix = b" ".join(b"%.3f" % number for number in page.matrix())
    text_box = (x + QR_SIDE + 6, y + 3, x + MARK_SIZE[0], y + MARK_SIZE[1] - 3)
    operators = [b"q", matrix + b" cm 0 g", _qr(url, x, y)]
    operators += [draw_lines(font, lines, text_box, size=8.0), b"Q"]
    fonts = generic.DictionaryObject({pdf_name("/Chu"): font.write(writer)})
    resources = generic.DictionaryObject({pdf_name("/Font"): fonts})
    form = form_object(b"\n".join(operators), resources, (1.0, 1.0))
    form[pdf_name("/BBox")] = generic.ArrayObject([generic.FloatObject(round(v, 3)) for v in page.crop])
    name = "/PhsMa"
    used = generic.DictionaryObject(
        {pdf_name("/XObject"): generic.DictionaryObject({pdf_name(name): writer.add_object(form)})}
    )
    begin = writer.add_object(generic.StreamObject(stream_data=b"q"))
    end = writer.add_object(generic.StreamObject(stream_data=b"Q q " + name.encode() + b" Do Q"))
    writer.add_stream_to_page(page.index, begin, prepend=True)
    writer.add_stream_to_page(page.index, end, resources=used)


def _qr(url: str, x: float, y: float) -> bytes:
    """Return the code as filled rectangles, runs of modules joined; no quiet zone, the margin of the page is one."""
    matrix = [bytearray(row) for row in segno.make(url, error="m", micro=False).matrix]
    side = QR_SIDE / len(matrix)
    out = []
    for row, modules in enumerate(matrix):
        column = 0
        while column < len(modules):
            run = column
            while run < len(modules) and modules[run]:
                run += 1
            if run > column:
                left, bottom = x + column * side, y + QR_SIDE - (row + 1) * side
                out.append(b"%.3f %.3f %.3f %.3f re" % (left, bottom, (run - column) * side, side))
            column = run + 1
    return b"\n".join([*out, b"f"])


# ---- the fields for number and date ----------------------------------------------------------------------------------


def _number_place(pdf: bytes, page: PageView) -> tuple[Place, str, bool] | None:
    """Right of "Số:" on page 1: the place, the symbol printed after the gap, and whether dots have to be covered."""
    with open_text(pdf) as document:
        letters = letters_of(document[0])
    found = find_first(letters, "số:")
    if found is None:
        return None
    label = page.to_view(bounds(letters[slice(*found)]))
    line = [_seen(letter, page) for letter in letters[found[1] :]]
    rest = [letter for letter in line if _same_line(letter.box, label) and letter.box[0] >= label[2] - 1]
    rest.sort(key=lambda letter: letter.box[0])
    after = list(itertools.dropwhile(lambda letter: letter.text in _FILLERS, rest))
    covers = len(after) < len(rest)
    if after and after[0].text[0].isdigit():
        return None  # the number is printed already
    right = min(after[0].box[0] - 1 if after else page.width, label[2] + 2 + NUMBER_SIZE[0])
    if right - label[2] < NARROWEST:
        return None
    middle = (label[1] + label[3]) / 2
    box = (label[2] + 2, middle - NUMBER_SIZE[1] / 2, right, middle + NUMBER_SIZE[1] / 2)
    symbol = "".join(letter.text for letter in _run(after)).upper() if after and after[0].text == "/" else ""
    return Place(page=0, box=_clip(box, page)), symbol, covers


def _run(letters: list[Letter]) -> list[Letter]:
    """Return the letters up to the first wide gap: place and date stand on the same line, in the column beside."""
    gaps = (letter.box[0] - before.box[2] for before, letter in itertools.pairwise(letters))
    end = next((index for index, gap in enumerate(gaps, 1) if gap > COLUMN_GAP), len(letters))
    return letters[:end]


def _seen(letter: Letter, page: PageView) -> Letter:
    return Letter(letter.text, page.to_view(letter.box))


def _same_line(box: Box, label: Box) -> bool:
    return box[1] < label[3] and box[3] > label[1] - 2 and abs((box[1] + box[3]) / 2 - (label[1] + label[3]) / 2) < 9


def _clip(box: Box, page: PageView) -> Box:
    return (max(box[0], 0.0), max(box[1], 0.0), min(box[2], page.width), min(box[3], page.height))


def _date_fields(pdf: bytes, page: PageView) -> list[EmptyField]:
    """Day, month and year, where the first page leaves gaps for them."""
    gaps = date_gaps(pdf, page)
    if gaps is None:
        return []
    return [
        EmptyField(name=name, title=title, place=Place(page=0, box=gap.box), opaque=gap.dotted, slanted=True)
        for name, title, gap in zip(
            DATE_FIELDS, ("Ngày", "Tháng", "Năm"), (gaps.day, gaps.month, gaps.year), strict=True
        )
        if gap is not None
    ]
