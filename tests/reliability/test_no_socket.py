"""A sweep works over pipes: neither it nor a worker ever makes a socket."""

import os
import socket
from pathlib import Path

from tests.reliability.commands import Undisturbed, sockets_of


def test_a_sweep_opens_no_socket(undisturbed: Undisturbed) -> None:
    assert len(undisturbed.workers) == 2
    watched = {line.split()[1] for line in undisturbed.sweep.lines("process")}
    assert watched == {str(undisturbed.sweep.process.pid), *map(str, undisturbed.workers)}
    assert undisturbed.sweep.lines("socket.") == []
    assert undisturbed.sockets == [[], [], []]


def test_the_eyes_would_see_a_socket(tmp_path: Path) -> None:
    from tests.reliability.eyes import sitecustomize

    with socket.socket():
        assert sockets_of(os.getpid())
    os.environ["MIH_EYES"] = str(tmp_path / "eyes")
    try:
        sitecustomize.hear("socket.connect", ())
        sitecustomize.hear("socket.gethostname", ())
    finally:
        del os.environ["MIH_EYES"]
    assert (tmp_path / "eyes").read_text() == "socket.connect\n"
