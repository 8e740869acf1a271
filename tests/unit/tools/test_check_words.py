"""The list of forbidden texts, and the check that reads it."""

from pathlib import Path

import pytest

from tools.check.words import Forbidden, check_words, forbidden_in, read_list

LIST = """
[[text]]
pattern = '\\bblue\\b'
reason = "we paint green"
in = [".py"]
only = ["src/"]
except = ["src/sky/"]
"""

# Cut in two, so that this file holds none of them.
IGNORED_RULE = "# no" + "qa"
IGNORED_TYPE = "# type: ig" + "nore"


def found(line: str, name: str = "minidb/x.py") -> list[str]:
    return list(forbidden_in(line, [text for text in read_list() if text.applies_to(name)]))


def test_a_list_is_read_as_data(tmp_path: Path) -> None:
    path = tmp_path / "list.toml"
    path.write_text(LIST)
    (text,) = read_list(path)
    assert isinstance(text, Forbidden)
    assert text.applies_to("src/wall.py")
    assert not text.applies_to("src/wall.md")
    assert not text.applies_to("wall.py")
    assert not text.applies_to("src/sky/day.py")
    assert list(forbidden_in("x = 1\nblue = 2\nblues = 3", [text])) == ["2: 'blue': we paint green"]


@pytest.mark.parametrize(
    "line",
    [
        "# TO" + "DO: later",
        "raise Not" + "ImplementedError",
        "import pic" + "kle",
        "from pic" + "kle import loads",
        "np.load(path, allow_" + "pickle=True)",
        "x = ev" + "al(text)",
        "except Exc" + "eption:",
        "except (Base" + "Exception, KeyError):",
        "except" + ":",
        "import tor" + "ch",
        "import nn_" + "ops.lookup",
        f"x = 1  {IGNORED_RULE}",
        f"x = 1  {IGNORED_RULE}: A001",
        f"x = 1  {IGNORED_TYPE}",
        f"x = 1  {IGNORED_TYPE}[arg-type]",
        "open('/ho" + "me/me/x')",
    ],
)
def test_the_projects_list_refuses(line: str) -> None:
    assert len(found(line)) == 1


@pytest.mark.parametrize(
    "line",
    [
        "except OSError:",
        "torch_version = 2",
        "model.eval()",
        "re.compile(x)",
        f"x = 1  {IGNORED_RULE}: A001 - PEP 249 fixes the name",
        f"x = 1  {IGNORED_RULE}: A001, N818 - PEP 249 fixes the name",
        f"x = 1  {IGNORED_TYPE}[arg-type]  # NumPy's own annotation is too narrow",
        "a / root / 'x'",
    ],
)
def test_the_projects_list_lets_pass(line: str) -> None:
    assert found(line) == []


def test_quant_may_import_torch() -> None:
    assert found("import torch", "quant/train.py") == []


def test_the_check_names_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n" + "import pic" + "kle\n")
    (line,) = check_words(tmp_path).refused
    assert line.startswith("a.py:2: ")


def test_binary_files_are_not_searched(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"\xff\xfe\x00")
    assert check_words(tmp_path).refused == ()
