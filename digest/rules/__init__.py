"""The rule language: ``parse`` a rule, match it by an ``Index`` of papers, ``explain`` why it holds."""

from digest.rules.check import warnings
from digest.rules.explain import explain, strength
from digest.rules.index import Index
from digest.rules.syntax import parse
from digest.rules.tree import Query, normal_form

__all__ = ["Index", "Query", "explain", "normal_form", "parse", "strength", "warnings"]
