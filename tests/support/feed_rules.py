"""The one door to the rules that feeds are held to, written from the specifications and sharing no code with Digest.

RFC 4287 (Atom), RFC 5005 (archives), RFC 4151 (tag: identifiers), JSON Feed 1.1, OPML 2.0, and what the W3C feed
validator warns of. Each function returns what is wrong, in words, and nothing where all is well.
"""

from feed_atom import entry_ids, faults_of_atom
from feed_chain import faults_of_chain
from feed_json import faults_of_json, item_ids
from feed_opml import faults_of_opml
from feed_tree import NotXMLError

__all__ = [
    "entry_ids",
    "faults_of_atom",
    "faults_of_chain",
    "faults_of_json",
    "faults_of_opml",
    "item_ids",
    "same_ids",
]


def same_ids(atom: bytes, json: bytes) -> list[str]:
    """Tell where an Atom document and its twin in JSON do not hold the same entries in the same order."""
    try:
        one, other = entry_ids(atom), item_ids(json)
    except (NotXMLError, ValueError, KeyError, TypeError) as error:
        return [f"a twin cannot be read: {error}"]
    if one == other:
        return []
    only = sorted(set(one) ^ set(other))
    return [f"the twins differ in {only[:5]}" if only else "the twins differ in their order"]
