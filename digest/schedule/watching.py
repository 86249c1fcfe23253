"""Watches the inbox, so that a dump is taken in when it arrives and not minutes later.

Only a hint: who watches in vain, as on some network file systems, finds the dump at the next regular look.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from watchfiles import watch

from digest.errors import one_line

log = logging.getLogger(__name__)

_LEFT_ALONE = 2_000  # milliseconds without a change, after which a file is likely whole
_LONGEST = 60_000  # milliseconds of changes one after the other, after which it is said all the same


@contextmanager
def watching(folder: Path, then: Callable[[], None]) -> Iterator[None]:
    """Call ``then``, in a thread, whenever something in a folder has changed and was then left alone for a moment.

    Where the system does not allow watching, that is said in one line.
    """
    ended = threading.Event()

    def look() -> None:
        try:
            for _changes in watch(
                folder,
                watch_filter=None,
                debounce=_LONGEST,
                step=_LEFT_ALONE,
                stop_event=ended,
                raise_interrupt=False,
            ):
                then()
        except (OSError, RuntimeError) as error:  # the library's own error is a RuntimeError
            log.warning("watching %s: %s; it is looked into regularly all the same", folder.name, one_line(error))

    thread = threading.Thread(target=look, name="watching", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(_LEFT_ALONE / 1000)
