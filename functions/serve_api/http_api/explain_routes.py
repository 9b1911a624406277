"""The routes that explain."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver, Response

from counterpart.errors import NotFoundError
from counterpart.use_cases.api_services import ApiServices
from http_api.contact_routes import ContactId
from http_api.explanation_views import ExplanationShown
from http_api.leading_on import leading_on
from http_api.openapi import answers


def add_explain_routes(app: LambdaFunctionUrlResolver, services: ApiServices) -> None:
    """Add to *app* the routes that explain."""

    @app.get(
        "/contacts/<contact_id>/explain",
        summary="Say why a contact is as it is, and what would happen to it next",
        operation_id="explainContact",
        tags=["contacts"],
        responses=answers({200: ExplanationShown}, 308, 404),
        description=(
            "Takes an e-mail address or the id of a record as well. Salesforce is asked by a "
            "function that may; the answer says where it did not answer."
        ),
    )
    def explain(contact_id: ContactId) -> Response[Any]:
        asked_for = unquote(contact_id).strip()
        if not asked_for:
            raise NotFoundError("a blank is nobody's id", field="id")
        told = ExplanationShown.model_validate(services.errands.run({"explain": asked_for}))
        if told.contact is None and not told.records and "@" not in asked_for:
            with leading_on(asked_for, app.current_event.path, services):
                message = f"there is no contact {asked_for}"
                raise NotFoundError(message, field="id")
        return Response(HTTPStatus.OK, "application/json", told.model_dump_json(exclude_unset=True))
