"""The routes of what goes out: what waits, and what was set aside."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from counterpart.domain.parked_requests import Narrowing, RedriveParked
from counterpart.domain.records import SObject
from counterpart.use_cases.api_services import ApiServices
from counterpart.use_cases.backlog import backlog
from counterpart.use_cases.parked_edits import MOST_PARKED, list_parked, redrive_parked
from http_api.contact_routes import shown
from http_api.gate import check_parameters
from http_api.openapi import answers
from http_api.patience import patient
from http_api.shapes import Taken

MOST_IDS = 1000


class FurtherReason(BaseModel):
    """What else Salesforce said of it."""

    code: str
    message: str


class ParkedShown(BaseModel):
    """Edits of one contact or company that a push has set aside."""

    id: str = Field(description="Of the contact or company.")
    object: str | None
    record_id: str | None
    code: str
    message: str = Field(description="In Salesforce's own words.")
    fields: list[str] = Field(description="If these alone stay outside; empty for all of them.")
    further: list[FurtherReason] = Field(
        description="Where one refusal followed another, those that came first."
    )
    attempts: int
    first_at: str
    last_at: str
    next_at: str | None = Field(description="When it is tried again by itself.")
    run_id: str = Field(description="The run that tried it last.")


class ParkedList(BaseModel):
    """What was set aside, those first that have rested for longest."""

    items: list[ParkedShown]
    more_remains: bool


class ParkedWish(Taken):
    """What to send again."""

    ids: Annotated[list[str] | None, Field(min_length=1, max_length=MOST_IDS)] = None
    code: str | None = Field(default=None, description="All that was set aside for this reason.")
    object: Annotated[SObject, Field(strict=False)] | None = Field(
        default=None, description="All whose record is one of these."
    )
    all: bool = False

    @model_validator(mode="after")
    def _check_choice(self) -> ParkedWish:
        narrowed = self.code is not None or self.object is not None
        if (self.ids is not None) + narrowed + self.all != 1:
            message = "send ids, a code or an object or both, or all as true, one of them"
            raise PydanticCustomError("choice", message)
        return self


class ParkedRedriven(BaseModel):
    """What became of it."""

    redriven: int
    kept: dict[str, int] = Field(description="It stays where it is, by reason.")
    not_found: list[str]
    more_remains: bool = Field(description="Time ran short: ask again for the rest.")


class BacklogShown(BaseModel):
    """What waits to go out."""

    waiting: dict[str, int] = Field(description="Contacts and companies by lane.")
    total: int = Field(description="Of those that wait for us; what is held or parked is apart.")
    opt_outs_held: int = Field(description="They go once outbound is on again.")
    parked: int
    oldest_wait_seconds: float
    rows_per_minute: float | None = Field(description="What the pushes of the last hour managed.")
    empty_at: str | None = Field(description="When all of it has gone out at that pace.")


def add_outbound_routes(app: LambdaFunctionUrlResolver, services: ApiServices) -> None:
    """Add to *app* the routes of what goes out."""

    @app.get(
        "/backlog",
        summary="Say how much waits to go out, and how long that takes",
        operation_id="getBacklog",
        tags=["outbound"],
        responses=answers({200: BacklogShown}),
    )
    def waiting() -> Response[Any]:
        told = backlog(
            now=services.clock(),
            contacts=services.contacts,
            companies=services.companies,
            runs=services.runs,
        )
        return shown(HTTPStatus.OK, BacklogShown.model_validate(told.answer()))

    @app.get(
        "/parked",
        summary="List edits that a push has set aside, with the reason for each",
        operation_id="listParked",
        tags=["outbound"],
        responses=answers({200: ParkedList}, 422),
    )
    def parked(
        code: Annotated[str | None, Query(description="Only of this code.")] = None,
        object: Annotated[  # noqa: A002 - the name of a parameter
            SObject | None, Query(description="Only those whose record is one of these.")
        ] = None,
        limit: Annotated[
            int, Query(ge=1, le=MOST_PARKED, description="How many at most.")
        ] = MOST_PARKED,
    ) -> Response[Any]:
        allowed = ("code", "object", "limit")
        check_parameters(app.current_event.query_string_parameters, allowed=allowed)
        narrowing = Narrowing(code=code, object=object)
        listed = list_parked(
            narrowing,
            limit=limit,
            now=services.clock(),
            stores=services,
            may_go_on=patient(services),
        )
        return shown(HTTPStatus.OK, ParkedList.model_validate(listed.answer()))

    @app.post(
        "/parked:redrive",
        summary="Let edits that were set aside go with the next push",
        operation_id="redriveParked",
        tags=["outbound"],
        status_code=HTTPStatus.ACCEPTED,
        responses=answers({202: ParkedRedriven}, 400, 413, 415, 422),
    )
    def send_again(body: ParkedWish) -> Response[Any]:
        wanted = RedriveParked(
            ids=tuple(body.ids) if body.ids else None,
            narrowing=Narrowing(code=body.code, object=body.object),
        )
        told = redrive_parked(
            wanted, now=services.clock(), stores=services, may_go_on=patient(services)
        )
        return shown(HTTPStatus.ACCEPTED, ParkedRedriven.model_validate(told.answer()))
