"""Many rows into a table in one statement: Core's own INSERT and types, without its work per row.

``Connection.execute`` builds a dictionary of parameters for each row anew, which costs more than SQLite's insert. Here
the statement is compiled once and the columns' bind processors run over plain tuples.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert

Processor = Callable[[Any], Any] | None
MOST_PARAMETERS = 30_000  # that one statement may have: SQLite's limit is 32,766 (sqlite.org/limits.html)


def insert_many(tx: Connection, table: Table, rows: Iterable[tuple[Any, ...]], written: Collection[str] = ()) -> None:
    """Insert rows whose values stand in the order of the table's columns; no rows are no statement.

    ``written`` names the columns whose values are as the store keeps them already.
    """
    statement, processors = _compiled(table, tx.dialect)
    own = [None if column.key in written else process for column, process in zip(table.c, processors, strict=True)]
    special = [(place, process) for place, process in enumerate(own) if process]
    ready = [] if special else list(rows)
    for row in rows if special else ():
        values = list(row)
        for place, process in special:
            values[place] = process(values[place])
        ready.append(tuple(values))
    if ready:
        tx.exec_driver_sql(statement, ready)


def parts(items: Sequence[Any], size: int = MOST_PARAMETERS) -> Iterator[Sequence[Any]]:
    """Yield the items by as many as one statement takes."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


@lru_cache(maxsize=32)
def _compiled(table: Table, dialect: Dialect) -> tuple[str, tuple[Processor, ...]]:
    compiled = insert(table).compile(dialect=dialect, column_keys=table.c.keys())
    return str(compiled), tuple(column.type.dialect_impl(dialect).bind_processor(dialect) for column in table.c)
