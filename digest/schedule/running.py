"""The scheduler as a whole: lease, ticks, jobs in threads and the watch on the inbox, from start to clean end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from digest.pipeline.bringing import Askers
from digest.pipeline.context import Context
from digest.pipeline.telling import tell
from digest.schedule.jobs import Jobs, in_a_thread
from digest.schedule.lease import Lease, kept
from digest.schedule.ticker import Ticker, ticking
from digest.schedule.watching import watching
from digest.sources import network

STOP_WITHIN = 30.0  # seconds that jobs get at the end to finish what they have in hand


@contextmanager
def scheduling(context: Context) -> Iterator[None]:
    """Do in threads what is due, for as long as this instance holds the lease and the context lasts.

    Raises StateError where the store fails at the start.
    """
    jobs = Jobs(in_a_thread)
    lease = Lease(context.store, context.now)
    context = replace(context, stop=lambda: jobs.stopping or not lease.holds)
    askers = Askers(context, network(time.monotonic, jobs.rest))
    ticker = Ticker(context, jobs, lambda: lease.holds, askers)
    ticker.prepare()
    with ExitStack() as stack:
        tick = stack.enter_context(ticking(ticker, context.clock))
        stack.enter_context(kept(lease, tick))
        if not lease.holds:
            tell("lease.awaited")

        def arrived() -> None:
            ticker.look()
            tick()

        stack.enter_context(watching(context.archive.inbox, arrived))
        try:
            yield
        finally:
            left = jobs.stop(within=STOP_WITHIN)
    if left:
        tell("jobs.left", names=", ".join(left))
    else:
        lease.release()
