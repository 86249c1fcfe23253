"""Tells the WebSub hub, where the site names one, which feeds have changed; that it fails costs nobody anything."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from digest.channels import websub
from digest.pipeline.context import Context
from digest.pipeline.telling import tell

_SUFFIXES = (".atom", ".json")


def tell_hub(context: Context, paths: Iterable[str]) -> None:
    """Tell the hub of the feeds at these paths (without ending), which have changed."""
    hub, base = context.settings.feed.hub, context.settings.site.base_url
    topics = [f"{base}/{path}{suffix}" for path in paths for suffix in _SUFFIXES]
    if not (hub and base and topics):
        return
    failures = websub.ping(hub, topics)
    tell("hub.told", feeds=len(topics), failed=len(failures))
    for text in failures:
        tell("hub.failed", level=logging.WARNING, text=text)
