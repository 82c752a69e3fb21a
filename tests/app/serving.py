"""A server of the page for tests, and plain requests to it."""

import http.client
import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn

from sim.app.server import application
from sim.commands.app import bound

TOKEN = "a-token-of-the-tests"
Answer = tuple[int, Any, dict[str, str]]


@dataclass
class Served:
    """A running server."""

    port: int
    app: Any

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """Send a request with just these headers (and a length), return status, JSON, headers."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            line.request(method, path, body or None, named)
            response = line.getresponse()
            text = response.read()
            kind = response.headers.get("content-type", "")
            found = json.loads(text) if kind.startswith("application/json") else text.decode()
            return response.status, found, {k.lower(): v for k, v in response.headers.items()}
        finally:
            line.close()

    def ask(self, task: str, question: object) -> Answer:
        """Ask as the page does."""
        body = json.dumps(question).encode()
        return self.send(
            "POST", f"/api/{task}", body, content_type="application/json", x_mih_token=TOKEN
        )

    def answer(self, task: str, question: object) -> Any:
        """Return the answer to a question that can be answered."""
        status, found, _ = self.ask(task, question)
        assert status == 200, found
        return found


@contextmanager
def serving(**options: Any) -> Iterator[Served]:
    """Serve the page from a thread of this process."""
    app = application(token=TOKEN, **options)
    with bound(0) as place:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [place]}, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        try:
            yield Served(place.getsockname()[1], app)
        finally:
            server.should_exit = True
            thread.join(20)


@contextmanager
def commanded() -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Start ``mih app`` as a user does; yield the process and its port."""
    code = "from sim.cli import main; main()"
    command = [sys.executable, "-c", code, "app", "--port", "0", "--no-browser"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        said = iter(process.stderr.readline, "")
        port = next(int(m[1]) for line in said if (m := re.search(r"127\.0\.0\.1:(\d+)/", line)))
        yield process, port
    finally:
        process.kill()
        process.wait()


def free(port: int) -> bool:
    """Say whether nobody listens on a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
