"""Names of files in a ZIP, the ZIP itself, and which refusals lie with the key."""

import datetime as dt
import io
import zipfile

import pytest

from webapp.core.errors import DomainError, SigningRefused
from webapp.core.signing_batches import is_key_trouble, tidy_names
from webapp.core.zip_stream import stream_zip


def test_names_are_readable_harmless_and_unique() -> None:
    names = tidy_names(
        [
            ("30/KH-UBND", "Triển khai chuyển đổi số"),
            ("", "Báo cáo"),
            ("", "BÁO CÁO"),
            ("", "../../etc/passwd"),
            ("", "a" * 30 + " " + "b" * 90),
            ("", 'x:y*"<>|?'),
            ("", "   "),
        ]
    )
    assert names[:3] == ["30-KH-UBND Triển khai chuyển đổi số.pdf", "Báo cáo.pdf", "BÁO CÁO (2).pdf"]
    assert names[3] == "-..-etc-passwd.pdf"
    assert names[4] == "a" * 30 + ".pdf"
    assert names[5:] == ["xy.pdf", "van-ban.pdf"]
    assert not [name for name in names if set(name) & set('/\\<>:"|?*')]


def test_a_zip_is_made_piece_by_piece_and_opens() -> None:
    read = []

    def file(number: int):
        def content() -> bytes:
            read.append(number)
            return bytes([number]) * 100_000

        return content

    pieces = stream_zip([("Một.pdf", file(1)), ("Hai.pdf", file(2))], at=dt.datetime(2026, 11, 22, 9, 30))
    first = next(pieces)
    assert read == [1], "the second file is read when the first has left"
    whole = b"".join([first, *pieces])
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["Một.pdf", "Hai.pdf"]
        assert archive.read("Hai.pdf") == b"\x02" * 100_000
        assert archive.infolist()[0].date_time == (2026, 11, 22, 9, 30, 0)


@pytest.mark.parametrize("code", ["wrong_pin", "certificate_expired", "token_pulled", "no_keystore", "csc_unreachable"])
def test_trouble_with_the_key_would_meet_every_document(code: str) -> None:
    assert is_key_trouble(SigningRefused(code))


def test_trouble_with_a_file_or_a_time_stamp_meets_one() -> None:
    for code in ("document_locked", "place_taken", "timestamp_failed"):
        assert not is_key_trouble(SigningRefused(code))
    assert not is_key_trouble(DomainError())
