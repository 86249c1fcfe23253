"""Decides when, and whether it is this instance that acts; what is done is the pipeline's."""

from digest.schedule.dueness import Due
from digest.schedule.running import STOP_WITHIN, scheduling
from digest.schedule.ticker import Ticker, ticking

__all__ = ["STOP_WITHIN", "Due", "Ticker", "scheduling", "ticking"]
