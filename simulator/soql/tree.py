"""What a query says, free of how it was written."""

from dataclasses import dataclass, field
from typing import Literal as Choice

LiteralKind = Choice[
    "string", "number", "datetime", "date", "boolean", "null", "period", "currency"
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Literal:
    """A value; *slot* counts the strings and datetimes, which may differ between like queries."""

    kind: LiteralKind
    text: str
    slot: int | None = None
    position: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Path:
    """A field, reached over its parents."""

    names: tuple[str, ...]
    position: int = 0

    @property
    def text(self) -> str:
        """Return the path as written."""
        return ".".join(self.names)


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """A function and its arguments."""

    name: str
    arguments: tuple["Path | Call | Literal", ...]
    position: int = 0


Term = Path | Call


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """Something selected, perhaps under another name."""

    term: Term
    alias: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Children:
    """A query over the children of each row."""

    query: "Query"


@dataclass(frozen=True, kw_only=True, slots=True)
class TypeCase:
    """The fields to select where a polymorphic reference points at one object."""

    kind: str | None
    paths: tuple[Path, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TypeOf:
    """A choice of fields by the object that a polymorphic reference points at."""

    relationship: str
    cases: tuple[TypeCase, ...]
    position: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """A test of one term against a value, several values or a query."""

    term: Term
    operator: str
    value: "Literal | tuple[Literal, ...] | Query"


@dataclass(frozen=True, kw_only=True, slots=True)
class Logical:
    """Several conditions of which all, or one, have to hold."""

    operator: Choice["AND", "OR"]
    parts: tuple["Condition", ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Negation:
    """A condition that must not hold."""

    part: "Condition"


Condition = Comparison | Logical | Negation


@dataclass(frozen=True, kw_only=True, slots=True)
class Sort:
    """One key of the order."""

    term: Term
    descending: bool = False
    nulls_last: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """A whole query."""

    selection: tuple[Item | Children | TypeOf, ...]
    target: Path
    alias: str | None = None
    # Further entries of FROM: an alias for a parent path of the first.
    parents: tuple[tuple[Path, str | None], ...] = ()
    scope: str | None = None
    categories: bool = False
    where: Condition | None = None
    group: tuple[Term, ...] = ()
    rollup: Choice["ROLLUP", "CUBE"] | None = None
    having: Condition | None = None
    order: tuple[Sort, ...] = ()
    limit: int | None = None
    offset: int | None = None
    purposes: tuple[str, ...] = field(default=())
    all_rows: bool = False
