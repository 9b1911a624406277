"""The shapes of what the API takes of types, campaigns and members."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from counterpart.domain.campaign_edits import CampaignEdit, SyncWish
from counterpart.domain.campaign_types import TypeEdit
from counterpart.domain.campaigns import MemberStatus, StatusMap, SyncOption
from counterpart.domain.memberships import MemberAct, MemberWish
from counterpart.use_cases.edit_campaign_types import NewType
from counterpart.use_cases.edit_campaigns import NewCampaign
from http_api.shapes import MOST_ITEMS, Taken

Version = Annotated[
    int | None, Field(description="Refuse the change if it has another version by now.")
]
Automated = Annotated[
    bool,
    Field(description="Sent by a program on its own: members move forward only, never back."),
]
MemberFields = Annotated[
    dict[str, Any], Field(description="By the names of `member_fields`; a null clears.")
]
Status = Annotated[str | None, Field(description="A label of the type; case is ignored.")]

LONGEST_ID = 255


class StatusTaken(Taken):
    """A step of a campaign."""

    label: str = Field(description="At most 40 characters, as Salesforce has room for.")
    success: bool = Field(default=False, description="Who gets here has responded.")

    def status(self) -> MemberStatus:
        """Return what is meant."""
        return MemberStatus(label=self.label, success=self.success)


Statuses = Annotated[
    list[StatusTaken],
    Field(description="In order; the first is the default, at least one is a success."),
]


class TypeToCreate(Taken):
    """A new type."""

    name: str
    description: str = ""
    statuses: Statuses

    def wanted(self) -> NewType:
        """Return what is wished."""
        return NewType(
            name=self.name,
            description=self.description,
            statuses=tuple(each.status() for each in self.statuses),
        )


class TypeToUpdate(Taken):
    """What to change of a type; what is left out stays."""

    never_null = frozenset({"name", "description", "statuses", "replacements"})

    version: Version = None
    name: str | None = None
    description: str | None = None
    statuses: Annotated[list[StatusTaken] | None, Field(description="All of them.")] = None
    replacements: Annotated[
        dict[str, str] | None,
        Field(description="Which status those get who have one that is left out, by label."),
    ] = None

    def edit(self) -> TypeEdit:
        """Return what is wished."""
        statuses = self.statuses
        return TypeEdit(
            name=self.name,
            description=self.description,
            statuses=None if statuses is None else [each.status() for each in statuses],
            replacements=self.replacements,
        )


class SyncTaken(Taken):
    """Whether and with what a campaign syncs."""

    option: Literal["none", "existing", "new"]
    salesforce_id: str | None = Field(
        default=None, description="With `existing`: the campaign, active or not."
    )

    def wish(self) -> SyncWish:
        """Return what is wished."""
        return SyncWish(option=SyncOption(self.option), record_id=self.salesforce_id)


class StatusMapTaken(Taken):
    """Which status stands for which, where the labels differ."""

    to_salesforce: dict[str, str] = Field(default={}, description="Theirs, by ours.")
    from_salesforce: dict[str, str] = Field(default={}, description="Ours, by theirs.")

    def status_map(self) -> StatusMap:
        """Return what is meant."""
        return StatusMap(to_theirs=self.to_salesforce, to_ours=self.from_salesforce)


class CampaignToCreate(Taken):
    """A new campaign; unless it says otherwise, it does not sync."""

    name: str
    type_id: str
    sync: SyncTaken | None = None
    status_map: StatusMapTaken | None = None

    def wanted(self) -> NewCampaign:
        """Return what is wished."""
        return NewCampaign(
            type_id=self.type_id,
            edit=CampaignEdit(
                name=self.name,
                sync=self.sync.wish() if self.sync else None,
                status_map=self.status_map.status_map() if self.status_map else None,
            ),
        )


class CampaignToUpdate(Taken):
    """What to change of a campaign; what is left out stays."""

    never_null = frozenset({"name", "sync", "status_map"})

    version: Version = None
    name: str | None = None
    sync: SyncTaken | None = None
    status_map: StatusMapTaken | None = Field(default=None, description="All of it.")

    def edit(self) -> CampaignEdit:
        """Return what is wished."""
        return CampaignEdit(
            name=self.name,
            sync=self.sync.wish() if self.sync else None,
            status_map=self.status_map.status_map() if self.status_map else None,
        )


class MemberToAdd(Taken):
    """A contact to be a member; one that is already is changed."""

    # What no key of a table can be would cost the whole batch.
    contact_id: str = Field(min_length=1, max_length=LONGEST_ID)
    status: Status = None
    fields: MemberFields = Field(default_factory=dict)
    automated: Automated = False

    def wish(self) -> MemberWish:
        """Return what is wished."""
        return MemberWish(
            contact_id=self.contact_id,
            status=self.status,
            fields=self.fields,
            automated=self.automated,
        )


class MemberToChange(Taken):
    """What to change of a member; what is left out stays."""

    never_null = frozenset({"status"})

    version: Version = None
    status: Status = None
    fields: MemberFields = Field(default_factory=dict)
    automated: Automated = False

    def wish(self, contact_id: str) -> MemberWish:
        """Return what is wished of that contact."""
        return MemberWish(
            contact_id=contact_id,
            act=MemberAct.CHANGE,
            status=self.status,
            fields=self.fields,
            automated=self.automated,
            version=self.version,
        )


class MemberItem(MemberToAdd):
    """A contact of a batch, to be added, changed or removed."""

    action: Literal["add", "change", "remove"] = Field(
        default="add", description="`add` changes who is a member already."
    )
    version: Version = None

    @model_validator(mode="after")
    def _check_removal(self) -> MemberItem:
        if self.action == "remove" and (self.status is not None or self.fields):
            message = "a removal takes neither status nor fields"
            raise PydanticCustomError("choice", message)
        return self

    def wish(self) -> MemberWish:
        """Return what is wished."""
        return MemberWish(
            contact_id=self.contact_id,
            act=MemberAct(self.action),
            status=self.status,
            fields=self.fields,
            automated=self.automated,
            version=self.version,
        )


class MemberBatch(Taken):
    """Members to add, change and remove."""

    # Read one by one, so that a wrong item costs itself alone.
    items: Annotated[
        list[Any],
        Field(min_length=1, max_length=MOST_ITEMS),
        WithJsonSchema(
            {
                "type": "array",
                "minItems": 1,
                "maxItems": MOST_ITEMS,
                "items": MemberItem.model_json_schema(),
            }
        ),
    ]
