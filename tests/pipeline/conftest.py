"""Hands the site fixture to the tests of this folder."""

from conftest_pipeline import site

__all__ = ["site"]
