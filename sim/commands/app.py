"""``mih app``: the planner's page in a browser, on this machine only."""

from contextlib import suppress
from typing import TYPE_CHECKING

import click

from sim.errors import InputError, how_to_install

if TYPE_CHECKING:
    import socket

HOST = "127.0.0.1"


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8765,
    show_default=True,
    help="Port on 127.0.0.1; 0 takes a free one.",
)
@click.option("--no-browser", is_flag=True, help="Only print the address.")
def app(port: int, no_browser: bool) -> None:
    """Open the planner's page: plans side by side, in a browser. Nothing leaves this machine."""
    try:
        import uvicorn

        from sim.app.server import application
    except ImportError as error:
        raise InputError(f"mih app needs {error.name}: {how_to_install('app')}") from error
    from sim.commands.progress import announce_compilation

    announce_compilation()
    with bound(port) as place:
        address = f"http://{HOST}:{place.getsockname()[1]}/"
        click.echo(f"{address}  (Ctrl-C ends it)", err=True)
        if not no_browser:
            import webbrowser

            webbrowser.open(address)
        config = uvicorn.Config(
            application(), log_level="warning", server_header=False, timeout_graceful_shutdown=2
        )
        with suppress(KeyboardInterrupt):  # how it is meant to end
            uvicorn.Server(config).run(sockets=[place])


def bound(port: int) -> "socket.socket":
    """Return a socket bound to a port of this machine. Raises InputError if it is taken."""
    import socket

    found = socket.socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((HOST, port))
        found.listen()  # the browser may come before the server is up
    except OSError as error:
        found.close()
        raise InputError(
            f"--port: {port} cannot be used ({error.strerror}); choose another, 0 for a free one"
        ) from error
    return found
