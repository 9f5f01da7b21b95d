"""The application: the page, and what it asks for."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from trace_ops.errors import CassetteError, UsageError
from trace_ops.exporters.text import json_text
from trace_ops.filters import FilterError
from trace_ops.ui.guard import Guard
from trace_ops.ui.index import Index
from trace_ops.ui.search import Search
from trace_ops.ui.views import Views

if TYPE_CHECKING:
    from starlette.requests import Request

PAUSE_S = 0.4
"""How often a folder is looked at while somebody watches it."""
_SIGN_OF_LIFE_S = 15.0
_POLICY = re.compile(r'(?<=<meta http-equiv="Content-Security-Policy" content=")[^"]*(?=">)')


class Application(Starlette):
    """The runs of an index in a browser; :meth:`end` lets go of those who watch."""

    def __init__(self, index: Index) -> None:
        html, policy = page()
        self._index, self._views, self._search = index, Views(index), Search(index)
        self._html = html
        self._ended = False
        routes = [
            Route("/", self._page),
            Route("/api/bundle", self._bundle),
            Route("/api/changes", self._changes),
            Route("/api/events", self._events),
            Route("/api/search", self._found),
            Route("/api/runs/{key}", self._run),
            Route("/api/runs/{key}/details", self._details),
            Route("/api/comparisons/{key}", self._comparison),
        ]
        super().__init__(routes=routes, middleware=[Middleware(Guard, policy=policy)])

    def end(self) -> None:
        """The server ends: nobody is told anything more."""
        self._ended = True

    async def _page(self, _: Request) -> Response:
        return HTMLResponse(self._html)

    async def _bundle(self, _: Request) -> Response:
        await run_in_threadpool(self._index.refresh)
        return _json(json_text(self._index.bundle()))

    async def _changes(self, request: Request) -> Response:
        await run_in_threadpool(self._index.refresh)
        return _json(json_text(self._index.changes(request.query_params.get("since"))))

    async def _run(self, request: Request) -> Response:
        return await self._told(self._views.run, request)

    async def _details(self, request: Request) -> Response:
        return await self._told(self._views.details, request)

    async def _comparison(self, request: Request) -> Response:
        return await self._told(self._views.comparison, request)

    async def _told(self, tell: Callable[[str], str | None], request: Request) -> Response:
        try:
            told = await run_in_threadpool(tell, request.path_params["key"])
        except CassetteError as error:
            return PlainTextResponse(str(error), 409)
        return PlainTextResponse("there is no such run in this folder", 404) if told is None else _json(told)

    async def _found(self, request: Request) -> Response:
        start = request.query_params.get("from", "0")
        text = request.query_params.get("q", "")[:1000]
        if not (start.isascii() and start.isdecimal() and len(start) < 10):
            return PlainTextResponse("from= is the number of a run", 400)
        try:
            return _json(json_text(await run_in_threadpool(self._search.find, text, int(start))))
        except FilterError as error:
            return PlainTextResponse(error.message, 400)

    async def _events(self, request: Request) -> Response:
        if request.method == "HEAD":
            return Response(media_type="text/event-stream")
        since = request.headers.get("last-event-id") or request.query_params.get("since")
        return StreamingResponse(self._stream(since), media_type="text/event-stream")

    async def _stream(self, since: str | None) -> AsyncIterator[str]:
        """Tell of each change; the page says where it stands when it comes back."""
        quiet, unread = 0.0, -1
        yield "retry: 1000\n\n"
        while not self._ended:
            more = await run_in_threadpool(self._index.refresh)
            changes = self._index.changes(since)
            library = changes["library"]
            if changes["runs"] or changes["gone"] or library["at"] != since or library["unread"] != unread:
                since, unread, quiet = library["at"], library["unread"], 0.0
                # In JSON there is no line break.
                yield f"id: {since}\ndata: {json_text(changes)}\n\n"
            elif quiet >= _SIGN_OF_LIFE_S:
                quiet = 0.0
                yield ": \n\n"
            pause = 0.01 if more else PAUSE_S
            quiet += pause
            await asyncio.sleep(pause)


@cache
def page() -> tuple[str, str]:
    """The page that asks this server for its data, and its policy: its own, and that it may ask here."""
    file = files("trace_ops.viewer") / "viewer.html"
    if not file.is_file():
        raise UsageError("the viewer's page is not built: run npm ci && npm run build in viewer/")
    html = file.read_text("utf-8")
    found = _POLICY.search(html)
    assert found is not None, "the viewer's page has no policy"
    policy = found[0].replace("connect-src 'none'", "connect-src 'self'")
    assert policy != found[0], "the viewer's policy has nothing to say of connections"
    return _POLICY.sub(lambda _: policy, html), f"{policy}; frame-ancestors 'none'"


def _json(text: str) -> Response:
    return Response(text, media_type="application/json")


def application(index: Index) -> Any:
    """The runs of an index as an ASGI application."""
    return Application(index)
