"""Files written whole or not at all, names that any file system takes, and its errors as ours."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from digest.errors import StateError
from digest.text import printable, single_spaced


def safe_name(name: str) -> str:
    """Return a name for people's eyes as one that any file system takes: at most 120 bytes of UTF-8."""
    plain = re.sub(r"[^\w .,()+-]", "_", single_spaced(printable(name)))
    stem, dot, suffix = plain.rpartition(".")
    return f"{_cut(stem, 100)}.{_cut(suffix, 19)}" if dot and stem else _cut(plain, 120) or "dump"


def _cut(text: str, most: int) -> str:
    """Return the text cut to so many bytes: names are limited by bytes (NAME_MAX is 255 on the usual systems)."""
    return text.encode()[:most].decode(errors="ignore")


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; raises StateError where that cannot be."""
    _write(path, lambda file: file.write(data))


def copy_atomically(path: Path, source: BinaryIO) -> None:
    """Write all that is left of ``source`` into a file, whole or not at all; raises StateError where that cannot be."""
    _write(path, lambda file: shutil.copyfileobj(source, file, 2**20))


def _write(path: Path, fill: Callable[[BinaryIO], object]) -> None:
    """Write into a draft beside the path, to the disk, then rename it.

    The draft has always the same name, so that a killed run leaves no litter: the next one writes over it.
    """
    draft = path.with_name(f".{path.name}.part")
    with naming(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with draft.open("wb") as file:
                fill(file)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
            raise


def write_if_changed(path: Path, data: bytes) -> bool:
    """Write a file atomically unless it holds just these bytes; say whether it was written."""
    with naming(path):
        if path.is_file() and path.read_bytes() == data:
            return False
    write_atomically(path, data)
    return True


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """Turn an operating system's error into a StateError that names the path."""
    try:
        yield
    except OSError as error:
        what = (error.strerror or str(error)).lower()
        raise StateError(what, where=str(path), mend="check the folder's rights and the free space") from error
