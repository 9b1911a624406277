"""The routes of merges: make one, look one up, undo it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import BaseModel, Field

from counterpart.domain.contact_merge_plans import Choice, ContactMerge
from counterpart.domain.values import format_time
from counterpart.errors import NotFoundError
from counterpart.use_cases.api_services import ApiServices
from counterpart.use_cases.merge_contacts import Merged, MergePorts, merge_contacts, undo_merge
from counterpart.use_cases.read_contacts import with_companies
from http_api.contact_routes import After, ContactId, Limit, shown
from http_api.gate import check_parameters
from http_api.leading_on import leading_on
from http_api.openapi import answers
from http_api.shapes import Taken
from http_api.views import ContactShown

MergeId = Annotated[str, Path(description="The id of the contact that is no more.")]


class MergeWish(Taken):
    """Whom to merge into the contact, and whose values it gets."""

    loser: str = Field(min_length=1, description="The contact that goes.")
    fields: dict[str, Literal["survivor", "loser", "newest"]] = Field(
        default={}, description="Whose value single fields get."
    )
    otherwise: Literal["survivor", "newest"] = Field(
        default="survivor",
        description="Whose value all others get; the survivor's blanks are filled in any case.",
    )


class MergeShown(BaseModel):
    """A contact that was merged into another."""

    id: str = Field(description="Of the contact that is no more.")
    survivor_id: str
    state: str = Field(description="done or undone.")
    merged_at: str
    undone_at: str | None
    taken: list[str] = Field(description="Fields whose value came from it.")

    @classmethod
    def of(cls, merge: ContactMerge) -> MergeShown:
        """Return *merge* in this shape."""
        return cls(
            id=merge.id,
            survivor_id=merge.survivor.id,
            state=merge.state.value,
            merged_at=format_time(merge.merged_at),
            undone_at=format_time(merge.undone_at) if merge.undone_at else None,
            taken=sorted(merge.taken),
        )


class Merges(BaseModel):
    """Some merges of a longer list."""

    items: list[MergeShown]
    next: str | None


class MergedShown(BaseModel):
    """What became of a merge, or of undoing one."""

    merge: MergeShown
    survivor: ContactShown
    loser: ContactShown | None = Field(description="Back again, if the merge was undone.")
    not_undone: list[str] = Field(description="What stays as it is because it is newer.")


def add_merge_routes(app: LambdaFunctionUrlResolver, services: ApiServices) -> None:
    """Add to *app* the routes of merges."""
    ports = MergePorts(
        contacts=services.contacts,
        links=services.links,
        merges=services.merges,
        campaigns=services.campaigns,
        settings=services.settings,
        queue=services.queue,
    )

    @app.post(
        "/contacts/<contact_id>:merge",
        summary="Merge another contact into this one, here; Salesforce is left alone",
        operation_id="mergeContacts",
        tags=["merges"],
        responses=answers({200: MergedShown}, 308, 400, 404, 413, 415, 422),
    )
    def merge(contact_id: ContactId, body: MergeWish) -> Response[Any]:
        with leading_on(contact_id, app.current_event.path, services):
            merged = merge_contacts(
                contact_id,
                body.loser,
                choices={name: Choice(choice) for name, choice in body.fields.items()},
                otherwise=Choice(body.otherwise),
                now=services.clock(),
                ports=ports,
            )
        return shown(HTTPStatus.OK, _told(merged, services))

    @app.get(
        "/merges",
        summary="List merges",
        operation_id="listMerges",
        tags=["merges"],
        responses=answers({200: Merges}, 422),
    )
    def list_(limit: Limit = 50, after: After = None) -> Response[Any]:
        check_parameters(app.current_event.query_string_parameters, allowed=("limit", "next"))
        listing = services.merges.page(limit=limit, after=after)
        items = [MergeShown.of(merge) for merge in listing.items]
        return shown(HTTPStatus.OK, Merges(items=items, next=listing.next))

    @app.get(
        "/merges/<merge_id>",
        summary="Look up into whom a contact was merged",
        operation_id="getMerge",
        tags=["merges"],
        responses=answers({200: MergeShown}, 404),
    )
    def get(merge_id: MergeId) -> Response[Any]:
        found = services.merges.get(merge_id)
        if found is None:
            message = f"no contact {merge_id} was merged into another"
            raise NotFoundError(message, field="id")
        return shown(HTTPStatus.OK, MergeShown.of(found))

    @app.post(
        "/merges/<merge_id>:undo",
        summary="Bring back a contact that was merged, as far as nothing newer is lost",
        operation_id="undoMerge",
        tags=["merges"],
        responses=answers({200: MergedShown}, 404, 409, 422),
    )
    def undo(merge_id: MergeId) -> Response[Any]:
        undone = undo_merge(merge_id, now=services.clock(), ports=ports)
        return shown(HTTPStatus.OK, _told(undone, services))


def _told(merged: Merged, services: ApiServices) -> MergedShown:
    both = [one for one in (merged.survivor, merged.loser) if one]
    contacts = with_companies(both, links=services.links)
    told = [ContactShown.of(contact) for contact in contacts]
    return MergedShown(
        merge=MergeShown.of(merged.merge),
        survivor=told[0],
        loser=told[1] if merged.loser else None,
        not_undone=list(merged.kept),
    )
