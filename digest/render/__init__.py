"""Editions to message bytes, web pages and Atom bytes; the only reader of ``templates/``."""

from digest.render.pages import edition_path
from digest.render.renderer import Renderer

__all__ = ["Renderer", "edition_path"]
