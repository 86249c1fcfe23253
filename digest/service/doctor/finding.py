"""What one check found, in words for people: a verdict, what was seen, and the mend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "warning", "problem", "not checked"]


@dataclass(frozen=True, slots=True)
class Finding:
    """``check`` says what was looked at, ``told`` what was seen, ``mend`` what to do about it, where something is."""

    check: str
    verdict: Verdict
    told: str
    mend: str = ""

    def line(self) -> str:
        """Return it as one line."""
        mend = f" ({self.mend})" if self.mend else ""
        return f"{self.verdict:<12} {self.check}: {self.told}{mend}"


def ok(check: str, told: str) -> Finding:
    """Say that all is well."""
    return Finding(check, "ok", told)


def warning(check: str, told: str, mend: str = "") -> Finding:
    """Say that it works, and what may be better."""
    return Finding(check, "warning", told, mend)


def problem(check: str, told: str, mend: str = "") -> Finding:
    """Say that it does not work."""
    return Finding(check, "problem", told, mend)


def unchecked(check: str, why: str, mend: str = "") -> Finding:
    """Say why nothing can be said."""
    return Finding(check, "not checked", why, mend)
