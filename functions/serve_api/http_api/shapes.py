"""The shapes of what the API takes: nothing is converted, and nothing unknown is passed over."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from counterpart.domain import creation_requests as domain
from counterpart.domain.bounces import BounceKind
from counterpart.domain.mail_reports import BounceReport
from counterpart.domain.values import parse_time
from counterpart.domain.wishes import Wish
from counterpart.errors import InputError

MOST_ITEMS = 1000
# As long as Salesforce's own.
LONGEST_REASON = 255

CreateAs = Annotated[
    Literal["lead", "contact"] | None,
    Field(description="What it becomes in Salesforce; left out, the settings decide."),
]
Fields = Annotated[
    dict[str, Any], Field(description="By the names of the settings' mapping; a null clears.")
]
Tags = Annotated[list[str] | None, Field(description="All of them.")]
OptedOut = Annotated[bool | None, Field(description="True: this person is not mailed.")]


def _without_nulls(schema: dict[str, Any]) -> None:
    """Describe keys that may be left out as what they are when they are sent."""
    for described in schema.get("properties", {}).values():
        choices = [one for one in described.pop("anyOf", []) if one != {"type": "null"}]
        if choices:
            described.pop("default", None)
            described.update(choices[0])


class Taken(BaseModel):
    """What is taken in."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra=_without_nulls)

    # Leaving them out is no opinion, but a null would be one that makes no sense.
    never_null: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="before")
    @classmethod
    def _check_keys(cls, content: Any) -> Any:  # noqa: ANN401 - it is not read yet
        for key, value in content.items() if isinstance(content, dict) else ():
            if key not in cls.model_fields:
                allowed = ", ".join(sorted(cls.model_fields))
                message = "unknown key; allowed are {allowed}"
                raise PydanticCustomError("key", message, {"key": key, "allowed": allowed})
            if value is None and key in cls.never_null:
                raise PydanticCustomError("key", "cannot be cleared", {"key": key})
        return content


class ContactToCreate(Taken):
    """A new contact."""

    email: str
    fields: Fields = {}
    tags: Tags = None
    opted_out: OptedOut = None
    sync_to_salesforce: bool = Field(
        default=False, description="Create it in Salesforce, too; otherwise it stays here."
    )
    create_as: CreateAs = None

    def wish(self, *, request: tuple[str, ...]) -> Wish:
        """Return what is wished; *request* makes it safe to repeat."""
        return Wish(
            email=self.email,
            fields=self.fields,
            tags=self.tags,
            opted_out=self.opted_out,
            sync_to_salesforce=self.sync_to_salesforce,
            create_as=create_as(self.create_as),
            request=request,
        )


class ContactToUpdate(Taken):
    """What to change of a contact; what is left out stays."""

    never_null = frozenset({"email", "tags", "add_tags", "remove_tags", "opted_out"})

    version: int | None = Field(
        default=None, description="Refuse the change if the contact has another version by now."
    )
    email: str | None = None
    fields: Fields = {}
    tags: Tags = None
    add_tags: Annotated[list[str], Field(description="Further ones; the others stay.")] = []
    remove_tags: Annotated[list[str], Field(description="Not these; the others stay.")] = []
    opted_out: OptedOut = None

    def wish(self, contact_id: str) -> Wish:
        """Return what is wished of that contact."""
        return Wish(
            contact_id=contact_id,
            version=self.version,
            email=self.email,
            fields=self.fields,
            tags=self.tags,
            add_tags=self.add_tags,
            remove_tags=self.remove_tags,
            opted_out=self.opted_out,
        )


class ItemToUpdate(ContactToUpdate):
    """A contact of a batch that exists already."""

    id: str


class Batch(Taken):
    """Contacts to create, or to update where an item has an id."""

    # Read one by one, so that a wrong item costs itself alone.
    items: Annotated[
        list[Any],
        Field(min_length=1, max_length=MOST_ITEMS),
        WithJsonSchema(
            {
                "type": "array",
                "minItems": 1,
                "maxItems": MOST_ITEMS,
                "items": {
                    "anyOf": [
                        ContactToCreate.model_json_schema(),
                        ItemToUpdate.model_json_schema(),
                    ]
                },
            }
        ),
    ]


class SyncWish(Taken):
    """How to sync a contact that is not linked yet."""

    create_as: CreateAs = None


class BounceWish(Taken):
    """Mail to a contact came back."""

    never_null = frozenset({"email", "bounced_at", "reason"})

    kind: Annotated[
        Literal["hard", "soft"],
        Field(description="`hard`: there is no such mailbox; `soft`: it may work next time."),
    ]
    email: str | None = Field(
        default=None,
        description="Where it was sent; nothing is noted if the contact has another by now.",
    )
    bounced_at: str | None = Field(default=None, description="When; left out, now.")
    reason: Annotated[
        str, Field(max_length=LONGEST_REASON, description="The mail server's words.")
    ] = ""

    def report(self) -> BounceReport:
        """Return what is reported.

        Raises:
            InputError: `bounced_at` is no time.
        """
        return BounceReport(
            kind=BounceKind(self.kind),
            email=self.email,
            at=_moment(self.bounced_at),
            reason=self.reason,
        )


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return parse_time(text)
    except ValueError as exc:
        raise InputError(
            "must be a time with its zone, such as 2026-11-22T10:00:00Z", field="bounced_at"
        ) from exc


def create_as(name: str | None) -> domain.CreateAs | None:
    """Return what *name* names."""
    return domain.CreateAs(name) if name else None
