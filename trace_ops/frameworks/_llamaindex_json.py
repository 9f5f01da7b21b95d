"""Documents, answers and results of tools of LlamaIndex as JSON, and that back again, of its own types."""

from __future__ import annotations

import sys
from typing import Any

from trace_ops._plain import plain, read
from trace_ops.frameworks._langchain_values import is_a
from trace_ops.frameworks._llamaindex_values import RESPONSES, SCHEMA, TOOLS, cls_of, document


def kept_nodes(nodes: Any) -> tuple[list[dict[str, Any]], list[Any]]:
    """Nodes with their scores: as documents, and what else each is made of.

    What cannot be made again exactly is kept as itself, which no JSON holds.
    """
    documents = [document(one.node, one.score) for one in nodes]
    return documents, [_rest(one, kept) for one, kept in zip(nodes, documents)]


def nodes_again(documents: Any, rest: Any) -> list[Any]:
    """Nodes with their scores, from what :func:`kept_nodes` gave."""
    return [_node_again(one, more) for one, more in zip(documents, rest)]


def _rest(found: Any, kept: dict[str, Any]) -> Any:
    node = found.node
    fields = node.model_dump(mode="json", exclude_defaults=True)
    for name in ("metadata", "class_name"):
        fields.pop(name, None)
    if fields.get("text") == kept["text"]:
        fields["text"] = True
    kind = f"{type(node).__module__}.{type(node).__qualname__}"
    rest = {**fields, "type": kind} if kind != f"{SCHEMA}.TextNode" else fields
    rest = plain({name: value for name, value in rest.items() if value is not None})
    same = read(found.score)[1] and type(found) is cls_of(SCHEMA, "NodeWithScore")
    return rest if same and _node_again(kept, rest) == found else found


def _node_again(kept: dict[str, Any], rest: dict[str, Any]) -> Any:
    fields = {**plain(rest), "metadata": plain(kept["metadata"])}
    module, _, name = fields.pop("type", f"{SCHEMA}.TextNode").rpartition(".")
    if fields.get("text") is True:
        fields["text"] = kept["text"]
    node = getattr(sys.modules[module], name).model_validate(fields)
    return cls_of(SCHEMA, "NodeWithScore")(node=node, score=kept["score"])


def kept_output(output: Any) -> tuple[str, dict[str, Any]]:
    """The result of a tool: its content, and what else it is made of, exact where that can be."""
    rest: dict[str, Any] = {"raw_input": output.raw_input, "raw_output": _raw(output.raw_output)}
    if output.is_error:
        rest["is_error"] = True
    blocks = list(getattr(output, "blocks", ()))
    if [getattr(block, "text", None) for block in blocks] != [output.content]:
        rest["blocks"] = [block.model_dump() for block in blocks]
    again = output_again(output.content, {**rest, "tool_name": output.tool_name})
    return output.content, rest if again == output else {"output": output}


def output_again(content: str, rest: dict[str, Any]) -> Any:
    """The result of a tool, from what :func:`kept_output` gave and its name."""
    fields = {**rest, "raw_output": _raw_again(rest["raw_output"])}
    if "blocks" not in fields:
        fields["content"] = content
    return cls_of(TOOLS, "ToolOutput")(**fields)


def _raw(value: Any) -> Any:
    """What a tool gave, before it was made a text: plain data, documents, or the answer of a query engine."""
    if is_a(value, RESPONSES, "Response"):
        documents, rest = kept_nodes(value.source_nodes)
        told = {"documents": documents, "nodes": rest, "metadata": value.metadata}
        return {"response": value.response, **told}
    if isinstance(value, list) and value and all(is_a(one, SCHEMA, "NodeWithScore") for one in value):
        documents, rest = kept_nodes(value)
        return {"documents": documents, "nodes": rest}
    return {"json": value}


def _raw_again(kept: dict[str, Any]) -> Any:
    if "json" in kept:
        return kept["json"]
    nodes = nodes_again(kept["documents"], kept["nodes"])
    if "response" not in kept:
        return nodes
    response = cls_of(RESPONSES, "Response")
    return response(kept["response"], source_nodes=nodes, metadata=plain(kept["metadata"]))
