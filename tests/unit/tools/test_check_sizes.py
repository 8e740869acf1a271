"""The size check counts what a reader has to read."""

from pathlib import Path

from tools.check.sizes import FILE_REFUSED, FILE_WARNED, check_sizes, long_functions


def function(n_lines: int, docstring_lines: int = 0) -> str:
    text = ["def long_one():"]
    if docstring_lines:
        text += ['    """One.', *["    more"] * (docstring_lines - 2), '    """']
    text += ["    x = 1"] * n_lines
    return "\n".join(text) + "\n"


def test_fifty_lines_pass_and_one_more_is_refused() -> None:
    assert list(long_functions(function(50))) == []
    assert list(long_functions(function(51))) == ["1: long_one has 51 lines, at most 50"]


def test_docstring_lines_do_not_count() -> None:
    assert list(long_functions(function(50, docstring_lines=40))) == []
    assert len(list(long_functions(function(51, docstring_lines=40)))) == 1


def test_methods_and_async_functions_count_too() -> None:
    method = "class A:\n" + "".join(f"    {line}\n" for line in function(51).splitlines())
    assert list(long_functions(method)) == ["2: long_one has 51 lines, at most 50"]
    assert len(list(long_functions("async " + function(51)))) == 1


def test_a_function_of_only_a_docstring_has_no_lines() -> None:
    assert list(long_functions('def f():\n    """Say nothing."""\n')) == []


def test_files_are_warned_then_refused(tmp_path: Path) -> None:
    sizes = {"fits": FILE_WARNED, "grows": FILE_REFUSED, "bursts": FILE_REFUSED + 1}
    for name, n_lines in sizes.items():
        (tmp_path / f"{name}.py").write_text("x = 1\n" * n_lines)
    outcome = check_sizes(tmp_path)
    assert outcome.refused == ("bursts.py: 501 lines, at most 500",)
    assert outcome.warned == ("grows.py: 500 lines, better under 400",)


def test_files_made_by_tools_are_not_measured(tmp_path: Path) -> None:
    for folder in (".venv", "build", "__pycache__", "x.egg-info"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "big.py").write_text("x = 1\n" * 600)
    assert check_sizes(tmp_path).refused == ()
