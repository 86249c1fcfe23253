"""The rule language: ``parse`` a rule, or compile many into a ``Program``; run it on an ``Index``; ``explain`` why."""

from digest.rules.check import warnings
from digest.rules.explain import explain, hits, strength
from digest.rules.found import Found
from digest.rules.index import Index
from digest.rules.packing import packed, unpacked
from digest.rules.program import Program
from digest.rules.syntax import parse
from digest.rules.tree import Leaf, Query, normal_form

__all__ = [
    "Found",
    "Index",
    "Leaf",
    "Program",
    "Query",
    "explain",
    "hits",
    "normal_form",
    "packed",
    "parse",
    "strength",
    "unpacked",
    "warnings",
]
