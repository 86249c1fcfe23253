"""Pauses of Python's cyclic garbage collector, for steps that make many records."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterator


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


def _collect() -> None:
    gc.collect(0)  # the youngest generation: all that was made since the collector paused
