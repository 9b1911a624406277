"""What `describe` tells of an org's objects, asked once for each in the life of the process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from counterpart.errors import ConfigurationError, MissingFieldError
from counterpart.ports import FieldFacts, ObjectFacts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from counterpart.adapters.salesforce.client import SalesforceClient

# What a lookup leads to whose record may be of several objects, such as the owner of a lead, a user
# or a queue. SOQL knows no more of it than these fields, most of which are a user's (Object
# reference, "Name").
SEVERAL = "Name"
_USER = "User"
_OF_SEVERAL = frozenset(
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
_PARENTS_OF_SEVERAL = frozenset({"profile", "userrole"})
# Which of the objects it is; queues are of `Group`.
_KIND = FieldFacts(
    path="Type", type="picklist", label="Type", createable=False, updateable=False, filterable=True
)

# Of other types, a scale of 0 says nothing.
_SCALED = frozenset({"double", "currency", "percent"})


@dataclass(frozen=True, kw_only=True, slots=True)
class _Object:
    facts: Mapping[str, FieldFacts]
    # By relationship, in lower case: the object on its other side.
    parents: Mapping[str, str]


class Schema:
    """The objects of one org as our user may see them."""

    def __init__(self, client: SalesforceClient) -> None:
        self._client = client
        self._objects: dict[str, _Object] = {}

    def knows(self, sobject: str) -> bool:
        """Return whether an object was described before."""
        return sobject in self._objects

    def facts(self, sobject: str) -> Mapping[str, FieldFacts]:
        """Return what is known of each field, by API name.

        Raises:
            MissingFieldError: our user does not see the object.
        """
        return self._object(sobject).facts

    def type_of(self, sobject: str, path: str) -> str:
        """Return the Salesforce type of a field, or of a parent's field by its dotted path.

        Raises:
            MissingFieldError: our user sees no such field.
        """
        *parents, name = path.split(".")
        owner = sobject
        for relationship in parents:
            above = self._object(owner).parents.get(relationship.lower())
            if above is None:
                raise MissingFieldError(f"No relationship {relationship!r} on {owner}")
            owner = above
        for facts in self.facts(owner).values():
            if facts.path.lower() == name.lower():
                return facts.type
        raise MissingFieldError(f"No such column {name!r} on {owner}")

    def lacks(self, sobject: str, path: str) -> bool:
        """Return whether our user sees no such field, or field of a parent.

        Raises:
            MissingFieldError: our user does not see the object itself.
        """
        self.facts(sobject)
        try:
            self.type_of(sobject, path)
        except MissingFieldError:
            return True
        return False

    def _object(self, name: str) -> _Object:
        if name not in self._objects:
            try:
                told = self._client.get(describe_path(name))
            except ConfigurationError as exc:
                raise MissingFieldError(f"sObject type '{name}' is not supported") from exc
            self._objects[name] = _understood(told, name)
        return self._objects[name]


def describe_path(name: str) -> str:
    """Return the path at which an object is described; of what may be several, the user's."""
    return f"sobjects/{_USER if name == SEVERAL else name}/describe"


def understood(told: object, name: str) -> ObjectFacts:
    """Return the facts in the answer of a describe of an object."""
    content = told if isinstance(told, dict) else {}
    known = _understood(told, name)
    return ObjectFacts(
        name=name,
        queryable=content["queryable"],
        createable=content["createable"],
        updateable=content["updateable"],
        fields=known.facts,
        parents=known.parents,
    )


def _facts(fields: Sequence[Mapping[str, Any]]) -> dict[str, FieldFacts]:
    return {
        one["name"]: FieldFacts(
            path=one["name"],
            type=one["type"],
            label=one["label"],
            createable=one["createable"],
            updateable=one["updateable"],
            length=one["length"] or None,
            nillable=one.get("nillable", True),
            defaulted=one.get("defaultedOnCreate", False),
            external_id=one.get("externalId", False),
            unique=one.get("unique", False),
            choices=tuple(
                each["value"] for each in one.get("picklistValues") or () if each["active"]
            ),
            filterable=one.get("filterable", True),
            scale=one.get("scale") if one["type"] in _SCALED else None,
            calculated=one.get("calculated", False),
            rich=one.get("htmlFormatted", False),
        )
        for one in fields
    }


def _parents(fields: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    parents = {}
    for one in fields:
        targets = one.get("referenceTo") or []
        if one.get("relationshipName") and targets:
            parents[one["relationshipName"].lower()] = targets[0] if len(targets) == 1 else SEVERAL
    return parents


def _understood(told: object, name: str) -> _Object:
    fields = told["fields"] if isinstance(told, dict) else []
    facts, parents = _facts(fields), _parents(fields)
    if name == SEVERAL:
        facts = {path: one for path, one in facts.items() if path.lower() in _OF_SEVERAL}
        facts |= {_KIND.path: _KIND}
        parents = {path: one for path, one in parents.items() if path in _PARENTS_OF_SEVERAL}
    return _Object(facts=facts, parents=parents)
