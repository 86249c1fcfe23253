"""What rules are measured beside: SQLite FTS5 and tantivy, with one query for each rule; both in memory, on one thread.

Both get the same prepared texts (``tests/support/by_fts5.py``), so that words and what parts phrases are as in rules,
and plurals as OR of their forms. What is timed is the search alone: SQL statements are prepared before, and reading a
MATCH expression is part of FTS5's search; tantivy's queries are objects that were built before.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import tantivy

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from by_fts5 import FIELDS, Table, UntoldError, prepared

from digest import rules, text
from digest.models import Paper
from digest.rules import words
from digest.rules.tree import And, Leaf, Node, Not, Query, Words

Ask = Callable[[], Sequence[int]]


class Fts5:
    """One FTS5 table; a rule is one SELECT of the papers that MATCH it."""

    name = "SQLite FTS5"

    def __init__(self, papers: Sequence[Paper]) -> None:
        """Fill the table and merge it into one segment, as it is fastest."""
        self.table = Table(papers, forms=words.forms)
        self.table.connection.execute("INSERT INTO papers (papers) VALUES ('optimize')")

    def asked(self, query: Query) -> Ask:
        """Return what finds the papers of a rule; raises UntoldError."""
        question = (self.table.question(query.root),)
        execute = self.table.connection.execute
        return lambda: [place for (place,) in execute("SELECT rowid FROM papers WHERE papers MATCH ?", question)]


class Tantivy:
    """One tantivy index of one segment; a rule is one Boolean query, of which every hit is collected, unscored."""

    name = "tantivy"

    def __init__(self, papers: Sequence[Paper]) -> None:
        """Fill the index."""
        builder = tantivy.SchemaBuilder()
        for field in FIELDS:
            builder.add_text_field(field, tokenizer_name="whitespace", index_option="position")
        self.schema = builder.build()
        index = tantivy.Index(self.schema)
        writer = index.writer(num_threads=1)
        for paper in papers:
            texts = {field: _folded(text.readable(getattr(paper, field) or "")) for field in FIELDS}
            writer.add_document(tantivy.Document(**texts))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        self.searcher = index.searcher()
        if self.searcher.num_segments != 1:
            raise RuntimeError("tantivy made several segments; its documents have no places of papers")
        self._most = max(1, len(papers))

    def asked(self, query: Query) -> Ask:
        """Return what finds the papers of a rule; raises UntoldError."""
        built = tantivy.Query.const_score_query(self._query(query.root), 1.0)
        search, most = self.searcher.search, self._most
        return lambda: [address.doc for _, address in search(built, limit=most, count=False).hits]

    def _query(self, node: Node) -> Any:
        both, occur = tantivy.Query.boolean_query, tantivy.Occur
        if isinstance(node, Leaf):
            return self._term(node)
        if isinstance(node, Not):
            return both([(occur.Must, tantivy.Query.all_query()), (occur.MustNot, self._query(node.part))])
        if not isinstance(node, And):
            return both([(occur.Should, self._query(part)) for part in node.parts])
        parts = [(occur.MustNot, part.part) if isinstance(part, Not) else (occur.Must, part) for part in node.parts]
        if all(isinstance(part, Not) for part in node.parts):
            return both([(occur.Must, tantivy.Query.all_query()), *((sign, self._query(part)) for sign, part in parts)])
        return both([(sign, self._query(part)) for sign, part in parts])

    def _term(self, leaf: Leaf) -> Any:
        if not isinstance(leaf, Words) or leaf.near or leaf.field not in ("", *FIELDS):
            raise UntoldError(f"{leaf.field}:{leaf.written} is not asked of tantivy")
        fields = [leaf.field] if leaf.field else FIELDS
        asked = [self._words(field, leaf) for field in fields]
        return asked[0] if len(asked) == 1 else _either(asked)

    def _words(self, field: str, leaf: Words) -> Any:
        """One word, a beginning (by an expression on the words), or a phrase; each form of a plural by OR."""
        ask, schema = tantivy.Query, self.schema
        written = _folded(leaf.written.rstrip("*")).split()
        if any(word.prefix for word in leaf.words[:-1]):
            raise UntoldError(f"{leaf.written} has a star within")
        if leaf.words[-1].prefix:
            if len(written) == 1:
                return ask.regex_query(schema, field, re.escape(written[0]) + ".*")
            return ask.phrase_prefix_query(schema, field, written)  # of the first 50 words that begin so
        if len(written) == 1:
            forms = [written[0]] if leaf.exact else sorted(words.forms(written[0]))
            return ask.term_set_query(schema, field, forms)
        forms = [[word] if leaf.exact or not word.isalnum() else sorted(words.forms(word)) for word in written]
        return _either([ask.phrase_query(schema, field, list(spelled)) for spelled in _spelled(forms)])


def _folded(value: str) -> str:
    return " ".join(text.fold(word) for word in prepared(value).split())


def _spelled(forms: Sequence[Sequence[str]]) -> Iterable[tuple[str, ...]]:
    spelled: list[tuple[str, ...]] = [()]
    for choices in forms:
        spelled = [(*before, form) for before in spelled for form in choices]
    return spelled


def _either(queries: Sequence[Any]) -> Any:
    if len(queries) == 1:
        return queries[0]
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in queries])


def measured(peer: Any, sample: Sequence[Query]) -> tuple[float, list[list[int]]]:
    """Return seconds for each rule of the sample, the best of two rounds, and the places that were found."""
    asks = [peer.asked(query) for query in sample]
    rounds = []
    found: list[list[int]] = []
    for _ in range(2):
        started = perf_counter()
        found = [list(ask()) for ask in asks]
        rounds.append(perf_counter() - started)
    return min(rounds) / max(1, len(asks)), found


def told_to_all(peers: Sequence[Any], written: Iterable[str], count: int) -> tuple[list[Query], int]:
    """Return the first rules that every peer can be asked, so many at most, and how many were looked at for them."""
    sample: list[Query] = []
    looked_at = 0
    for rule in written:
        if len(sample) == count:
            break
        looked_at += 1
        query = rules.parse(rule)
        try:
            for peer in peers:
                peer.asked(query)
        except UntoldError:
            continue
        sample.append(query)
    return sample, looked_at
