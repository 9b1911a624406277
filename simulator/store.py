"""Rows in SQLite: one table for each object, one column for each stored field."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Literal

from simulator.ids import make_id
from simulator.schema import Field, ObjectType, Schema
from simulator.units import Change, Unit

Row = dict[str, Any]
# Besides its fields a row knows when it was deleted and by which deletion, for undeletion.
HIDDEN_COLUMNS = ("_DeletedAt", "_Deletion")


def quoted(name: str) -> str:
    """Return *name* as an SQL identifier."""
    return f'"{name}"'


class Store:
    """The rows of an org; nothing here knows what a field means."""

    def __init__(self, schema: Schema, path: str = ":memory:") -> None:
        self.db = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, cached_statements=1024
        )
        self.persistent = path != ":memory:"
        self.journal: list[Change] | None = None
        self._numbers: dict[str, int] = {}
        self._columns: dict[str, tuple[str, ...]] = {}
        self._selects: dict[str, str] = {}
        self._depth = 0
        self.db.create_function("fold", 1, _fold, deterministic=True)
        self.db.execute("PRAGMA case_sensitive_like = OFF")
        if self.persistent:
            self.db.execute("PRAGMA journal_mode = WAL")
            self.db.execute("PRAGMA synchronous = OFF")
        else:
            self.db.execute("PRAGMA temp_store = MEMORY")
        self.db.execute("CREATE TABLE IF NOT EXISTS _State (name PRIMARY KEY, value)")
        self.db.execute("CREATE TABLE IF NOT EXISTS _Deleted (kind, id PRIMARY KEY, at)")
        with self.transaction():
            for kind in schema.objects.values():
                self._prepare(kind)
        for name, value in self.db.execute("SELECT name, value FROM _State WHERE name LIKE '#%'"):
            self._numbers[name[1:]] = value

    def _prepare(self, kind: ObjectType) -> None:
        table = quoted(kind.name)
        columns = [item.column for item in kind.stored if item.column != "Id"]
        wanted = [*columns, *HIDDEN_COLUMNS]
        body = ", ".join(["Id PRIMARY KEY", *map(quoted, wanted)])
        self.db.execute(f"CREATE TABLE IF NOT EXISTS {table} ({body})")
        # A file may come from before a field was added to the metadata.
        known = {row[1] for row in self.db.execute(f"PRAGMA table_info({table})")}
        for column in wanted:
            if column not in known:
                self.db.execute(f"ALTER TABLE {table} ADD COLUMN {quoted(column)}")
        self._columns[kind.name] = ("Id", *wanted)
        listed = ", ".join(map(quoted, self._columns[kind.name]))
        self._selects[kind.name] = f"SELECT {listed} FROM {table} WHERE Id = ?"
        for item in kind.stored:
            index = quoted(f"{kind.name}.{item.column}")
            if item.name == "SystemModstamp":
                on = "SystemModstamp, Id"
            elif item.unique or item.external_id or item.type == "email":
                on = f"{quoted(item.column)} COLLATE NOCASE"
            elif item.type == "reference" and item.on_delete != "keep":
                on = quoted(item.column)
            else:
                continue
            self.db.execute(f"CREATE INDEX IF NOT EXISTS {index} ON {table} ({on})")

    def close(self) -> None:
        """Leave nothing open."""
        self.db.close()

    def clear(self) -> None:
        """Forget every row and every number given out."""
        for name in [*self._columns, "_State", "_Deleted"]:
            self.db.execute(f"DELETE FROM {quoted(name)}")
        self._numbers.clear()

    @contextmanager
    def transaction(self) -> Iterator[Unit]:
        """Make what is written inside all or nothing; transactions nest."""
        name = f"level{self._depth}"
        self.db.execute(f"SAVEPOINT {name}")
        self._depth += 1
        mark = len(self.journal) if self.journal is not None else 0
        unit = Unit()
        try:
            yield unit
        except BaseException:
            unit.cancel()
            raise
        finally:
            if unit.cancelled:
                self.db.execute(f"ROLLBACK TO {name}")
                if self.journal is not None:
                    del self.journal[mark:]
            self._depth -= 1
            self.db.execute(f"RELEASE {name}")

    def next_number(self, name: str) -> int:
        """Return a number that was never given out before under this name."""
        number = self._numbers.get(name, 0) + 1
        self._numbers[name] = number
        if self.persistent:
            self.set_state(f"#{name}", number)
        return number

    def next_id(self, prefix: str) -> str:
        """Return an id that was never given out before."""
        return make_id(prefix, self.next_number(prefix))

    def insert(self, kind: ObjectType, row: Row) -> None:
        """Add a row that has an Id."""
        self.db.execute(_insertion(kind.name, tuple(row)), list(row.values()))
        self._note("insert", kind, row["Id"], row)

    def update(self, kind: ObjectType, record_id: str, changes: Mapping[str, Any]) -> None:
        """Change some columns of a row."""
        settings = ", ".join(f"{quoted(name)} = ?" for name in changes)
        self.db.execute(
            f"UPDATE {quoted(kind.name)} SET {settings} WHERE Id = ?",
            [*changes.values(), record_id],
        )
        self._note("update", kind, record_id, changes)

    def remove(self, kind: ObjectType, record_id: str) -> None:
        """Forget a row for good."""
        self.db.execute(f"DELETE FROM {quoted(kind.name)} WHERE Id = ?", [record_id])
        self._note("remove", kind, record_id, {})

    def replay(self, kind: ObjectType, change: Change) -> None:
        """Make a change that was made before and taken back."""
        if change.act == "insert":
            self.insert(kind, dict(change.values))
        elif change.act == "update":
            self.update(kind, change.record_id, change.values)
        else:
            self.remove(kind, change.record_id)

    def _note(
        self,
        act: Literal["insert", "update", "remove"],
        kind: ObjectType,
        record_id: str,
        values: Mapping[str, Any],
    ) -> None:
        if self.journal is not None:
            self.journal.append(
                Change(act=act, kind=kind.name, record_id=record_id, values=dict(values))
            )

    def get(self, kind: ObjectType, record_id: str) -> Row | None:
        """Return all columns of a row, deleted or not."""
        names = self._columns[kind.name]
        found = self.db.execute(self._selects[kind.name], [record_id]).fetchone()
        return dict(zip(names, found, strict=True)) if found else None

    def ids(self, kind: ObjectType, condition: str, values: Sequence[Any] = ()) -> list[str]:
        """Return the ids of the rows for which an SQL *condition* holds, oldest first."""
        sql = f"SELECT Id FROM {quoted(kind.name)} WHERE {condition} ORDER BY Id"
        return [row[0] for row in self.db.execute(sql, values)]

    def matches(
        self,
        kind: ObjectType,
        item: Field,
        value: object,
        *,
        but: str | None = None,
        limit: int = 2,
    ) -> list[str]:
        """Return the ids of living rows whose field has this value."""
        fold = "" if item.case_sensitive or not item.is_text else " COLLATE NOCASE"
        sql = (
            f"SELECT Id FROM {quoted(kind.name)} WHERE {quoted(item.column)} = ?{fold}"
            f"{' AND IsDeleted = 0' if kind.has('IsDeleted') else ''} AND Id IS NOT ? LIMIT ?"
        )
        return [row[0] for row in self.db.execute(sql, [value, but, limit])]

    def count(self, kind: ObjectType) -> int:
        """Return how many rows live."""
        living = " WHERE IsDeleted = 0" if kind.has("IsDeleted") else ""
        sql = f"SELECT COUNT(*) FROM {quoted(kind.name)}{living}"
        return int(self.db.execute(sql).fetchone()[0])

    def state(self, name: str) -> Any:  # noqa: ANN401
        """Return a remembered value, or None."""
        found = self.db.execute("SELECT value FROM _State WHERE name = ?", [name]).fetchone()
        return found[0] if found else None

    def set_state(self, name: str, value: object) -> None:
        """Remember a value across restarts."""
        self.db.execute("INSERT OR REPLACE INTO _State VALUES (?, ?)", [name, value])

    def note_deletion(self, kind: ObjectType, record_id: str, at: str) -> None:
        """Remember the deletion of a record that is purged, for getDeleted."""
        self.db.execute(
            "INSERT OR REPLACE INTO _Deleted VALUES (?, ?, ?)", [kind.name, record_id, at]
        )

    def deletions(self, kind: ObjectType, start: str, end: str) -> list[tuple[str, str]]:
        """Return the ids and times of deletions in a span, purged records included."""
        sql = (
            f"SELECT Id, _DeletedAt AS at FROM {quoted(kind.name)} WHERE IsDeleted = 1 "
            "AND at >= ? AND at < ? "
            "UNION ALL SELECT id, at FROM _Deleted WHERE kind = ? AND at >= ? AND at < ? "
            "ORDER BY at, 1"
        )
        values = [start, end, kind.name, start, end]
        return [(row[0], row[1]) for row in self.db.execute(sql, values)]

    def bulk_insert(
        self, kind: ObjectType, names: Sequence[str], rows: Iterable[Sequence[Any]]
    ) -> None:
        """Add many rows at once, past the journal."""
        self.db.executemany(_insertion(kind.name, tuple(names)), rows)


@lru_cache(maxsize=1_000)
def _insertion(table: str, names: tuple[str, ...]) -> str:
    columns, marks = ", ".join(map(quoted, names)), ", ".join("?" * len(names))
    return f"INSERT INTO {quoted(table)} ({columns}) VALUES ({marks})"


def _fold(value: str | float | None) -> str | float | None:
    return value.casefold() if isinstance(value, str) else value
