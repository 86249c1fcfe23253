"""Rules of given terms, nested at random, for what must hold for all rules."""

from __future__ import annotations

from hypothesis import strategies as st


def rules_of(terms: st.SearchStrategy[str], most: int) -> st.SearchStrategy[str]:
    """Return rules of up to so many terms under AND, OR and NOT."""
    return st.recursive(
        terms,
        lambda inner: (
            st.builds("({} {})".format, inner, inner)
            | st.builds("({} OR {})".format, inner, inner)
            | inner.map("-({})".format)
        ),
        max_leaves=most,
    )
