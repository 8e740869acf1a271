"""Syntax trees, as the parser could have made them, and SQL texts that are slightly wrong."""

from __future__ import annotations

from functools import cache

from hypothesis import strategies as st

from minidb.sql.ast import (
    Alias,
    ArrayJoin,
    ArrayLiteral,
    Between,
    Case,
    CaseBranch,
    Cast,
    CommonTable,
    DerivedTable,
    Exists,
    FrameBound,
    FunctionCall,
    GroupBy,
    Identifier,
    In,
    Join,
    Lambda,
    Limit,
    LimitBy,
    Literal,
    ObjectName,
    Operator,
    OrderItem,
    Parameter,
    Select,
    SetOperation,
    Setting,
    Star,
    Subquery,
    Subscript,
    TableFunction,
    TableReference,
    TupleElement,
    TupleLiteral,
    TypedParameter,
    TypeElement,
    TypeName,
    WindowDefinition,
    WindowFrame,
    WindowSpec,
    WithExpr,
)
from minidb.sql.folding import SETS
from minidb.sql.operators import OPERATORS, Shape
from minidb.sql.parser import keywords

WORDS = [word.lower() for word in keywords()]
MARKS = [
    *"()[]{},.;:?+-*/%=<>!'\"`\\@#$&|^~ \n\t0189aZ_é\0",
    *("::", "->", "||", "--", "/*", "*/"),
]


@cache
def names() -> st.SearchStrategy[str]:
    """Plain names, keywords of the grammar, and anything that quotes can hold."""
    return st.one_of(
        st.sampled_from(["a", "b", "c", "t1", "x_y", "Name"]),
        st.sampled_from(WORDS),
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=4),
    )


@cache
def texts() -> st.SearchStrategy[str]:
    """The values of text literals."""
    return st.text(st.characters(exclude_categories=["Cs"]), max_size=6)


@cache
def literals() -> st.SearchStrategy[Literal]:
    """Constants of every kind, with bounds of the integer types among them."""
    edges = [2**bits + shift for bits in (7, 8, 31, 32, 63, 64, 128, 256) for shift in (-1, 0)]
    return st.builds(
        Literal,
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(-3, 300),
            st.sampled_from(edges + [-edge for edge in edges]),
            st.floats(),
            texts(),
        ),
    )


@cache
def types(depth: int = 2) -> st.SearchStrategy[TypeName]:
    """Types with arguments."""
    plain = st.one_of(
        st.sampled_from(["UInt8", "String", "float", "DOUBLE PRECISION", "INT UNSIGNED"]),
        names(),
    ).map(TypeName)
    if depth == 0:
        return plain
    inner = types(depth - 1)
    arguments = st.one_of(
        st.lists(inner, min_size=1, max_size=2).map(tuple),
        st.tuples(st.integers(-1, 300), texts()),
        st.lists(st.builds(TypeElement, names(), inner), min_size=1, max_size=2).map(tuple),
        st.lists(st.builds(TypeElement, texts(), st.integers(-5, 5)), min_size=1).map(tuple),
    )
    return st.one_of(plain, st.builds(TypeName, names(), arguments))


@cache
def object_names() -> st.SearchStrategy[ObjectName]:
    """Names of tables with and without database."""
    return st.builds(ObjectName, names(), st.none() | names())


@cache
def expressions(depth: int = 3) -> st.SearchStrategy:
    """Expressions nested up to `depth`."""
    leaf = st.one_of(
        literals(),
        st.builds(Identifier, st.lists(names(), min_size=1, max_size=3).map(tuple)),
        st.builds(Parameter, st.sampled_from(["p", "name_2"])),
        st.builds(TypedParameter, names(), types(1)),
    )
    if depth == 0:
        return leaf
    inner = expressions(depth - 1)
    some = st.lists(inner, max_size=3).map(tuple)
    return st.one_of(leaf, _operators(inner), _calls(inner, some, depth), _primaries(inner, some))


def _operators(inner: st.SearchStrategy) -> st.SearchStrategy:
    by_shape = {
        shape: [spec.symbol for spec in OPERATORS.values() if spec.shape is shape]
        for shape in Shape
    }
    unary = by_shape[Shape.PREFIX] + by_shape[Shape.POSTFIX]
    return st.one_of(
        st.builds(Operator, st.sampled_from(unary), st.tuples(inner)),
        st.builds(Operator, st.sampled_from(by_shape[Shape.LEFT]), st.tuples(inner, inner)),
        st.builds(
            Operator,
            st.sampled_from(by_shape[Shape.CHAIN]),
            st.lists(inner, min_size=2, max_size=4).map(tuple),
        ),
        st.builds(Between, inner, inner, inner, st.booleans()),
        st.builds(In, inner, inner.map(_as_set), st.booleans(), st.booleans()),
        st.builds(Lambda, st.lists(names(), max_size=2).map(tuple), inner),
        st.builds(Alias, inner, names()),
    )


def _as_set(target):
    return target if isinstance(target, SETS) else TupleLiteral((target,))


def _calls(inner, some, depth: int) -> st.SearchStrategy:
    function_names = names().filter(lambda name: name.lower() not in ("cast", "position"))
    stars = st.builds(Star, st.sampled_from([(), ("t",)]))
    arguments = st.one_of(some, st.tuples(stars))
    bound = st.one_of(
        st.just(FrameBound("CURRENT ROW")),
        st.builds(FrameBound, st.sampled_from(["PRECEDING", "FOLLOWING"]), st.none() | inner),
    )
    window = st.builds(
        WindowSpec,
        st.none() | names(),
        some,
        st.lists(order_items(inner), max_size=2).map(tuple),
        st.none()
        | st.builds(WindowFrame, st.sampled_from(["ROWS", "RANGE", "GROUPS"]), bound, bound),
    )
    return st.one_of(
        st.builds(FunctionCall, function_names, arguments),
        st.builds(FunctionCall, function_names, arguments, some),
        st.builds(
            FunctionCall,
            function_names,
            st.lists(inner, min_size=1, max_size=2).map(tuple),
            st.none() | some,
            st.booleans(),
            st.none() | inner,
            st.none() | names() | window,
            st.sampled_from([None, None, "RESPECT", "IGNORE"]),
        ),
        st.builds(Subquery, queries(0)) if depth > 1 else st.nothing(),
        st.builds(Exists, queries(0)) if depth > 1 else st.nothing(),
    )


def _primaries(inner, some) -> st.SearchStrategy:
    return st.one_of(
        st.builds(Subscript, inner, inner),
        st.builds(TupleElement, inner, st.integers(0, 999_999) | names()),
        st.builds(Cast, inner, types()),
        st.builds(ArrayLiteral, some),
        st.builds(TupleLiteral, some),
        st.builds(
            Case,
            st.none() | inner,
            st.lists(st.builds(CaseBranch, inner, inner), min_size=1, max_size=2).map(tuple),
            st.none() | inner,
        ),
    )


def order_items(inner: st.SearchStrategy) -> st.SearchStrategy[OrderItem]:
    """Keys of ORDER BY."""
    return st.builds(OrderItem, inner, st.booleans(), st.none() | st.booleans())


@cache
def settings_lists() -> st.SearchStrategy[tuple[Setting, ...]]:
    """Settings with values of every kind."""
    value = st.one_of(st.booleans(), st.integers(-5, 2**64), st.floats(0, 9), texts())
    return st.lists(st.builds(Setting, names(), value), min_size=1, max_size=2).map(tuple)


@cache
def sources(depth: int = 1) -> st.SearchStrategy:
    """What stands in FROM."""
    alias = st.none() | names()
    tables = st.one_of(
        st.builds(TableReference, object_names(), alias, st.booleans()),
        st.builds(TableFunction, names(), st.lists(expressions(1), max_size=2).map(tuple), alias),
    )
    if depth == 0:
        return tables
    tables |= st.builds(DerivedTable, queries(0), alias, st.booleans())
    left = sources(depth - 1)
    conditions = expressions(1)
    with_condition = st.sampled_from(["INNER", "LEFT", "RIGHT", "FULL"])
    strictness = st.none() | st.sampled_from(["ANY", "ALL", "SEMI", "ANTI", "ASOF"])
    keys = st.lists(expressions(0), min_size=1, max_size=2).map(tuple)
    joined = st.one_of(
        st.builds(Join, left, tables, st.just("COMMA")),
        st.builds(Join, left, tables, st.just("CROSS"), is_global=st.booleans()),
        st.builds(Join, left, tables, with_condition, strictness, conditions),
        st.builds(Join, left, tables, with_condition, strictness, st.none(), keys),
        st.builds(Join, left, st.builds(Join, tables, tables, st.just("COMMA")), st.just("CROSS")),
    )
    array_joined = st.builds(
        ArrayJoin,
        tables,
        st.lists(expressions(1), min_size=1, max_size=2).map(tuple),
        st.booleans(),
    )
    return st.one_of(tables, joined, array_joined)


@cache
def group_bys() -> st.SearchStrategy[GroupBy]:
    """GROUP BY in all its modes."""
    keys = st.lists(expressions(1), min_size=1, max_size=2).map(tuple)
    totals = st.booleans()
    return st.one_of(
        st.builds(GroupBy, keys, st.sampled_from(["PLAIN", "ROLLUP", "CUBE"]), st.just(()), totals),
        st.builds(GroupBy, st.just(()), st.just("ALL"), st.just(()), totals),
        st.builds(
            GroupBy,
            st.just(()),
            st.just("GROUPING SETS"),
            st.lists(st.lists(expressions(0), max_size=2).map(tuple), min_size=1, max_size=2).map(
                tuple
            ),
            totals,
        ),
        st.just(GroupBy((), with_totals=True)),
    )


@cache
def selects(depth: int = 2) -> st.SearchStrategy[Select]:
    """One SELECT with any of its clauses."""
    expr = expressions(depth + 1)
    star = st.builds(Star, st.sampled_from([(), ("t",)]))
    inner_query = queries(depth - 1) if depth > 0 else st.nothing()
    with_items = st.one_of(
        st.builds(WithExpr, expr, names()),
        st.builds(CommonTable, names(), inner_query, st.lists(names(), max_size=2).map(tuple)),
    )
    is_distinct = st.booleans()
    limits = st.one_of(
        st.builds(Limit, expressions(0), st.none() | expressions(0), st.booleans()),
        st.builds(Limit, st.none(), expressions(0)),
    )
    return st.builds(
        Select,
        st.lists(expr | star, min_size=1, max_size=3).map(tuple),
        st.none() | sources(min(depth, 1)),
        st.lists(with_items, max_size=2).map(tuple),
        st.just(False),
        is_distinct,
        st.just(()),
        prewhere=st.none() | expr,
        where=st.none() | expr,
        group_by=st.none() | group_bys(),
        having=st.none() | expr,
        windows=st.lists(
            st.builds(WindowDefinition, names(), st.builds(WindowSpec, st.none(), st.tuples(expr))),
            max_size=1,
        ).map(tuple),
        qualify=st.none() | expr,
        order_by=st.lists(order_items(expr), max_size=2).map(tuple),
        limit_by=st.none()
        | st.builds(LimitBy, expressions(0), st.none() | expressions(0), st.tuples(expressions(0))),
        limit=st.none() | limits,
        settings=st.just(()) | settings_lists(),
    )


@cache
def queries(depth: int = 1) -> st.SearchStrategy:
    """SELECTs and set operations over them."""
    select = selects(depth)
    if depth == 0:
        return select
    inner = queries(depth - 1)
    quantifier = st.sampled_from([None, "ALL", "DISTINCT"])
    two = st.tuples(inner, inner)
    return st.one_of(
        select,
        st.builds(
            SetOperation,
            st.just("UNION"),
            quantifier,
            st.lists(inner, min_size=2, max_size=3).map(tuple),
        ),
        st.builds(SetOperation, st.sampled_from(["EXCEPT", "INTERSECT"]), quantifier, two),
    )


def plain_rows() -> st.SearchStrategy[tuple]:
    """Rows as INSERT ... VALUES holds them: constants, arrays and tuples of constants."""
    value = st.recursive(
        literals(),
        lambda inner: st.one_of(
            st.builds(ArrayLiteral, st.lists(inner, max_size=3).map(tuple)),
            st.builds(TupleLiteral, st.lists(inner, max_size=3).map(tuple)),
        ),
        max_leaves=5,
    )
    row = st.lists(value, min_size=1, max_size=3).map(tuple)
    return st.lists(row, min_size=1, max_size=4).map(tuple)


def near_sql() -> st.SearchStrategy[str]:
    """Words and marks of SQL in any order: some of it parses, most of it does not."""
    part = st.one_of(
        st.sampled_from(WORDS), st.sampled_from(MARKS), st.sampled_from(["a", "1", "'x'"])
    )
    return st.lists(part, max_size=25).map(" ".join) | st.lists(part, max_size=25).map("".join)


def damage(text: str) -> st.SearchStrategy[str]:
    """`text` with one piece left out, doubled, or replaced by something else."""

    def cut(place: tuple[int, int], kind: str, other: str) -> str:
        start, end = sorted(place)
        piece = {"drop": "", "double": text[start:end] * 2, "replace": other}[kind]
        return text[:start] + piece + text[end:]

    places = st.integers(0, len(text))
    kinds = st.sampled_from(["drop", "double", "replace"])
    return st.builds(cut, st.tuples(places, places), kinds, st.sampled_from([*WORDS, *MARKS]))


# What tests draw from: these strategies are too large to be written out in a message.


@st.composite
def expression_trees(draw):
    """Draw an expression that is no alias."""
    tree = draw(expressions())
    while isinstance(tree, Alias):
        tree = tree.expr
    return tree


@st.composite
def query_trees(draw):
    """Draw a query."""
    return draw(queries(1))
