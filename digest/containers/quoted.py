"""Quoted text, as mail programs make it of what is answered or forwarded: one ">" before each line (RFC 3676, 4.5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

_LEAST = 3  # quoted lines; a quotation of a few words is no dump


def is_quoted(lines: Sequence[str]) -> bool:
    """Tell whether most lines, and not just some, are quoted."""
    seen = [line for line in lines if line and not line.isspace()]
    quoted = sum(line.lstrip()[:1] == ">" for line in seen)
    return quoted >= _LEAST and 5 * quoted > 3 * len(seen)


def unquoted(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines without one level of quotation; those that have none (who wrote it, and when) as they are."""
    for line in lines:
        bare = line.lstrip()
        if bare[:1] != ">":
            yield line
        else:
            yield bare[2:] if bare[1:2] == " " else bare[1:]
