"""Files and functions small enough to hold one idea."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tools.check.files import project_files
from tools.check.model import Outcome

FILE_WARNED = 400
FILE_REFUSED = 500
FUNCTION_REFUSED = 50
MEASURED = (".py", ".lark")


def check_sizes(root: Path) -> Outcome:
    """Refuse files over 500 lines and functions over 50, warn of files over 400.

    Parameters
    ----------
    root : Path
        The project's root folder.

    Returns
    -------
    Outcome
        One line per file or function, with its size in lines.
    """
    refused: list[str] = []
    warned: list[str] = []
    for path in project_files(root, *MEASURED):
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(root).as_posix()
        n_lines = len(text.splitlines())
        if n_lines > FILE_REFUSED:
            refused.append(f"{name}: {n_lines} lines, at most {FILE_REFUSED}")
        elif n_lines > FILE_WARNED:
            warned.append(f"{name}: {n_lines} lines, better under {FILE_WARNED}")
        if path.suffix == ".py":
            refused.extend(f"{name}:{found}" for found in long_functions(text))
    return Outcome(tuple(refused), tuple(warned))


def long_functions(source: str) -> Iterator[str]:
    """Yield ``line: name ...`` for each function whose body is longer than allowed.

    Parameters
    ----------
    source : str
        The text of one Python file.

    Yields
    ------
    str
        Line number, name and size in lines. Signature and docstring do not count: both grow with
        what they explain.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            n_lines = body_lines(node)
            if n_lines > FUNCTION_REFUSED:
                yield f"{node.lineno}: {node.name} has {n_lines} lines, at most {FUNCTION_REFUSED}"


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines from a function's first statement after the docstring to its last."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    if not body:
        return 0
    last = body[-1].end_lineno or body[-1].lineno
    return last - first_line(body[0]) + 1


def first_line(statement: ast.stmt) -> int:
    """Return where a statement begins, its decorators included."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])
