"""The routes of contacts."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Header, Path, Query
from pydantic import BaseModel

from counterpart.domain.wishes import Written
from counterpart.use_cases.api_services import ApiServices
from counterpart.use_cases.delete_contact import delete_contact
from counterpart.use_cases.read_contacts import get_contact, list_contacts, with_companies
from counterpart.use_cases.sync_contact import sync_contact
from counterpart.use_cases.write_contacts import write_contact
from http_api.batches import BatchAnswers, write_batch
from http_api.gate import check_parameters
from http_api.leading_on import leading_on
from http_api.openapi import answers
from http_api.shapes import Batch, ContactToCreate, ContactToUpdate, SyncWish, create_as
from http_api.views import Contacts, ContactShown, ContactWritten

ContactId = Annotated[str, Path(description="The contact's id.")]
Limit = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
After = Annotated[
    str | None, Query(alias="next", description="`next` of the answer before, to go on from there.")
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="Makes a creation safe to repeat: the same key and body, the same contact.",
    ),
]


def add_contact_routes(app: LambdaFunctionUrlResolver, services: ApiServices) -> None:
    """Add to *app* the routes of contacts."""
    _add_reading(app, services)
    _add_writing(app, services)
    _add_syncing(app, services)


def _add_reading(app: LambdaFunctionUrlResolver, services: ApiServices) -> None:
    @app.get(
        "/contacts",
        summary="Find contacts by e-mail, or list them all",
        operation_id="listContacts",
        tags=["contacts"],
        responses=answers({200: Contacts}, 422),
    )
    def list_(
        email: Annotated[str | None, Query(description="Compared without regard to case.")] = None,
        limit: Limit = 50,
        after: After = None,
    ) -> Response[Any]:
        check_parameters(
            app.current_event.query_string_parameters, allowed=("email", "limit", "next")
        )
        listing = list_contacts(
            email=email,
            limit=limit,
            after=after,
            contacts=services.contacts,
            links=services.links,
        )
        items = [ContactShown.of(contact) for contact in listing.items]
        return shown(HTTPStatus.OK, Contacts(items=items, next=listing.next))

    @app.get(
        "/contacts/<contact_id>",
        summary="Read a contact",
        operation_id="getContact",
        tags=["contacts"],
        responses=answers({200: ContactShown}, 308, 404),
    )
    def get(contact_id: ContactId) -> Response[Any]:
        with leading_on(contact_id, app.current_event.path, services):
            contact = get_contact(contact_id, contacts=services.contacts, links=services.links)
        return shown(HTTPStatus.OK, ContactShown.of(contact))


def _add_writing(app: LambdaFunctionUrlResolver, services: ApiServices) -> None:
    @app.post(
        "/contacts",
        summary="Create a contact",
        operation_id="createContact",
        tags=["contacts"],
        responses=answers({201: ContactWritten, 200: ContactWritten}, 400, 413, 415, 422),
    )
    def create(body: ContactToCreate, key: IdempotencyKey = None) -> Response[Any]:
        written = write_contact(
            body.wish(request=(key,) if key else ()),
            now=services.clock(),
            contacts=services.contacts,
            settings=services.settings,
            queue=services.queue,
        )
        headers = {"Location": f"/contacts/{written.contact.id}"}
        if written.replayed:
            headers["Idempotent-Replay"] = "true"
            return written_contact(HTTPStatus.OK, written, services, headers)
        return written_contact(HTTPStatus.CREATED, written, services, headers)

    @app.patch(
        "/contacts/<contact_id>",
        summary="Change a contact",
        operation_id="updateContact",
        tags=["contacts"],
        responses=answers({200: ContactWritten}, 308, 400, 404, 409, 413, 415, 422),
    )
    def update(contact_id: ContactId, body: ContactToUpdate) -> Response[Any]:
        with leading_on(contact_id, app.current_event.path, services):
            written = write_contact(
                body.wish(contact_id),
                now=services.clock(),
                contacts=services.contacts,
                settings=services.settings,
                queue=services.queue,
            )
        return written_contact(HTTPStatus.OK, written, services)

    @app.post(
        "/contacts:batch",
        summary="Create and change up to 1,000 contacts, with an answer for each, in order",
        operation_id="writeContacts",
        tags=["contacts"],
        responses=answers({200: BatchAnswers}, 400, 413, 415, 422),
    )
    def batch(body: Batch, key: IdempotencyKey = None) -> Response[Any]:
        return shown(HTTPStatus.OK, write_batch(body.items, key=key, services=services))

    @app.delete(
        "/contacts/<contact_id>",
        summary="Delete a contact here; its record in Salesforce stays",
        operation_id="deleteContact",
        tags=["contacts"],
        status_code=HTTPStatus.NO_CONTENT,
        responses={204: {"description": "No Content"}, **answers({}, 308, 404, 409, 422)},
    )
    def delete(
        contact_id: ContactId,
        untold: Annotated[  # noqa: FBT002 - a parameter of the query
            bool, Query(description="Delete it although its refusal has not reached Salesforce.")
        ] = False,
    ) -> Response[Any]:
        check_parameters(app.current_event.query_string_parameters, allowed=("untold",))
        with leading_on(contact_id, app.current_event.path, services):
            delete_contact(
                contact_id,
                contacts=services.contacts,
                links=services.links,
                members=services.campaigns.members,
                settings=services.settings.current(),
                now=services.clock(),
                untold=untold,
            )
        return Response(HTTPStatus.NO_CONTENT)


def _add_syncing(app: LambdaFunctionUrlResolver, services: ApiServices) -> None:
    @app.post(
        "/contacts/<contact_id>/sync",
        summary="Push a contact at the next look, or create it in Salesforce if it is not there",
        operation_id="syncContact",
        tags=["contacts"],
        status_code=HTTPStatus.ACCEPTED,
        responses=answers({202: ContactWritten}, 308, 400, 404, 415, 422),
    )
    def sync(
        contact_id: ContactId, body: Annotated[SyncWish | None, Body()] = None
    ) -> Response[Any]:
        with leading_on(contact_id, app.current_event.path, services):
            written = sync_contact(
                contact_id,
                create_as=create_as(body.create_as if body else None),
                now=services.clock(),
                contacts=services.contacts,
                settings=services.settings,
                queue=services.queue,
            )
        return written_contact(HTTPStatus.ACCEPTED, written, services)


def shown(
    status: HTTPStatus, body: BaseModel, headers: dict[str, str] | None = None
) -> Response[Any]:
    """Return an answer with *body* as JSON."""
    return Response(status, "application/json", body.model_dump_json(), headers=headers)


def written_contact(
    status: HTTPStatus,
    written: Written,
    services: ApiServices,
    headers: dict[str, str] | None = None,
) -> Response[Any]:
    """Return an answer with a contact as it was written."""
    (contact,) = with_companies([written.contact], links=services.links)
    return shown(status, ContactWritten.after(contact, written.notices), headers)
