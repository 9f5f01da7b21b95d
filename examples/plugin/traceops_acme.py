"""TraceOps for two SDKs: ``acme`` sends over httpx, ``radio`` over a socket of its own."""

from __future__ import annotations

from typing import Any

from wrapt import wrap_function_wrapper

from trace_ops.providers import Body, Request, Response, record_call, record_http, record_stream, skip_waits


class Acme:
    """An SDK that sends with httpx, and tries again by itself."""

    name = "acme"  # Recorder(intercept_acme=False)
    modules = ("acme",)  # the seam is put in when the program has imported them
    distributions = ("acme-sdk",)  # their versions are named in cassettes
    credentials = {"ACME_API_KEY": "replay"}  # set for a replay where the program has none

    def install(self, module: str) -> None:
        """Record what the HTTP client sends; a stream is a generator, over before its answer is read."""
        for method in ("Client.request", "AsyncClient.request", "Client.stream"):
            is_open = not method.endswith("stream")
            record_http(self.name, module, method, _http, kinds={"/generate": "llm"}, opens=is_open)
        skip_waits(module)


def _http(client: Any) -> Any:
    return client.http


class Radio:
    """An SDK whose connection takes and gives bytes: one answer to ``ask``, lines to ``listen``."""

    name = "radio"
    modules = ("radio",)
    distributions = ("radio-sdk",)
    credentials: dict[str, str] = {}

    def install(self, module: str) -> None:
        """Wrap the methods with which bytes leave."""
        wrap_function_wrapper(module, "Connection.ask", self._ask)
        wrap_function_wrapper(module, "Connection.listen", self._listen)

    def _ask(self, wrapped: Any, _connection: Any, args: Any, _: Any) -> Any:
        def keep(answer: bytes) -> Response:
            return Response(200, [], Body(answer))

        def rebuild(kept: Response) -> bytes:
            return kept.body.raw

        request = Request("POST", args[0], body=Body(args[1]))
        return record_call(self.name, request, lambda: wrapped(*args), keep=keep, rebuild=rebuild, kind="llm")

    def _listen(self, wrapped: Any, _connection: Any, args: Any, _: Any) -> Any:
        request = Request("POST", args[0], body=Body(args[1]))
        return record_stream(
            self.name, request, lambda: wrapped(*args), keep=bytes, rebuild=bytes, kind="llm"
        )
