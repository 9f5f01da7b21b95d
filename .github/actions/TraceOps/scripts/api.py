"""GitHub's REST API as far as comments need it: pages, faults that pass, limits, refusals."""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message
from typing import Any

_TRIES = 4
_LONGEST_WAIT_S = 60.0
_TIMEOUT_S = 30.0
_PAGE = 100
_MOST_PAGES = 100


class ApiError(Exception):
    """A request had no success; ``status`` is 0 if there was no answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status

    @property
    def refused(self) -> bool:
        """Whether the token may not do it; GitHub says 404 for what a token may not see."""
        return self.status in (401, 403, 404)

    @property
    def passing(self) -> bool:
        """Whether it may work next time."""
        return self.status == 0 or self.status == 429 or self.status >= 500


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect could carry the token to another host."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class Api:
    """The API of the server that the workflow runs on."""

    def __init__(self, token: str) -> None:
        self._root = os.environ.get("GITHUB_API_URL", "https://api.github.com").rstrip("/")
        self._token = token
        self._opener = urllib.request.build_opener(_NoRedirect)
        # How long a second is: tests have no time.
        self._second = float(os.environ.get("TRACE_OPS_SECOND", "1"))

    def pages(self, path: str) -> Iterator[dict[str, Any]]:
        """The items of a list, of all its pages."""
        for page in range(1, _MOST_PAGES + 1):
            items = self.request("GET", f"{path}?per_page={_PAGE}&page={page}")
            yield from (item for item in items if isinstance(item, dict))
            if len(items) < _PAGE:
                return

    def request(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Send a request, again where that is safe and may help. Raises :class:`ApiError`."""
        for number in range(_TRIES):
            try:
                return self._once(method, path, body)
            except _LimitedError as error:
                if error.wait > _LONGEST_WAIT_S or number == _TRIES - 1:
                    raise ApiError(429, f"{error}; it would take {error.wait:.0f} s") from None
                time.sleep(error.wait * self._second)
            except ApiError as error:
                # What was sent may have been done though the answer is lost: a comment must not come twice.
                if not error.passing or method == "POST" or number == _TRIES - 1:
                    raise
                time.sleep(2**number * self._second)
        raise AssertionError("unreachable")

    def _once(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        request = urllib.request.Request(  # noqa: S310
            self._root + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
                "User-Agent": "TraceOps",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )
        try:
            with self._opener.open(request, timeout=_TIMEOUT_S) as answer:
                data = answer.read()
            return json.loads(data) if data else None
        except urllib.error.HTTPError as error:
            with error:
                _raise_limit(error.code, error.headers)
                raise ApiError(
                    error.code, f"{method} {path}: {error.code} {_message(error.read())}"
                ) from None
        except (OSError, ValueError) as error:
            raise ApiError(0, f"{method} {path}: {error}") from None


class _LimitedError(Exception):
    def __init__(self, wait: float) -> None:
        super().__init__("too many requests")
        self.wait = wait


def _raise_limit(status: int, headers: Message) -> None:
    """Tell a limit from a refusal, which have one status."""
    if status not in (403, 429):
        return
    after = headers.get("retry-after")
    if after is not None and after.strip().isdigit():
        raise _LimitedError(float(after))
    if headers.get("x-ratelimit-remaining") == "0":
        reset = headers.get("x-ratelimit-reset", "")
        wait = float(reset) - time.time() if reset.strip().isdigit() else _LONGEST_WAIT_S
        raise _LimitedError(max(wait, 0.0))
    if status == 429:
        raise _LimitedError(_LONGEST_WAIT_S)


def _message(data: bytes) -> str:
    try:
        found = json.loads(data)
    except ValueError:
        return ""
    return str(found.get("message", "")) if isinstance(found, dict) else ""
