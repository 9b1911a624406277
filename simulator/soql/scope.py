"""Finds what a path means: the column, and the parents to join on the way."""

from dataclasses import dataclass, field

from simulator.errors import SalesforceError
from simulator.schema import Field, ObjectType, Schema
from simulator.soql.complaints import pointed
from simulator.soql.tree import Path
from simulator.store import quoted

MAX_PARENTS = 5
# What can be asked of a parent that may be of several objects, such as the owner of a lead, a user
# or a queue (Object reference, "Name").
OF_SEVERAL = frozenset(
    {
        "alias",
        "email",
        "firstname",
        "id",
        "isactive",
        "lastname",
        "lastreferenceddate",
        "lastvieweddate",
        "name",
        "phone",
        "profileid",
        "title",
        "userroleid",
        "username",
    }
)
PARENTS_OF_SEVERAL = frozenset({"profile", "userrole"})
# What else a query may be narrowed to where an org has teams, territories or queues.
OTHER_SCOPES = frozenset(
    {
        "delegated",
        "mine_and_my_groups",
        "mru",
        "my_team_territory",
        "my_territory",
        "scopingrule",
        "team",
    }
)
CUSTOM_HINT = (
    " If you are attempting to use a custom {what}, be sure to append the '{suffix}' after the "
    "{where} name. Please reference your WSDL or the describe call for the appropriate names."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """What a path leads to."""

    sql: str
    type: str
    name: str
    field: Field | None = None


@dataclass(kw_only=True, slots=True)
class Node:
    """One object on the way: a table of the FROM clause, or several for a polymorphic parent."""

    kinds: tuple[ObjectType, ...]
    tables: tuple[str, ...]
    relationship: str = ""
    parents: dict[str, "Node"] = field(default_factory=dict)

    @property
    def entity(self) -> str:
        """Return what complaints call it."""
        return self.kinds[0].name if len(self.kinds) == 1 else "Name"

    def column(self, item: Field) -> str:
        """Return the SQL that reads the field of this row."""
        parts = [
            column_sql(own, table)
            for kind, table in zip(self.kinds, self.tables, strict=True)
            if (own := kind.get(item.name)) is not None
        ]
        return parts[0] if len(parts) == 1 else f"COALESCE({', '.join(parts)})"

    def kind_sql(self) -> str:
        """Return the SQL that says which object the row is of."""
        cases = " ".join(
            f"WHEN {table}.Id IS NOT NULL THEN '{kind.name}'"
            for kind, table in zip(self.kinds, self.tables, strict=True)
        )
        return f"CASE {cases} END"

    def id_sql(self) -> str:
        """Return the SQL that reads the id of the row."""
        ids = [f"{table}.Id" for table in self.tables]
        return ids[0] if len(ids) == 1 else f"COALESCE({', '.join(ids)})"


def column_sql(item: Field, table: str) -> str:
    """Return the SQL that reads a stored or worked-out field from *table*."""
    if item.expression is not None:
        return f"({item.expression.format(t=table)})"
    return f"{table}.{quoted(item.column)}"


class Scope:
    """The tables of one query, joined as paths ask for them."""

    def __init__(self, schema: Schema, kind: ObjectType, text: str, *, prefix: str = "t") -> None:
        self.schema = schema
        self.kind = kind
        self.text = text
        self.prefix = prefix
        self.root = Node(kinds=(kind,), tables=(f"{prefix}0",))
        self.aliases: dict[str, Node] = {kind.name.lower(): self.root}
        self.joins: list[str] = []
        self._tables = 1

    def add_alias(self, alias: str, path: Path | None = None) -> None:
        """Let *alias* stand for the root or for a parent."""
        self.aliases[alias.lower()] = self.node(path.names, path) if path else self.root

    def from_sql(self) -> str:
        """Return the FROM clause; call it when everything else has been resolved."""
        return " ".join([f"{quoted(self.kind.name)} {self.root.tables[0]}", *self.joins])

    def column(self, path: Path) -> Column:
        """Return what *path* leads to."""
        names = path.names
        if len(names) > 1 and names[0].lower() in self.aliases:
            node = self._walk(self.aliases[names[0].lower()], names[1:-1], path)
        else:
            node = self.node(names[:-1], path)
        name = names[-1]
        if len(node.kinds) > 1 and name.lower() == "type":
            return Column(sql=node.kind_sql(), type="string", name="Type")
        item = self.field(node, name, path)
        if item.type == "address":
            raise SalesforceError(
                "INVALID_FIELD", f"The compound field {item.name} can only be selected as it is"
            )
        return Column(sql=node.column(item), type=item.type, name=item.name, field=item)

    def node(self, names: tuple[str, ...], path: Path) -> Node:
        """Return the row reached over the relationships *names* from the root."""
        return self._walk(self.root, names, path)

    def field(self, node: Node, name: str, path: Path) -> Field:
        """Return the field *name* of a row."""
        for kind in node.kinds:
            item = kind.get(name)
            if item is not None and (len(node.kinds) == 1 or name.lower() in OF_SEVERAL):
                return item
        hint = CUSTOM_HINT.format(what="field", suffix="__c", where="custom field")
        raise SalesforceError(
            "INVALID_FIELD",
            pointed(
                f"No such column '{name}' on entity '{node.entity}'.{hint}",
                self.text,
                path.position,
            ),
        )

    def _walk(self, node: Node, names: tuple[str, ...], path: Path) -> Node:
        if len(names) > MAX_PARENTS:
            raise SalesforceError(
                "MALFORMED_QUERY", "SOQL queries may go up to five parents, not more."
            )
        for name in names:
            known = node.parents.get(name.lower())
            node = known if known is not None else self._join(node, name, path)
        return node

    def _join(self, node: Node, name: str, path: Path) -> Node:
        reference = next(
            (
                found
                for kind in node.kinds
                if (found := kind.by_relationship.get(name.lower()))
                and (len(node.kinds) == 1 or name.lower() in PARENTS_OF_SEVERAL)
            ),
            None,
        )
        targets = tuple(
            kind
            for target in (reference.reference_to if reference else ())
            if (kind := self.schema.find(target)) is not None
        )
        if reference is None or not targets:
            hint = CUSTOM_HINT.format(
                what="relationship", suffix="__r", where="custom relationship"
            )
            raise SalesforceError(
                "INVALID_FIELD",
                pointed(
                    f"Didn't understand relationship '{name}' in field path.{hint}",
                    self.text,
                    path.position,
                ),
            )
        key = node.column(reference)
        tables = []
        for target in targets:
            table = f"{self.prefix}{self._tables}"
            self._tables += 1
            self.joins.append(f"LEFT JOIN {quoted(target.name)} {table} ON {table}.Id = {key}")
            tables.append(table)
        made = Node(
            kinds=targets, tables=tuple(tables), relationship=reference.relationship_name or name
        )
        node.parents[name.lower()] = made
        return made
