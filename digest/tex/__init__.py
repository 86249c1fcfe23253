"""TeX in titles, names and abstracts to readable Unicode; what cannot be converted stays as it was.

Only TeX fragments are touched, never the text around them: mathematics between dollars by Pandoc's rule (Pandoc User's
Guide, extension ``tex_math_dollars``: no space after the opening and before the closing dollar, no digit after the
closing one, so that "$5 and $10" stays; a lone command may stand before a digit all the same), commands, escapes such
as ``\\%``, and accents. Single fragments go through pylatexenc, in ``signs.py`` alone.
"""

from digest.tex.scan import to_unicode

__all__ = ["to_unicode"]
