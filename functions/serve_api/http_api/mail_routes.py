"""The routes of a contact's mail: bounces, and opting in again."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver, Response

from counterpart.domain.mail_reports import arrives, bounced
from counterpart.domain.opting_in import opted_in
from counterpart.use_cases.api_services import ApiServices
from counterpart.use_cases.mark_contact import mark_contact
from http_api.contact_routes import ContactId, written_contact
from http_api.leading_on import leading_on
from http_api.openapi import answers
from http_api.shapes import BounceWish
from http_api.views import ContactWritten


def add_mail_routes(app: LambdaFunctionUrlResolver, services: ApiServices) -> None:
    """Add to *app* the routes of mail."""

    @app.post(
        "/contacts/<contact_id>/bounce",
        summary="Report that mail to a contact came back, which opts nobody out",
        operation_id="reportBounce",
        tags=["contacts"],
        responses=answers({200: ContactWritten}, 308, 400, 404, 415, 422),
    )
    def bounce(contact_id: ContactId, body: BounceWish) -> Response[Any]:
        rule = partial(bounced, report=body.report(), now=services.clock())
        with leading_on(contact_id, app.current_event.path, services):
            written = mark_contact(contact_id, rule, contacts=services.contacts)
        return written_contact(HTTPStatus.OK, written, services)

    @app.delete(
        "/contacts/<contact_id>/bounce",
        summary="Report that mail to a contact arrives after all",
        operation_id="clearBounce",
        tags=["contacts"],
        responses=answers({200: ContactWritten}, 308, 404),
    )
    def unbounce(contact_id: ContactId) -> Response[Any]:
        rule = partial(arrives, now=services.clock())
        with leading_on(contact_id, app.current_event.path, services):
            written = mark_contact(contact_id, rule, contacts=services.contacts)
        return written_contact(HTTPStatus.OK, written, services)

    @app.post(
        "/contacts/<contact_id>/opt-in",
        summary="Say that a person who had opted out asked to be mailed again",
        operation_id="optIn",
        tags=["contacts"],
        responses=answers({200: ContactWritten}, 308, 404),
    )
    def opt_in(contact_id: ContactId) -> Response[Any]:
        rule = partial(opted_in, settings=services.settings.current(), now=services.clock())
        with leading_on(contact_id, app.current_event.path, services):
            written = mark_contact(contact_id, rule, contacts=services.contacts)
        return written_contact(HTTPStatus.OK, written, services)
