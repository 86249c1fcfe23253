"""Digest turns dumps of paper listings into email digests and feeds by keyword rules."""

__version__ = "0.1.0"
