"""The shell on a pseudo terminal: several lines, Ctrl-C, Ctrl-D, history, no colours."""

import os
import re
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest

pty = pytest.importorskip("pty")

# Everything that moves the cursor or colours text.
CONTROL = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[=>]|\][^\x07]*\x07)|\r")
WAIT_S = 120  # a guard against waiting for ever; a busy machine takes its time


class Terminal:
    """A shell on a terminal of its own; the test types, and waits for what appears."""

    def __init__(self, state_home, *arguments, **environment):
        self.screen = self.raw = b""
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            variables = {**os.environ, "TERM": "xterm", "XDG_STATE_HOME": str(state_home)}
            variables |= {"COLUMNS": "100", "LINES": "30", "PYTHONPATH": os.pathsep.join(sys.path)}
            variables |= environment
            variables = {name: value for name, value in variables.items() if value is not None}
            os.execve(sys.executable, [sys.executable, "-m", "minidb", *arguments], variables)

    def type(self, text):
        os.write(self.descriptor, text.encode())

    def wait_for(self, text):
        """Read until `text` appears, and forget everything up to its end."""
        wanted, end = text.encode(), time.monotonic() + WAIT_S
        while wanted not in CONTROL.sub(b"", self.screen):
            assert time.monotonic() < end, f"no {text!r} in {self.screen!r}"
            self._read()
        shown = CONTROL.sub(b"", self.screen)
        self.screen = shown[shown.index(wanted) + len(wanted) :]

    def _read(self):
        if select.select([self.descriptor], [], [], 0.2)[0]:
            try:
                data = os.read(self.descriptor, 65536)
            except OSError:
                data = b""
            assert data, f"the shell has ended: {self.screen!r}"
            self.screen += data
            self.raw += data
            if b"\x1b[6n" in data:
                # prompt_toolkit asks where the cursor is.
                os.write(self.descriptor, b"\x1b[1;1R")

    def exit_code(self):
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            if select.select([self.descriptor], [], [], 0.1)[0]:
                with suppress(OSError):
                    os.read(self.descriptor, 65536)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
        pytest.fail("the shell did not end")

    def close(self):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.descriptor)


@pytest.fixture
def terminal(tmp_path):
    opened = []

    def start(*arguments, **environment):
        opened.append(Terminal(tmp_path / "state", *arguments, **environment))
        opened[-1].wait_for("minidb>")
        return opened[-1]

    yield start
    for each in opened:
        each.close()


def test_statements_history_and_leaving(terminal, tmp_path):
    shell = terminal()
    shell.type("SELECT 41 +\r")
    shell.wait_for("...>")
    shell.type("1 AS answer;\r")
    shell.wait_for("│     42 │")
    shell.wait_for("1 row in ")
    shell.type("SELECT 5 AS x\\G\r")
    shell.wait_for("x: 5")
    shell.type("SELECT nothing_here;\r")
    shell.wait_for("error 47 UNKNOWN_IDENTIFIER")
    shell.wait_for("minidb>")
    shell.type("\x04")
    assert shell.exit_code() == 0
    history = (tmp_path / "state" / "minidb" / "history").read_text()
    assert "+SELECT 41 +\n+1 AS answer;" in history
    again = terminal()
    again.type("\x1b[A\x1b[A\r")
    again.wait_for("x: 5")
    again.type("\\q\r")
    assert again.exit_code() == 0


def test_interrupts_drop_the_line_or_stop_the_query(terminal):
    shell = terminal()
    shell.type("SELECT 'never run\r")
    shell.wait_for("...>")
    shell.type("\x03")
    shell.wait_for("minidb>")
    shell.type("SELECT number FROM numbers(100000000000) WHERE number < 0;\r")
    shell.wait_for("rows read")
    shell.type("\x03")
    shell.wait_for("QUERY_WAS_CANCELLED")
    shell.wait_for("minidb>")
    shell.type("SELECT 6 * 7 AS y;\r")
    shell.wait_for("│ 42 │")


def test_commands_of_the_shell(terminal, tmp_path):
    shell = terminal(str(tmp_path / "db"))
    shell.type("CREATE TABLE zebras (a Int8) ENGINE = Memory;\r")
    shell.wait_for("minidb>")
    shell.type(".tables\r")
    shell.wait_for("│ zebras │")
    shell.type(".format CSV\r")
    shell.wait_for("minidb>")
    shell.type("SELECT 'x', 1;\r")
    shell.wait_for('"x",1')
    shell.type(".format Cvs\r")
    shell.wait_for("error 73")
    shell.type(".nonsense\r")
    shell.wait_for("no command '.nonsense'")
    shell.type("help\r")
    shell.wait_for("Ctrl-D")
    shell.type("exit\r")
    assert shell.exit_code() == 0


def test_no_color_is_respected(terminal):
    shell = terminal(NO_COLOR="1")
    shell.type("SELECT 'a' AS z;\r")
    shell.wait_for("row in ")
    assert not re.search(rb"\x1b\[[0-9;]*3[0-9]m", shell.raw)


def test_a_poor_terminal_gets_plain_lines(terminal):
    shell = terminal(TERM="dumb")
    shell.type("SELECT 40 +\n")
    shell.wait_for("...> ")
    shell.type("2 AS v;\n")
    shell.wait_for("│ 42 │")
    shell.wait_for("minidb>")
    shell.type("\x03")
    shell.wait_for("minidb>")
    shell.type("\x04")
    assert shell.exit_code() == 0


def test_a_history_that_cannot_be_written_is_no_obstacle(terminal, tmp_path):
    (tmp_path / "blocked").write_text("a file")
    shell = terminal(XDG_STATE_HOME=str(tmp_path / "blocked"))
    shell.type("SELECT 42 AS w;\r")
    shell.wait_for("│ 42 │")


def test_rows_go_to_standard_output_alone(tmp_path):
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "minidb"],
        stdin=slave,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path)},
    )
    os.close(slave)
    os.write(master, b"SELECT 1 AS x;\n.quit\n")
    with process:
        try:
            out, err = process.communicate(timeout=WAIT_S)
        finally:
            process.kill()
            os.close(master)
    assert out == b"1\n"
    assert b"minidb>" in err
    assert process.returncode == 0
