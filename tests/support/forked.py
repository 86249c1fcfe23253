"""Runs a function in a forked child, so that it may be killed, or live under limits and mounts of its own."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_NEW_MOUNTS = 0x00020000  # CLONE_NEWNS (linux/sched.h)


@dataclass(frozen=True)
class Ended:
    """How a child ended: its exit status (negative: the signal that killed it), and what it printed."""

    status: int
    out: str
    err: str


def forked(act: Callable[[], int]) -> Ended:
    """Run ``act`` in a child that shares nothing with us but files; its return value is the exit status.

    What it prints goes through pipes, which no limit on files reaches; each takes 64 KiB (pipe(7)).
    """
    out, err = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        _live(act, out[1], err[1])
    os.close(out[1])
    os.close(err[1])
    _, status = os.waitpid(child, 0)
    return Ended(os.waitstatus_to_exitcode(status), _all_of(out[0]), _all_of(err[0]))


def _all_of(pipe: int) -> str:
    with os.fdopen(pipe, "rb") as file:
        return file.read().decode()


def _live(act: Callable[[], int], out: int, err: int) -> None:
    """Live the child's life to its end; nothing of the parent's runs on in it."""
    status = 70  # EX_SOFTWARE of sysexits.h: it raised
    try:
        os.dup2(out, 1)
        os.dup2(err, 2)
        # Away from what the test runner has put in their place.
        sys.stdout = os.fdopen(1, "w", encoding="utf-8")
        sys.stderr = os.fdopen(2, "w", encoding="utf-8")
        status = act()
    except BaseException:
        traceback.print_exc()
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status)


def die() -> None:
    """End this process as a power cut would: at once, with nothing tidied."""
    os.kill(os.getpid(), signal.SIGKILL)


def private_mounts() -> None:
    """Give this process mounts that nobody else sees and that end with it; raises OSError where it may not."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEW_MOUNTS):
        raise OSError(ctypes.get_errno(), "may not have mounts of its own")
    mount("--make-rprivate", "/")


def mount(*arguments: str | Path) -> None:
    """Mount something; raises OSError where that is refused."""
    done = subprocess.run(["mount", *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(done.stderr.strip())


def may_mount() -> bool:
    """Say whether a child of ours may have mounts of its own."""

    def try_it() -> int:
        private_mounts()
        with tempfile.TemporaryDirectory() as folder:
            mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", folder)
            subprocess.run(["umount", folder], check=True)
        return 0

    return sys.platform == "linux" and forked(try_it).status == 0
