"""Conditions as SQL, with SOQL's logic: a test on nothing is false, never unknown."""

from collections.abc import Callable, Sequence

from simulator.errors import SalesforceError
from simulator.schema import NUMBER_TYPES, TEXT_TYPES
from simulator.soql import periods
from simulator.soql.bounds import common_floors, conjuncts
from simulator.soql.complaints import malformed
from simulator.soql.functions import resolve
from simulator.soql.literals import (
    Moment,
    Parameter,
    empty,
    pattern,
    slotted,
    unquoted,
    value_of,
    wide,
    wrong_type,
)
from simulator.soql.scope import Column, Scope
from simulator.soql.tree import Comparison, Condition, Literal, Logical, Negation, Query, Term

# Compiles a semi-join; given by the compiler, which knows whole queries.
SubqueryCompiler = Callable[[Query], tuple[str, list[Parameter]]]
ORDERED = NUMBER_TYPES | {"date", "datetime"}
Compiled = tuple[str, list[Parameter]]


class Conditions:
    """Compiles the conditions of one query."""

    def __init__(self, scope: Scope, subquery: SubqueryCompiler) -> None:
        self.scope = scope
        self.subquery = subquery

    def compile_where(self, condition: Condition) -> Compiled:
        """Return the SQL of a WHERE clause, with the bounds that an index can start from."""
        tests: list[str] = []
        parameters: list[Parameter] = []
        for part in conjuncts(condition):
            sql, used = self.compile(part)
            floors = common_floors(part)
            # Hiding the alternatives from the planner keeps it from merging two indexes.
            tests.append(f"(({sql}) IS TRUE)" if floors else f"({sql})")
            parameters += used
            if floors:
                column = self._filterable(floors[0].term)
                tests.append(f"{column.sql} >= MIN({', '.join('?' * len(floors))})")
                parameters += [
                    value_of(one.value, column.type, column.name)
                    for one in floors
                    if isinstance(one.value, Literal)
                ]
        return " AND ".join(tests), parameters

    def compile(self, condition: Condition) -> Compiled:
        """Return the SQL of *condition* and its parameters in order."""
        if isinstance(condition, Negation):
            sql, parameters = self.compile(condition.part)
            return f"({sql}) IS NOT TRUE", parameters
        if isinstance(condition, Logical):
            compiled = [self.compile(part) for part in condition.parts]
            sql = f" {condition.operator} ".join(f"({part})" for part, _ in compiled)
            return sql, [one for _, parameters in compiled for one in parameters]
        return self._comparison(condition)

    def _comparison(self, test: Comparison) -> Compiled:
        column = self._filterable(test.term)
        if isinstance(test.value, Query):
            return self._semi_join(column, test)
        if isinstance(test.value, tuple):
            if test.operator in {"INCLUDES", "EXCLUDES"}:
                return self._multi(column, test.operator, test.value)
            return self._among(column, test.value, negated=test.operator == "NOT IN")
        if test.operator == "LIKE":
            return self._like(column, test.value)
        return self._compare(column, test.operator, test.value)

    def _filterable(self, term: Term) -> Column:
        column = resolve(term, self.scope)
        if column.field is not None and not column.field.filterable:
            raise SalesforceError(
                "INVALID_FIELD", f"field '{column.name}' can not be filtered in a query call"
            )
        return column

    def _compare(self, column: Column, operator: str, literal: Literal) -> Compiled:
        if empty(literal):
            return self._against_nothing(column, operator, literal)
        if literal.kind == "period":
            return _against_period(column, operator, literal.text)
        if operator not in {"=", "!="} and column.type in {"boolean", "id", "reference"}:
            if column.type == "boolean":
                raise _bad_operator(column)
            return f"{column.sql} {operator} ?", [value_of(literal, column.type, column.name)]
        parameter = value_of(literal, column.type, column.name)
        if column.name == "Birthdate":
            # Filters on a birthday look at the day, not at the year.
            return f"substr({column.sql}, 6) {operator} substr(?, 6)", [parameter]
        left, right, fold = column.sql, "?", ""
        if column.type in TEXT_TYPES and not _case_sensitive(column):
            if wide(literal):
                left, right = f"fold({left})", "fold(?)"
            else:
                fold = " COLLATE NOCASE"
        if operator == "!=":
            return f"{left} IS NOT {right}{fold}", [parameter]
        return f"{left} {operator} {right}{fold}", [parameter]

    def _against_nothing(self, column: Column, operator: str, literal: Literal) -> Compiled:
        if literal.kind == "string" and column.type not in TEXT_TYPES | {"id", "reference"}:
            raise wrong_type(column.type, column.name)
        if operator == "=":
            return f"{column.sql} IS NULL", []
        if operator == "!=":
            return f"{column.sql} IS NOT NULL", []
        return "0", []

    def _like(self, column: Column, literal: Literal) -> Compiled:
        if column.type not in TEXT_TYPES:
            raise _bad_operator(column)
        if literal.kind != "string":
            raise wrong_type(column.type, column.name)
        if empty(literal):
            return f"{column.sql} IS NULL", []
        parameter = slotted(literal, pattern)
        if wide(literal):
            return f"fold({column.sql}) LIKE fold(?) ESCAPE '\\'", [parameter]
        return f"{column.sql} LIKE ? ESCAPE '\\'", [parameter]

    def _among(self, column: Column, literals: tuple[Literal, ...], *, negated: bool) -> Compiled:
        spans = [_against_period(column, "=", one.text) for one in literals if one.kind == "period"]
        given = [one for one in literals if one.kind != "period" and not empty(one)]
        tests = [sql for sql, _ in spans]
        parameters = [one for _, used in spans for one in used]
        parameters += [value_of(one, column.type, column.name) for one in given]
        if given:
            marks = ", ".join("?" * len(given))
            if column.type in TEXT_TYPES and not _case_sensitive(column):
                if any(wide(one) for one in given):
                    marks = ", ".join(["fold(?)"] * len(given))
                    tests.append(f"fold({column.sql}) IN ({marks})")
                else:
                    tests.append(f"{column.sql} COLLATE NOCASE IN ({marks})")
            else:
                tests.append(f"{column.sql} IN ({marks})")
        if len(spans) + len(given) < len(literals):
            tests.append(f"{column.sql} IS NULL")
        sql = " OR ".join(tests)
        return (f"({sql}) IS NOT TRUE" if negated else sql), parameters

    def _multi(self, column: Column, operator: str, literals: tuple[Literal, ...]) -> Compiled:
        if column.type != "multipicklist":
            raise _bad_operator(column)
        tests, parameters = [], []
        for literal in literals:
            if literal.kind != "string":
                raise wrong_type(column.type, column.name)
            values = unquoted(literal.text).split(";")
            each = []
            for position, _ in enumerate(values):
                each.append(f"instr(fold(';' || {column.sql} || ';'), fold(?)) > 0")
                parameters.append(slotted(literal, _nth_value(position)))
            tests.append(f"({' AND '.join(each)})")
        sql = " OR ".join(tests)
        return (f"({sql}) IS NOT TRUE" if operator == "EXCLUDES" else sql), parameters

    def _semi_join(self, column: Column, test: Comparison) -> Compiled:
        if column.type not in {"id", "reference"}:
            raise malformed("The left operand of a semi join has to be an id or a reference.")
        if not isinstance(test.value, Query):
            raise TypeError(test.value)
        sql, parameters = self.subquery(test.value)
        if test.operator == "NOT IN":
            return f"({column.sql} IN ({sql})) IS NOT TRUE", parameters
        return f"{column.sql} IN ({sql})", parameters


def _nth_value(position: int) -> Callable[[str], object]:
    return lambda token: f";{unquoted(token).split(';')[position].strip()};"


def _case_sensitive(column: Column) -> bool:
    return column.field is not None and column.field.case_sensitive


def _bad_operator(column: Column) -> SalesforceError:
    return SalesforceError(
        "INVALID_FIELD", f"invalid operator on {column.type} field: {column.name}"
    )


def _against_period(column: Column, operator: str, name: str) -> Compiled:
    if column.type not in {"date", "datetime"}:
        raise wrong_type(column.type, column.name)
    end = "T00:00:00.000+0000" if column.type == "datetime" else ""

    def first(_slots: Sequence[str], moment: Moment) -> str:
        return periods.span(name, moment.today)[0].isoformat() + end

    def after(_slots: Sequence[str], moment: Moment) -> str:
        return periods.span(name, moment.today)[1].isoformat() + end

    sql = column.sql
    if operator == "=":
        return f"{sql} >= ? AND {sql} < ?", [first, after]
    if operator == "!=":
        return f"({sql} >= ? AND {sql} < ?) IS NOT TRUE", [first, after]
    bound = first if operator in {"<", ">="} else after
    return f"{sql} {'<' if operator in {'<', '<='} else '>='} ?", [bound]
