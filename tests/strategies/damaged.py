"""Correct SQL texts with slips of single words and signs."""

from __future__ import annotations

import re

from hypothesis import strategies as st

from tests.strategies.sql import MARKS, WORDS, damage

TOKEN = re.compile(r"\s+|\w+|'[^']*'|->|::|<=|>=|!=|.", re.DOTALL)
OTHERS = (
    *("x", "y", "z", "t", "a", "count", "sum", "if", "arrayMap", "1", "-1", "0", "1.5", "'a'"),
    *("NULL", "UInt8", "Nullable", "Array", "'UInt8'", "18446744073709551616", "e", "e -> e", "*"),
    *("(SELECT 1)", "[1, 'a']", "(1, 2)", "?", "%(a)s", "AS x", "GROUP BY x", "LIMIT 1", "OVER ()"),
)


@st.composite
def damaged(draw: st.DrawFn, text: str) -> str:
    """`text` with one to three words dropped, doubled, swapped or replaced, or cut elsewhere."""
    tokens = TOKEN.findall(text)
    for _ in range(draw(st.integers(1, 3))):
        if not tokens:
            break
        place, other = (draw(st.integers(0, len(tokens) - 1)) for _ in range(2))
        match draw(st.sampled_from(["drop", "double", "swap", "replace", "replace", "insert"])):
            case "drop":
                del tokens[place]
            case "double":
                tokens.insert(place, tokens[place])
            case "swap":
                tokens[place], tokens[other] = tokens[other], tokens[place]
            case "replace":
                tokens[place] = draw(st.sampled_from([*OTHERS, *OTHERS, *WORDS, *MARKS]))
            case _:
                tokens.insert(place, f" {draw(st.sampled_from([*OTHERS, *WORDS, *MARKS]))} ")
    found = "".join(tokens)
    return draw(damage(found)) if draw(st.integers(0, 3)) == 0 else found
