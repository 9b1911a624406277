"""Turns the tree of a query into SQL and into what builds its records."""

from dataclasses import dataclass

from simulator.errors import SalesforceError, unsupported
from simulator.schema import ObjectType, Schema
from simulator.soql.complaints import malformed, pointed
from simulator.soql.conditions import Compiled, Conditions
from simulator.soql.functions import is_aggregate, resolve
from simulator.soql.grouping import compile_grouped, counts_rows
from simulator.soql.literals import Parameter
from simulator.soql.scope import CUSTOM_HINT, OTHER_SCOPES, Scope
from simulator.soql.selection import Selection, no_such_relationship
from simulator.soql.shapes import Builder
from simulator.soql.tree import Call, Item, Path, Query, Sort

MAX_OFFSET = 2_000
ALLOWED = {"FOR VIEW", "FOR REFERENCE"}
KNOWLEDGE = {"UPDATE TRACKING", "UPDATE VIEWSTAT"}


@dataclass(frozen=True, kw_only=True)
class ChildPlan:
    """How to read the children of many rows at once."""

    relationship: str
    # Takes the parents' ids as a JSON list; its first column is the parent's id.
    sql: str
    parameters: list[Parameter]
    builder: Builder


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A compiled query; the same plan serves every query that differs in values alone."""

    kind: ObjectType
    columns: str
    source: str
    where: str
    tail: str
    parameters: list[Parameter]
    builder: Builder
    children: tuple[ChildPlan, ...] = ()
    limit: int | None = None
    offset: int = 0
    grouped: bool = False
    counting: bool = False
    id_sql: str = "t0.Id"


class Compiler:
    """Compiles queries against what one user sees of an org."""

    def __init__(self, schema: Schema, *, root: str, text: str, all_rows: bool) -> None:
        self.schema = schema
        self.root = root
        self.text = text
        self.all_rows = all_rows
        self._scopes = 0

    def compile(self, query: Query) -> Plan:
        """Return the plan of a whole query."""
        self._refuse_what_rest_does_not_take(query)
        scope = self._scope(query)
        conditions = Conditions(scope, self._subquery)
        where = self._where(query, scope, conditions)
        limit, offset = query.limit, query.offset or 0
        if offset > MAX_OFFSET:
            raise SalesforceError(
                "NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {MAX_OFFSET}"
            )
        if counts_rows(query):
            return Plan(
                kind=scope.kind,
                columns=scope.root.id_sql(),
                source=scope.from_sql(),
                where=where[0],
                tail="",
                parameters=where[1],
                builder=lambda row: row,
                limit=limit,
                offset=offset,
                counting=True,
            )
        if query.group or any(
            isinstance(item, Item) and is_aggregate(item.term) for item in query.selection
        ):
            grouped = compile_grouped(query, scope, conditions, self._order)
            return Plan(
                kind=scope.kind,
                columns=grouped.columns,
                source=scope.from_sql(),
                where=where[0],
                tail=grouped.tail,
                parameters=where[1] + grouped.parameters,
                builder=grouped.builder,
                limit=limit,
                offset=offset,
                grouped=True,
            )
        selection = Selection(scope, self.root)
        selection.add(query)
        order = self._order(query.order, scope)
        builder = selection.builder()
        children = tuple(self._children(child, scope) for child in selection.children)
        return Plan(
            kind=scope.kind,
            columns=", ".join(selection.columns),
            source=scope.from_sql(),
            where=where[0],
            tail=order,
            parameters=where[1],
            builder=builder,
            children=children,
            limit=limit,
            offset=offset,
        )

    def _refuse_what_rest_does_not_take(self, query: Query) -> None:
        if query.all_rows:
            raise malformed("ALL ROWS not allowed in this context")
        if query.categories:
            raise unsupported("Data categories are for articles, which this org does not have.")
        for purpose in query.purposes:
            if purpose in KNOWLEDGE:
                raise unsupported(f"{purpose} is for articles, which this org does not have.")
            if purpose not in ALLOWED:
                raise malformed(f"{purpose} not allowed in this context")

    def _kind(self, path: Path) -> ObjectType:
        kind = self.schema.find(path.text)
        if kind is None:
            hint = CUSTOM_HINT.format(what="object", suffix="__c", where="entity")
            raise SalesforceError(
                "INVALID_TYPE",
                pointed(
                    f"sObject type '{path.text}' is not supported.{hint}", self.text, path.position
                ),
            )
        return kind

    def _scope(self, query: Query, kind: ObjectType | None = None) -> Scope:
        prefix = "t" if self._scopes == 0 else f"s{self._scopes}_"
        self._scopes += 1
        scope = Scope(self.schema, kind or self._kind(query.target), self.text, prefix=prefix)
        if query.alias:
            scope.add_alias(query.alias)
        for path, alias in query.parents:
            names = path.names[1:] if path.names[0].lower() in scope.aliases else path.names
            scope.add_alias(alias or names[-1], Path(names=names, position=path.position))
        return scope

    def _where(self, query: Query, scope: Scope, conditions: Conditions) -> Compiled:
        tests: list[str] = []
        parameters: list[Parameter] = []
        if not self.all_rows and scope.kind.has("IsDeleted"):
            tests.append(f"{scope.root.tables[0]}.IsDeleted = 0")
        if query.scope is not None and query.scope.lower() != "everything":
            if query.scope.lower() in OTHER_SCOPES:
                raise unsupported(f"The scope {query.scope} is not part of this org.")
            if query.scope.lower() != "mine" or not scope.kind.has("OwnerId"):
                raise malformed(f"Invalid scope: {query.scope}")
            tests.append(f"{scope.root.tables[0]}.OwnerId = ?")
            parameters.append(lambda _slots, moment: moment.user_id)
        if query.where is not None:
            sql, used = conditions.compile_where(query.where)
            tests.append(f"({sql})")
            parameters += used
        return " AND ".join(tests) or "1", parameters

    def _order(self, sorts: tuple[Sort, ...], scope: Scope) -> str:
        keys = []
        for sort in sorts:
            column = resolve(sort.term, scope)
            item = column.field
            if item is not None and not item.sortable and not isinstance(sort.term, Call):
                raise malformed(f"field '{column.name}' can not be sorted in a query call")
            fold = " COLLATE NOCASE" if item is not None and item.is_text else ""
            direction = " DESC" if sort.descending else ""
            empty = item is None or item.nillable or scope.root is not _owner(sort, scope)
            nulls = f" NULLS {'LAST' if sort.nulls_last else 'FIRST'}" if empty else ""
            keys.append(f"{column.sql}{fold}{direction}{nulls}")
        return f" ORDER BY {', '.join(keys)}" if keys else ""

    def _subquery(self, query: Query) -> Compiled:
        scope = self._scope(query)
        if query.order or query.limit is not None or query.offset is not None or query.group:
            raise malformed("a semi join takes no ORDER BY, LIMIT or GROUP BY")
        terms = [item.term for item in query.selection if isinstance(item, Item)]
        if len(terms) != 1 or len(query.selection) != 1 or not isinstance(terms[0], Path):
            raise malformed("a semi join selects exactly one field")
        column = scope.column(terms[0])
        if column.type not in {"id", "reference"}:
            raise SalesforceError(
                "MALFORMED_QUERY",
                f"The inner select field '{column.name}' has to be an id or a reference",
            )
        where, parameters = self._where(query, scope, Conditions(scope, self._subquery))
        where = f"{where} AND {column.sql} IS NOT NULL"
        return f"SELECT {column.sql} FROM {scope.from_sql()} WHERE {where}", parameters

    def _children(self, query: Query, parent: Scope) -> ChildPlan:
        name = query.target.text
        link = next(
            (
                one
                for one in self.schema.children(parent.kind.name)
                if (one.field.child_relationship or "").lower() == name.lower()
            ),
            None,
        )
        if link is None:
            raise no_such_relationship(name, parent, query.target.position)
        scope = self._scope(query, link.child)
        selection = Selection(scope, self.root)
        selection.add(query)
        if selection.children:
            raise malformed("subqueries can not be nested this deep")
        where, parameters = self._where(query, scope, Conditions(scope, self._subquery))
        order = self._order(query.order, scope)
        builder = selection.builder()
        key = scope.root.column(link.field)
        names = ", ".join(f"{sql} AS v{i}" for i, sql in enumerate(selection.columns))
        rank = f"ROW_NUMBER() OVER (PARTITION BY {key}{order or f' ORDER BY {key}'})"
        inner = (
            f"SELECT {key} AS parent, {rank} AS rank, {names} FROM {scope.from_sql()} "
            f"WHERE {key} IN (SELECT value FROM json_each(?)) AND {where}"
        )
        after = query.offset or 0
        until = f" AND rank <= {after + query.limit}" if query.limit is not None else ""
        values = ", ".join(f"v{i}" for i in range(len(selection.columns)))
        return ChildPlan(
            relationship=link.field.child_relationship or name,
            sql=(
                f"SELECT parent, {values} FROM ({inner}) "
                f"WHERE rank > {after}{until} ORDER BY parent, rank"
            ),
            parameters=parameters,
            builder=builder,
        )


def _owner(sort: Sort, scope: Scope) -> object:
    """Return the row whose field is sorted by, if it is plain to see."""
    return scope.root if isinstance(sort.term, Path) and len(sort.term.names) == 1 else None
