"""Which paper each listing is, and what it adds to it; nothing here touches the store."""

from digest.identity.completing import Context, completed
from digest.identity.deciding import Keys, Plan, Sighting, decide, keys

__all__ = ["Context", "Keys", "Plan", "Sighting", "completed", "decide", "keys"]
