"""Hands the site fixture to the tests of this folder."""

from command_line import site

__all__ = ["site"]
