"""The verifier finds plans that no binder or rule should have made."""

from __future__ import annotations

import pytest

from minidb.columns import Field
from minidb.errors import InternalError
from minidb.expr import ColumnRef, constant_from_value
from minidb.plan.nodes import Computed, Distinct, Filter, Join, OneRow, Project, UnionAll
from minidb.plan.verify import can_be_condition, verify
from minidb.types import BoolType, IntType, NullableType, StringType

U8, TEXT = IntType(8, False), StringType()


def constant(number: int, value: object, data_type=U8) -> Project:
    column = Computed(Field(number, f"c{number}", data_type), constant_from_value(data_type, value))
    return Project(OneRow(), (column,))


def read(number: int, data_type=U8) -> ColumnRef:
    return ColumnRef(number, data_type, f"c{number}")


@pytest.mark.parametrize(
    "plan",
    [
        Filter(constant(1, 1), read(2)),
        Filter(constant(1, 1), read(1, IntType(16, False))),
        Filter(constant(1, "x", TEXT), read(1, TEXT)),
        Project(OneRow(), (*constant(1, 1).items, *constant(1, 2).items)),
        Join(constant(1, 1), constant(1, 1)),
        Join(constant(1, 1), constant(2, 1), (read(2),), (read(1),)),
        Join(constant(1, 1), constant(2, "x", TEXT), (read(1),), (read(2, TEXT),)),
        UnionAll((constant(1, 1), constant(2, "x", TEXT)), (Field(3, "u", U8),)),
        Distinct(constant(1, 1), (2,)),
    ],
)
def test_a_broken_plan_is_a_bug(plan):
    with pytest.raises(InternalError):
        verify(plan)


def test_a_whole_plan_passes():
    pair = Join(constant(1, 1), constant(2, 1), (read(1),), (read(2),))
    verify(Distinct(Filter(pair, read(2)), (1,)))


def test_numbers_and_null_can_be_conditions():
    assert can_be_condition(NullableType(BoolType()))
    assert can_be_condition(IntType(256, True))
    assert not can_be_condition(NullableType(TEXT))
