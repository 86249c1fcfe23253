"""Categories: ``cs.LG``, the bare ``LG`` that some pages print for it, and whole archives (``cs.*``)."""

from __future__ import annotations

from functools import lru_cache

from digest import text

# The archives of arXiv that have parts (https://arxiv.org/category_taxonomy), those with most computing first: a bare
# code that several archives have belongs to the first of them, since the pages that print bare codes list computing.
_TAXONOMY = {
    "cs": "ai ar cc ce cg cl cr cv cy db dc dl dm ds et fl gl gr gt hc ir it lg lo ma mm ms na ne ni oh os pf pl ro sc "
    "sd se si sy",
    "eess": "as iv sp sy",
    "stat": "ap co me ml ot th",
    "math": "ac ag ap at ca co ct cv dg ds fa gm gn gr gt ho it kt lo mg mp na nt oa oc pr qa ra rt sg sp st",
    "econ": "em gn th",
    "q-bio": "bm cb gn mn nc ot pe qm sc to",
    "q-fin": "cp ec gn mf pm pr rm st tr",
    "physics": "acc-ph ao-ph app-ph atm-clus atom-ph bio-ph chem-ph class-ph comp-ph data-an ed-ph flu-dyn gen-ph "
    "geo-ph hist-ph ins-det med-ph optics plasm-ph pop-ph soc-ph space-ph",
    "astro-ph": "co ep ga he im sr",
    "cond-mat": "dis-nn mes-hall mtrl-sci other quant-gas soft stat-mech str-el supr-con",
    "nlin": "ao cd cg ps si",
}
ARCHIVES = frozenset(_TAXONOMY)
_HOME = {code: archive for archive, codes in reversed(_TAXONOMY.items()) for code in codes.split()}


@lru_cache(maxsize=4096)
def folded(value: str) -> str:
    """Return a category as it is compared."""
    return text.fold(text.single_spaced(value))


def may_be(code: str) -> bool:
    """Tell whether there can be such a category (folded): in an archive that has parts, only those there are."""
    archive, _, part = code.partition(".")
    return archive not in _TAXONOMY or not part.replace("-", "").isalpha() or part in _TAXONOMY[archive].split()


def matches(asked: str, printed: str, *, prefix: bool = False, exact: bool = False) -> bool:
    """Tell whether a printed category is the one asked for (both folded), or begins so where ``prefix``.

    A bare code and one with its archive meet in their last part, unless ``exact``.
    """
    if prefix:
        full = f"{_HOME[printed]}.{printed}" if printed in _HOME and not exact else printed
        return full.startswith(asked) or printed.startswith(asked)
    if asked == printed or exact:
        return asked == printed
    return ("." in asked) != ("." in printed) and asked.rpartition(".")[2] == printed.rpartition(".")[2]
