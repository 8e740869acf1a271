"""The drawing of a place in a statement."""

from minidb.source import Span, draw_caret


def test_a_long_line_is_cut_to_the_terminal():
    text = "SELECT " + "a, " * 60 + "wrong FROM t"
    start = text.index("wrong")
    line, carets, place = draw_caret(
        text, Span(start, start + 5), "a long hint that does not fit", 80
    ).split("\n")
    assert len(line) <= 80
    assert line[carets.index("^") :].startswith("wrong")
    assert carets.endswith("^^^^^")
    assert place == "  line 1, column 188; a long hint that does not fit"


def test_a_narrow_terminal_never_hides_the_place():
    text = "SELECT 1, wrong"
    line, carets, _ = draw_caret(text, Span(10, 15), width=1).split("\n")
    assert line[carets.index("^") :] == "wrong"


def test_characters_that_move_the_cursor_are_drawn_as_blanks():
    line, carets = draw_caret("SELECT\t'\x1b[2J',\r\n x", Span(7, 13)).split("\n")
    assert line == "  SELECT ' [2J',"
    assert carets.startswith("         ^^^^^^  line 1, column 8")


def test_only_line_feeds_end_a_line():
    text = "SELECT '\x0b\u2028',\nwrong"
    start = text.index("wrong")
    drawn = draw_caret(text, Span(start, start + 5))
    assert drawn == "  wrong\n  ^^^^^  line 2, column 1"
