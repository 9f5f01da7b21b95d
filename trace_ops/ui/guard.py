"""Who is answered: the page of this server in a browser on this machine, and nobody else.

A server on loopback can be reached by any web page that is open in the same browser. Such a page cannot read
what is answered to it, unless its own name is made to lead here (DNS rebinding): so only the names of this
machine are answered to. And nothing can be changed: there is nothing but reading.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
_OWN = ("same-origin", "none")

HEADERS = {
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


class Guard:
    """Refuses what does not come from this machine's own page, whatever it asks for."""

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self._app = app
        self._headers = {**HEADERS, "content-security-policy": policy}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or say why not."""
        from starlette.responses import PlainTextResponse

        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [(name.encode(), value.encode()) for name, value in self._headers.items()]
                message = {**message, "headers": [*message["headers"], *own]}
            await send(message)

        refused = refusal(scope)
        if refused is None:
            await self._app(scope, receive, tell)
        else:
            status, why = refused
            await PlainTextResponse(f"{why}\n", status)(scope, receive, tell)


def refusal(scope: Any) -> tuple[int, str] | None:
    """The status and the reason with which a request is refused."""
    headers: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    if scope["method"] not in ("GET", "HEAD"):
        return 405, "nothing can be changed here: only GET and HEAD are answered"
    hosts = headers.get("host", [])
    if len(hosts) != 1 or _name(hosts[0]) not in NAMES:
        return 403, "only this machine is answered, by the name localhost or 127.0.0.1"
    origins = headers.get("origin", [])
    if any(origin != f"http://{hosts[0]}" for origin in origins):
        return 403, "only the page of this server is answered"
    site = headers.get("sec-fetch-site", ["none"])
    if any(each not in _OWN for each in site) and not _is_visit(scope, headers):
        return 403, "only the page of this server is answered"
    return None


def _name(host: str) -> str:
    """A host without its port; who forwards a port of another machine comes by another number."""
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdecimal() else host).lower()


def _is_visit(scope: Any, headers: dict[str, list[str]]) -> bool:
    """Whether somebody follows a link to the page, which holds nothing by itself."""
    whole = headers.get("sec-fetch-mode") == ["navigate"] and headers.get("sec-fetch-dest") == ["document"]
    return whole and scope["path"] == "/"
