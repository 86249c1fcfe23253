"""What a rule weighs for each paper, summed up from the credits that a program found."""

from __future__ import annotations

from digest.bits import ones
from digest.rules import Found


def weights(found: Found, text: str) -> dict[int, float]:
    """Return the weight of a rule for each paper, by its place, that the rule holds for."""
    summed = dict.fromkeys(ones(found.bits(text)), 0.0)
    for weight, papers in found.credits(text):
        for place in ones(papers):
            summed[place] += weight
    return summed
