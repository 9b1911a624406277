"""Builds the tree of a query from what the grammar has found."""

from collections.abc import Sequence
from typing import Any

from lark import Token, Transformer, v_args

from simulator.soql.complaints import malformed
from simulator.soql.tree import (
    Call,
    Children,
    Comparison,
    Condition,
    Item,
    Literal,
    Logical,
    Negation,
    Path,
    Query,
    Sort,
    Term,
    TypeCase,
    TypeOf,
)

# Words that no field and no object may be called.
RESERVED = frozenset(
    {
        "AND",
        "ASC",
        "DESC",
        "EXCLUDES",
        "FROM",
        "HAVING",
        "IN",
        "INCLUDES",
        "LIKE",
        "LIMIT",
        "NOT",
        "NULL",
        "NULLS",
        "OR",
        "SELECT",
        "USING",
        "WHERE",
        "WITH",
    }
)


def _keyword(token: object) -> str:
    return str(token).upper()


@v_args(inline=True)
class TreeBuilder(Transformer[Token, Query]):
    """Builds the tree bottom-up; method names are the grammar's."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self._slots = 0

    def _slot(self) -> int:
        self._slots += 1
        return self._slots - 1

    def string(self, token: Token) -> Literal:
        return Literal(
            kind="string", text=str(token), slot=self._slot(), position=token.start_pos or 0
        )

    def datetime(self, token: Token) -> Literal:
        return Literal(
            kind="datetime", text=str(token), slot=self._slot(), position=token.start_pos or 0
        )

    def date(self, token: Token) -> Literal:
        return Literal(kind="date", text=str(token), position=token.start_pos or 0)

    def number(self, token: Token) -> Literal:
        return Literal(kind="number", text=str(token), position=token.start_pos or 0)

    def currency(self, token: Token) -> Literal:
        return Literal(kind="currency", text=str(token), position=token.start_pos or 0)

    def period(self, token: Token) -> Literal:
        return Literal(kind="period", text=str(token).upper(), position=token.start_pos or 0)

    def true(self, token: Token) -> Literal:
        return Literal(kind="boolean", text="true", position=token.start_pos or 0)

    def false(self, token: Token) -> Literal:
        return Literal(kind="boolean", text="false", position=token.start_pos or 0)

    def null(self, token: Token) -> Literal:
        return Literal(kind="null", text="null", position=token.start_pos or 0)

    def path(self, *names: Token) -> Path:
        if str(names[0]).upper() in RESERVED:
            raise malformed(f"unexpected token: '{names[0]}'", self._text, names[0].start_pos)
        return Path(names=tuple(map(str, names)), position=names[0].start_pos or 0)

    def paths(self, *paths: Path) -> tuple[Path, ...]:
        return paths

    def call(self, name: Token, *arguments: Path | Call | Literal) -> Call:
        return Call(name=str(name), arguments=arguments, position=name.start_pos or 0)

    def alias(self, name: Token) -> str:
        return str(name)

    def item(self, term: Term, alias: str | None = None) -> Item:
        return Item(term=term, alias=alias)

    def children(self, query: Query) -> Children:
        return Children(query=query)

    def type_case(
        self, _when: Token, kind: Token, _then: Token, paths: tuple[Path, ...]
    ) -> TypeCase:
        return TypeCase(kind=str(kind), paths=paths)

    def type_else(self, _else: Token, paths: tuple[Path, ...]) -> TypeCase:
        return TypeCase(kind=None, paths=paths)

    def typeof(self, token: Token, relationship: Token, *rest: TypeCase | Token) -> TypeOf:
        cases = tuple(one for one in rest if isinstance(one, TypeCase))
        return TypeOf(relationship=str(relationship), cases=cases, position=token.start_pos or 0)

    def selection(self, *items: Item | Children | TypeOf) -> tuple[Item | Children | TypeOf, ...]:
        return items

    def target(self, *parts: Path | Token) -> dict[str, Any]:
        entries: list[tuple[Path, str | None]] = []
        for part in parts:
            if isinstance(part, Path):
                entries.append((part, None))
            elif part.type == "NAME":
                entries[-1] = (entries[-1][0], str(part))
        return {"target": entries[0][0], "alias": entries[0][1], "parents": tuple(entries[1:])}

    def using(self, _using: Token, _scope: Token, name: Token) -> dict[str, Any]:
        return {"scope": str(name)}

    def where(self, _where: Token, condition: Condition) -> dict[str, Any]:
        return {"where": condition}

    def with_(self, _with: Token, *parts: object) -> dict[str, Any]:
        # The mode is always the user's; data categories are for articles.
        return {"categories": len(parts) > 1}

    def category(self, *_parts: Token) -> None:
        return None

    def every(self, *parts: Condition | Token) -> Logical:
        return Logical(operator="AND", parts=_conditions(parts))

    def any(self, *parts: Condition | Token) -> Logical:
        return Logical(operator="OR", parts=_conditions(parts))

    def negation(self, _not: Token, part: Condition) -> Negation:
        return Negation(part=part)

    def values(self, *values: Literal) -> tuple[Literal, ...]:
        return values

    def subquery(self, query: Query) -> Query:
        return query

    def compare(self, term: Term, operator: Token, value: Literal) -> Comparison:
        return Comparison(term=term, operator=str(operator).replace("<>", "!="), value=value)

    def like(self, term: Term, _like: Token, value: Literal) -> Comparison:
        return Comparison(term=term, operator="LIKE", value=value)

    def among(self, term: Term, _in: Token, value: tuple[Literal, ...] | Query) -> Comparison:
        return Comparison(term=term, operator="IN", value=value)

    def not_among(
        self, term: Term, _not: Token, _in: Token, value: tuple[Literal, ...] | Query
    ) -> Comparison:
        return Comparison(term=term, operator="NOT IN", value=value)

    def includes(self, term: Term, _word: Token, value: tuple[Literal, ...]) -> Comparison:
        return Comparison(term=term, operator="INCLUDES", value=value)

    def excludes(self, term: Term, _word: Token, value: tuple[Literal, ...]) -> Comparison:
        return Comparison(term=term, operator="EXCLUDES", value=value)

    def terms(self, *terms: Term) -> tuple[Term, ...]:
        return terms

    def group(self, *parts: Token | tuple[Term, ...]) -> dict[str, Any]:
        words = [_keyword(part) for part in parts if isinstance(part, Token)]
        rollup = next((word for word in words if word in {"ROLLUP", "CUBE"}), None)
        return {"group": parts[-1], "rollup": rollup}

    def having(self, _having: Token, condition: Condition) -> dict[str, Any]:
        return {"having": condition}

    def sort(self, term: Term, *words: Token) -> Sort:
        said = {_keyword(word) for word in words}
        return Sort(term=term, descending="DESC" in said, nulls_last="LAST" in said)

    def order(self, _order: Token, _by: Token, *sorts: Sort) -> dict[str, Any]:
        return {"order": sorts}

    def limit(self, _limit: Token, number: Token) -> dict[str, Any]:
        return {"limit": int(number)}

    def offset(self, _offset: Token, number: Token) -> dict[str, Any]:
        return {"offset": int(number)}

    def purpose(self, word: Token, name: Token) -> dict[str, Any]:
        return {"purpose": f"{_keyword(word)} {_keyword(name)}"}

    def all_rows(self, *_words: Token) -> dict[str, Any]:
        return {"all_rows": True}

    def query(
        self,
        _select: Token,
        selection: tuple[Item | Children | TypeOf, ...],
        _from: Token,
        *clauses: dict[str, Any],
    ) -> Query:
        said: dict[str, Any] = {}
        purposes: list[str] = []
        for clause in clauses:
            if "purpose" in clause:
                purposes.append(clause["purpose"])
            else:
                said |= clause
        return Query(selection=selection, purposes=tuple(purposes), **said)


def _conditions(parts: Sequence[Condition | Token]) -> tuple[Condition, ...]:
    return tuple(part for part in parts if not isinstance(part, Token))
