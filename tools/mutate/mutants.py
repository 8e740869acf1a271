"""Single small mistakes in a module's functions: where they can be made, and how."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

Node: TypeAlias = ast.expr | ast.stmt

OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.BitXor: ast.BitOr,
}
COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}
NAMES = {
    "all": "any",
    "any": "all",
    "bitwise_and": "bitwise_or",
    "bitwise_or": "bitwise_and",
    "bitwise_xor": "bitwise_or",
    "greater_equal": "greater",
    "left_shift": "right_shift",
    "less": "less_equal",
    "less_equal": "less",
    "maximum": "minimum",
    "minimum": "maximum",
    "right_shift": "left_shift",
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mistake.

    Attributes
    ----------
    module : str
        Its dotted name.
    number : int
        Among the mistakes of this module's source.
    function : str
        The outermost function or class, and the method, that it is in.
    line : int
    before, after : str
        The smallest expression or statement around it.
    """

    module: str
    number: int
    function: str
    line: int
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line} {self.function}: `{self.before}` -> `{self.after}`"


def mutants_of(module: str, source: str) -> list[Mutant]:
    """Return every mistake that can be made in a module.

    Parameters
    ----------
    module : str
        Its dotted name.
    source : str

    Returns
    -------
    list of Mutant
        In the order of the source. Messages, annotations and docstrings are left alone.
    """
    found = []
    for number, (function, node, change) in enumerate(list(_sites(ast.parse(source)))):
        before = ast.unparse(node)
        right = change.make()
        after = ast.unparse(node)
        Change(change.node, change.field, right).make()
        found.append(Mutant(module, number, function, node.lineno, before, after))
    return found


def mutated(source: str, number: int) -> ast.Module:
    """Return a module's tree with one mistake in it.

    Parameters
    ----------
    source : str
    number : int
        Of the `Mutant`.
    """
    tree = ast.parse(source)
    list(_sites(tree))[number][2].make()
    return tree


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a node, and what to put there."""

    node: ast.AST
    field: str
    value: object

    def make(self) -> object:
        """Change the tree, and return what was there before."""
        before: object = getattr(self.node, self.field)
        setattr(self.node, self.field, self.value)
        return before


def _sites(tree: ast.Module) -> Iterator[tuple[str, Node, Change]]:
    """Yield the function, the node and the change of every mistake."""
    for node in tree.body:
        yield from _definition(node, "")


def _definition(node: ast.stmt, prefix: str) -> Iterator[tuple[str, Node, Change]]:
    """Yield the mistakes in a function, or in the methods of a class."""
    if isinstance(node, ast.ClassDef):
        for inner in node.body:
            yield from _definition(inner, f"{node.name}.")
    elif isinstance(node, ast.FunctionDef):
        for statement in node.body:
            for site, change in _inside(statement):
                yield prefix + node.name, site, change


def _inside(node: ast.AST) -> Iterator[tuple[Node, Change]]:
    """Yield the mistakes in a node and below it."""
    if isinstance(node, ast.Raise | ast.JoinedStr | ast.pattern):
        return
    if isinstance(node, ast.expr | ast.stmt):
        for change in _changes(node):
            yield node, change
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns"}:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _inside(child)


def _changes(node: Node) -> Iterator[Change]:
    """Yield the mistakes that can be made in a node itself."""
    match node:
        case ast.BinOp(op=op) | ast.AugAssign(op=op):
            if type(op) in OPERATORS:
                yield Change(node, "op", OPERATORS[type(op)]())
            if isinstance(node, ast.BinOp):
                yield from _constants(node)
        case ast.Compare(ops=ops):
            for place, compare in enumerate(ops):
                if type(compare) in COMPARISONS:
                    changed = list(ops)
                    changed[place] = COMPARISONS[type(compare)]()
                    yield Change(node, "ops", changed)
        case ast.UnaryOp(op=ast.Invert() | ast.Not() | ast.USub(), operand=operand):
            if not isinstance(operand, ast.Constant):
                yield Change(node, "op", ast.UAdd())
        case ast.Attribute(attr=name) if name in NAMES:
            yield Change(node, "attr", NAMES[name])
        case ast.Call(keywords=keywords):
            for keyword in keywords:
                value = keyword.value
                if isinstance(value, ast.Constant) and value.value == "little":
                    yield Change(keyword, "value", ast.Constant("big"))


def _constants(node: ast.BinOp) -> Iterator[Change]:
    """Yield wrong ones and twos beside an operator."""
    for name in ("left", "right"):
        value = getattr(node, name)
        if isinstance(value, ast.Constant) and value.value in {1, 2}:
            yield Change(node, name, ast.Constant(value.value - 1))
