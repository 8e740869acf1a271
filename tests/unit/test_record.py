"""Records beside the frozen dataclasses that they stand for."""

from __future__ import annotations

import copy
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidb.record import FEW, record, state

BOTH = (record, dataclass(frozen=True, slots=True))


def make(decorator):
    """Return classes of every kind of field, made by a decorator."""

    @decorator
    class Base:
        span: int = field(default=7, compare=False, repr=False, kw_only=True)

    @decorator
    class Point(Base):
        """A point."""

        x: int
        y: int = 2
        names: list[str] = field(default_factory=list)

        @property
        def total(self) -> int:
            return self.x + self.y

    return Point


POINTS = [make(decorator) for decorator in BOTH]


@given(st.integers(), st.integers(), st.integers(), st.integers())
def test_a_record_does_what_a_frozen_dataclass_does(x, y, other_x, other_y):
    answers = []
    for point in POINTS:
        one, other = point(x, y, span=1), point(other_x, y=other_y)
        match one:
            case point(matched_x, matched_y):
                pass
        compared = (one == other, one == point(x, y), one == "text", one.total, one.span)
        shown = (repr(one).split(".")[-1], point.__doc__, point.__match_args__, point.__slots__)
        changed = replace(one, x=5).x
        answers.append(
            (compared, shown, changed, [f.name for f in fields(one)], (matched_x, matched_y))
        )
    assert answers[0] == answers[1]


@pytest.mark.parametrize("point", POINTS)
def test_an_instance_is_frozen(point):
    one = point(1)
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'x'"):
        one.x = 2
    with pytest.raises(FrozenInstanceError, match="cannot delete field 'x'"):
        del one.x
    with pytest.raises(TypeError):
        point()
    with pytest.raises(TypeError):
        point(1, 2, [], 3)


def test_fields_without_init_and_named_alone():
    made = []
    for decorator in BOTH:

        @decorator
        class Area:
            width: int = field(kw_only=True)
            height: int = 2
            size: int = field(init=False, default=0)
            unit: str = field(init=False, default="px")

            def __post_init__(self) -> None:
                object.__setattr__(self, "size", self.width * self.height)

        with pytest.raises(TypeError, match="unexpected keyword argument 'size'"):
            Area(width=1, size=3)
        made.append([Area(5, width=3), Area(width=3).size, replace(Area(width=3), height=7).size])
    assert repr(made[0]) == repr(made[1]).replace("decorator.", "")


def test_a_record_is_made_by_the_init_of_its_own_class():
    @record
    class Base:
        a: int

    @record
    class Wide(Base):
        b: int = 5

    assert (Wide(1).b, Base(1), Wide(1, b=2).b) == (5, Base(1), 2)
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'a'"):
        Wide()


@pytest.mark.parametrize("point", POINTS)
def test_a_default_factory_is_called_each_time(point):
    assert point(1).names is not point(1).names


def test_equal_records_have_equal_hashes_and_other_classes_differ():
    @record
    class One:
        a: int

    @record
    class Two:
        a: int

    @record
    class Empty:
        pass

    assert hash(One(1)) == hash(One(1))
    assert One(1) != Two(1)
    assert Empty() == Empty()
    assert len({One(1), One(1), One(2), Two(1)}) == 3


def test_without_eq_a_record_equals_itself_alone():
    @record(eq=False, repr=False)
    class One:
        a: int

    one = One(1)
    assert one == one
    assert one != One(1)
    assert "a=1" not in repr(one)


def test_methods_of_the_class_stay():
    @record
    class Folded:
        text: str

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Folded) and self.text.lower() == other.text.lower()

        def __hash__(self) -> int:
            return hash(self.text.lower())

        def __repr__(self) -> str:
            return "folded"

    assert Folded("A") == Folded("a")
    assert hash(Folded("A")) == hash(Folded("a"))
    assert repr(Folded("A")) == "folded"


def test_post_init_runs_and_copies_are_equal():
    @record
    class Checked:
        a: int

        def __post_init__(self) -> None:
            if self.a < 0:
                raise ValueError("negative")

    with pytest.raises(ValueError, match="negative"):
        Checked(-1)
    assert copy.deepcopy(Checked(3)) == Checked(3)


@pytest.mark.parametrize("decorator", BOTH)
def test_one_nan_is_equal_to_itself(decorator):
    @decorator
    class One:
        a: float

    nan = float("nan")
    assert One(nan) == One(nan)
    assert One(nan) != One(-nan)


@pytest.mark.parametrize("point", POINTS)
def test_the_state_of_a_record_can_be_taken_and_given(point):
    one = point(3, names=["a"], span=9)
    other = copy.copy(one)
    assert (other, other.span) == (one, 9)
    assert one.__getstate__() == other.__getstate__()


def test_the_first_instances_are_made_as_the_later_ones() -> None:
    """Few instances are filled without compiling; then the compiled way must do the same."""

    @record
    class Made:
        first: int
        second: int = 2
        listed: list[int] = field(default_factory=list)
        named: str = field(default="n", kw_only=True)
        fixed: int = field(default=7, init=False)

        def __post_init__(self) -> None:
            if self.first < 0:
                raise ValueError("below 0")

    for _ in range(FEW + 5):
        assert Made(1) == Made(1, 2, [], named="n")
        assert (Made(1, listed=[3]).listed, Made(1, 5).second, Made(1).fixed) == ([3], 5, 7)
        assert Made(1).listed is not Made(1).listed
        with pytest.raises(ValueError, match="below 0"):
            Made(-1)
    for wrong in (
        lambda cls: cls(),
        lambda cls: cls(1, first=1),
        lambda cls: cls(1, 2, [], "n"),
        lambda cls: cls(1, fixed=3),
        lambda cls: cls(1, unknown=3),
    ):

        @record
        class Fresh:
            first: int
            second: int = 2
            listed: list[int] = field(default_factory=list)
            named: str = field(default="n", kw_only=True)
            fixed: int = field(default=7, init=False)

        for _ in range(2):
            with pytest.raises(TypeError):
                wrong(Fresh)


def test_a_state_has_slots_changes_and_equals_itself_alone() -> None:
    @state
    class Counter:
        step: int
        total: int = 0
        seen: list[int] = field(default_factory=list)

        def add(self) -> None:
            self.total += self.step
            self.seen.append(self.total)

    for _ in range(FEW + 2):
        counter = Counter(2)
        counter.add()
        counter.add()
        assert (counter.total, counter.seen) == (4, [2, 4])
        assert counter != Counter(2, 4, [2, 4])
        assert len({counter, Counter(2)}) == 2
        with pytest.raises(AttributeError):
            counter.unknown = 1
    assert repr(Counter(1)).endswith("Counter(step=1, total=0, seen=[])")
