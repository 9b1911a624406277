"""The OpenAPI document, made from the routes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver, Response
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse
from pydantic import BaseModel

from http_api.problems import CONTENT_TYPE, Problem

# Every route can fail in these ways.
_ALWAYS = (HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.SERVICE_UNAVAILABLE)

# Powertools describes its own problems, too, which nobody gets to see here.
_FOREIGN = ("HTTPValidationError", "ValidationError", "ResponseValidationError")

_DESCRIPTION = """\
Contacts, campaigns, settings and runs of Counterpart. Sign requests with AWS Signature Version 4,
service `lambda`; the function's URL lets nobody else in. Times are RFC 3339 in UTC. Every error is
an `application/problem+json`."""


def answers(
    shown: Mapping[int, type[BaseModel] | None], *problems: int
) -> dict[int, OpenAPIResponse]:
    """Return what a route answers: a shape when it succeeds, and its problems.

    Args:
        shown: By status; `None` is a JSON object that is described elsewhere.
        problems: Statuses, besides those that every route can answer with.
    """
    responses: dict[int, OpenAPIResponse] = {}
    for status, model in shown.items():
        responses[status] = {
            "description": HTTPStatus(status).phrase,
            "content": {
                "application/json": {"model": model} if model else {"schema": {"type": "object"}}
            },
        }
    for status in (*problems, *_ALWAYS):
        responses[status] = {
            "description": HTTPStatus(status).phrase,
            "content": {CONTENT_TYPE: {"model": Problem}},
        }
    return responses


def add_openapi_route(app: LambdaFunctionUrlResolver) -> None:
    """Add to *app* the route of its own description."""

    @app.get(
        "/openapi.json",
        summary="Describe this API",
        operation_id="describeApi",
        tags=["about"],
        responses=answers({200: None}),
    )
    def describe() -> Response[Any]:
        return Response(200, "application/json", json.dumps(document(app)))


def document(app: LambdaFunctionUrlResolver) -> dict[str, Any]:
    """Return the OpenAPI document of *app*."""
    text = app.get_openapi_json_schema(
        title="Counterpart", version="1", description=_DESCRIPTION.replace("\n", " ")
    )
    described: dict[str, Any] = json.loads(text)
    for name in _FOREIGN:
        described["components"]["schemas"].pop(name, None)
    for methods in described["paths"].values():
        for operation in methods.values():
            unheard_of = "HTTPValidationError" in json.dumps(operation["responses"].get("422"))
            if unheard_of:
                del operation["responses"]["422"]
    described["components"]["securitySchemes"] = {
        "sigv4": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "AWS Signature Version 4, service `lambda`.",
        }
    }
    described["security"] = [{"sigv4": []}]
    return described
