"""Windows over small tables, and the naive loop that says what they give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

Row = tuple[int, int, int | None, int | None]
AGGREGATES: dict[str, Callable[[list[int | None]], object]] = {
    "count()": len,
    "count(v)": lambda frame: len(_known(frame)),
    "sum(v)": lambda frame: sum(_known(frame)) if _known(frame) else None,
    "sum(toFloat64(v))": lambda frame: float(sum(_known(frame))) if _known(frame) else None,
    "min(v)": lambda frame: min(_known(frame), default=None),
    "max(toString(v))": lambda frame: max(map(str, _known(frame)), default=None),
    "any(v)": lambda frame: next(iter(_known(frame)), None),
    "anyLast(v)": lambda frame: next(iter(_known(frame)[::-1]), None),
    "any(v) RESPECT NULLS": lambda frame: frame[0] if frame else None,
    "groupArray(v)": lambda frame: list(_known(frame)),
    "uniqExact(v)": lambda frame: len(set(_known(frame))),
    "nth_value(v, 2)": lambda frame: frame[1] if len(frame) > 1 else None,
    "countIf(v > 0)": lambda frame: sum(x > 0 for x in _known(frame)),
    "count(DISTINCT v)": lambda frame: len(set(_known(frame))),
}


def _known(frame: Sequence[int | None]) -> list[int]:
    return [value for value in frame if value is not None]


@dataclass(frozen=True)
class Frame:
    """A frame: its unit and ends; an end is a distance, or None for UNBOUNDED."""

    unit: str
    start: int | None
    end: int | None

    def sql(self) -> str:
        """Return the frame as SQL."""
        start = "UNBOUNDED PRECEDING" if self.start is None else _end(self.start)
        end = "UNBOUNDED FOLLOWING" if self.end is None else _end(self.end)
        return f"{self.unit} BETWEEN {start} AND {end}"


def _end(distance: int) -> str:
    if distance == 0:
        return "CURRENT ROW"
    return f"{abs(distance)} {'PRECEDING' if distance < 0 else 'FOLLOWING'}"


@dataclass(frozen=True)
class Case:
    """Rows (id, partition, key, value) and a window over them."""

    rows: list[Row]
    is_partitioned: bool
    is_descending: bool
    nulls_first: bool
    frame: Frame

    def window(self) -> str:
        """Return the window as SQL."""
        partition = "PARTITION BY p " if self.is_partitioned else ""
        order = f"ORDER BY k {'DESC' if self.is_descending else 'ASC'}"
        nulls = " NULLS FIRST" if self.nulls_first else ""
        return f"{partition}{order}{nulls} {self.frame.sql()}"

    def frames(self) -> dict[int, list[int | None]]:
        """Return the values of each row's frame, row by row, by the row's id."""
        found: dict[int, list[int | None]] = {}
        for part in sorted({row[1] if self.is_partitioned else 0 for row in self.rows}):
            rows = [row for row in self.rows if not self.is_partitioned or row[1] == part]
            rows.sort(key=lambda row: self._order(row[2]))
            sets = list(dict.fromkeys(self._order(row[2]) for row in rows))
            for place, row in enumerate(rows):
                inside = [
                    other[3]
                    for there, other in enumerate(rows)
                    if self._is_inside(place, row, there, other, sets)
                ]
                found[row[0]] = inside
        return found

    def _order(self, key: int | None) -> tuple[int, int]:
        if key is None:
            return (0 if self.nulls_first else 2, 0)
        return (1, -key if self.is_descending else key)

    def _is_inside(self, place: int, row: Row, there: int, other: Row, sets: list) -> bool:
        here, that = self._order(row[2]), self._order(other[2])
        start, end = self.frame.start, self.frame.end
        match self.frame.unit:
            case "ROWS":
                distance = there - place
            case "GROUPS":
                distance = sets.index(that) - sets.index(here)
            case _:
                if here[0] == that[0] == 1:
                    distance = that[1] - here[1]
                else:
                    # NULL has no distance: it is a peer, or stands before or behind all numbers.
                    if here == that:
                        return True
                    is_behind = that > here
                    return (end is None) if is_behind else (start is None)
        return (start is None or distance >= start) and (end is None or distance <= end)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw rows and a window; keys and values are small, so that peers are many."""
    number = st.none() | st.integers(-4, 4)
    drawn = draw(st.lists(st.tuples(st.integers(0, 2), number, number), max_size=12))
    rows = [(place, *row) for place, row in enumerate(drawn)]
    ends = st.lists(st.integers(-3, 3), min_size=2, max_size=2).map(sorted)
    start, end = draw(ends)
    frame = Frame(
        draw(st.sampled_from(["ROWS", "RANGE", "GROUPS"])),
        draw(st.sampled_from([None, start])),
        draw(st.sampled_from([None, end])),
    )
    flags = [draw(st.booleans()) for _ in range(3)]
    return Case(rows, *flags, frame)
