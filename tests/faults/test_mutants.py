"""Dumps broken at random, over all layouts and containers: listings or a refusal in one line, and soon."""

from __future__ import annotations

import resource
import signal
import sys
import traceback
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from types import FrameType

import forms
import pytest
from forked import forked
from mutants import mutated

from digest import archive, containers, layouts
from digest.errors import DumpError

SAMPLES = Path(__file__).parents[1] / "layouts" / "samples"
MUTANTS, SHARDS = 20_000, 10
SECONDS = 2  # of processor time for one dump
MEMORY = 240 * 2**20  # bytes that reading may add, which with the program itself makes less than 300 MB


@cache
def seeds() -> Sequence[bytes]:
    """Return every sample as it is, and the text ones in every container."""
    paths = sorted(path for path in SAMPLES.iterdir() if ".golden" not in path.name)
    found = [path.read_bytes() for path in paths]
    for path in paths:
        if path.suffix == ".txt":
            text = path.read_text("utf-8")
            found += [forms.in_form(form, text, ()) for form in forms.FORMS]
    return found


class HangError(BaseException):
    """A dump took longer than it may; nothing catches it."""


def _hang(_signal: int, _frame: FrameType | None) -> None:
    raise HangError


def read_all(data: bytes) -> int:
    """Read a dump as ``digest parse`` does; return how many events came. Refusals are checked to be one line."""
    count = 0
    try:
        for part in archive.parts(archive.blob_of(data, "mutant"), date(2026, 6, 15), "UTC", dated=False):
            try:
                count += sum(1 for _ in layouts.read(containers.opened(part.blob), part.date).events)
            except DumpError as error:
                _check(error)
    except DumpError as error:
        _check(error)
    return count


def _check(error: DumpError) -> None:
    assert "\n" not in str(error)


def peak() -> int:
    """Return this process's peak memory so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def survive(numbers: range) -> int:
    """Read these mutants; return 1 and say which, where one is not read as it should be."""
    own = seeds()
    read_all(own[0])
    signal.signal(signal.SIGVTALRM, _hang)
    events, before = 0, peak()
    for number in numbers:
        data = mutated(own, number)
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        try:
            events += read_all(data)
        except BaseException:
            traceback.print_exc()
            sys.stdout.write(f"mutant {number}\n")
            return 1
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        if peak() - before > MEMORY:
            sys.stdout.write(f"mutant {number} took more memory than it may\n")
            return 1
    return 0 if events else 1


def assert_all_survive(numbers: range) -> None:
    ended = forked(lambda: survive(numbers))
    assert ended.status == 0, ended.out + ended.err


def test_some_hundred_broken_dumps_are_read_or_refused() -> None:
    assert_all_survive(range(MUTANTS, MUTANTS + 200))


@pytest.mark.slow
@pytest.mark.parametrize("shard", range(SHARDS))
def test_twenty_thousand_broken_dumps_are_read_or_refused(shard: int) -> None:
    size = MUTANTS // SHARDS
    assert_all_survive(range(shard * size, (shard + 1) * size))
