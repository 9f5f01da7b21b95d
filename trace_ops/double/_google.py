"""Google's generateContent, embeddings, token counts and models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trace_ops.double._author import Prompt, Tool, Turn, tokens
from trace_ops.double._openai_rest import vector
from trace_ops.double._reply import Rejection, Reply, compact, dense, event, pretty, server_sent
from trace_ops.double._request import Incoming


def generate(incoming: Incoming) -> Reply:
    """``POST /v1beta/models/{model}:generateContent``."""
    turn = _turn(incoming)
    return pretty(_answer(incoming, _parts(turn), turn, incoming.mint("", 22)))


def stream(incoming: Incoming) -> Reply:
    """``POST /v1beta/models/{model}:streamGenerateContent``, as events; the SDK asks for no array."""
    turn, name = _turn(incoming), incoming.mint("", 22)
    *pieces, last = _pieces(turn)
    answers = [_answer(incoming, [piece], None, name) for piece in pieces]
    answers.append(_answer(incoming, [last], turn, name))
    events = [f"data: {dense(answer)}\r\n\r\n".encode() for answer in answers]
    return Reply(events=events, content_type="text/event-stream")


def embed_all(incoming: Incoming) -> Reply:
    """``POST /v1beta/models/{model}:batchEmbedContents``."""
    asked = [_text(each.get("content") or {}) for each in incoming.body.get("requests") or ()]
    return pretty({"embeddings": [{"values": vector(text, 8)} for text in asked]})


def embed(incoming: Incoming) -> Reply:
    """``POST /v1beta/models/{model}:embedContent``."""
    return pretty({"embedding": {"values": vector(_text(incoming.body.get("content") or {}), 8)}})


def count_tokens(incoming: Incoming) -> Reply:
    """``POST /v1beta/models/{model}:countTokens``."""
    return compact({"totalTokens": _asked(incoming.body)})


def models(incoming: Incoming) -> Reply:
    """``GET /v1beta/models``."""
    return pretty({"models": [{"name": "models/gemini-3.5-flash", "displayName": "Gemini 3.5 Flash"}]})


def upload(incoming: Incoming) -> Reply:
    """``POST /upload/v1beta/files``: once to begin, then with the bytes."""
    if incoming.request.headers.get("x-goog-upload-command") == "start":
        query = f"upload_id={incoming.mint('', 24)}&upload_protocol=resumable"
        reply = compact({})
        where = f"{incoming.base_url}{incoming.request.path}?{query}"
        reply.headers |= {"x-goog-upload-url": where, "x-goog-upload-status": "active"}
        return reply
    name = incoming.mint("files/", 12).lower()
    size = str(len(incoming.request.body))
    uri = f"{incoming.base_url}/v1beta/{name}"
    file = {"name": name, "mimeType": "text/plain", "sizeBytes": size, "uri": uri, "state": "ACTIVE"}
    reply = pretty({"file": file})
    reply.headers["x-goog-upload-status"] = "final"
    return reply


def download(incoming: Incoming) -> Reply:
    """``GET /v1beta/files/{id}:download``."""
    return Reply(b"Good morning, dear listeners", content_type="text/plain")


def interact(incoming: Incoming) -> Reply:
    """``POST /v1beta/interactions``, for a text."""
    body = incoming.body
    model, text = str(body.get("model")), str(body.get("input", ""))
    turn: Turn = incoming.author(Prompt(model, user=text))
    written, asked = len(tokens(turn.text)), len(tokens(text))
    whole: dict[str, Any] = {
        "id": incoming.mint("v1_", 40),
        "status": "completed",
        "object": "interaction",
        "model": model,
        "usage": {
            "total_input_tokens": asked,
            "total_output_tokens": written,
            "total_tokens": asked + written,
        },
        "steps": [{"type": "model_output", "content": [{"type": "text", "text": turn.text}]}],
    }
    if not body.get("stream"):
        return compact(whole)
    begun = {key: value for key, value in whole.items() if key not in ("usage", "steps")}
    events: list[dict[str, Any]] = [
        {"interaction": begun | {"status": "in_progress"}, "event_type": "interaction.created"},
        {"index": 0, "step": {"type": "model_output"}, "event_type": "step.start"},
    ]
    for piece in tokens(turn.text):
        delta = {"type": "text", "text": piece}
        events.append({"index": 0, "delta": delta, "event_type": "step.delta"})
    events.append({"index": 0, "event_type": "step.stop"})
    events.append({"interaction": whole, "event_type": "interaction.completed"})
    return server_sent([event(each, each["event_type"]) for each in events] + [event("[DONE]", "done")])


def _turn(incoming: Incoming) -> Turn:
    body = incoming.body
    if not isinstance(body.get("contents"), list):
        raise Rejection(400, "* GenerateContentRequest.contents: contents is not specified")
    user, results = "", list[tuple[str, str]]()
    for content in body["contents"]:
        answers = [
            part["functionResponse"] for part in content.get("parts") or () if "functionResponse" in part
        ]
        results += [(each.get("name", "tool"), dense(each.get("response"))) for each in answers]
        if content.get("role", "user") == "user" and not answers:
            user, results = _text(content), []
    offered = [tool for group in body.get("tools") or () for tool in group.get("functionDeclarations") or ()]
    config = body.get("generationConfig") or {}
    turn: Turn = incoming.author(
        Prompt(
            model=incoming.groups["model"],
            user=user,
            system=_text(body.get("systemInstruction") or {}),
            tools=tuple(Tool(each["name"], _schema(each)) for each in offered),
            results=tuple(results),
            schema=config.get("responseJsonSchema") or config.get("responseSchema"),
        )
    )
    return turn


def _schema(tool: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = _lower(tool.get("parametersJsonSchema") or tool.get("parameters") or {})
    return schema


def _lower(schema: Any) -> Any:
    """A schema with the names of its types as JSON Schema writes them."""
    if isinstance(schema, list):
        return [_lower(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: value.lower() if key == "type" and isinstance(value, str) else _lower(value)
        for key, value in schema.items()
    }


def _text(content: dict[str, Any]) -> str:
    return " ".join(part["text"] for part in content.get("parts") or () if "text" in part)


def _parts(turn: Turn) -> list[dict[str, Any]]:
    calls = [{"functionCall": {"name": call.name, "args": dict(call.arguments)}} for call in turn.calls]
    return [*([{"text": turn.text}] if turn.text or not calls else []), *calls]


def _pieces(turn: Turn) -> Iterator[dict[str, Any]]:
    for part in _parts(turn):
        if "text" not in part:
            yield part
        else:
            yield from ({"text": piece} for piece in tokens(part["text"]) or [""])


def _asked(body: dict[str, Any]) -> int:
    return sum(len(tokens(_text(content))) + 1 for content in body.get("contents") or ())


def _answer(incoming: Incoming, parts: list[Any], turn: Turn | None, name: str) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}}
    usage = {"promptTokenCount": _asked(incoming.body)}
    if turn is not None:
        written = len(tokens(turn.text)) + 8 * len(turn.calls)
        candidate["finishReason"] = "STOP"
        usage |= {
            "candidatesTokenCount": written,
            "totalTokenCount": usage["promptTokenCount"] + written,
        }
    return {
        "candidates": [candidate | {"index": 0}],
        "usageMetadata": usage,
        "modelVersion": incoming.groups["model"],
        "responseId": name,
    }
