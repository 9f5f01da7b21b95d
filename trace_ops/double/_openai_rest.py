"""The other OpenAI endpoints: embeddings, models, files, audio, images, moderations, decisions."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import struct
from typing import Any

from trace_ops.double._author import Prompt, Tool, tokens
from trace_ops.double._openai_responses import page
from trace_ops.double._reply import Rejection, Reply, event, pretty, server_sent
from trace_ops.double._request import Incoming

MODELS = ("gpt-5", "gpt-5-mini", "text-embedding-3-small", "whisper-1")


def embeddings(incoming: Incoming) -> Reply:
    """``POST /embeddings``, as floats or base64."""
    body = incoming.body
    asked = body.get("input", "")
    single = isinstance(asked, str) or (asked and isinstance(asked[0], int))
    texts = [json.dumps(each) for each in ([asked] if single else asked)]
    data = []
    for index, text in enumerate(texts):
        values: Any = vector(text, int(body.get("dimensions") or 32))
        if body.get("encoding_format") == "base64":
            values = base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()
        data.append({"object": "embedding", "index": index, "embedding": values})
    count = sum(len(tokens(text)) for text in texts)
    usage = {"prompt_tokens": count, "total_tokens": count}
    return pretty({"object": "list", "data": data, "model": body.get("model"), "usage": usage})


def vector(text: str, dimensions: int) -> list[float]:
    """The embedding of a text."""
    digest = b"".join(hashlib.sha256(f"{text}{i}".encode()).digest() for i in range(dimensions // 32 + 1))
    raw = [byte - 127.5 for byte in digest[:dimensions]]
    norm = math.sqrt(sum(each * each for each in raw))
    return [round(each / norm, 9) for each in raw]


def models(_incoming: Incoming) -> Reply:
    """``GET /models``."""
    return pretty({"object": "list", "data": [_model(name) for name in MODELS]})


def model(incoming: Incoming) -> Reply:
    """``GET /models/{id}``."""
    name = incoming.groups["id"]
    if name not in MODELS:
        raise Rejection(404, f"The model '{name}' does not exist", "model_not_found")
    return pretty(_model(name))


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 1687882411, "owned_by": "system"}


def upload_file(incoming: Incoming) -> Reply:
    """``POST /files``, a multipart form."""
    part = next((part for part in incoming.form if part.name == "file"), None)
    if part is None:
        raise Rejection(400, "'file' is a required property")
    meta = {
        "object": "file",
        "id": incoming.mint("file-", 22),
        "purpose": incoming.field("purpose"),
        "filename": part.filename,
        "bytes": len(part.content),
        "created_at": incoming.mint.created,
        "expires_at": None,
        "status": "processed",
        "status_details": None,
    }
    incoming.store.setdefault("files", {})[meta["id"]] = (meta, part.content)
    return pretty(meta)


def files(incoming: Incoming) -> Reply:
    """``GET /files``: in order of upload, ``limit`` a page."""
    stored = incoming.store.get("files", {})
    return pretty(page([meta for meta, _ in stored.values()], incoming))


def file(incoming: Incoming) -> Reply:
    """``GET /files/{id}``."""
    return pretty(_file(incoming)[0])


def file_content(incoming: Incoming) -> Reply:
    """``GET /files/{id}/content``."""
    return Reply(_file(incoming)[1], content_type="application/octet-stream")


def delete_file(incoming: Incoming) -> Reply:
    """``DELETE /files/{id}``."""
    meta = _file(incoming)[0]
    del incoming.store["files"][meta["id"]]
    return pretty({"object": "file", "deleted": True, "id": meta["id"]})


def _file(incoming: Incoming) -> tuple[dict[str, Any], bytes]:
    name = incoming.groups["id"]
    found: tuple[dict[str, Any], bytes] | None = incoming.store.get("files", {}).get(name)
    if found is None:
        raise Rejection(404, f"No such File object: {name}")
    return found


def speech(incoming: Incoming) -> Reply:
    """``POST /audio/speech``: bytes that look like an MP3, sent in pieces."""
    text = str(incoming.body.get("input", ""))
    noise = [hashlib.sha512(f"{text}{i}".encode()).digest() * 8 for i in range(1 + len(text) // 8)]
    return Reply(events=[b"ID3\x04\x00\x00\x00\x00\x00\x00", *noise], content_type="audio/mpeg")


def transcribe(incoming: Incoming) -> Reply:
    """``POST /audio/transcriptions`` and ``/audio/translations``."""
    part = next((part for part in incoming.form if part.name == "file"), None)
    if part is None:
        raise Rejection(400, "'file' is a required property")
    text = f"A recording of {len(part.content)} bytes named {part.filename}."
    shape = incoming.field("response_format", "json")
    if incoming.field("stream") == "true":
        deltas = [{"type": "transcript.text.delta", "delta": piece} for piece in tokens(text)]
        done = {"type": "transcript.text.done", "text": text}
        return server_sent([*(event(each) for each in [*deltas, done]), event("[DONE]")])
    if shape in ("text", "srt", "vtt"):
        body = text if shape == "text" else f"1\n00:00:00,000 --> 00:00:02,000\n{text}\n"
        return Reply(f"{body}\n".encode(), content_type="text/plain; charset=utf-8")
    usage = {"type": "duration", "seconds": 2}
    if shape == "verbose_json":
        return pretty(
            {"task": "transcribe", "language": "english", "duration": 2.0, "text": text, "usage": usage}
        )
    return pretty({"text": text, "usage": usage})


def images(incoming: Incoming) -> Reply:
    """``POST /images/generations``: one pixel."""
    pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    count = int(incoming.body.get("n") or 1)
    return pretty({"created": incoming.mint.created, "data": [{"b64_json": pixel}] * count})


def moderations(incoming: Incoming) -> Reply:
    """``POST /moderations``: flags whatever mentions violence."""
    asked = incoming.body.get("input", "")
    flags = ["violence" in json.dumps(text) for text in (asked if isinstance(asked, list) else [asked])]
    results = [
        {
            "flagged": flag,
            "categories": {"violence": flag, "self-harm": False},
            "category_scores": {"violence": 0.98 if flag else 1.2e-05, "self-harm": 3.1e-07},
            "category_applied_input_types": {"violence": ["text"], "self-harm": ["text"]},
        }
        for flag in flags
    ]
    model_name = incoming.body.get("model", "omni-moderation-latest")
    return pretty({"id": incoming.mint.hex("modr-", 32), "model": model_name, "results": results})


def decide(incoming: Incoming) -> Reply:
    """``POST /decisions``: a choice is the tool that the author calls, of the choices, or the last one."""
    body = incoming.body
    answers = [_answer(incoming, question) for question in body.get("questions") or ()]
    usage = {"input_tokens": 21, "output_tokens": 1, "total_tokens": 22}
    cached = {"input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0}}
    details = cached | {"output_tokens_details": {"reasoning_tokens": 0}}
    head = {"id": incoming.mint.hex("dec_", 32), "object": "decision", "created_at": incoming.mint.created}
    return pretty(head | {"model": body.get("model"), "answers": answers, "usage": usage | details})


def _answer(incoming: Incoming, question: dict[str, Any]) -> dict[str, Any]:
    if question.get("type") != "choice":
        raise Rejection(400, "the double answers choices only")
    values = [choice["value"] for choice in question["choices"]]
    offered = tuple(Tool(str(value)) for value in values)
    turn = incoming.author(Prompt(str(incoming.body.get("model")), question["instructions"], tools=offered))
    chosen = turn.calls[0].name if turn.calls else values[-1]
    probabilities = [{"value": value, "probability": float(value == chosen)} for value in values]
    answer = {"type": "choice", "name": question.get("name"), "choice": chosen, "confidence": 1.0}
    return answer | {"probabilities": probabilities}
