"""`phs serve`: the embedded server, on IPv4 and IPv6."""

import gc
import socket
from contextlib import nullcontext

import click
from waitress.server import create_server

from webapp.cli.edge import fail, load_program, load_settings
from webapp.cli.setup import announce, setup_code
from webapp.cli.worker import background
from webapp.factory import create_app
from webapp.models import schema
from webapp.models.database import make_engine
from webapp.web.shared.wiring import BATCHES


def open_sockets(hosts: str, port: int) -> list[socket.socket]:
    """Listen on every address of `hosts` that this machine has; IPv6 is left out where there is none."""
    opened: list[socket.socket] = []
    for host in hosts.split():
        bare = host.strip("[]")
        family = socket.AF_INET6 if ":" in bare else socket.AF_INET
        try:
            listener = socket.socket(family, socket.SOCK_STREAM)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.bind((bare, port))
        except OSError as error:
            if family == socket.AF_INET6 and opened:
                click.echo(f"phs: không mở được {host}:{port} ({error.strerror}); vẫn chạy trên IPv4", err=True)
                continue
            fail(f"không mở được {host}:{port}: {error.strerror}")
        opened.append(listener)
    return opened


@click.command()
@click.option("--host", help="Địa chỉ lắng nghe, cách nhau bằng dấu cách.")
@click.option("--port", type=click.IntRange(0, 65535), help="Cổng.")
def serve(host: str | None, port: int | None) -> None:
    """Chạy máy chủ nhúng (waitress)."""
    settings = load_settings()
    engine = make_engine(settings.url)
    if schema.current_revision(engine) != schema.head_revision():
        fail("lược đồ cơ sở dữ liệu chưa đúng bản; hãy chạy `phs db upgrade` (hoặc `phs init`)")
    listeners = open_sockets(host or settings.host, settings.port if port is None else port)
    program = load_program()
    app = create_app(wiring=program.wiring, sessions=program.sessions)
    server = create_server(app, sockets=listeners, threads=settings.threads, ident=None)
    address = (
        settings.base_url if port in {None, settings.port} else f"http://localhost:{listeners[0].getsockname()[1]}"
    )
    click.echo(f"Phường Số: {address}")
    code = setup_code(program)
    if code is not None:
        announce(f"{address}/setup", code)
    gc.collect()
    gc.freeze()  # what is loaded now stays: collecting would only look through it again and again
    with background(program) if settings.worker else nullcontext():
        try:
            server.run()
        except KeyboardInterrupt:
            click.echo("Đã dừng.")
        finally:
            app.extensions[BATCHES].close()
