"""What an org knows about its objects and fields."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

TEXT_TYPES = frozenset(
    {"string", "picklist", "textarea", "phone", "url", "email", "multipicklist", "combobox"}
)
NUMBER_TYPES = frozenset({"int", "double", "currency", "percent"})
# The longest text area that can be filtered and sorted by.
SHORT_TEXT = 255

OnDelete = Literal["cascade", "clear", "keep", "restrict"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PicklistValue:
    """One entry of a picklist."""

    value: str
    label: str
    active: bool = True
    default: bool = False


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field, with what decides how it may be read and written."""

    name: str
    label: str
    type: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    nillable: bool = True
    createable: bool = True
    updateable: bool = True
    unique: bool = False
    external_id: bool = False
    id_lookup: bool = False
    case_sensitive: bool = False
    restricted: bool = False
    values: tuple[PicklistValue, ...] = ()
    default: Any = None
    defaulted_on_create: bool = False
    reference_to: tuple[str, ...] = ()
    relationship_name: str | None = None
    child_relationship: str | None = None
    on_delete: OnDelete = "clear"
    compound: str | None = None
    filterable: bool = True
    sortable: bool = True
    groupable: bool = True
    aggregatable: bool = True
    custom: bool = False
    column: str = ""
    # How the number of a new record is shown, for a field that numbers its records.
    auto_number: str | None = None
    # SQL over the row {t}, for a field that is worked out whenever it is read.
    expression: str | None = None
    # Further properties that a describe prints and nothing else looks at.
    described: Mapping[str, Any] = field(default_factory=dict)

    @property
    def required(self) -> bool:
        """Whether a creation must give a value."""
        return self.createable and not self.nillable and not self.defaulted_on_create

    @property
    def stored(self) -> bool:
        """Whether the field has a column of its own, rather than being worked out from others."""
        return self.type != "address" and self.expression is None

    @property
    def is_text(self) -> bool:
        """Whether values are text that is compared without regard to case."""
        return self.type in TEXT_TYPES

    @property
    def is_id(self) -> bool:
        """Whether values are record ids."""
        return self.type in {"id", "reference"}

    @cached_property
    def picklist(self) -> dict[str, str]:
        """Return the active values by their lower-case form."""
        return {entry.value.lower(): entry.value for entry in self.values if entry.active}


@dataclass(frozen=True, kw_only=True)
class ObjectType:
    """One object, its fields in order and what may be done with its records."""

    name: str
    label: str
    label_plural: str
    prefix: str
    fields: tuple[Field, ...]
    custom: bool = False
    flags: Mapping[str, bool] = field(default_factory=dict)
    urls: tuple[str, ...] = ()
    scopes: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """Return the fields by lower-case name; names are not case-sensitive anywhere."""
        return {item.name.lower(): item for item in self.fields}

    @cached_property
    def by_relationship(self) -> dict[str, Field]:
        """Return the reference fields by the lower-case name of their relationship."""
        return {
            item.relationship_name.lower(): item for item in self.fields if item.relationship_name
        }

    @cached_property
    def stored(self) -> tuple[Field, ...]:
        """Return the fields that have a column."""
        return tuple(item for item in self.fields if item.stored)

    @cached_property
    def unique(self) -> tuple[Field, ...]:
        """Return the fields of which no two living records share a value."""
        return tuple(item for item in self.stored if item.unique)

    @cached_property
    def numbered(self) -> tuple[Field, ...]:
        """Return the fields that number their records."""
        return tuple(item for item in self.stored if item.auto_number is not None)

    @cached_property
    def never_empty(self) -> tuple[Field, ...]:
        """Return the fields that every record has a value in; a checkbox always has one."""
        return tuple(item for item in self.stored if not item.nillable and item.type != "boolean")

    @cached_property
    def defaults(self) -> dict[str, Any]:
        """Return what each column holds in a new row, booleans as SQLite keeps them."""
        return {
            item.column: int(item.default) if isinstance(item.default, bool) else item.default
            for item in self.stored
        }

    @cached_property
    def name_field(self) -> Field | None:
        """Return the field that names a record to people."""
        return next((item for item in self.fields if item.described.get("nameField")), None)

    @property
    def mergeable(self) -> bool:
        """Whether records can be merged into one another."""
        return bool(self.flags.get("mergeable"))

    def get(self, name: str) -> Field | None:
        """Return the field of this name, whatever its case."""
        return self.by_name.get(name.lower())

    def has(self, name: str) -> bool:
        """Return whether there is such a field."""
        return name.lower() in self.by_name


@dataclass(frozen=True, kw_only=True, slots=True)
class ChildLink:
    """A reference field seen from its parent."""

    child: ObjectType
    field: Field


class Schema:
    """All objects of an org, as one user sees them."""

    def __init__(self, objects: Iterable[ObjectType]) -> None:
        self.objects = {item.name: item for item in objects}
        self._by_lower = {name.lower(): item for name, item in self.objects.items()}
        self._by_prefix = {item.prefix: item for item in self.objects.values()}
        self._children: dict[str, list[ChildLink]] = {name: [] for name in self.objects}
        for item in self.objects.values():
            for reference in item.fields:
                for target in reference.reference_to:
                    if target in self._children:
                        self._children[target].append(ChildLink(child=item, field=reference))

    def find(self, name: str) -> ObjectType | None:
        """Return the object of this name, whatever its case."""
        return self._by_lower.get(name.lower())

    def of_id(self, record_id: str) -> ObjectType | None:
        """Return the object whose key prefix *record_id* has."""
        return self._by_prefix.get(record_id[:3])

    def children(self, name: str) -> list[ChildLink]:
        """Return every reference field that points at the object."""
        return self._children.get(name, [])

    def without(self, hidden: Iterable[tuple[str, str]]) -> "Schema":
        """Return the schema of a user who may not see the *hidden* (object, field) pairs."""
        gone = {(name.lower(), item.lower()) for name, item in hidden}
        return Schema(
            replace(
                item,
                fields=tuple(
                    one for one in item.fields if (item.name.lower(), one.name.lower()) not in gone
                ),
            )
            for item in self.objects.values()
        )
