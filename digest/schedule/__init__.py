"""Decides when, and whether it is this instance that acts; what is done is the pipeline's."""

from digest.schedule.dueness import Due
from digest.schedule.jobs import Jobs, in_a_thread
from digest.schedule.lease import Lease, kept
from digest.schedule.ticker import Ticker, ticking

__all__ = ["Due", "Jobs", "Lease", "Ticker", "in_a_thread", "kept", "ticking"]
