"""The selected fields of a query: which columns to read, and how records are built of them."""

from dataclasses import dataclass, field

from simulator.errors import SalesforceError
from simulator.schema import Field, ObjectType
from simulator.soql.complaints import malformed, pointed
from simulator.soql.functions import resolve
from simulator.soql.scope import CUSTOM_HINT, Column, Node, Scope
from simulator.soql.shapes import (
    ADDRESS_PARTS,
    Builder,
    address_builder,
    flat_builder,
    nested_builder,
    value_builder,
)
from simulator.soql.tree import Call, Children, Item, Path, Query, TypeOf

FIELDS_LIMIT = 200
# Types whose stored value is what is printed.
PLAIN = frozenset({"int", "double", "currency", "percent"})


@dataclass(kw_only=True)
class Branch:
    """A record under construction: its values by name, and its parents' records."""

    node: Node
    parts: dict[str, "tuple[int, Column] | Builder | Branch"] = field(default_factory=dict)


class Selection:
    """Collects the columns that a query reads."""

    def __init__(self, scope: Scope, root: str) -> None:
        self.scope = scope
        self.path = f"{root}/sobjects"
        self.columns = [scope.root.id_sql()]
        self.trunk = Branch(node=scope.root)
        self.children: list[Query] = []

    def add(self, query: Query) -> None:
        """Take in everything that *query* selects."""
        for item in query.selection:
            if isinstance(item, Children):
                self.children.append(item.query)
            elif isinstance(item, TypeOf):
                self._add_type_of(item)
            elif isinstance(item.term, Call) and item.term.name.upper() == "FIELDS":
                self._add_group(item.term, query)
            else:
                self._add_item(item)

    def builder(self) -> Builder:
        """Return what builds a record of a row of the columns."""
        plain = all(isinstance(part, tuple) for part in self.trunk.parts.values())
        if not plain:
            return self._nested(self.trunk, 0)
        names, special = [], []
        for name, part in self.trunk.parts.items():
            if not isinstance(part, tuple):
                continue
            index, column = part
            names.append(name)
            if column.type == "boolean" or (column.type in PLAIN and _worked_out(column)):
                special.append((name, value_builder(index, column.type)))
        kind = self.scope.kind.name
        return flat_builder(kind, f"{self.path}/{kind}/", names, special)

    def _nested(self, branch: Branch, id_index: int) -> Builder:
        parts: list[tuple[str, Builder]] = []
        for name, part in branch.parts.items():
            if isinstance(part, Branch):
                parts.append((name, self._nested(part, self._column(part.node.id_sql()))))
            elif isinstance(part, tuple):
                parts.append((name, value_builder(part[0], part[1].type)))
            else:
                parts.append((name, part))
        kinds = branch.node.kinds
        kind = kinds[0].name if len(kinds) == 1 else self._column(branch.node.kind_sql())
        return nested_builder(kind, self.path, id_index, parts)

    def _column(self, sql: str) -> int:
        self.columns.append(sql)
        return len(self.columns) - 1

    def _add_item(self, item: Item) -> None:
        if isinstance(item.term, Call):
            column = resolve(item.term, self.scope)
            self._put(self.trunk, item.alias or column.name, column, item.term)
            return
        if item.alias is not None:
            raise malformed(
                "only aggregate expressions use field aliasing",
                self.scope.text,
                item.term.position,
            )
        self._add_path(item.term)

    def _add_path(self, path: Path) -> None:
        names = path.names
        branch = self.trunk
        if len(names) > 1 and names[0].lower() in self.scope.aliases:
            node = self.scope.aliases[names[0].lower()]
            if node is self.scope.root:
                names = names[1:]
        walked: tuple[str, ...] = ()
        for name in names[:-1]:
            walked = (*walked, name)
            node = self.scope.node(walked, path)
            known = branch.parts.get(node.relationship)
            if not isinstance(known, Branch):
                known = branch.parts[node.relationship] = Branch(node=node)
            branch = known
        if len(branch.node.kinds) > 1 and names[-1].lower() == "type":
            column = Column(sql=branch.node.kind_sql(), type="string", name="Type")
            self._put(branch, "Type", column, path)
            return
        item = self.scope.field(branch.node, names[-1], path)
        if item.type == "address":
            self._check_new(branch, item.name, path)
            branch.parts[item.name] = self._address(branch.node, item)
            return
        column = Column(sql=branch.node.column(item), type=item.type, name=item.name, field=item)
        self._put(branch, item.name, column, path)

    def _check_new(self, branch: Branch, name: str, term: Path | Call) -> None:
        if name in branch.parts:
            raise SalesforceError(
                "INVALID_FIELD",
                pointed(f"duplicate field selected: {name}", self.scope.text, term.position),
            )

    def _put(self, branch: Branch, name: str, column: Column, term: Path | Call) -> None:
        self._check_new(branch, name, term)
        branch.parts[name] = (self._column(column.sql), column)

    def _address(self, node: Node, item: Field) -> Builder:
        prefix = item.name.removesuffix("Address")
        indexes = []
        for _, part in ADDRESS_PARTS:
            own = node.kinds[0].get(prefix + part)
            indexes.append(self._column(node.column(own) if own is not None else "NULL"))
        return address_builder(indexes)

    def _add_group(self, call: Call, query: Query) -> None:
        words = [part.text.upper() for part in call.arguments if isinstance(part, Path)]
        if words not in (["ALL"], ["STANDARD"], ["CUSTOM"]):
            raise malformed("FIELDS takes ALL, STANDARD or CUSTOM", self.scope.text, call.position)
        if words != ["STANDARD"] and (query.limit is None or query.limit > FIELDS_LIMIT):
            raise malformed(f"The SOQL FIELDS function must have a LIMIT of at most {FIELDS_LIMIT}")
        for item in self.scope.kind.fields:
            wanted = words == ["ALL"] or item.custom == (words == ["CUSTOM"])
            if wanted and item.name not in self.trunk.parts:
                self._add_path(Path(names=(item.name,), position=call.position))

    def _add_type_of(self, choice: TypeOf) -> None:
        path = Path(names=(choice.relationship,), position=choice.position)
        node = self.scope.node((choice.relationship,), path)
        if len(node.kinds) == 1:
            raise malformed(
                f"TYPEOF can only be used on a polymorphic relationship, not on "
                f"'{choice.relationship}'",
                self.scope.text,
                choice.position,
            )
        self._check_new(self.trunk, node.relationship, path)
        by_kind = {(case.kind or "").lower(): case.paths for case in choice.cases}
        builders: list[Builder] = []
        for kind, table in zip(node.kinds, node.tables, strict=True):
            paths = by_kind.get(kind.name.lower(), by_kind.get("", ()))
            builders.append(self._case(kind, table, paths))

        self.trunk.parts[node.relationship] = lambda row: next(
            (record for build in builders if (record := build(row)) is not None), None
        )

    def _case(self, kind: ObjectType, table: str, paths: tuple[Path, ...]) -> Builder:
        node = Node(kinds=(kind,), tables=(table,))
        branch = Branch(node=node)
        for path in paths:
            if len(path.names) > 1:
                raise malformed("TYPEOF takes plain fields", self.scope.text, path.position)
            item = self.scope.field(node, path.names[0], path)
            column = Column(sql=node.column(item), type=item.type, name=item.name, field=item)
            self._put(branch, item.name, column, path)
        return self._nested(branch, self._column(node.id_sql()))


def _worked_out(column: Column) -> bool:
    return column.field is None or column.field.expression is not None


def no_such_relationship(name: str, scope: Scope, position: int) -> SalesforceError:
    """Return the refusal of a subquery over children that the object does not have."""
    hint = CUSTOM_HINT.format(what="relationship", suffix="__r", where="custom relationship")
    return SalesforceError(
        "INVALID_TYPE",
        pointed(
            f"Didn't understand relationship '{name}' in FROM part of query call.{hint}",
            scope.text,
            position,
        ),
    )
