"""What a sample keeps of its dump's words: those that tell nothing, and those that pages print around listings."""

from __future__ import annotations

import re

# Words that English sentences are built with: layouts tell running text from titles, and titles from names, by them.
_FUNCTION = """
    a about above across after again against all almost along already also although always am among an and another
    any are aren as at away back be became because become been before behind being below beneath beside between
    beyond both but by can cannot could despite did do does doing done down due during each either else enough
    especially even ever every existing few first for from further given had has have having he hence her here him
    his how however i if in indeed instead into is it its itself just last least less let like many may me merely
    might mine modern more moreover most much must my near nearly neither never nevertheless no none nor not nothing
    now of off often on once one only onto or other others otherwise our ours out over own per perhaps quite rather
    same second shall she should since so some somewhat soon still such than thanks that the their theirs them
    themselves then there thereby therefore these they third this those though through throughout thus till to
    together too toward towards traditional two under understanding unlike until up upon us using versus very via vs
    was we well were what when where whereas whether which while who whole whom whose why will with within without
    would yet you your
"""
# Parts of names that are no names: particles and suffixes.
_PARTICLES = """
    af al av bin bint da dal das de degli dei del della den der des di dos du e el ibn la las le lo los mac mc san st te
    ten ter van vander vom von y zu zum zur jr sr ii iii iv
"""
# Labels, buttons, counts, fields and kinds of publication, as listing pages, mailings and feeds print them.
_FURNITURE = """
    aaai abs abstract abstracts accessibility acm ad add additional address adv affiliation affiliations ai aitopics
    ak an announce announced announcement answer api appear applies apply archive archives article articles arxiv
    arxivorg association atom au authenticated author authors authorship available based behalf bib bibtex biorxiv
    blog book booktitle browse bt cancel careers categories category cc chapter citation citations cite cited clear
    close code collaborating collaboration collaborations com comment comments company conference conferences
    consortium contact content continue cookie cookies copyright corresponding country cross crossref current daily
    date day days deceased demo details directly docs document documents doi download duplicate edit edition editor
    editors email encoding encrypted entries entry eprint equal error et etal excel export extended false faq feed
    feedback fields file filter filters find follow following forward forwarded found free fri friday full gb
    generated genre get github gitlab gmt goto group guid help hide home homepage href html http https hub hugging
    huggingface iclr icml ieee ijcai imprint inbox include includes index industry info inproceedings international
    issn issue item items jair jats jobs journal json jsonl kb keyword keywords layout legal level licence license
    line lines link links list listing listings load loading log login logout magazine mail mailing mailto main mb
    medrxiv menu message metadata misc mon monday month name names navigate navigation net neurips new newest next
    none note notes novelty null number oai old open options orcid org page pages paper papers pdf pinned policy
    popular posted powered preprint preprints press prev previous pricing privacy proceedings profile project
    publication publications publish published publisher pubmed read received recent references regarding related
    released replace replaced replacement replacements reply report reports representing request reserved results
    revised rights ris rss sat saturday save saved scholar scholarfeed score scroll search section see select send
    sent series service services settings share show showing shown sign similar site sitemap size skip sort sorted
    source sources spaces spam stars stat status subj subject subjects submission submissions submit submitted
    submitter submitters subscribe subscribed subscription summaries summary sun sunday switch symposium tag tags
    team teams technical technology terms tex text thu thursday time title titles tools top topic topics tos total
    transactions trending true tue tuesday txt type unread unsubscribe update updated upvote upvotes uri url use
    user users utc utf version versions view views visit volume web website wed wednesday week weekly welcome
    workshop workshops www xml year years
"""
_MONTHS = """
    jan feb mar apr may jun jul aug sep sept oct nov dec january february march april june july august september
    october november december
"""
KEPT = frozenset(f"{_FUNCTION} {_PARTICLES} {_FURNITURE} {_MONTHS}".split())
"""The words, in small letters, that stay as they are."""

MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)"
)
"""A pattern of a month's English name or its abbreviation."""

# arXiv's archives (https://arxiv.org/category_taxonomy), those whose names are no words of their own.
_ARCHIVES = (
    r"(?:astro-ph|cond-mat|gr-qc|hep-(?:ex|lat|ph|th)|math-ph|nucl-(?:ex|th)|quant-ph|q-bio|q-fin|cmp-lg|chao-dyn"
    r"|adap-org|alg-geom|comp-gas|dg-ga|patt-sol|solv-int|q-alg|chem-ph|acc-phys|ao-sci|atom-ph|bayes-an|mtrl-th"
    r"|plasm-ph|supr-con)"
)
_HOSTS = (
    r"(?:[a-z]{2,7}\.)?(?:arxiv\.org|alphaxiv\.org|huggingface\.co|hf\.co|aitopics\.org|scholar-?feed\.[a-z]{2,6}|doi\.org"
    r"|github\.com|openreview\.net|semanticscholar\.org|w3\.org|purl\.org|prismstandard\.org|jsonfeed\.org|google\.com)"
)

VERBATIM = "|".join(
    (
        r"^[ \t\ufeff]{0,8}(?:TY[ \t]{1,3}-[ \t]{1,3}[A-Z]{2,20}|[A-Z][A-Z0-9][ \t]{1,3}-)(?=\s|$)",  # RIS
        r"(?<!\d)(?:1[4-9]|2\d)\d\d(?P<dash>[-/])(?:0[1-9]|1[0-2])(?:(?P=dash)(?:[0-2]\d|3[01]))?(?!\d)",
        rf"{MONTH}\.?[ -]\d{{1,2}}(?:st|nd|rd|th)?(?:(?:, ?|[ -])\d{{4}})?(?!\d)",
        rf"(?<!\d)\d{{1,2}} {MONTH}\b\.?,?(?: \d{{2,4}})?(?!\d)",
        rf"(?<![A-Za-z])[A-Z]{{2}}(?={MONTH} \d)",  # a category before a date, glued to it
        r"(?<!\d)\d{1,2}:\d\d(?::\d\d(?:\.\d{1,9})?)?(?: ?[+-]\d\d:?\d\d)?(?!\d)",
        r"(?<!\d)(?:19|20)\d\d(?!\d)",
        r"(?<![\d,.])\d{1,9}(?:,\d{3}){0,3}(?= ?(?:of \d{1,9} )?(?i:papers|results|documents|entries)\b)",
        r"(?<=of )\d{1,9}(?= entries)|(?<=Total of )\d{1,9}",
        rf"(?<![A-Za-z.])(?i:{_HOSTS})(?![\w-])(?:/version/[\d.]{{1,5}}\b)?",
        r"(?<!\d)10\.(?:48550(?=/(?i:arxiv)\.)|(?=\d{4,9}/))",
        rf"(?<![A-Za-z.])(?:cs|math|stat|eess|econ|physics|nlin|{_ARCHIVES})\.(?:[A-Z]{{2}}|[a-z]{{2,9}}(?:-[a-z]{{2,4}})?)",
        rf"(?<![A-Za-z-]){_ARCHIVES}(?![a-z-])",
        r"(?i:Journal-ref|Report-no|(?:Subj|MSC|ACM)-class|Proxy)(?=:)|crosses\b|revis\w{0,5}\b",
        r"(?i:(?:figures|part) added\b|additional authors? not shown|author list is unavailable)",
        r"(?:cs|math|physics|nlin)(?=/\d{7}(?!\d))",
        r"(?i:utf-8|utf-16)\b|(?<=Hugging )Face\b|AI-generated|AI Score",
        r"(?<=and the )research community|[A-Z]{2}h-index",
        r"\.(?:com|org|net|edu|gov|io|ai|co|dev|info|uk|de|fr|eu|ch|at|it|es|nl|se|jp|cn|kr|in|ca|au)(?![\w-])",
        r"\\[A-Za-z]{1,20}",  # TeX
        r"&[A-Za-z]{2,8};",
        r"%[0-9A-Fa-f]{2}",
    )
)
"""A pattern of what stays where it stands, whatever its words: dates, counts, categories, sites' hosts, TeX."""

GLUED = rf"(?:[A-Z]{{2}})?{MONTH} \d|[A-Z]{{2}}h-index"
"""A pattern of what stays even where it is glued to the word before it."""

VERBATIM_LINE = re.compile(
    r"\s{0,200}(?:arXiv\.org [A-Z][\w,&() -]{2,60}|Neural Information Processing Systems|[A-Z]{2}"
    r"|[a-z]{2,8}-[a-z]{2,8}(?:\.[A-Z]{2})?)\s{0,200}"
)
"""Matches a line that stays whole: a source as AITopics prints it, or a category."""
