"""What sources touch besides what they bring: the folder, the environment, the network, and the name they go by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from digest import __version__
from digest.settings import Site
from digest.sources.network import Network


@dataclass(frozen=True, slots=True)
class World:
    """What is handed to every source: ``folder`` is the configuration's; nothing is brought from ``state``."""

    folder: Path
    environ: Mapping[str, str]
    agent: str
    network: Network
    state: Path | None = None


def agent(site: Site) -> str:
    """Return what sources call themselves (User-Agent: RFC 9110, section 10.1.5), with whom to turn to."""
    contacts = "; ".join(filter(None, (f"+{site.base_url}" if site.base_url else "", site.operator)))
    told = f" ({contacts})" if contacts else ""
    return f"paper-digest/{__version__}{told}".encode("ascii", "replace").decode()
