"""Messages where they lie: in files, mailboxes, Maildirs and standard input; nothing is changed there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from digest import bounces
from digest.errors import UsageError


@dataclass(frozen=True, slots=True)
class Mail:
    """A message, or why what has its name cannot be read; ``name`` says where it lies."""

    name: str
    data: bytes = b""
    fault: str = ""


def mails(paths: Iterable[Path], stdin: BinaryIO | None) -> Iterator[Mail]:
    """Yield the messages of files, of Maildirs (``new`` and ``cur``, by name), and of standard input for ``-``.

    A file that cannot be read costs no other; standard input is None where the program has none.
    """
    for path in paths:
        if str(path) == "-":
            yield from _in_stream(stdin)
            continue
        try:
            files = _files(path)
        except OSError as error:
            yield Mail(str(path), fault=_reason(error))
        except UsageError as error:
            yield Mail(str(path), fault=error.reason())
        else:
            for file in files:
                yield from _in_file(file)


def _files(path: Path) -> list[Path]:
    """Return the file itself, or a Maildir's files; raises OSError, or UsageError for what is neither."""
    if not path.is_dir():
        if not path.is_file() and path.exists():
            raise UsageError("is no file", mend="name a file, a Maildir or -")
        return [path]
    folders = [path / name for name in ("new", "cur") if (path / name).is_dir()]
    if not folders:
        raise UsageError("is no Maildir", mend='a Maildir has the folders "new" and "cur"')
    return [file for folder in folders for file in sorted(folder.iterdir()) if file.is_file()]


def _in_file(path: Path) -> Iterator[Mail]:
    try:
        with path.open("rb") as file:
            yield from _named(str(path), bounces.mails(file))
    except FileNotFoundError as error:
        if path.parent.name not in ("new", "cur"):  # a mail program moves and removes what is in a Maildir
            yield Mail(str(path), fault=_reason(error))
    except OSError as error:
        yield Mail(str(path), fault=_reason(error))


def _in_stream(stdin: BinaryIO | None) -> Iterator[Mail]:
    name = "standard input"
    if stdin is None:
        yield Mail(name, fault="is closed")
        return
    try:
        yield from _named(name, bounces.mails(stdin))
    except OSError as error:
        yield Mail(name, fault=_reason(error))


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _named(name: str, found: Iterable[bytes]) -> Iterator[Mail]:
    for number, data in enumerate(found, 1):
        yield Mail(name if number == 1 else f"{name}, message {number}", data)
