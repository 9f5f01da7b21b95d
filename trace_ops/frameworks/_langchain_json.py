"""What a model of LangChain is asked and what it gives, as JSON, and that back again.

A request holds what is said, without what LangChain adds for itself: ids of runs, metadata and usage of
earlier answers, artifacts of tools. An answer holds all there is, but for what is empty.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from trace_ops._plain import plain, read
from trace_ops.frameworks._langchain_values import ROLES
from trace_ops.frameworks._stable import stable

_UNSAID = frozenset(
    {"id", "type", "response_metadata", "usage_metadata", "artifact", "tool_call_chunks", "chunk_position"}
)
_FAKES = "langchain_core.language_models.fake"


def asked(model: Any, given: Any, *, streams: bool = False, **options: Any) -> dict[str, Any]:
    """The body of a request: which model, what it is given, and the options of the call."""
    about = _about(model, options)
    name = about.pop("model", None) or type(model).__name__
    body: dict[str, Any] = {"model": name}
    known = {**about, **_identity(model)}.items()
    params = {
        key: value for key, value in known if (key, value) not in (("model", name), ("model_name", name))
    }
    if params:
        body["params"] = params
    if isinstance(given, str):
        body["prompt"] = given
    elif all(isinstance(item, str) for item in given):
        body["prompts"] = list(given)
    else:
        body["messages"] = [_said(message) for message in given]
    body |= {key: _option(key, value) for key, value in options.items() if value is not None}
    return {**body, "stream": True} if streams else body


def told(result: Any) -> dict[str, Any]:
    """An answer, or a piece of one."""
    if isinstance(result, dict):  # an event of LangChain's protocol of streams
        return {"event": result}
    if not hasattr(result, "generations"):
        return _generation(result)
    kept = {"generations": [_generations(item) for item in result.generations]}
    return {**kept, "llm_output": result.llm_output} if result.llm_output is not None else kept


def again(answer: dict[str, Any], *, is_piece: bool = False) -> Any:
    """The answer that :func:`told` wrote, of LangChain's own types."""
    if "event" in answer:
        return plain(answer["event"])
    if is_piece:
        return _generation_again(answer, "Chunk") if "message" in answer or "text" in answer else None
    outputs = sys.modules["langchain_core.outputs"]
    generations = [_generations_again(item) for item in answer["generations"]]
    is_chat = not any(isinstance(item, list) for item in generations)
    kind = outputs.ChatResult if is_chat else outputs.LLMResult
    return kind(generations=generations, llm_output=plain(answer.get("llm_output")))


def kept(result: Any, *, is_piece: bool = False) -> tuple[dict[str, Any], bool]:
    """An answer as JSON can hold it, and whether it can be given again exactly."""
    answer, is_exact = read(told(result))
    return answer, is_exact and bool(again(answer, is_piece=is_piece) == result)


def _about(model: Any, options: dict[str, Any]) -> dict[str, Any]:
    """What LangChain tells of a model to whoever traces it."""
    tell = getattr(model, "_get_ls_params", None)
    known = tell(**options) if tell is not None else {}
    names = {"model": "ls_model_name", "temperature": "ls_temperature", "max_tokens": "ls_max_tokens"}
    return {name: known[key] for name, key in names.items() if known.get(key) is not None}


def _identity(model: Any) -> dict[str, Any]:
    """What a model says identifies it, as far as that does not differ from run to run."""
    home = next((cls for cls in type(model).__mro__ if "_identifying_params" in vars(cls)), object)
    if home.__module__.startswith(_FAKES):  # there it is the answers
        return {}
    params = {str(key): read(value) for key, value in dict(model._identifying_params).items()}
    return {key: value for key, (value, is_exact) in params.items() if is_exact and value is not None}


def _option(key: str, value: Any) -> Any:
    if key == "tools" and isinstance(value, Sequence):
        return [_tool(item) for item in value]
    if isinstance(value, type) and hasattr(value, "model_json_schema"):
        value = value.model_json_schema()
    return stable(value)


def _tool(value: Any) -> Any:
    if isinstance(value, dict):
        return stable(value)
    return stable(sys.modules["langchain_core.utils.function_calling"].convert_to_openai_tool(value))


def _said(message: Any) -> dict[str, Any]:
    role = ROLES.get(message.type, message.type)
    fields = message.model_dump(exclude=_UNSAID | {"content"}, exclude_defaults=True)
    said = {"role": role, "content": stable(message.content)}
    return {**said, **{key: stable(value) for key, value in fields.items() if not _is_empty(value)}}


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, (str, list, dict)) and not value)


def _generations(item: Any) -> Any:
    return [_generation(each) for each in item] if isinstance(item, list) else _generation(item)


def _generation(generation: Any) -> dict[str, Any]:
    message = getattr(generation, "message", None)
    said = {"text": generation.text} if message is None else {"message": _message(message)}
    info = generation.generation_info
    return said if info is None else {**said, "generation_info": info}


def _message(message: Any) -> dict[str, Any]:
    fields = message.model_dump(exclude_defaults=True)
    content = fields.pop("content", "")
    fields = {key: value for key, value in fields.items() if not _is_empty(value)}
    if fields.get("tool_call_chunks"):  # of which these are made
        fields.pop("tool_calls", None)
        fields.pop("invalid_tool_calls", None)
    said = {"type": message.type} if content == "" else {"type": message.type, "content": content}
    return {**said, **{key: value for key, value in fields.items() if key != "type"}}


def _generations_again(item: Any) -> Any:
    return [_generation_again(each) for each in item] if isinstance(item, list) else _generation_again(item)


def _generation_again(kept: dict[str, Any], of_piece: str = "") -> Any:
    outputs, info = sys.modules["langchain_core.outputs"], plain(kept.get("generation_info"))
    if "message" not in kept:
        return getattr(outputs, f"Generation{of_piece}")(text=kept["text"], generation_info=info)
    data = {"content": "", **plain(kept["message"])}
    kind = data.pop("type")
    (message,) = sys.modules["langchain_core.messages"].messages_from_dict([{"type": kind, "data": data}])
    return getattr(outputs, f"ChatGeneration{of_piece}")(message=message, generation_info=info)
