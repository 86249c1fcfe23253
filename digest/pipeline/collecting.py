"""Pauses of Python's cyclic garbage collector, for steps that make many records."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterator

_YOUNG = 50_000  # new containers between two looks of the collector; Python's own number is 700


@contextlib.contextmanager
def seldom_collecting() -> Iterator[Callable[[], None]]:
    """Pause the cyclic garbage collector: records hold no cycles, and it would walk all of them again and again.

    Yields what is called at rests, when it runs once.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield _collect
    finally:
        if was_enabled:
            gc.enable()


@contextlib.contextmanager
def rarely_collecting() -> Iterator[None]:
    """Let the collector come seldom, for long steps that make many records by and by.

    At Python's own pace it takes three quarters of the time in which editions are loaded. What is alive now is not
    frozen: the collector counts what is new since it went through all, and after that would not do so for days.
    """
    before = gc.get_threshold()
    gc.set_threshold(_YOUNG, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _collect() -> None:
    gc.collect(0)  # the youngest generation: all that was made since the collector paused
