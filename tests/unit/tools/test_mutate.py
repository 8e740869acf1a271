"""Mistakes are made where they can be, and the tests of the kernels notice them."""

from __future__ import annotations

import ast

import pytest

from tools.mutate.__main__ import main
from tools.mutate.mutants import mutants_of, mutated
from tools.mutate.run import all_mutants, is_killed, run_tests, sample, source_of
from tools.mutate.targets import EQUIVALENT, TARGETS, Target

SOURCE = '''
"""A module: 1 + 1."""

LIMIT = 1 << 4


def count(a: int | None, b: int) -> int | str:
    """Return 2 * a."""
    if a < b:
        raise ValueError(f"{a + 1} is less")
    total = 2 * a - b
    total |= pack(b, bitorder="little") >> 1
    return ~total


class Thing:
    def any_of(self, x):
        return x.any() & (x ^ 3)
'''


def test_mistakes_are_made_in_functions_alone() -> None:
    found = [(mutant.function, mutant.after) for mutant in mutants_of("m", SOURCE)]
    assert found == [
        ("count", "a <= b"),
        ("count", "2 * a + b"),
        ("count", "1 * a"),
        ("count", "total &= pack(b, bitorder='little') >> 1"),
        ("count", "pack(b, bitorder='little') << 1"),
        ("count", "pack(b, bitorder='little') >> 0"),
        ("count", "pack(b, bitorder='big')"),
        ("count", "+total"),
        ("Thing.any_of", "x.any() | x ^ 3"),
        ("Thing.any_of", "x.all"),
        ("Thing.any_of", "x | 3"),
    ]


def test_a_mutant_has_one_mistake() -> None:
    right = ast.unparse(ast.parse(SOURCE)).splitlines()
    for mutant in mutants_of("m", SOURCE):
        wrong = ast.unparse(mutated(SOURCE, mutant.number)).splitlines()
        changed = [(a, b) for a, b in zip(right, wrong, strict=True) if a != b]
        assert len(changed) == 1
    with pytest.raises(IndexError):
        mutated(SOURCE, 11)


def test_what_no_test_can_notice_is_there_and_has_a_reason() -> None:
    made = {
        (mutant.module, mutant.function, mutant.before, mutant.after)
        for target in TARGETS
        for mutant in mutants_of(target.module, source_of(target))
    }
    assert set(EQUIVALENT) <= made
    assert all(reason for reason in EQUIVALENT.values())


def test_a_mistake_that_no_test_looks_at_survives() -> None:
    target = Target("nn_ops.residual", ("tests/unit/nn_ops/test_geometry.py",))
    assert run_tests(target, -1)[0] == 0
    assert not is_killed(target, all_mutants([target])[0][1])


def test_a_sample_is_the_same_each_time_and_from_many_modules() -> None:
    chosen = sample(len(TARGETS))
    assert chosen == sample(len(TARGETS))
    assert {target for target, _ in chosen} == set(TARGETS)


@pytest.mark.slow
def test_some_mistakes_are_noticed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--sample", "6"]) == 0, capsys.readouterr().out


@pytest.mark.nightly
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.module)
def test_every_mistake_is_noticed(target: Target, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--module", target.module]) == 0, capsys.readouterr().out
