"""CAST of Nullable values under the setting cast_keep_nullable."""

from __future__ import annotations

from collections.abc import Sequence

from minidb.binder.literals import bind_value
from minidb.expr import BoundExpr, Constant
from minidb.settings import Settings
from minidb.types import NullableType, StringType, nullable
from minidb.types.family import can_be_nullable
from minidb.types.names import parse_type


def kept_nullable(args: Sequence[BoundExpr], settings: Settings) -> Sequence[BoundExpr]:
    """Return the arguments of CAST; a Nullable value gets a Nullable target if the setting is on.

    Raises
    ------
    BindError, SqlSyntaxError
        For a target that is no type.
    """
    if len(args) != 2 or not settings.flag("cast_keep_nullable"):
        return args
    value, target = args
    is_named = isinstance(target, Constant) and isinstance(target.type, StringType)
    if not isinstance(value.type, NullableType) or not is_named:
        return args
    wanted = parse_type(str(target.value)) if isinstance(target, Constant) else value.type
    if isinstance(wanted, NullableType) or not can_be_nullable(wanted):
        return args
    return [value, bind_value(nullable(wanted).name, target.span)]
