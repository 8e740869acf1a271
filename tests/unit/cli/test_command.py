"""The ``minidb`` command, run as a process: what goes where, and every exit code."""

import os
import signal
import subprocess
import sys
import time

import pytest

COMMAND = [sys.executable, "-m", "minidb"]


@pytest.fixture(scope="module", autouse=True)
def environment(tmp_path_factory):
    """Let the processes share compiled modules, whatever this one was told about them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        patch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path_factory.mktemp("compiled")))
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        yield


def run(*arguments, stdin=b"", **options):
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        check=False,
        timeout=60,
        **options,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("command")


# What is run, the exit code, standard output, and a part of standard error.
TABLE = {
    "ok": (["-c", "SELECT 1, 'a'"], b"", 0, b"1\ta\n", b""),
    "several -c": (["-c", "SELECT 1", "-c", "SELECT 2; SELECT 3;"], b"", 0, b"1\n2\n3\n", b""),
    "standard input": ([], b"SELECT 1;\nSELECT 2", 0, b"1\n2\n", b""),
    "standard input by name": (["-f", "-"], b"SELECT 1", 0, b"1\n", b""),
    "nothing to do": ([], b"-- nothing", 0, b"", b""),
    "a format": (["--format", "csv", "-c", "SELECT 'x', 1"], b"", 0, b'"x",1\n', b""),
    "FORMAT wins": (["--format", "CSV", "-c", "SELECT 1 FORMAT Values"], b"", 0, b"(1)", b""),
    "vertical": (["-c", "SELECT 1 AS x\\G"], b"", 0, "Row 1:\n──────\nx: 1\n".encode(), b""),
    "time": (["--time", "-c", "SELECT 1"], b"", 0, b"1\n", b"1 row in "),
    "help": (["--help"], b"", 0, None, b""),
    "version": (["--version"], b"", 0, None, b""),
    "syntax": (["-c", "SELEC 1"], b"", 1, b"", b"^^^^^  line 1, column 1; did you mean"),
    "name": (["-c", "SELECT 1;\n SELECT x"], b"", 1, b"1\n", b"line 2, column 9"),
    "run time": (["-c", "SELECT intDiv(1, 0)"], b"", 1, b"", b"error 153"),
    "stops": (["-c", "SELECT x; SELECT 2", "-c", "SELECT 3"], b"", 1, b"", b"error 47"),
    "continues": (["--on-error", "continue", "-c", "SELECT x; SELECT 2", "-c", "SELECT 3"],
                  b"", 1, b"2\n3\n", b"error 47"),
    "bytes that are no text": ([], b"SELECT '\xff'", 0, b"\xff\n", b""),
    "unknown FORMAT": (["-c", "SELECT 1 FORMAT Cvs"], b"", 1, b"", b"error 73"),
    "unknown option": (["--nonsense"], b"", 2, b"", b"usage"),
    "unknown format": (["--format", "Cvs"], b"", 2, b"", b"no format 'Cvs'"),
    "two paths": (["a", "b"], b"", 2, b"", b"usage"),
    "no such script": (["-f", "/nowhere/x.sql"], b"", 3, b"", b"cannot read '/nowhere/x.sql'"),
    "not a database": ([__file__, "-c", "SELECT 1"], b"", 3, b"", b"error"),
}  # fmt: skip


@pytest.mark.parametrize("case", TABLE)
def test_exit_codes_and_streams(case, folder):
    arguments, stdin, code, out, err = TABLE[case]
    done = run(*arguments, stdin=stdin, cwd=folder)
    assert done.returncode == code, done.stderr
    if out is not None:
        assert done.stdout == out
    assert err in done.stderr
    if not err:
        assert done.stderr == b""
    assert b"Traceback" not in done.stderr


def test_a_script_and_a_folder(tmp_path):
    script = tmp_path / "x.sql"
    script.write_text(
        "\ufeffCREATE TABLE t (a Int8) ENGINE = MergeTree ORDER BY a;\nINSERT INTO t VALUES (7);\n"
    )
    assert run(tmp_path / "db", "-f", script, "-c", "SELECT a FROM t").stdout == b"7\n"
    assert run(tmp_path / "db", "-c", "SELECT a + 1 FROM t").stdout == b"8\n"


def test_a_closed_pipe_is_quiet():
    process = subprocess.Popen(
        [*COMMAND, "-c", "SELECT number FROM numbers(1000000)"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout.readline() == b"0\n"
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(30) == 0


def test_a_closed_standard_output_is_told():
    line = f"{sys.executable} -m minidb -c 'SELECT 1' >&-"
    done = subprocess.run(line, shell=True, capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (1, b"standard output is closed\n")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_a_full_disk_is_told():
    line = f"{sys.executable} -m minidb -c 'SELECT number FROM numbers(100000)' >/dev/full"
    done = subprocess.run(line, shell=True, capture_output=True, check=False, timeout=60)
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert b"standard output" in done.stderr


@pytest.mark.parametrize("delay_s", [0, 0.01, 0.02, 0.3])
def test_an_interrupt_ends_with_130(delay_s):
    process = subprocess.Popen(
        [
            *COMMAND,
            "-c",
            "SELECT 1",
            "-c",
            "SELECT number FROM numbers(100000000000) WHERE number < 0",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout.readline() == b"1\n"
    time.sleep(delay_s)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, b"interrupted\n")
