"""What a terminal shows while something takes long, and that nothing of it goes anywhere else."""

from __future__ import annotations

import io
import sys

import pytest

from digest.cli.terminal import progress


class Terminal(io.StringIO):
    """A terminal on standard error, as far as programs can tell."""

    def isatty(self) -> bool:
        return True


def shown(monkeypatch: pytest.MonkeyPatch, stderr: io.StringIO, total: int) -> str:
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    with progress("Sending", total) as step:
        for _ in range(total - 1):
            step()
        step()
    return stderr.getvalue()


def test_a_terminal_shows_how_much_is_done_how_fast_and_the_time_that_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    told = shown(monkeypatch, Terminal(), 1200)
    assert "Sending" in told
    assert "1200/1200" in told
    assert "/s" in told
    assert "0:00:00" in told


def test_a_pipe_gets_no_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, io.StringIO(), 1200) == ""


def test_one_thing_alone_is_not_worth_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, Terminal(), 1) == ""
