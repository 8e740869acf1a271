"""The parser's tables: made from grammar.lark, kept as JSON, and turned back into Lark's objects.

The build hook (hatch_build.py) writes ``tables.json`` beside the grammar. When it is missing or was
made from another grammar or by another Lark, the tables are made in memory, which takes about a
second: that is how a source checkout runs.

The JSON is Lark's own serialised form (`Lark.memo_serialize`), with two changes: the table of
actions, 95 % of the data, is written compactly, and `CompactParser` reads it; and a rule is a list.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import lark
from lark.grammar import NonTerminal, Rule, RuleOptions, Terminal
from lark.lexer import TerminalDef
from lark.parsers.lalr_analysis import IntParseTable, Reduce, Shift
from lark.parsers.lalr_parser import LALR_Parser, _Parser

from minidb.sql.lexer import ContextualLexer

FORMAT_VERSION = 2
STARTS = ["statement", "expr", "type"]
# importlib.resources would take longer to import than the tables to load.
OPTIONS = ("keep_all_tokens", "expand1", "priority", "template_source", "empty_indices")
GRAMMAR_FILE = Path(__file__).with_name("grammar.lark")
TABLES_FILE = Path(__file__).with_name("tables.json")


def grammar_text() -> str:
    """Return the text of grammar.lark."""
    return GRAMMAR_FILE.read_text(encoding="utf-8")


def grammar_hash(grammar: str) -> str:
    """Return what identifies the tables of a grammar: its text, Lark's version, our format."""
    identity = f"{FORMAT_VERSION}\n{lark.__version__}\n{grammar}"
    return hashlib.sha256(identity.encode()).hexdigest()


def parser_from_grammar(grammar: str, transformer: object) -> lark.Lark:
    """Make a parser and its tables from the grammar."""
    return lark.Lark(
        grammar,
        parser="lalr",
        lexer="contextual",
        start=STARTS,
        keep_all_tokens=True,
        maybe_placeholders=False,
        transformer=transformer,
        _plugins={"ContextualLexer": ContextualLexer},
    )


def tables_as_json(grammar: str) -> str:
    """Make the tables of a grammar, as the text of ``tables.json``."""
    parser = parser_from_grammar(grammar, None)
    data, memo = parser.memo_serialize([TerminalDef, Rule])
    data["options"] = {
        name: value
        for name, value in data["options"].items()
        if name not in ("transformer", "_plugins", "lexer_callbacks", "postlex", "tree_class")
    }
    table = data["parser"]["parser"]
    data["parser"]["parser"] = _pack(table)
    rules = {number: _pack_rule(value) for number, value in memo.items() if _is_rule(value)}
    rest = {number: value for number, value in memo.items() if number not in rules}
    content = {"hash": grammar_hash(grammar), "data": data, "memo": rest, "rules": rules}
    return json.dumps(content, separators=(",", ":"), sort_keys=True)


def parser_from_json(content: str, expected_hash: str, transformer: object) -> lark.Lark | None:
    """Make a parser from the text of ``tables.json``; None when it belongs to another grammar."""
    loaded: dict[str, Any] = json.loads(content)
    if loaded.get("hash") != expected_hash:
        return None
    memo: dict[int, Any] = {int(number): value for number, value in loaded["memo"].items()}
    memo.update(_unpacked_rules(loaded["rules"]))
    data = loaded["data"]
    # JSON keeps numbered things under text keys; Lark looks them up by number.
    # The door that Lark's own standalone parsers use; it has no annotations.
    load: Any = lark.Lark._load_from_dict
    plugins = {"ContextualLexer": ContextualLexer, "LALR_Parser": CompactParser}
    parser: lark.Lark = load(data, memo, transformer=transformer, _plugins=plugins)
    return parser


def _is_rule(value: dict[str, Any]) -> bool:
    """Tell whether a serialised thing is a rule and not a terminal."""
    return bool(value["__type__"] == "Rule")


def _pack_rule(rule: dict[str, Any]) -> list[Any]:
    """Write a rule as its origin, place, alias, options and symbols; terminals are lists."""
    symbols = [
        [symbol["name"], symbol["filter_out"]]
        if symbol["__type__"] == "Terminal"
        else symbol["name"]
        for symbol in rule["expansion"]
    ]
    options = [rule["options"][name] for name in OPTIONS]
    return [rule["origin"]["name"], rule["order"], rule["alias"], options, symbols]


def _unpacked_rules(packed: dict[str, list[Any]]) -> Iterator[tuple[int, Rule]]:
    """Yield each rule with its number; equal symbols are one object."""
    named = cache(NonTerminal)
    terminal = cache(Terminal)
    for number, (origin, order, alias, options, symbols) in packed.items():
        expansion = [
            named(symbol) if isinstance(symbol, str) else terminal(*symbol) for symbol in symbols
        ]
        yield int(number), Rule(named(origin), expansion, order, alias, RuleOptions(*options))


def _pack(table: dict[str, Any]) -> dict[str, Any]:
    """Write each state as its shifts and, for each rule, the tokens that reduce it."""
    tokens = table["tokens"]
    names = [tokens[number] for number in sorted(tokens)]
    packed: list[list[Any]] = []
    sets: dict[tuple[int, ...], int] = {}
    for state in sorted(table["states"]):
        shifts: list[int] = []
        reduces: dict[int, list[int]] = {}
        for token, (kind, target) in table["states"][state].items():
            if kind == 0:
                shifts += (token, target)
            else:
                reduces.setdefault(target["@"], []).append(token)
        groups: list[int] = []
        for rule, group in sorted(reduces.items()):
            groups += (rule, sets.setdefault(tuple(sorted(group)), len(sets)))
        packed.append([shifts, groups])
    return {
        "tokens": names,
        "sets": list(sets),
        "states": packed,
        "start_states": table["start_states"],
        "end_states": table["end_states"],
    }


class CompactParser(LALR_Parser):
    """Lark's LALR parser, read from the compact form that `_pack` writes."""

    @classmethod
    def deserialize(  # type: ignore[override]  # LALR_Parser widens the base's signature too
        cls, data: dict[str, Any], memo: dict[int, Any], callbacks: Any, debug: bool = False
    ) -> CompactParser:
        """Build the table of actions: states to tokens to (Shift, state) or (Reduce, rule)."""
        names = data["tokens"]
        sets = [[names[token] for token in group] for group in data["sets"]]
        reductions: dict[int, tuple[Any, Any]] = {}
        states: dict[int, dict[str, tuple[Any, Any]]] = {}
        for number, (shifts, groups) in enumerate(data["states"]):
            actions: dict[str, tuple[Any, Any]] = {}
            for rule, group in zip(groups[::2], groups[1::2], strict=True):
                action = reductions.get(rule)
                if action is None:
                    action = reductions[rule] = (Reduce, memo[rule])
                actions.update(dict.fromkeys(sets[group], action))
            for token, target in zip(shifts[::2], shifts[1::2], strict=True):
                actions[names[token]] = (Shift, target)
            states[number] = actions
        parser = cls.__new__(cls)
        table: Any = IntParseTable
        parser._parse_table = table(states, data["start_states"], data["end_states"])
        parser.parser = _Parser(parser._parse_table, callbacks, debug)
        return parser
