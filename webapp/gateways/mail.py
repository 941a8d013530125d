"""E-mail through the ward's SMTP server."""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from typing import Final
from urllib.parse import unquote, urlsplit

from webapp.core.reminders import Letter, MailFailed, MailTrouble

SECONDS: Final = 10.0


class SmtpMailer:
    """Implements core.reminders.Mailer for `smtp://[user:password@]host[:port]` and `smtps://…`.

    With `smtp` the connection is encrypted when the server offers it; a password is never sent without that.
    """

    def __init__(self, url: str, sender: str, *, seconds: float = SECONDS, tls: ssl.SSLContext | None = None) -> None:
        self._parts = urlsplit(url)
        self._sender = sender
        self._seconds = seconds
        self._tls = tls or ssl.create_default_context()
        self._tls.minimum_version = ssl.TLSVersion.TLSv1_2

    def send(self, letter: Letter) -> None:
        """Send one letter. Raises MailFailed with no word of the letter, its receiver or the password in it."""
        try:
            message = self._message(letter)
            with self._server() as server:
                self._enter(server)
                server.send_message(message)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise MailFailed(_trouble(error)) from None

    def _message(self, letter: Letter) -> EmailMessage:
        domain = parseaddr(self._sender)[1].rpartition("@")[2] or "localhost"
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, letter.to, letter.subject
        message["Date"], message["Message-ID"] = formatdate(), f"<{letter.key}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        return message

    def _server(self) -> smtplib.SMTP:
        host = self._parts.hostname or "localhost"
        if self._parts.scheme == "smtps":
            return smtplib.SMTP_SSL(host, self._parts.port or 465, timeout=self._seconds, context=self._tls)
        return smtplib.SMTP(host, self._parts.port or 25, timeout=self._seconds)

    def _enter(self, server: smtplib.SMTP) -> None:
        server.ehlo()
        encrypted = self._parts.scheme == "smtps"
        if not encrypted and server.has_extn("starttls"):
            server.starttls(context=self._tls)
            server.ehlo()
            encrypted = True
        if self._parts.username:
            if not encrypted:
                raise smtplib.SMTPNotSupportedError
            server.login(unquote(self._parts.username), unquote(self._parts.password or ""))


def _trouble(error: Exception) -> MailTrouble:
    kinds: tuple[tuple[tuple[type[Exception], ...], MailTrouble], ...] = (
        ((smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError), MailTrouble.ADDRESS),
        ((smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError), MailTrouble.LOGIN),
        ((smtplib.SMTPConnectError, smtplib.SMTPServerDisconnected), MailTrouble.UNREACHABLE),
        ((smtplib.SMTPException,), MailTrouble.SERVER),
        ((ssl.SSLError,), MailTrouble.TLS),
        ((OSError,), MailTrouble.UNREACHABLE),
    )
    return next((trouble for classes, trouble in kinds if isinstance(error, classes)), MailTrouble.ADDRESS)
