"""The ways out for deliveries: message bytes in, an outcome for each. A new channel is one module and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from digest.channels import outbox, smtp
from digest.channels.aside import send_aside
from digest.channels.base import Channel, Parcel, Settled, Turn
from digest.settings import Settings

__all__ = ["CHANNELS", "Channel", "Parcel", "Settled", "Turn", "make", "send_aside"]

# By the name that delivery.channel gives; each takes the settings and the state folder.
CHANNELS: Mapping[str, Callable[[Settings, Path], Channel]] = {
    "outbox": outbox.make,
    "smtp": smtp.make,
}


def make(settings: Settings, state: Path) -> Channel:
    """Return the channel that the settings name; it touches nothing before it delivers."""
    return CHANNELS[settings.delivery.channel](settings, state)
