"""Feeds: an entry is written once, as Atom and as JSON; documents are a head and written entries one after another."""

from digest.render.feeds.feeds import Feeds
from digest.render.feeds.head import Head
from digest.render.feeds.item import Piece

__all__ = ["Feeds", "Head", "Piece"]
