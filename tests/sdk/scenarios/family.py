"""The other SDKs of the family: groq, together, cerebras."""

from __future__ import annotations

from typing import Any

from tests.sdk.kit import each
from tests.sdk.scenarios.inputs import CHAT_TOOL, asking
from trace_ops.double import HangUp, Status, StreamError

AT_ONCE = {"retry-after-ms": "1", "retry-after": "0"}
ASKED: dict[str, Any] = {"model": "llama-4-scout", "messages": asking("How is the weather in Paris?")}


def _enter(sdk: str) -> None:
    @each(sdk)
    def chat_create(client: Any) -> Any:
        return client.chat.completions.create(**ASKED)

    @each(sdk)
    def chat_tools(client: Any) -> Any:
        return client.chat.completions.create(**ASKED, tools=[CHAT_TOOL])

    @each(sdk)
    def chat_stream(client: Any) -> Any:
        return client.chat.completions.create(**ASKED, stream=True)

    @each(sdk, faults=[StreamError(after=3)])
    def chat_stream_with_an_error(client: Any) -> Any:
        return client.chat.completions.create(**ASKED, stream=True)

    @each(sdk, faults=[Status(429)])
    def rate_limit(client: Any) -> Any:
        return client.chat.completions.create(**ASKED)

    @each(sdk, faults=[HangUp()])
    def hang_up(client: Any) -> Any:
        return client.chat.completions.create(**ASKED)

    @each(sdk, faults=[Status(503, headers=AT_ONCE), None])
    def retried(client: Any) -> Any:
        return client.with_options(max_retries=1).chat.completions.with_raw_response.create(**ASKED)


for name in ("groq", "together", "cerebras"):
    _enter(name)
