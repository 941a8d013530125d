"""Appearance and places: Vietnamese text, true sizes, turned pages, the number between two signatures."""

import io
import subprocess
import unicodedata
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageChops

from signing import Level, SignRequest, Stamp, errors, validate_pdf
from signing.appearance import (
    corner_stamp,
    draw_demo_seal,
    draw_demo_signature,
    person_stamp,
    prepare_picture,
    stamp_font,
)
from signing.appearance.font import CHARSET
from signing.fields import (
    check_place,
    list_fields,
    open_pdf,
    page_view,
    place_corner,
    place_person,
    place_seal,
    taken_places,
)
from signing.fields.free import overlap
from signing.model import Box, Code, Place, StampLayout
from signing.prepare import fill_number, prepare_document
from tests.signing.conftest import Journey, World
from tests.signing.documents import AGENCY, PLAN, SIGNER, in_units, plan_pdf, turned

URL = "https://hoamau.example.vn/kiem-tra/AB7K2M"
FIXTURES = Path(__file__).parents[1] / "fixtures" / "pdf"


def text_of(pdf: bytes, tmp_path: Path) -> str:
    path = tmp_path / "text.pdf"
    path.write_bytes(pdf)
    return subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True).stdout


def picture_of(pdf: bytes, page: int = 0) -> Image.Image:
    document = pypdfium2.PdfDocument(pdf)
    try:
        document.init_forms()
        return document[page].render(scale=1, may_draw_forms=True).to_pil().convert("RGB")
    finally:
        document.close()


def painted(image: Image.Image, place: Place, color: str) -> float:
    """Share of the pixels of a place that are plainly of one colour."""
    left, bottom, right, top = place.box
    part = image.crop((round(left), round(image.height - top), round(right), round(image.height - bottom)))
    pixels = list(part.get_flattened_data())
    tests = {"blue": lambda r, g, b: b > r + 60 and b > g + 40, "red": lambda r, g, b: r > g + 70 and r > b + 70}
    return sum(1 for p in pixels if tests[color](*p)) / len(pixels)


def test_every_vietnamese_letter_has_a_glyph() -> None:
    font = stamp_font()
    letters = "aăâeêioôơuưyđ"
    marks = ["", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"]
    whole = {unicodedata.normalize("NFC", a + m) for a in letters for m in marks if a != "đ" or not m}
    whole |= {letter.upper() for letter in whole}
    assert whole <= set(font.glyphs)
    assert set(CHARSET) <= set(font.glyphs)


def test_decomposed_text_is_composed() -> None:
    font = stamp_font()
    assert font.encode(unicodedata.normalize("NFD", SIGNER)) == font.encode(SIGNER)
    assert font.encode("漢") == font.encode("?")


def test_stamped_names_can_be_read_back(world: World, plan: bytes, tmp_path: Path) -> None:
    stamp = person_stamp(draw_demo_signature(SIGNER), with_text=True)
    place = Place(page=0, box=(60, 300, 260, 400))
    signed = world.sign(plan, request=SignRequest(level=Level.B_T, place=place, stamp=stamp))
    text = text_of(signed.data, tmp_path)
    assert f"Người ký: {SIGNER}" in text
    assert "+07:00" in text


def test_the_corner_block_holds_number_and_time(world: World, plan: bytes, tmp_path: Path) -> None:
    stamp = corner_stamp("Số: 30/KH-UBND", "{time}")
    request = SignRequest(level=Level.B_T, place=place_corner(plan), stamp=stamp)
    signed = world.sign(plan, "co-quan", request)
    assert "30/KH-UBND" in text_of(signed.data, tmp_path)
    assert place_corner(plan).box[3] > 800


def test_text_beside_a_picture_is_drawn_too(world: World, plan: bytes, tmp_path: Path) -> None:
    picture = draw_demo_signature(SIGNER)
    stamp = Stamp(layout=StampLayout.PICTURE_BESIDE_TEXT, picture=picture, lines=("Ký bởi {signer}",), size=9)
    place = Place(page=0, box=(60, 300, 300, 360))
    signed = world.sign(plan, request=SignRequest(level=Level.B_T, place=place, stamp=stamp))
    assert f"Ký bởi {SIGNER}" in text_of(signed.data, tmp_path)


def test_the_person_signs_between_title_and_printed_name(plan: bytes) -> None:
    place = place_person(plan, SIGNER)
    left, bottom, right, top = place.box
    assert place.page == 0
    assert right - left == pytest.approx(150)
    image = picture_of(plan)
    below = image.crop((round(left), round(image.height - bottom), round(right), round(image.height - bottom + 26)))
    above = image.crop((round(left), round(image.height - top - 26), round(right), round(image.height - top)))
    for part, word in ((below, "name"), (above, "title")):
        assert min(p[0] for p in part.get_flattened_data()) < 90, f"the {word} stands close to the box"
    space = image.crop((round(left), round(image.height - top), round(right), round(image.height - bottom)))
    assert min(p[0] for p in space.get_flattened_data()) > 200, "nothing is printed where the signature goes"


@pytest.mark.parametrize(("gap", "height"), [("26mm", 62.0), ("14mm", 44.3), ("2mm", 62.0), ("90mm", 62.0)])
def test_the_picture_fits_into_the_gap_that_was_left_for_it(gap: str, height: float) -> None:
    pdf = plan_pdf(PLAN.replace("#v(3cm)", f"#v({gap})"))
    box = place_person(pdf, SIGNER).box
    assert box[3] - box[1] == pytest.approx(height, abs=6)


def test_a_place_that_is_taken_is_left_alone_and_a_chosen_one_refused(world: World, plan: bytes) -> None:
    first = place_person(plan, "Không Có Tên Này")
    stamp = Stamp(picture=wide_mark())
    signed = world.sign(plan, request=SignRequest(field="A", level=Level.B_T, place=first, stamp=stamp)).data
    second = place_person(signed, "Không Có Tên Này")
    assert not overlap(first.box, second.box)
    assert second.box[0] == first.box[0], "right above it"
    assert [place.box for place in taken_places(open_pdf(signed).reader)] == [pytest.approx(first.box, abs=0.01)]
    with pytest.raises(errors.PlaceTaken):
        check_place(signed, first)
    check_place(signed, second)


@pytest.mark.parametrize("box", [(-5, 10, 100, 60), (10, 10, 20, 14), (500, 800, 640, 830)])
def test_a_place_off_the_page_or_too_small_is_refused(plan: bytes, box: Box) -> None:
    with pytest.raises(errors.PlacementError) as caught:
        check_place(plan, Place(page=0, box=box))
    assert not isinstance(caught.value, errors.PlaceTaken)
    with pytest.raises(errors.PlacementError):
        check_place(plan, Place(page=7, box=(10, 10, 100, 60)))


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_places_are_points_as_seen_where_the_page_counts_in_larger_units(
    world: World, plan: bytes, degrees: int
) -> None:
    pdf = in_units(turned(plan, degrees, (40, 60, 500, 780)), 2.0)
    view = page_view(open_pdf(pdf).reader, 0)
    assert sorted((view.width, view.height)) == [920, 1440]
    place = Place(page=0, box=(60, 400, 380, 528))
    signed = world.sign(pdf, request=SignRequest(place=place, stamp=Stamp(picture=wide_mark())))
    assert list_fields(open_pdf(signed.data).reader)[0].place.box == pytest.approx(place.box, abs=0.02)
    seen = Place(page=0, box=(32, 205, 104, 259))  # pdfium draws a unit as a pixel
    assert painted(picture_of(signed.data), seen, "red") > 0.9


def test_an_unknown_name_goes_to_the_foot_of_the_last_page() -> None:
    pdf = (FIXTURES / "libreoffice.pdf").read_bytes()
    place = place_person(pdf, "Không Có Tên Này")
    assert place.page == 1
    assert place.box[1] < 150


def test_the_seal_has_true_size_and_covers_a_third_of_the_signature(journey: Journey) -> None:
    fields = {f.name: f.place for f in list_fields(open_pdf(journey.sealed.data).reader)}
    person, seal = fields["KyNguoi"], fields["KyCoQuan"]
    assert person is not None
    assert seal is not None
    assert seal.box[2] - seal.box[0] == pytest.approx(36 / 25.4 * 72 + 2, abs=0.1)
    overlap = seal.box[2] - person.box[0]
    assert overlap / (person.box[2] - person.box[0]) == pytest.approx(1 / 3, abs=0.01)
    assert seal.box[0] < person.box[0]
    image = picture_of(journey.sealed.data)
    assert painted(image, person, "blue") > 0.01
    assert painted(image, seal, "red") > 0.05


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", [None, (40, 60, 500, 780)])
def test_signatures_stand_upright_where_asked_on_turned_and_cropped_pages(
    world: World, plan: bytes, degrees: int, crop: tuple[int, int, int, int] | None
) -> None:
    pdf = turned(plan, degrees, crop)
    view = page_view(open_pdf(pdf).reader, 0)
    place = Place(page=0, box=(30, 200, 190, 264))
    stamp = Stamp(picture=wide_mark())
    signed = world.sign(pdf, request=SignRequest(place=place, stamp=stamp))
    image = picture_of(signed.data)
    assert image.size == (pytest.approx(view.width, abs=1.5), pytest.approx(view.height, abs=1.5))
    left = Place(page=0, box=(32, 210, 70, 254))
    right = Place(page=0, box=(150, 210, 188, 254))
    assert painted(image, left, "red") > 0.9
    assert painted(image, right, "blue") > 0.9
    assert list_fields(open_pdf(signed.data).reader)[0].place.box == pytest.approx(place.box, abs=0.01)


def wide_mark() -> bytes:
    """Red on the left half, blue on the right: shows which way up it is."""
    image = Image.new("RGBA", (160, 64), (220, 0, 0, 255))
    image.paste((0, 0, 220, 255), (80, 0, 160, 64))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def test_number_and_verification_code_stand_on_the_page(journey: Journey, tmp_path: Path) -> None:
    text = text_of(journey.sealed.data, tmp_path)
    assert "AB7-K2M" in text
    assert URL in text
    assert "Số: 30" in " ".join(text.split())


def test_the_field_goes_into_the_gap_and_tells_what_is_printed_after_it(plan: bytes) -> None:
    prepared = prepare_document(plan, verify_url=URL, short_code="AB7-K2M")
    assert prepared.symbol == "/KH-UBND"
    assert prepared.number_place.box[2] - prepared.number_place.box[0] > 40
    assert prepared.data.startswith(plan)


def test_place_and_date_in_the_column_beside_are_no_part_of_the_symbol() -> None:
    source = '#set page("a4")\n#grid(columns: (6cm, 1fr), [Số: #h(1.2cm)/BC-UBND], [Bến Mẫu, ngày 05 tháng 3 năm 2026])'
    prepared = prepare_document(plan_pdf(source), verify_url=URL, short_code="AB7-K2M")
    assert prepared.symbol == "/BC-UBND"


def test_dots_in_the_gap_are_covered() -> None:
    pdf = (FIXTURES / "chromium.pdf").read_bytes()
    prepared = prepare_document(pdf, verify_url=URL, short_code="AB7-K2M")
    assert prepared.symbol == "/KH-UBND"
    filled = fill_number(prepared.data, "07")
    left, bottom, right, top = prepared.number_place.box
    before, after = (picture_of(p).crop((round(left), 0, round(right), 842)) for p in (pdf, filled))
    rows = range(round(842 - top), round(842 - bottom))

    def ink(image: Image.Image) -> int:
        return sum(image.getpixel((x, y))[0] < 120 for y in rows for x in range(image.width))

    assert ink(before) > 0
    assert ink(after) != ink(before)


def test_without_a_printed_label_the_field_stands_beside_the_code() -> None:
    pdf = plan_pdf('#set page("a4")\nTờ trình\n')
    prepared = prepare_document(pdf, verify_url=URL, short_code="AB7-K2M")
    assert prepared.symbol == ""
    assert prepared.number_place.box[1] < 60


def test_a_printed_number_is_left_alone() -> None:
    pdf = plan_pdf('#set page("a4")\nSố: 12/BC-UBND\n')
    assert prepare_document(pdf, verify_url=URL, short_code="A").number_place.box[1] < 60


@pytest.mark.parametrize("degrees", [0, 90, 270])
def test_the_mark_is_read_upright_on_turned_pages(plan: bytes, degrees: int) -> None:
    prepared = prepare_document(turned(plan, degrees), verify_url=URL, short_code="AB7-K2M")
    before, after = picture_of(turned(plan, degrees)), picture_of(prepared.data)
    changed = ImageChops.difference(before, after).getbbox()
    assert changed is not None
    assert changed[1] > after.height - 60, "code and address stand in the lower margin as seen"
    assert changed[2] - changed[0] > 150, "and are read from left to right"


def test_a_number_is_filled_once(world: World, journey: Journey) -> None:
    with pytest.raises(errors.FieldAlreadyFilled):
        fill_number(journey.filled, "31")


def test_a_document_without_the_field_takes_no_number(plan: bytes) -> None:
    with pytest.raises(errors.FieldNotFound):
        fill_number(plan, "30")


def test_a_signed_document_is_kept_as_it_is(journey: Journey) -> None:
    with pytest.raises(errors.AlreadySigned):
        prepare_document(journey.person.data, verify_url=URL, short_code="AB7-K2M")


@pytest.mark.parametrize("name", ["libreoffice.pdf", "chromium.pdf"])
def test_the_whole_journey_works_on_files_of_other_makers(world: World, name: str) -> None:
    pdf = (FIXTURES / name).read_bytes()
    prepared = prepare_document(pdf, verify_url=URL, short_code="AB7-K2M")
    place = place_person(prepared.data, SIGNER)
    stamp = person_stamp(draw_demo_signature(SIGNER))
    person = world.sign(prepared.data, request=SignRequest(field="KyNguoi", level=Level.B_T, place=place, stamp=stamp))
    filled = fill_number(person.data, "30")
    sealed = world.sign(filled, "co-quan", SignRequest(field="KyCoQuan", level=Level.B_T))
    assert validate_pdf(sealed.data, trust=world.trust, crls=world.crls).code is Code.OK


def test_demo_pictures_are_transparent_and_say_that_they_are_samples() -> None:
    seal = Image.open(io.BytesIO(draw_demo_seal(AGENCY)))
    assert seal.mode == "RGBA"
    assert seal.getpixel((0, 0))[3] == 0
    one, two = draw_demo_signature(SIGNER), draw_demo_signature("Trần Văn Bình")
    assert one != two
    assert one == draw_demo_signature(SIGNER)


@pytest.mark.parametrize("data", [b"", b"<svg/>", b"\x89PNG\r\n\x1a\n" + bytes(50)])
def test_a_broken_picture_is_refused(data: bytes) -> None:
    with pytest.raises(errors.PictureUnreadable):
        prepare_picture(data)


def test_the_seal_stays_on_the_page_near_its_edge(plan: bytes) -> None:
    seal = place_seal(Place(page=0, box=(5, 5, 100, 60)), plan)
    assert seal.box[0] >= 0
    assert seal.box[1] >= 0
