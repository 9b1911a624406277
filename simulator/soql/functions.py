"""The functions of SOQL that are worked out row by row."""

from simulator.errors import SalesforceError, unsupported
from simulator.soql.complaints import malformed
from simulator.soql.scope import Column, Scope
from simulator.soql.tree import Call, Path, Term

AGGREGATES = frozenset({"COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX"})
_YEAR = "CAST(substr({c}, 1, 4) AS INTEGER)"
_MONTH = "CAST(substr({c}, 6, 2) AS INTEGER)"
_DAY = "CAST(substr({c}, 9, 2) AS INTEGER)"
_QUARTER = f"(({_MONTH} + 2) / 3)"
_YEARDAY = "CAST(strftime('%j', substr({c}, 1, 10)) AS INTEGER)"
# The days before the first Saturday's end are week 1; the calendar of this org starts on Sunday.
_FIRST = "CAST(strftime('%w', substr({c}, 1, 4) || '-01-01') AS INTEGER)"
DATE_PARTS = {
    "CALENDAR_YEAR": _YEAR,
    "FISCAL_YEAR": _YEAR,
    "CALENDAR_MONTH": _MONTH,
    "FISCAL_MONTH": _MONTH,
    "CALENDAR_QUARTER": _QUARTER,
    "FISCAL_QUARTER": _QUARTER,
    "DAY_IN_MONTH": _DAY,
    "DAY_IN_WEEK": "(CAST(strftime('%w', substr({c}, 1, 10)) AS INTEGER) + 1)",
    "DAY_IN_YEAR": _YEARDAY,
    "HOUR_IN_DAY": "CAST(substr({c}, 12, 2) AS INTEGER)",
    "WEEK_IN_MONTH": f"(({_DAY} + 6) / 7)",
    "WEEK_IN_YEAR": f"(({_YEARDAY} + {_FIRST} + 6) / 7)",
}
# Functions that change how a value is shown, and nothing else.
SHOWN = frozenset({"FORMAT", "TOLABEL", "CONVERTCURRENCY", "CONVERTTIMEZONE"})


def is_aggregate(term: Term) -> bool:
    """Return whether *term* sums up several rows."""
    if isinstance(term, Path):
        return False
    return term.name.upper() in AGGREGATES or any(
        isinstance(one, Call) and is_aggregate(one) for one in term.arguments
    )


def resolve(term: Term, scope: Scope) -> Column:
    """Return the SQL and the type of a path or of a function of one."""
    if isinstance(term, Path):
        return scope.column(term)
    name = term.name.upper()
    if name in AGGREGATES:
        return _aggregate(term, name, scope)
    if name in DATE_PARTS:
        column = _dated(term, scope)
        return Column(sql=DATE_PARTS[name].format(c=column.sql), type="int", name=term.name)
    if name == "DAY_ONLY":
        column = _dated(term, scope)
        return Column(sql=f"substr({column.sql}, 1, 10)", type="date", name=term.name)
    if name in SHOWN:
        return _shown(term, name, scope)
    if name in {"DISTANCE", "GEOLOCATION", "GROUPING"}:
        raise unsupported(f"This org does not work out {term.name}.")
    raise malformed(f"unexpected token: '{term.name}'", scope.text, term.position)


def argument(term: Call, scope: Scope) -> Column:
    """Return the one argument of a function."""
    if len(term.arguments) != 1 or not isinstance(term.arguments[0], Path | Call):
        raise malformed(f"unexpected token: '{term.name}'", scope.text, term.position)
    return resolve(term.arguments[0], scope)


def _dated(term: Call, scope: Scope) -> Column:
    column = argument(term, scope)
    if column.type not in {"date", "datetime"}:
        raise SalesforceError(
            "INVALID_FIELD", f"field {column.name} does not support the function {term.name}"
        )
    return column


def _shown(term: Call, name: str, scope: Scope) -> Column:
    column = argument(term, scope)
    entries = column.field.values if column.field is not None else ()
    relabelled = [entry for entry in entries if entry.label != entry.value]
    if name != "TOLABEL" or not relabelled:
        return column
    cases = " ".join(
        "WHEN '{}' THEN '{}'".format(entry.value.replace("'", "''"), entry.label.replace("'", "''"))
        for entry in relabelled
    )
    sql = f"CASE {column.sql} {cases} ELSE {column.sql} END"
    return Column(sql=sql, type="string", name=column.name, field=column.field)


def _aggregate(term: Call, name: str, scope: Scope) -> Column:
    if name == "COUNT" and not term.arguments:
        return Column(sql="COUNT(*)", type="int", name="count")
    column = argument(term, scope)
    if column.field is not None and not column.field.aggregatable:
        raise SalesforceError(
            "INVALID_FIELD", f"field {column.name} does not support aggregate operator {name}"
        )
    if name in {"SUM", "AVG"}:
        if column.type not in {"int", "double", "currency", "percent"}:
            raise SalesforceError(
                "INVALID_FIELD", f"field {column.name} does not support aggregate operator {name}"
            )
        return Column(sql=f"{name}({column.sql}) * 1.0", type="double", name=name.lower())
    if name == "COUNT_DISTINCT":
        fold = " COLLATE NOCASE" if column.field is not None and column.field.is_text else ""
        return Column(sql=f"COUNT(DISTINCT {column.sql}{fold})", type="int", name="count")
    kind = "int" if name == "COUNT" else column.type
    return Column(sql=f"{name}({column.sql})", type=kind, name=name.lower())
