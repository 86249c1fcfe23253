"""Results that are kept for who asks the same once more, until a process that goes on has done its day's work."""

from __future__ import annotations

from collections.abc import Callable
from functools import _lru_cache_wrapper, lru_cache
from typing import Any, TypeVar

_Result = TypeVar("_Result")

_KEPT: list[_lru_cache_wrapper[Any]] = []


def kept(most: int) -> Callable[[Callable[..., _Result]], _lru_cache_wrapper[_Result]]:
    """Keep the last ``most`` results of a function of hashable arguments that are texts of a day's papers, mostly."""

    def keeping(function: Callable[..., _Result]) -> _lru_cache_wrapper[_Result]:
        wrapped = lru_cache(maxsize=most)(function)
        _KEPT.append(wrapped)
        return wrapped

    return keeping


def forget() -> None:
    """Let go of all that is kept: nobody asks about the papers of a day again soon, and others come the next."""
    for wrapped in _KEPT:
        wrapped.cache_clear()
