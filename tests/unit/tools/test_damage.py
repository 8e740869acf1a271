"""Damaged queries are errors that point near the damage, and the tool measures that right."""

from __future__ import annotations

import random

import pytest

from tools.damage.damage import TOKEN, Damaged, damage
from tools.damage.measure import LISTED, Figures, measure

SQL = "SELECT a, f(b) FROM t WHERE a = 'it'"


@pytest.fixture(scope="module")
def figures() -> Figures:
    return measure(300, seed=7)


def test_errors_point_near_the_damage(figures):
    assert len(figures.reports) == 300
    assert figures.median <= 1
    assert figures.near_share >= 0.9


def test_every_error_has_a_place_and_names_at_most_five_things(figures):
    assert [r.damaged.text for r in figures.reports if r.distance is None] == []
    assert figures.most_expected <= 5
    assert any(LISTED.match(report.error.message) for report in figures.reports)


def test_most_errors_have_a_hint(figures):
    assert sum(report.error.hint is not None for report in figures.reports) > 180


def test_the_table_has_a_line_for_each_kind(figures):
    assert len(figures.table().splitlines()) == 2 + 8 + 1


def test_damage_is_where_it_says(figures):
    rng = random.Random(1)
    tokens = TOKEN.findall(SQL)
    for _ in range(500):
        damaged = damage(SQL, tokens, rng)
        # What stands before and behind the damage is the query as it was.
        assert damaged.text[: damaged.start] == SQL[: damaged.start]
        behind = len(damaged.text) - damaged.end
        assert behind == 0 or SQL.endswith(damaged.text[-behind:].lstrip())


def test_distance_counts_blanks_beside_the_damage_as_the_damage():
    damaged = Damaged("SELECT   FROM t", 7, 7, "delete token")
    assert [damaged.distance(place) for place in (0, 5, 6, 9, 10, 14)] == [6, 1, 0, 0, 1, 5]
    assert Damaged("SELECT aa b", 7, 9, "x").distance(8) == 0
