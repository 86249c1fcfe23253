"""Shares work out among processes, for what one processor takes long for; results come back in order."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import pickle
import signal
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import ExitStack, suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

from digest.errors import StateError, one_line

S = TypeVar("S")
T = TypeVar("T")
R = TypeVar("R")

# Takes what all share and a process's own share of the tasks, and yields a result for each task, in their order.
Work = Callable[[S, Sequence[T]], Iterable[R]]

_WORTH = 1_000  # tasks that a further process is started for, which takes it a second of processor time


def processes_for(count: int, most: int) -> int:
    """Return how many processes to share ``count`` tasks among, ``most`` at the most (0: a processor each); 1: none."""
    return max(1, min(most or processors(), count // _WORTH))


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def shared_out(work: Work[S, T, R], shared: S, tasks: Sequence[T], processes: int) -> Generator[R, None, None]:
    """Yield what ``work`` makes of each task, in their order, with the tasks dealt out among processes.

    With one process the work is done here and now. Else ``work``, a function of a module, gets its arguments and gives
    its results by pickling; a process is at the most one result ahead of what is taken. An error of the work is raised
    here. Raises StateError where a process ends before its work does. All end when the caller does, however it ends.
    """
    if processes < 2:
        yield from work(shared, tasks)
        return
    with ExitStack() as stack:
        crew = [stack.enter_context(_Worker(work, shared, tasks[n::processes])) for n in range(processes)]
        for number, _ in enumerate(tasks):
            yield crew[number % processes].result()


class _Worker:
    """A process with its share, and the pipe that its results come by."""

    def __init__(self, work: Work[S, T, R], shared: S, share: Sequence[T]) -> None:
        # Begun afresh and not forked: a process with threads, such as one that serves, cannot be forked safely.
        context = multiprocessing.get_context("spawn")
        try:
            self._results, theirs = context.Pipe(duplex=False)
            self._process = context.Process(target=_do, args=(theirs, work, shared, share), daemon=True)
            self._process.start()
        except OSError as error:
            what = f"no process can be had to share the work with: {(error.strerror or str(error)).lower()}"
            raise StateError(what, mend="work.processes may be less") from error
        theirs.close()  # so that the pipe ends when the process does
        _at_work.add(self._process)

    def __enter__(self) -> _Worker:
        return self

    def __exit__(self, *_error: object) -> None:
        _at_work.discard(self._process)
        self._results.close()  # whoever is still at work finds nobody to tell, and ends
        self._process.kill()
        self._process.join()
        self._process.close()

    def result(self) -> Any:
        try:
            error, result = self._results.recv()
        except (EOFError, OSError):  # between two results, or within one
            self._process.join()
            code = self._process.exitcode
            what = f"a process that shared the work was ended ({_said(code)})"
            raise StateError(what, mend="is there enough memory? see work.processes") from None
        if error is not None:
            raise error
        return result


def _said(code: int | None) -> str:
    return signal.Signals(-code).name if code is not None and code < 0 else f"exit status {code}"


# Those of a caller that works when Python ends, which would tell them to end, in vain, and wait for it.
_at_work: set[BaseProcess] = set()


@atexit.register  # after multiprocessing's own, and so called before it
def _end_all() -> None:
    for process in list(_at_work):
        with suppress(ValueError):  # ended meanwhile
            process.kill()


def _do(results: Connection, work: Work[Any, Any, Any], shared: Any, share: Sequence[Any]) -> None:
    """Do a share; what waits for the results decides when to end, also where a terminal or a shell tells all."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with suppress(BrokenPipeError):
        try:
            for result in work(shared, share):
                results.send((None, result))
        except BrokenPipeError:
            raise
        except Exception as error:
            results.send((_portable(error), None))


def _portable(error: Exception) -> Exception:
    """Return an error as it is where it can pass from process to process, else its one line."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 (our own bytes)
    except Exception:
        return RuntimeError(one_line(error))
    return error
