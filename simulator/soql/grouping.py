"""Grouped and summed queries."""

from collections.abc import Callable
from dataclasses import dataclass

from simulator.errors import SalesforceError, unsupported
from simulator.soql.complaints import malformed
from simulator.soql.conditions import Conditions
from simulator.soql.functions import is_aggregate, resolve
from simulator.soql.literals import Parameter
from simulator.soql.scope import Column, Scope
from simulator.soql.shapes import Builder, aggregate_builder, value_builder
from simulator.soql.tree import Call, Item, Query, Sort, Term


@dataclass(frozen=True, kw_only=True)
class Grouped:
    """The parts of the SQL that a grouped query differs in."""

    columns: str
    tail: str
    parameters: list[Parameter]
    builder: Builder


def compile_grouped(
    query: Query,
    scope: Scope,
    conditions: Conditions,
    order: Callable[[tuple[Sort, ...], Scope], str],
) -> Grouped:
    """Return the SQL and the builder of a query that sums up rows."""
    if query.rollup is not None:
        raise unsupported(f"This org does not work out GROUP BY {query.rollup}.")
    keys = [_group_key(term, scope) for term in query.group]
    grouped = {column.sql for column in keys}
    columns: list[str] = []
    parts: list[tuple[str, Builder]] = []
    unnamed = 0
    for item in query.selection:
        if not isinstance(item, Item):
            raise malformed("a grouped query selects fields and aggregates only")
        column = resolve(item.term, scope)
        name = item.alias
        if is_aggregate(item.term):
            if name is None:
                name = f"expr{unnamed}"
                unnamed += 1
        else:
            if column.sql not in grouped:
                raise malformed(f"Field must be grouped or aggregated: {column.name}")
            name = name or _name(item.term, column)
        parts.append((name, value_builder(len(columns), column.type)))
        columns.append(column.sql)
    parameters: list[Parameter] = []
    tail = f" GROUP BY {', '.join(map(_folded, keys))}" if keys else ""
    if query.having is not None:
        having, parameters = conditions.compile(query.having)
        tail += f" HAVING {having}"
    tail += order(query.order, scope)
    return Grouped(
        columns=", ".join(columns),
        tail=tail,
        parameters=parameters,
        builder=aggregate_builder(parts),
    )


def _group_key(term: Term, scope: Scope) -> Column:
    column = resolve(term, scope)
    if column.field is not None and not column.field.groupable and column.name == column.field.name:
        raise SalesforceError(
            "MALFORMED_QUERY", f"field '{column.name}' can not be grouped in a query call"
        )
    return column


def _folded(column: Column) -> str:
    text = column.field is not None and column.field.is_text
    return f"{column.sql} COLLATE NOCASE" if text else column.sql


def _name(term: Term, column: Column) -> str:
    return column.name if column.field is not None else f"expr_{term.position}"


def counts_rows(query: Query) -> bool:
    """Return whether a query asks for nothing but the number of rows."""
    first = query.selection[0]
    counting = (
        isinstance(first, Item)
        and isinstance(first.term, Call)
        and first.term.name.upper() == "COUNT"
        and not first.term.arguments
    )
    if counting and (len(query.selection) > 1 or query.group):
        raise malformed("COUNT() stands alone; use COUNT(Id) beside other fields")
    return counting
