"""The routes of what somebody should look at: duplicates, lookalikes, fields that differ."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import BaseModel, Field

from counterpart.domain.contacts import Contact
from counterpart.domain.values import format_time
from counterpart.domain.wishes import Written
from counterpart.use_cases.api_services import ApiServices
from counterpart.use_cases.diverged_contacts import Diverged, Side, list_diverged, take_side
from counterpart.use_cases.list_likenesses import (
    Duplicates,
    Lookalike,
    list_duplicates,
    list_lookalikes,
)
from http_api.contact_routes import After, ContactId, shown, written_contact
from http_api.gate import check_parameters
from http_api.leading_on import leading_on
from http_api.openapi import answers
from http_api.shapes import Taken
from http_api.views import ContactWritten, Json

LookedAt = Annotated[
    int, Query(ge=1, le=500, description="How many contacts to look at; few may be listed.")
]
_USUAL = 200


class Alike(BaseModel):
    """A contact, as far as it takes to tell it from another."""

    id: str
    email: str | None
    salesforce_id: str | None
    object: str | None
    updated_at: str

    @classmethod
    def of(cls, contact: Contact) -> Alike:
        """Return *contact* in this shape."""
        counterpart = contact.counterpart
        return cls(
            id=contact.id,
            email=contact.email,
            salesforce_id=counterpart.record_id if counterpart else None,
            object=counterpart.object.value if counterpart else None,
            updated_at=format_time(contact.updated_at),
        )


class DuplicatesShown(BaseModel):
    """Contacts of one address."""

    email: str
    kind: str = Field(description="lead_and_contact, several_records, one_record or no_record.")
    count: int
    contacts: list[Alike] = Field(description="At most twenty, those updated last first.")
    suggested_survivor: str = Field(description="Whom a merge should keep.")

    @classmethod
    def of(cls, found: Duplicates) -> DuplicatesShown:
        """Return a group in this shape."""
        return cls(
            email=found.email,
            kind=found.kind.value,
            count=found.count,
            contacts=[Alike.of(contact) for contact in found.contacts],
            suggested_survivor=found.survivor.id,
        )


class LookalikeShown(BaseModel):
    """A contact without a record that resembles one with a record."""

    contact: Alike
    other: Alike
    likeness: str = Field(description="same_email or same_name_and_domain.")

    @classmethod
    def of(cls, found: Lookalike) -> LookalikeShown:
        """Return a pair in this shape."""
        return cls(
            contact=Alike.of(found.contact),
            other=Alike.of(found.other),
            likeness=found.likeness.value,
        )


class DivergedField(BaseModel):
    """A field that differs, by what Salesforce was last known to hold."""

    name: str
    mode: str
    ours: Json
    theirs: Json
    our_time: str | None
    why: str


class DivergedShown(BaseModel):
    """A contact, and its fields that differ."""

    contact: Alike
    fields: list[DivergedField]

    @classmethod
    def of(cls, found: Diverged) -> DivergedShown:
        """Return *found* in this shape."""
        fields = [
            DivergedField(
                name=field.name,
                mode=field.mode.value,
                ours=_json(field.ours),
                theirs=_json(field.theirs),
                our_time=format_time(field.our_time) if field.our_time else None,
                why=field.why,
            )
            for field in found.fields
        ]
        return cls(contact=Alike.of(found.contact), fields=fields)


class DuplicatesPage(BaseModel):
    """Some of them."""

    items: list[DuplicatesShown]
    looked_at: int
    next: str | None


class LookalikesPage(BaseModel):
    """Some of them."""

    items: list[LookalikeShown]
    looked_at: int
    next: str | None


class DivergedPage(BaseModel):
    """Some of them."""

    items: list[DivergedShown]
    looked_at: int
    next: str | None


class SideWish(Taken):
    """Whose value to take."""

    side: Literal["ours", "theirs"]


def add_likeness_routes(app: LambdaFunctionUrlResolver, services: ApiServices) -> None:
    """Add to *app* the routes of what somebody should look at."""

    def check() -> None:
        check_parameters(app.current_event.query_string_parameters, allowed=("limit", "next"))

    @app.get(
        "/duplicates",
        summary="List contacts that share an address",
        operation_id="listDuplicates",
        tags=["quality"],
        responses=answers({200: DuplicatesPage}, 422),
    )
    def duplicates(limit: LookedAt = _USUAL, after: After = None) -> Response[Any]:
        check()
        page = list_duplicates(limit=limit, after=after, contacts=services.contacts)
        items = [DuplicatesShown.of(found) for found in page.items]
        told = DuplicatesPage(items=items, looked_at=page.looked_at, next=page.next)
        return shown(HTTPStatus.OK, told)

    @app.get(
        "/lookalikes",
        summary="List contacts without a record that resemble one with a record",
        operation_id="listLookalikes",
        tags=["quality"],
        responses=answers({200: LookalikesPage}, 422),
    )
    def lookalikes(limit: LookedAt = _USUAL, after: After = None) -> Response[Any]:
        check()
        page = list_lookalikes(limit=limit, after=after, contacts=services.contacts)
        items = [LookalikeShown.of(found) for found in page.items]
        told = LookalikesPage(items=items, looked_at=page.looked_at, next=page.next)
        return shown(HTTPStatus.OK, told)

    @app.get(
        "/diverged",
        summary="List fields in which both sides go on differing",
        operation_id="listDiverged",
        tags=["quality"],
        responses=answers({200: DivergedPage}, 422),
    )
    def diverged(limit: LookedAt = _USUAL, after: After = None) -> Response[Any]:
        check()
        page = list_diverged(
            limit=limit, after=after, contacts=services.contacts, settings=services.settings
        )
        items = [DivergedShown.of(found) for found in page.items]
        told = DivergedPage(items=items, looked_at=page.looked_at, next=page.next)
        return shown(HTTPStatus.OK, told)

    @app.post(
        "/contacts/<contact_id>/fields/<name>:take",
        summary="Take Salesforce's value of a field, or let ours go out over it",
        operation_id="takeSide",
        tags=["quality"],
        responses=answers({200: ContactWritten}, 308, 400, 404, 415, 422),
    )
    def take(
        contact_id: ContactId,
        name: Annotated[str, Path(description="Our name of the field.")],
        body: SideWish,
    ) -> Response[Any]:
        with leading_on(contact_id, app.current_event.path, services):
            contact = take_side(
                contact_id,
                name,
                Side(body.side),
                now=services.clock(),
                contacts=services.contacts,
                settings=services.settings,
            )
        return written_contact(HTTPStatus.OK, Written(contact=contact), services)


def _json(value: Any) -> Any:  # noqa: ANN401 - a value of any type
    return list(value) if isinstance(value, tuple) else value
