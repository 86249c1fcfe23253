"""The web: public pages and feeds, frozen editions by their links, and leaving; nothing here sends or composes."""

from digest.web.application import app
from digest.web.connection import Connection

__all__ = ["Connection", "app"]
