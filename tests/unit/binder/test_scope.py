"""What a name can mean."""

from __future__ import annotations

import pytest

from minidb.binder.scope import Scope, ScopeTable
from minidb.columns import Field
from minidb.errors import BindError
from minidb.source import Span
from minidb.sql.ast import Identifier
from minidb.types import IntType

U8 = IntType(8, False)


def table(
    name: str | None, first_id: int, *columns: str, database: str | None = None
) -> ScopeTable:
    fields = {c: Field(first_id + i, c, U8) for i, c in enumerate(columns)}
    return ScopeTable(name, database, fields)


def found(scope: Scope, *parts: str) -> int | None:
    field = scope.find(Identifier(parts, span=Span(0, 1)))
    return None if field is None else field.id


def test_a_name_is_found_with_table_and_database():
    scope = Scope((table("t", 1, "a", "b", database="d"),))
    assert [found(scope, *p) for p in (["a"], ["t", "b"], ["d", "t", "a"])] == [1, 2, 1]
    assert [found(scope, *p) for p in (["c"], ["u", "a"], ["e", "t", "a"])] == [None] * 3


def test_of_two_tables_the_left_one_wins():
    scope = Scope((table("t", 1, "a"), table("u", 5, "a", "b")))
    assert [found(scope, *p) for p in (["a"], ["u", "a"], ["b"])] == [1, 5, 6]


def test_of_three_tables_a_common_name_is_ambiguous():
    scope = Scope((table("t", 1, "a"), table("u", 5, "a"), table("v", 9, "b")))
    with pytest.raises(BindError) as caught:
        found(scope, "a")
    assert caught.value.code.number == 207
    assert found(scope, "u", "a") == 5


def test_a_star_qualifies_names_that_an_earlier_table_has():
    scope = Scope((table("t", 1, "a"), table("u", 5, "a", "b")))
    names = [name for name, _ in scope.expand_star((), Span(0, 1))]
    assert names == ["a", "u.a", "b"]
    assert [name for name, _ in scope.expand_star(("t",), Span(0, 1))] == ["a"]


def test_a_star_without_tables_is_an_error():
    for scope, qualifier in ((Scope(), ()), (Scope((table("t", 1, "a"),)), ("u",))):
        with pytest.raises(BindError) as caught:
            scope.expand_star(qualifier, Span(0, 1))
        assert caught.value.code.number == 47


def test_an_unknown_name_has_the_nearest_one_as_hint():
    scope = Scope((table("t", 1, "price"),))
    error = scope.unknown(Identifier(("prise",), span=Span(3, 8)))
    assert (error.span, error.hint) == (Span(3, 8), "did you mean 'price'?")
