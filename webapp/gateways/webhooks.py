"""Posting to addresses that an administrator typed: never to this machine or its network unless that is allowed."""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import SplitResult, urlsplit

from webapp.core.errors import N_
from webapp.core.webhooks import Posted, PostTrouble

SECONDS: Final = 10.0
PRIVATE: Final = N_(
    "Địa chỉ này ở mạng nội bộ nên không được gọi. Nếu cần, người vận hành máy chủ bật PHS_WEBHOOK_INNER."
)
PLAIN: Final = N_("Cần địa chỉ https để nội dung không bị đọc trên đường truyền.")
UNKNOWN: Final = N_("Không tìm thấy máy chủ có tên này.")
# IPv6 addresses that carry an IPv4 one, which some gateways unpack (RFC 6052, 3056, 4380): no receiver needs them.
_CARRIERS: Final = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))
_ANSWER_MOST: Final = 4096
_ADDRESSES_MOST: Final = 3


class HttpWebhooks:
    """Implements core.webhooks.WebhookSender. A name is resolved once, and those very addresses are called.

    So a name cannot mean a public address when it is checked and an inner one when it is called. `seconds` bounds the
    whole exchange, also with a receiver that answers a byte at a time.
    """

    def __init__(
        self, *, inner: bool = False, plain: bool = False, seconds: float = SECONDS, tls: ssl.SSLContext | None = None
    ) -> None:
        self._inner = inner
        self._plain = plain
        self._seconds = seconds
        self._tls = tls or ssl.create_default_context()
        self._tls.minimum_version = ssl.TLSVersion.TLSv1_2

    def refusal(self, url: str) -> str | None:
        """Say why an address may not be called."""
        parts = urlsplit(url)
        if self._is_too_plain(parts):
            return PLAIN
        try:
            self._addresses(parts)
        except _Inner:
            return PRIVATE
        except OSError:
            return UNKNOWN
        return None

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        """Post once. A redirect is an answer like any other, and not a good one."""
        parts = urlsplit(url)
        if self._is_too_plain(parts):
            return Posted(trouble=PostTrouble.PLAIN_HTTP)
        try:
            with self._connected(parts) as connection:
                told = {"Content-Type": "application/json", "User-Agent": "phuong-so", **headers}
                target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
                connection.request("POST", target, body, told)
                answer = connection.getresponse()
                answer.read(_ANSWER_MOST)
        except _Inner:
            return Posted(trouble=PostTrouble.INNER_ADDRESS)
        except ssl.SSLError:
            return Posted(trouble=PostTrouble.TLS)
        except TimeoutError:
            return Posted(trouble=PostTrouble.TIMEOUT)
        except (OSError, http.client.HTTPException, ValueError):
            return Posted(trouble=PostTrouble.UNREACHABLE)
        taken = 200 <= answer.status < 300
        return Posted(status=answer.status, trouble=None if taken else PostTrouble.REFUSED)

    def _is_too_plain(self, parts: SplitResult) -> bool:
        return parts.scheme != "https" and not self._plain

    @contextlib.contextmanager
    def _connected(self, parts: SplitResult) -> Iterator[http.client.HTTPConnection]:
        """Connect, and cut the line when the time is over, whatever is going on. Raises TimeoutError then."""
        port, addresses = self._addresses(parts)
        raw = _call(addresses, port, self._seconds)
        late, same_line = threading.Event(), raw.dup()
        timer = threading.Timer(self._seconds, _cut, (same_line, late))
        timer.start()
        try:
            name = parts.hostname or ""
            connection = http.client.HTTPConnection(name, port, timeout=self._seconds)
            connection.sock = self._tls.wrap_socket(raw, server_hostname=name) if parts.scheme == "https" else raw
            with contextlib.closing(connection):
                yield connection
        except (OSError, http.client.HTTPException) as error:
            if late.is_set():
                raise TimeoutError from error
            raise
        finally:
            timer.cancel()
            same_line.close()
            raw.close()

    def _addresses(self, parts: SplitResult) -> tuple[int, list[str]]:
        """Resolve the name; every address it has must be allowed. Raises _Inner, OSError."""
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except UnicodeError as error:
            raise OSError from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not self._inner and not all(map(_is_outside, addresses)):
            raise _Inner
        return port, addresses[:_ADDRESSES_MOST]


class _Inner(Exception):
    """An address within."""


def _call(addresses: list[str], port: int, seconds: float) -> socket.socket:
    """Connect to the first address that answers."""
    for address in addresses[:-1]:
        with contextlib.suppress(OSError):
            return socket.create_connection((address, port), seconds / len(addresses))
    return socket.create_connection((addresses[-1], port), seconds)


def _cut(line: socket.socket, late: threading.Event) -> None:
    late.set()
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _is_outside(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if any(ip in network for network in _CARRIERS):
            return False
        ip = ip.ipv4_mapped or ip
    return ip.is_global and not ip.is_multicast
