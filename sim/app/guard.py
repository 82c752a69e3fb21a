"""Who may ask: only this machine, only the page itself, only with the token, only so much.

Host is checked against rebinding of names (a foreign site whose name points here), Origin and
Sec-Fetch-Site against foreign pages, the token against everybody who has not read our page.
"""

import hmac
import json
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 64 * 1024
DROPPED_BYTES = 16 * MOST_BYTES
TOKEN_HEADER = "x-mih-token"
NAMES = ("127.0.0.1", "localhost")
READING = ("GET", "HEAD")

POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    b"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = (
    (
        b"content-security-policy",
        POLICY,
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-cache"),
)


class Guard:
    """Middleware that refuses what does not come from our own page, and bounds what does."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self.app = app
        self.token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # no other protocol is spoken; the server closes the connection
        headers = {
            key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]
        }
        status, reason = refusal(scope, headers, self.token)
        if not status:
            body = await bounded(receive)
            if body is not None:
                await self.app(scope, _replayed(body, receive), _with_headers(send))
                return
            status, reason = 413, f"more than {MOST_BYTES // 1024} kB"
        await _refuse(_with_headers(send), status, reason)


def refusal(scope: Scope, headers: dict[str, str], token: str) -> tuple[int, str]:
    """Return the status and reason with which a request is refused, or (0, "")."""
    host = headers.get("host", "")
    port = (scope.get("server") or ("", 80))[1]
    if not _is_ours(host, port):
        return 421, "this server answers to 127.0.0.1 and localhost only"
    origin = headers.get("origin")
    if origin is not None and origin != f"http://{host}":
        return 403, "a foreign page asks"
    site = headers.get("sec-fetch-site", "none")
    if scope["method"] in READING:
        # A link elsewhere may lead to the page, but nothing may be embedded elsewhere.
        if site in ("cross-site", "same-site") and headers.get("sec-fetch-mode") != "navigate":
            return 403, "a foreign page asks"
        return 0, ""
    if site not in ("none", "same-origin"):
        return 403, "a foreign page asks"
    if not hmac.compare_digest(headers.get(TOKEN_HEADER, "").encode(), token.encode()):
        return 403, "the token of the page is missing or old; reload the page"
    if headers.get("content-type", "").split(";")[0].strip() != "application/json":
        return 415, "only application/json"
    return 0, ""


def _is_ours(host: str, port: int | None) -> bool:
    try:
        found = urlsplit(f"//{host}")
        return found.netloc == host and found.hostname in NAMES and (found.port or 80) == port
    except ValueError:
        return False


async def bounded(receive: Receive) -> bytes | None:
    """Return a request's body, or None if it is too long, whatever length it claimed.

    What is too long is read on for a while and dropped, so that its sender hears the answer.
    """
    body, length = b"", 0
    while True:
        message = await receive()
        more: bytes = message.get("body", b"")
        length += len(more)
        body = body + more if length <= MOST_BYTES else b""
        ended = message["type"] == "http.disconnect" or not message.get("more_body", False)
        if ended or length > DROPPED_BYTES:
            return body if length <= MOST_BYTES else None


def _replayed(body: bytes, receive: Receive) -> Receive:
    told = False

    async def again() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), *HEADERS]}
        await send(message)

    return sending


async def _refuse(send: Send, status: int, reason: str) -> None:
    body = json.dumps({"problems": [reason]}).encode()
    kind = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    kind.append((b"connection", b"close"))  # what was not read is not read any more
    await send({"type": "http.response.start", "status": status, "headers": kind})
    await send({"type": "http.response.body", "body": body})
