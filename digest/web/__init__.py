"""The web: public pages and feeds, frozen editions by their links, and leaving; nothing here sends or composes."""

from digest.web.application import app

__all__ = ["app"]
