"""Reading statements from people: with prompt_toolkit on a capable terminal, else line by line."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import Protocol

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.lexers import PygmentsLexer
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.styles import Style

from minidb.cli.completion import Vocabulary
from minidb.cli.highlight import ClickHouseLexer
from minidb.cli.history import history_path
from minidb.cli.statements import is_complete

PROMPT = "minidb> "
CONTINUATION = "   ...> "
STYLE = Style.from_dict(
    {
        "pygments.keyword": "ansiblue bold",
        "pygments.keyword.type": "ansicyan",
        "pygments.name.function": "ansimagenta",
        "pygments.literal.string": "ansigreen",
        "pygments.literal.number": "ansiyellow",
        "pygments.comment": "ansibrightblack",
    }
)


class Reader(Protocol):
    """Where statements come from."""

    def read(self) -> str:
        """Return what was typed, up to a semicolon.

        Raises
        ------
        EOFError
            When the person has gone (Ctrl-D).
        KeyboardInterrupt
            When the line is to be dropped (Ctrl-C).
        """


def make_reader(vocabulary: Vocabulary) -> Reader:
    """Return the reader that fits the terminal."""
    is_capable = os.environ.get("TERM", "dumb") not in {"dumb", ""} or sys.platform == "win32"
    is_terminal = sys.stdin.isatty() and sys.stdout is not None and sys.stdout.isatty()
    return PromptReader(vocabulary) if is_capable and is_terminal else PlainReader()


class PlainReader:
    """Reads lines as they come; prompts go to standard error, which no redirection carries off."""

    def read(self) -> str:
        """Return lines up to a semicolon."""
        text, prompt = "", PROMPT
        while True:
            if sys.stderr is not None:
                sys.stderr.write(prompt)
                sys.stderr.flush()
            line = sys.stdin.readline()
            if not line:
                if text.strip():
                    return text
                raise EOFError
            text += line
            if is_complete(text):
                return text.strip("\n")
            prompt = CONTINUATION


class PromptReader:
    """Reads with history, colours, completion and editing over several lines.

    Parameters
    ----------
    vocabulary : Vocabulary
        What Tab completes.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        path = history_path()
        history: History = FileHistory(str(path)) if path is not None else InMemoryHistory()
        is_plain = bool(os.environ.get("NO_COLOR"))
        self._session: PromptSession[str] = PromptSession(
            PROMPT,
            multiline=True,
            prompt_continuation=CONTINUATION,
            history=history,
            completer=_Completer(vocabulary),
            complete_while_typing=False,
            lexer=None if is_plain else PygmentsLexer(ClickHouseLexer),
            style=None if is_plain else STYLE,
            color_depth=ColorDepth.DEPTH_1_BIT if is_plain else None,
            include_default_pygments_style=False,
            key_bindings=_bindings(),
        )

    def read(self) -> str:
        """Return what was typed, up to a semicolon."""
        return self._session.prompt()


class _Completer(Completer):
    """Asks the vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        """Yield the words that fit before the cursor."""
        for word, length in self._vocabulary.matches(document.current_line_before_cursor):
            yield Completion(word, start_position=-length)


def _bindings() -> KeyBindings:
    """Return the key that ends a statement: Enter behind a semicolon, at the end of the text."""
    bindings = KeyBindings()

    def on_enter(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if is_complete(buffer.text):
            buffer.validate_and_handle()
        else:
            buffer.insert_text("\n")

    bindings.add("enter")(on_enter)
    return bindings
