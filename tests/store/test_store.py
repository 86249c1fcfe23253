"""The store: its schema, its transactions, and papers that come back as they were put in."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, inspect

from digest import identity
from digest.errors import ConfigError, StateError
from digest.identity import Plan
from digest.models import Identifiers, Paper
from digest.silence import Spell
from digest.store import Store, backlogs, dumps, migrate, open_store, people
from digest.store import engine as engine_module
from digest.store import papers as paper_store
from digest.store.engine import put, take_numbers, value
from digest.store.tables import Row

URL = "sqlite:///digest.db"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(tmp_path, URL)
    yield made
    made.close()


def test_the_migrations_make_just_the_tables_of_the_models(store: Store) -> None:
    found = inspect(store.engine)
    for table in Row.metadata.sorted_tables:
        columns = {(c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(table.name)}
        wanted = {(c.name, c.type.compile(store.engine.dialect), c.nullable) for c in table.columns}
        assert columns == wanted
        assert {i["name"] for i in found.get_indexes(table.name)} >= {i.name for i in table.indexes}
    assert set(found.get_table_names()) == {*Row.metadata.tables, "alembic_version"}


def test_the_schema_constant_is_the_newest_migration() -> None:
    versions = Path(migrate.__file__).parent / "migrations" / "versions"
    assert max(path.name for path in versions.glob("v*.py")).startswith(f"v{migrate.SCHEMA}_")


def test_a_store_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    open_store(tmp_path, URL).close()
    with closing(sqlite3.connect(tmp_path / "digest.db")) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
        raw.commit()
    with pytest.raises(StateError, match=r"schema 9999.*upgrade the program"):
        open_store(tmp_path, URL)


def store_of(folder: Path, revision: str, rows: str) -> None:
    """Make a store as a program of an earlier schema left it."""
    engine = create_engine(f"sqlite:///{folder / 'digest.db'}")
    migrate._run(engine, revision)
    engine.dispose()
    with closing(sqlite3.connect(folder / "digest.db")) as raw:
        raw.executescript(rows)


def test_a_store_of_the_first_schema_is_upgraded_and_its_dumps_are_finished(tmp_path: Path) -> None:
    store_of(
        tmp_path,
        "0001",
        """
        INSERT INTO pages VALUES (1, 'A page', 'jsonl');
        INSERT INTO dumps VALUES (1, 'abc', 'a.jsonl', '', 'inbox', 1, 'jsonl', '2026-06-15', NULL, 0, '', 1, NULL,
                                  1, 0, '[]');
        """,
    )
    upgraded = open_store(tmp_path, URL)
    with upgraded.reading() as tx:
        assert dumps.is_known(tx, "abc")
        assert dumps.unfinished(tx) == []
    upgraded.close()


LEDGER = """
INSERT INTO recipients (id, kind, key, watermark, last_empty) VALUES (1, 'subscriber', 'a@example.org', 0, 0);
INSERT INTO editions VALUES (1, 1, '2026-06-15', 1, 0, '{}');
INSERT INTO deliveries VALUES (1, 1, '2026-06-15', 1, 'sent', '<a@b>', '2026-06-15T07:00:00Z', 1, 0, NULL,
                               '2026-06-15T07:00:01Z', '250 taken');
"""


def test_an_upgraded_ledger_begins_its_changes_with_the_state_that_it_has(tmp_path: Path) -> None:
    store_of(tmp_path, "0002", LEDGER)
    upgraded = open_store(tmp_path, URL)
    with upgraded.reading() as tx:
        changes = tx.exec_driver_sql("SELECT delivery_id, at, old, new, reply FROM delivery_changes").all()
    assert changes == [(1, "2026-06-15T07:00:01Z", "", "sent", "250 taken")]
    upgraded.close()


def test_everybody_gets_mail_and_has_the_first_address_of_a_feed_after_an_upgrade(tmp_path: Path) -> None:
    own = """
    INSERT INTO subscribers (recipient_id, email, name, frequency, weekday, send_at, topics, rules, exclude, state,
                             owner, added_by, added_at, state_at)
    VALUES (1, 'a@example.org', '', 'daily', 'monday', '07:00', '[]', '[]', '[]', 'active', 'store', 'us',
            '2026-06-15T07:00:00Z', '2026-06-15T07:00:00Z');
    """
    store_of(tmp_path, "0006", LEDGER + own)
    upgraded = open_store(tmp_path, URL)
    with upgraded.reading() as tx:
        (found,) = people.AddressBook("UTC", 30).all(tx)
        assert (found.mail, found.feed_turn) == (True, 0)
        assert people.with_mail(tx, [1]) == {1}
        assert people.owner_of_feed(tx, 1, 0) == "active"
    upgraded.close()


def test_what_waited_by_its_title_is_named_by_its_paper_after_an_upgrade(tmp_path: Path) -> None:
    waiting = """
    INSERT INTO papers VALUES (7, 2, 'A Title', 'atitle', NULL, NULL, NULL, NULL, NULL, '2026-06-15', '2026-06-15', 0,
                               '{}');
    UPDATE editions SET head = '{"waiting": [[7, "An Older Title"]], "more": 1}';
    """
    store_of(tmp_path, "0002", LEDGER + waiting)
    upgraded = open_store(tmp_path, URL)
    with upgraded.reading() as tx:
        assert tx.exec_driver_sql("SELECT head FROM editions").scalar_one() == '{"waiting":[[7,2]],"more":1}'
    upgraded.close()


def test_an_upgraded_backlog_holds_the_papers_that_waited_before(tmp_path: Path) -> None:
    waiting = """
    INSERT INTO recipients VALUES (2, 'subscriber', 'b@example.org', 0, NULL, 0);
    INSERT INTO backlog VALUES (1, 31, '2026-06-15'), (1, 12, '2026-06-15'), (1, 7, '2026-06-14'),
                               (2, 12, '2026-06-16');
    """
    store_of(tmp_path, "0003", LEDGER + waiting)
    upgraded = open_store(tmp_path, URL)
    with upgraded.reading() as tx:
        assert backlogs.texts(tx, [1, 2, 3]) == {
            1: '{"2026-06-14":[7],"2026-06-15":[12,31]}',
            2: '{"2026-06-16":[12]}',
        }
        one_by_one = tx.exec_driver_sql("SELECT recipient_id, paper_id, since FROM backlog ORDER BY 1, 2").all()
    assert one_by_one == [(1, 7, "2026-06-14"), (1, 12, "2026-06-15"), (1, 31, "2026-06-15"), (2, 12, "2026-06-16")]
    upgraded.close()


def test_an_upgraded_store_counts_dry_spells_from_its_next_edition(tmp_path: Path) -> None:
    store_of(tmp_path, "0005", LEDGER)
    upgraded = open_store(tmp_path, URL)
    with upgraded.reading() as tx:
        assert [own.spell for own in people.progress_of(tx, [1])] == [Spell(None, told=False)]
    upgraded.close()


def test_no_statement_changes_a_delivery_unseen(tmp_path: Path) -> None:
    open_store(tmp_path, URL).close()
    with closing(sqlite3.connect(tmp_path / "digest.db")) as raw:
        raw.executescript(LEDGER + "UPDATE deliveries SET state = 'failed', reply = '550 no', changed_at = 'later'")
        changes = raw.execute("SELECT at, old, new, reply FROM delivery_changes ORDER BY id").fetchall()
    assert changes == [("2026-06-15T07:00:01Z", "", "sent", "250 taken"), ("later", "sent", "failed", "550 no")]


def test_an_upgrade_keeps_a_copy_of_the_file_first(tmp_path: Path) -> None:
    open_store(tmp_path, URL).close()
    with closing(sqlite3.connect(tmp_path / "digest.db")) as raw:
        # What a store looks like before its first migration: a version from before, and nothing in the way.
        raw.executescript("UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(Exception, match="0000"):
        open_store(tmp_path, URL)
    assert (tmp_path / f"digest.db.before-{migrate.SCHEMA}").exists()


def test_a_file_with_other_tables_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "digest.db")) as raw:
        raw.execute("CREATE TABLE mine (x)")
    with pytest.raises(StateError, match="other tables"):
        open_store(tmp_path, URL)


def test_a_file_that_is_no_database_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "digest.db").write_bytes(b"not a database at all, but long enough to be read as one" * 100)
    with pytest.raises(StateError, match="not a Digest store"):
        open_store(tmp_path, URL)


def test_another_kind_of_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"sqlite:///digest\.db"):
        open_store(tmp_path, "postgresql://localhost/digest")


def test_a_locked_store_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "BUSY_SECONDS", 0.05)
    own = open_store(tmp_path, URL)
    with closing(sqlite3.connect(own.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StateError, match="locked by another program"), own.writing() as tx:
            put(tx, "x", "1")
    own.close()


def fail_after(store: Store, act: Callable[[Connection], object]) -> None:
    def failing() -> None:
        with store.writing() as tx:
            act(tx)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    fail_after(store, lambda tx: put(tx, "x", "1"))
    with store.reading() as tx:
        assert value(tx, "x") is None


def test_numbers_are_taken_without_gaps(store: Store) -> None:
    with store.writing() as tx:
        assert [take_numbers(tx, "n", 3), take_numbers(tx, "n", 1)] == [1, 4]
    fail_after(store, lambda tx: take_numbers(tx, "n", 5))
    with store.writing() as tx:
        assert take_numbers(tx, "n", 1) == 5


def test_the_authority_is_minted_once(store: Store) -> None:
    first = store.authority("digest.example.org", date(2026, 6, 15))
    assert first.startswith("digest.example.org,2026-06-15:")
    assert store.authority("other.example.org", date(2027, 1, 1)) == first


texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), min_size=1, max_size=8)
many = st.lists(texts, max_size=2, unique=True).map(tuple)
days = st.dates(date(1950, 1, 1), date(2050, 1, 1))
papers = st.builds(
    Paper,
    id=st.just(1),
    revision=st.just(1),
    title=texts,
    first_listed=days,
    changed=days,
    abstract=st.none() | texts,
    authors=many,
    authors_complete=st.booleans(),
    page_authors=many,
    affiliations=many,
    categories=many,
    published=st.none() | days,
    has_code=st.none() | st.booleans(),
    venue=st.none() | texts,
    links=many,
    identifiers=st.builds(Identifiers, arxiv=st.none() | texts, doi=st.none() | texts, url=st.none() | texts),
    scores=st.lists(st.tuples(texts, st.floats(0, 100)), max_size=2, unique_by=lambda p: p[0]).map(tuple),
    layouts=many,
    pages=many,
    sources=many,
    announced=st.lists(st.sampled_from(["new", "cross", "replaced"]), max_size=2, unique=True).map(tuple),
    baseline=st.booleans(),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(papers)
def test_a_paper_comes_back_as_it_was_put_in_also_once_superseded(store: Store, paper: Paper) -> None:
    fuller = replace(paper, revision=2, abstract=f"{paper.abstract} and more")
    # Rolled back, so that examples do not meet.
    with store.engine.connect().execution_options(digest_writes=True) as tx, tx.begin() as transaction:
        paper_store.apply(tx, Plan(added=[paper], title_keys={1: "key"}), dump_id=1)
        assert paper_store.current(tx, [1]) == {1: paper}
        assert paper_store.candidates(tx, [identity.Keys("key", None, None)]) == [("key", paper)]
        paper_store.apply(tx, Plan(changed=[fuller], superseded=[paper]), dump_id=1)
        assert paper_store.pinned(tx, [(1, 1), (1, 2)]) == {(1, 1): paper, (1, 2): fuller}
        transaction.rollback()
