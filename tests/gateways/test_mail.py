"""E-mail, against a real server on this machine."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.receivers import PostOffice, own_certificate, serving
from webapp.core.reminders import Letter, MailFailed, MailTrouble
from webapp.gateways.mail import SmtpMailer

FROM = "Phường Số <phuong@vi-du.vn>"
LETTER = Letter(to="a@vi-du.vn", key="khoa.2026-11-23", subject="Việc đang chờ bạn", text="- 1 văn bản chờ bạn ký\n")


@pytest.fixture
def office() -> Iterator[PostOffice]:
    server = PostOffice()
    with serving(server):
        yield server


def test_a_letter_arrives_with_its_vietnamese_words(office: PostOffice) -> None:
    SmtpMailer(office.url, FROM).send(LETTER)
    came = office.letters[0]
    assert (came["To"], came["Subject"]) == ("a@vi-du.vn", "Việc đang chờ bạn")
    assert (came["From"], came["Message-ID"]) == (FROM, "<khoa.2026-11-23@vi-du.vn>")
    assert came["Auto-Submitted"] == "auto-generated"
    assert came.get_content().splitlines() == LETTER.text.splitlines()


def test_a_password_goes_over_tls_to_a_server_that_shows_its_certificate(tmp_path: Path) -> None:
    pem = own_certificate(tmp_path, "localhost")
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(pem)
    server = PostOffice(served)
    with serving(server):
        url = f"smtp://ten:m%40t@localhost:{server.port}"
        SmtpMailer(url, FROM, tls=ssl.create_default_context(cafile=str(pem))).send(LETTER)
        assert server.logins == ["|ten|m@t"]
        with pytest.raises(MailFailed, match="tls"):
            SmtpMailer(url, FROM).send(LETTER)
        assert len(server.letters) == len(server.logins) == 1


@pytest.mark.parametrize(
    ("url", "trouble"),
    [
        ("smtp://localhost:1", MailTrouble.UNREACHABLE),
        ("smtp://khong-co.invalid", MailTrouble.UNREACHABLE),
        ("smtps://localhost:{port}", MailTrouble.TLS),
        ("smtp://ten:mat-khau@localhost:{port}", MailTrouble.LOGIN),
    ],
)
def test_a_dead_server_and_one_that_would_read_the_password_fail_for_everybody(
    office: PostOffice, url: str, trouble: MailTrouble
) -> None:
    with pytest.raises(MailFailed) as caught:
        SmtpMailer(url.format(port=office.port), FROM, seconds=2).send(LETTER)
    assert (caught.value.trouble, caught.value.everybody) == (trouble, True)
    assert "mat-khau" not in str(caught.value) + repr(caught.value)
    assert office.letters == office.logins == []


def test_a_refused_receiver_and_a_line_smuggled_into_the_address_fail_for_that_letter_alone(
    office: PostOffice,
) -> None:
    office.refuse = True
    mailer = SmtpMailer(office.url, FROM, seconds=2)
    bad = Letter(to="a@vi-du.vn\nBcc: x@y.vn", key="k", subject="x", text="bí mật")
    for letter in (LETTER, bad):
        with pytest.raises(MailFailed) as caught:
            mailer.send(letter)
        assert (caught.value.trouble, caught.value.everybody) == (MailTrouble.ADDRESS, False)
    assert "a@vi-du.vn" not in repr(LETTER)
    assert office.letters == []
