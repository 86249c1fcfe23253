"""Invented papers and editions for the tests of rendering, and the samples that people look at."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count

from digest.models import Edition, Entry, Envelope, Hit, Identifiers, Match, PageNote, Paper, Rule
from digest.text import readable

ON = date(2026, 6, 16)

ENVELOPE = Envelope(
    sender="Paper digest <digest@example.org>",
    to="reader@example.org",
    to_name="Mara Lindqvist",
    message_id="<20260616.7.reader@digest.example.org>",
    date=datetime(2026, 6, 16, 7, 0, tzinfo=UTC),
    list_id="Paper digest <digest.example.org>",
    unsubscribe_url="https://digest.example.org/unsubscribe/abc.def",
    unsubscribe_mailto="digest@example.org?subject=unsubscribe%207",
    browser_url="https://digest.example.org/editions/abc.def",
)
BARE = replace(ENVELOPE, unsubscribe_url="", browser_url="")

_REVISIONS = count(2)
_TITLES = (
    "Process Reward Models with Q-Value Regression for Multi-Step Tool Use",
    "GraspNote: Tactile-Language Pretraining for Contact-Rich Manipulation",
    "$Q\\sharp$-Net: Distributional Critics that Know What They Don't Know",
    "When Do Verifiers Help? A Budget-Matched Study of Best-of-$n$ Sampling",
    "Sparse Attention at 95\\% Less Memory: Kernels, Caches, and Caveats",
    "Reading the Room: Crowd Density from a Single Ceiling-Mounted Camera",
    "Learning to Refuse Gracefully: Preference Optimisation Beyond Harm/Help Pairs",
    "A Field Guide to Reward Hacking in Long-Horizon Agents",
    "Calibrated Uncertainty for Streaming Speech Translation",
    "Cheap Talk: Emergent Protocols in $n$-Player Bargaining",
    "Retrieval without Regret: Online Index Pruning for Long-Context Question Answering",
    "Open-Vocabulary Mapping for Legged Robots in Unmapped Buildings",
    "TinyJudge: Distilling Reward Models to 300M Parameters",
)
_ABSTRACT = (
    "Training agents that call external tools is limited by sparse, delayed feedback on long chains of actions. "
    "We introduce a process reward model that regresses step-wise Q-values from {n}k cheaply sampled rollouts, so that "
    "no human labels for intermediate steps are needed. On four public tool-use suites our reward models improve "
    "success by $5.2\\times$ over outcome-only baselines (e.g. from 9\\% to 47\\%), while using 70$\\%$ fewer tokens. "
    "Code is available at https://github.com/northlake-lab/toolvalue."
)
_PEOPLE = ("Ines Okafor", "Tomás Brandão", "Mei-Ling Zhou", "Jürgen van der Aalst", "A. K. Srinivasan")


def paper(number: int, **changes: object) -> Paper:
    """Return an invented paper; each change makes a new revision, as it does in the store."""
    made = Paper(
        id=number,
        revision=1,
        title=_TITLES[number % len(_TITLES)],
        first_listed=ON,
        changed=ON,
        abstract=_ABSTRACT.format(n=10 + number),
        authors=_PEOPLE[: 2 + number % 4],
        authors_complete=number % 3 != 0,
        categories=(("cs.LG", "cs.AI"), ("cs.RO",), ("cs.CL",), ())[number % 4],
        published=date(2026, 6, 15 - number % 9) if number % 5 else None,
        links=("https://github.com/northlake-lab/toolvalue",) if number % 2 == 0 else (),
        identifiers=Identifiers(arxiv=f"2606.{1000 + number:05d}") if number % 3 != 2 else Identifiers(),
        scores=(("scholarfeed", 36.1 - number),) if number % 4 == 1 else (),
        layouts=(("huggingface", "scholarfeed"), ("scholarfeed", "huggingface"), ("aitopics",), ("jsonl",))[number % 4],
    )
    return replace(made, **({"revision": next(_REVISIONS)} | changes)) if changes else made  # type: ignore[arg-type]


def spans(value: str, *words: str) -> tuple[tuple[int, int], ...]:
    """Return where the words stand in the readable text."""
    text = readable(value)
    return tuple((text.index(word), text.index(word) + len(word)) for word in words if word in text)


def match(found: Paper, rule: str = "Reward models", *, named: bool = True, **changes: object) -> Match:
    """Return a match by words that stand in the invented abstract."""
    hits = (
        Hit('"reward model*"', "abstract", spans(found.abstract or "", "reward models", "reward model")),
        Hit('"reward model*"', "title", spans(found.title, "Reward Models")),
        Hit("rollout", "abstract", spans(found.abstract or "", "rollouts")),
    )
    made = Match(rule, named=named, people=False, weight=1.0, hits=tuple(hit for hit in hits if hit.spans))
    return replace(made, **changes)  # type: ignore[arg-type]


def followed(name: str) -> Match:
    """Return a match by a rule of authors only."""
    return Match(
        f'author:"{name}"', named=False, people=True, weight=2.0, hits=(Hit(f'author:"{name}"', "author", (), name),)
    )


def edition(papers: int = 10, *, older: int = 0, waiting: int = 0, **changes: object) -> Edition:
    """Return a subscriber's edition with the given numbers of papers."""
    entries = []
    for number in range(papers):
        found = paper(number)
        ways = (
            (match(found), match(found, "agents OR tools", named=False)),
            (match(found, "Robots"),),
            (match(found, "rollout", named=False), match(found)),
            (match(found, "rollout", named=False, topic="alignment"),),
        )[number % 4]
        entries.append(Entry(found, (followed(found.authors[1]), *ways) if number == 5 else ways))
    for number in range(100, 100 + older):
        old = paper(number, published=date(2021, 3, 1 + number % 28))
        entries.append(Entry(old, (match(old),), older=True))
    made = Edition(
        recipient="reader@example.org",
        kind="subscriber",
        title="Mara Lindqvist",
        date=ON,
        entries=tuple(entries),
        considered=212,
        waiting=tuple((500 + n, _TITLES[n % len(_TITLES)]) for n in range(waiting)),
        rules=(
            Rule('"reward model*" OR RLHF', "Reward models", 2.0),
            Rule("robot* OR manipulation", "Robots"),
            Rule("rollout"),
            Rule("alignment OR safety", None, 1.0, "alignment"),
            Rule(f'author:"{_PEOPLE[1]}"'),
        ),
        exclude=("title:survey",),
        topics=(("alignment", "Alignment and preference learning"),),
        pages=(
            PageNote("huggingface", "huggingface", ON, 96, 123),
            PageNote("Antoni B. Chan", "scholarfeed", date(2026, 6, 3), 60, 60),
            PageNote("daily-arxiv", "jsonl", ON, 231),
        ),
        joined=date(2026, 5, 2),
        added_by="ops@example.org",
    )
    return replace(made, **changes)  # type: ignore[arg-type]
