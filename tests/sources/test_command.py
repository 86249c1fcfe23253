"""Sources of kind command: what a program prints is brought, and one that fails, hangs or floods is ended."""

from __future__ import annotations

import itertools
import os
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from asked_sources import NOTHING, NOW, cases, world
from faulty_http import Invented

from digest import sources
from digest.settings import SourceSetting


def over_when(happened: Callable[[], bool]) -> Callable[[], float]:
    """A clock by which a limit of one second is over when something has happened, and not before."""
    told: list[float] = []

    def clock() -> float:
        told.append(0.0 if not told else 2.0 if happened() else 0.98)
        return told[-1]

    return clock


def ask(
    *command: str,
    folder: Path = Path(),
    environ: dict[str, str] | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], object] = lambda _seconds: None,
    **keys: str,
) -> sources.Fetched:
    place = world(Invented(None), folder, {"PATH": os.environ["PATH"]} if environ is None else environ)
    place = replace(place, network=replace(place.network, clock=clock, sleep=sleep))
    setting = SourceSetting(name="search", kind="command", command=command, **keys)
    return sources.fetch(sources.make(setting, place), NOTHING, NOW)


def python(code: str) -> tuple[str, ...]:
    return sys.executable, "-c", code


def test_what_it_prints_is_the_dump():
    found = ask("printf", r"a\r\n\377")
    assert (found.status, found.brought) == ("brought", (sources.Brought("search", b"a\r\n\xff"),))


def test_nothing_printed_is_nothing_new():
    assert ask("true").status == "unchanged"


def test_what_it_prints_beyond_what_a_pipe_holds_comes_whole():
    code = "import sys; sys.stderr.write('x' * 10**6); sys.stdout.write('y' * 10**6)"
    assert ask(*python(code)).brought[0].content == b"y" * 10**6


def test_no_shell_reads_its_arguments():
    assert ask("printf", "%s", "$HOME; *").brought[0].content == b"$HOME; *"


def test_it_runs_in_the_folder_of_the_configuration(tmp_path: Path):
    program = tmp_path / "search.sh"
    program.write_text("#!/bin/sh\npwd\n")
    program.chmod(0o755)
    assert ask("./search.sh", folder=tmp_path).brought[0].content == f"{tmp_path}\n".encode()


def test_it_gets_nothing_of_the_environment_but_its_basics():
    environ = {"PATH": os.environ["PATH"], "HOME": "/x", "LANG": "C", "DIGEST_SMTP__PASSWORD": "hush"}
    printed = ask("env", environ=environ).brought[0].content
    assert isinstance(printed, bytes)
    assert {line.partition("=")[0] for line in printed.decode().split()} == {"PATH", "HOME", "LANG"}


def test_it_reads_nothing():
    assert ask("cat").status == "unchanged"


@cases(
    "command, said",
    {
        "a status": (("sh", "-c", "exit 3"), "the program ended with status 3, and said nothing"),
        "words": (
            ("sh", "-c", "echo dump; echo first >&2; printf 'no \\033[31mluck\\n\\n' >&2; exit 1"),
            "the program ended with status 1: no [31mluck",
        ),
        "bytes": (("sh", "-c", "printf '\\377' >&2; exit 1"), "the program ended with status 1: \ufffd"),
        "a signal": (("sh", "-c", "kill -9 $$"), "the program was ended by signal 9, and said nothing"),
        "no such program": (
            ("no-such-program",),
            "cannot run 'no-such-program': no such file or directory (name a program that is there)",
        ),
        "no program": (("/",), "cannot run '/': permission denied (name a program that is there)"),
    },
)
def test_a_program_that_fails_brings_nothing_and_is_told(command: tuple[str, ...], said: str):
    found = ask(*command)
    assert (found.status, found.brought, found.reason) == ("failed", (), said)


def test_its_last_words_are_cut():
    found = ask(*python("import sys; sys.exit('word ' * 10**5)"))
    assert len(found.reason) < 260


def ended(pid: int) -> bool:
    """Tell whether a process is no more, or waits to be forgotten by its parent."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def ended_soon(pid: int) -> bool:
    until = time.monotonic() + 5
    while time.monotonic() < until:
        if ended(pid):
            return True
    return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
@cases(
    "script",
    {
        "it hangs": "sleep 99 & echo $! > pid; echo dump; wait",
        "its child holds the pipe": "sleep 99 & echo $! > pid; echo dump",
        "it closes its pipes": "sleep 99 >&- 2>&- & echo $! > pid; exec >&- 2>&-; wait",
        "it heeds no request": "trap '' TERM INT HUP; sleep 99 & echo $! > pid; wait",
    },
)
def test_a_program_that_takes_too_long_is_ended_with_all_that_it_started(tmp_path: Path, script: str):
    pid = tmp_path / "pid"
    clock = over_when(lambda: pid.exists() and pid.read_text().endswith("\n"))
    found = ask("sh", "-c", script, folder=tmp_path, clock=clock, timeout="1 s")
    assert (found.status, found.brought) == ("failed", ())
    assert found.reason == "not over after 1 s, and ended (timeout may be longer)"
    assert ended_soon(int(pid.read_text()))


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
@cases(
    "script",
    {
        "it is silent": "sleep 99 & echo $! > pid; wait",
        "it closes its pipes": "sleep 99 >&- 2>&- & echo $! > pid; exec >&- 2>&-; wait",
    },
)
def test_a_program_is_ended_when_nobody_waits_for_it_any_more(tmp_path: Path, script: str):
    class EndedError(Exception):
        pass

    pid = tmp_path / "pid"

    def rest(_seconds: float) -> None:
        if pid.exists() and pid.read_text().endswith("\n"):
            raise EndedError

    with pytest.raises(EndedError):
        ask("sh", "-c", script, folder=tmp_path, sleep=rest)
    assert ended_soon(int(pid.read_text()))


def test_a_program_that_floods_is_ended_at_the_limit_and_held_in_little_memory():
    tracemalloc.start()
    try:
        found = ask("yes", max_size="1 MB")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.reason == "prints more than 1,000,000 bytes, and was ended (max_size may be more)"
    assert peak < 3 * 10**6


def test_complaints_without_end_are_held_in_little_memory():
    turns = itertools.count()
    tracemalloc.start()
    try:
        found = ask("sh", "-c", "yes >&2", clock=over_when(lambda: next(turns) > 200), timeout="1 s")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.status == "failed"
    assert peak < 10**6
