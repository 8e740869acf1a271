"""The trees that EXPLAIN shows: as indented text, as JSON, and as a Mermaid flowchart."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

from minidb.record import record

Fact = int | float | str | Sequence[str]
MERMAID_MARKS = str.maketrans({'"': "#quot;", "<": "#lt;", ">": "#gt;", "#": "#35;"})
MAX_LABEL = 120


@record
class ExplainNode:
    """One node of a stage.

    Parameters
    ----------
    name : str
        The kind of node.
    details : str
        What it does, on one line.
    facts : mapping of str to value
        What is known about it, under the names of the JSON form.
    note : str
        The facts in words, for the other forms.
    children : tuple of ExplainNode
        Its inputs.
    """

    name: str
    details: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)
    note: str = ""
    children: tuple[ExplainNode, ...] = ()

    @property
    def title(self) -> str:
        """Return name and details."""
        return f"{self.name} {self.details}".rstrip()


def text_lines(root: ExplainNode) -> Iterator[str]:
    """Yield one line for each node, inputs indented below."""
    for node, depth in _walk(root):
        note = f"  ({node.note})" if node.note else ""
        yield "  " * depth + node.title + note


def _walk(root: ExplainNode) -> Iterator[tuple[ExplainNode, int]]:
    """Yield every node with its depth, each before its children, without recursion."""
    stack = [(root, 0)]
    while stack:
        node, depth = stack.pop()
        yield node, depth
        stack.extend((child, depth + 1) for child in reversed(node.children))


def mermaid_lines(root: ExplainNode) -> Iterator[str]:
    """Yield the lines of a flowchart, in which rows flow upwards into the root."""
    yield "flowchart BT"
    stack: list[tuple[ExplainNode, int | None]] = [(root, None)]
    n_nodes = 0
    while stack:
        node, parent = stack.pop()
        number, n_nodes = n_nodes, n_nodes + 1
        parts = [mermaid_label(node.title), *([mermaid_label(node.note)] if node.note else [])]
        yield f'  n{number}["{"<br/>".join(parts)}"]'
        if parent is not None:
            yield f"  n{number} --> n{parent}"
        stack.extend((child, number) for child in reversed(node.children))


def mermaid_label(text: str) -> str:
    """Return a text as it may stand in a node of a flowchart, shortened where it is long."""
    shown = text if len(text) <= MAX_LABEL else text[: MAX_LABEL - 3] + "..."
    return shown.translate(MERMAID_MARKS)


def json_text(root: ExplainNode, about: Mapping[str, Fact] | None = None) -> str:
    """Return the tree as JSON in the shape of ClickHouse's ``EXPLAIN json = 1``.

    Parameters
    ----------
    about : mapping, optional
        Facts about the whole, beside the plan.

    Notes
    -----
    Trees may be deeper than Python's stack, so the text is put together without recursion.
    """
    lines = ["[", "  {", '    "Plan": {']
    stack: list[tuple[str, ExplainNode | None, str]] = [("    ", root, "")]
    while stack:
        indent, node, closing = stack.pop()
        if node is None:
            lines.append(indent + closing)
            continue
        facts: dict[str, Fact] = {"Node Type": node.name}
        if node.details:
            facts["Description"] = node.details
        facts.update(node.facts)
        lines += _members(facts, indent + "  ", more=bool(node.children))
        if not node.children:
            continue
        lines.append(f'{indent}  "Plans": [')
        stack.append((indent, None, "  ]"))
        inner = indent + "    "
        for place, child in reversed(list(enumerate(node.children))):
            comma = "," if place < len(node.children) - 1 else ""
            stack += [(inner, None, "}" + comma), (inner, child, ""), (inner, None, "{")]
    lines.append("    }" + ("," if about else ""))
    lines += _members(about or {}, "    ", more=False)
    return "\n".join([*lines, "  }", "]"])


def _members(facts: Mapping[str, Fact], indent: str, *, more: bool) -> list[str]:
    """Return the lines of an object's plain members."""
    written = [
        f"{indent}{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}"
        for key, value in facts.items()
    ]
    return [
        line + ("," if more or place < len(written) - 1 else "")
        for place, line in enumerate(written)
    ]
