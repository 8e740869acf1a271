"""Python objects that users could pass as parameters, rows or paths: most of them wrong."""

from __future__ import annotations

import datetime
import decimal
import uuid

import numpy as np
from hypothesis import strategies as st

ODD_OBJECTS: list[object] = [
    object(),
    int,
    len,
    ...,
    NotImplemented,
    range(3),
    bytearray(b"\xff"),
    memoryview(b"x"),
    uuid.UUID(int=1),
    decimal.Decimal("1.5"),
    np.int8(-1),
    np.uint64(2**64 - 1),
    np.float16(0.5),
    np.longdouble(1),
    np.str_("x"),
    np.bytes_(b"x"),
    np.datetime64("2020-01-01"),
    np.datetime64("NaT"),
    np.timedelta64(1, "s"),
    np.array(5),
    np.arange(3),
    np.zeros((2, 2)),
    np.array([None, "x"], dtype=object),
    np.ma.masked,
]


def odd_values() -> st.SearchStrategy[object]:
    """Values of every kind, nested, of which the engine knows some."""
    leaf = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.sampled_from([2**255, 2**256, -(2**255) - 1, 10**400]),
        st.floats(),
        st.text(max_size=5),
        st.sampled_from(["\ud800", "\0", "nan", "2020-01-01", "1e400"]),
        st.binary(max_size=5),
        st.dates(),
        st.datetimes(),
        st.datetimes(timezones=st.just(datetime.UTC)),
        st.times(),
        st.timedeltas(),
        st.complex_numbers(),
        st.decimals(),
        st.fractions(),
        st.sampled_from(ODD_OBJECTS),
    )
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.lists(inner, max_size=3).map(tuple),
            st.dictionaries(st.text(max_size=2), inner, max_size=2),
            st.frozensets(st.integers(), max_size=2),
        ),
        max_leaves=5,
    )


def odd_parameters() -> st.SearchStrategy[object]:
    """What could stand behind the statement in ``execute``."""
    return st.one_of(
        st.lists(odd_values(), max_size=4),
        st.dictionaries(st.sampled_from(["a", "b", "x"]) | st.integers(), odd_values(), max_size=3),
        odd_values(),
    )
