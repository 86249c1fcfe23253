"""The errors that Digest raises on purpose; each names what is wrong, where, and how to mend it.

    DigestError
    ├── ConfigError      the configuration cannot be used           exit 2
    ├── UsageError       a command was asked for something it isn't  exit 2
    ├── RuleError        a rule that cannot be read; has a position
    ├── DumpError        a dump that cannot be read, or by no layout, or by two
    ├── SourceError      a source that brings nothing this time; may say when to ask again
    ├── StateError       the state folder or the store cannot be used
    ├── TemplateError    a template that cannot be rendered
    └── ChannelError     a channel that refuses before any recipient is tried

The command line prints ``str(error)`` on one line. Anything else that escapes is a bug and shows its traceback.
"""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

_LONGEST = 300  # characters of an unexpected error's own text in a log


class DigestError(Exception):
    """The base of all errors with a message for people: ``what``, ``where`` it is, and the ``mend``."""

    def __init__(self, what: str, *, where: str = "", mend: str = "") -> None:
        """Keep the three parts; ``where`` and ``mend`` may be empty."""
        self.what = what
        self.where = where
        self.mend = mend
        super().__init__(self.message())

    def __reduce__(self) -> tuple[Any, ...]:
        """Let it pass from process to process, whatever its kind is made from."""
        return _again, (type(self), self.args, self.__dict__)

    def message(self) -> str:
        """Return the one line for people: ``where: what (mend)``."""
        return " ".join((f"{self.where}: {self.reason()}" if self.where else self.reason()).split())

    def reason(self) -> str:
        """Return the line without ``where``, for what has named the place itself."""
        return " ".join((f"{self.what} ({self.mend})" if self.mend else self.what).split())


def _again(kind: type[DigestError], args: tuple[Any, ...], parts: dict[str, Any]) -> DigestError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(parts)
    return error


class ConfigError(DigestError):
    """The configuration cannot be used; ``where`` is the file, the line and the key."""


class UsageError(DigestError):
    """A command was asked for something that it does not do."""


class RuleError(DigestError):
    """A rule cannot be read: ``position`` is the offset in characters, ``expected`` says what may stand there."""

    def __init__(self, what: str, *, rule: str, position: int, expected: str = "", suggestion: str = "") -> None:
        """Keep the rule, the 0-based character ``position`` in it, what was ``expected`` and a ``suggestion``."""
        self.rule = rule
        self.position = position
        self.expected = expected
        self.suggestion = suggestion
        hints = [f"expected {expected}" if expected else "", f"did you mean {suggestion}?" if suggestion else ""]
        super().__init__(what, where=f"rule, character {position + 1}", mend="; ".join(filter(None, hints)))


class DumpError(DigestError):
    """A dump cannot be taken in; it is set aside with this reason."""


class SourceError(DigestError):
    """A source brought nothing: ``passing`` tells that it may do so if asked again soon, ``wait`` when at the earliest.

    ``wait`` is in seconds from now, None where nobody says.
    """

    def __init__(self, what: str, *, mend: str = "", passing: bool = False, wait: float | None = None) -> None:
        """Keep the parts; who has asked names the source."""
        self.passing = passing
        self.wait = wait
        super().__init__(what, mend=mend)


class StateError(DigestError):
    """The state folder or the store cannot be used as it is."""


class TemplateError(DigestError):
    """A template is missing or broken."""


class ChannelError(DigestError):
    """A channel refuses to work at all, so no recipient is to blame."""


def one_line(error: BaseException) -> str:
    """Return any error as one line for a log: ours as it is, an unexpected one with its type and where it arose."""
    if isinstance(error, DigestError):
        return str(error)
    told = " ".join(f"{type(error).__name__}: {error}".split())[:_LONGEST]
    frame = next(iter(traceback.extract_tb(error.__traceback__)[-1:]), None)
    return f"unexpected {told} ({Path(frame.filename).name}, line {frame.lineno})" if frame else f"unexpected {told}"
