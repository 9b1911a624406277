"""The routes of creation in Salesforce: many at once, what was set aside, and the preflight."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from counterpart.domain.contact_filter import SyncWanted
from counterpart.use_cases.api_services import ApiServices
from counterpart.use_cases.dead_letters import MOST_LETTERS, list_dead_letters, redrive
from counterpart.use_cases.sync_contacts import sync_contacts
from http_api.contact_routes import shown
from http_api.gate import check_parameters
from http_api.openapi import answers
from http_api.patience import patient
from http_api.shapes import CreateAs, Taken, create_as

MOST_IDS = 1000


class SyncMany(Taken):
    """Whom to create in Salesforce: a list, or all that a filter takes."""

    contact_ids: Annotated[list[str] | None, Field(min_length=1, max_length=MOST_IDS)] = None
    filter: dict[str, Any] | None = Field(
        default=None,
        description=(
            "All of: `email_domain`, `tag`, `created_after`, `created_before`, and `fields`, "
            "whose values are compared without regard to case."
        ),
    )
    create_as: CreateAs = None
    dry_run: bool = Field(default=False, description="Count, and queue nothing.")
    next: str | None = Field(default=None, description="With a filter: where to go on.")

    @model_validator(mode="after")
    def _check_choice(self) -> SyncMany:
        if (self.contact_ids is None) == (self.filter is None):
            raise PydanticCustomError("choice", "send contact_ids or a filter, one of the two")
        if self.next is not None and self.filter is None:
            raise PydanticCustomError("choice", "next goes with a filter")
        return self


class LeftOut(BaseModel):
    """How many were not queued for one reason, and some of them."""

    count: int
    examples: list[str]


class SyncedMany(BaseModel):
    """How many were queued, and why others were not."""

    queued: int
    delayed: int = Field(description="Of those queued: the job is sent within some minutes.")
    not_queued: dict[str, LeftOut] = Field(description="By reason.")
    looked_at: int
    dry_run: bool
    next: str | None = Field(description="Not null: more are to be looked at; hand it back.")


class LetterShown(BaseModel):
    """A creation job that was set aside."""

    id: str
    contact_id: str | None
    reason: str
    state: str | None = Field(description="Of its contact: waiting, linked, local or deleted.")
    parked_at: str | None


class Letters(BaseModel):
    """Creation jobs that were set aside, oldest first."""

    items: list[LetterShown]


class RedriveWish(Taken):
    """Which jobs to send again."""

    ids: Annotated[list[str] | None, Field(min_length=1, max_length=MOST_IDS)] = None
    reason: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="All whose reason contains these words."
    )
    all: bool = False

    @model_validator(mode="after")
    def _check_choice(self) -> RedriveWish:
        if (self.ids is not None) + (self.reason is not None) + self.all != 1:
            raise PydanticCustomError("choice", "send ids, a reason, or all as true, one of them")
        return self


class RedrivenShown(BaseModel):
    """What became of them."""

    redriven: int
    dropped: dict[str, int] = Field(description="Nobody needs them any more, by reason.")
    kept: dict[str, int] = Field(description="They stay where they are, by reason.")
    not_found: list[str]
    more_remains: bool


class FindingShown(BaseModel):
    """One thing that was looked at in the org."""

    check: str
    status: str = Field(description="ok, warning or problem.")
    message: str
    fix: str = Field(description="What to do in Salesforce's Setup.")


class PreflightShown(BaseModel):
    """What was found, and the worst of it."""

    status: str
    problems: int
    warnings: int
    findings: list[FindingShown]


def add_creation_routes(app: LambdaFunctionUrlResolver, services: ApiServices) -> None:
    """Add to *app* the routes of creation."""

    @app.post(
        "/contacts:sync",
        summary="Create in Salesforce many contacts that so far stay here",
        operation_id="syncContacts",
        tags=["creation"],
        status_code=HTTPStatus.ACCEPTED,
        responses=answers({202: SyncedMany}, 400, 413, 415, 422),
    )
    def sync(body: SyncMany) -> Response[Any]:
        told = sync_contacts(
            SyncWanted(
                contact_ids=tuple(dict.fromkeys(body.contact_ids or ())),
                filter=body.filter,
                create_as=create_as(body.create_as),
                after=body.next,
                dry_run=body.dry_run,
            ),
            now=services.clock(),
            contacts=services.contacts,
            settings=services.settings,
            queue=services.queue,
            may_go_on=patient(services),
        )
        return shown(HTTPStatus.ACCEPTED, SyncedMany.model_validate(told.answer()))

    @app.get(
        "/creation/dead-letters",
        summary="List creation jobs that were set aside, with the reason for each",
        operation_id="listDeadLetters",
        tags=["creation"],
        responses=answers({200: Letters}, 422),
    )
    def letters(
        reason: Annotated[
            str | None, Query(description="Only those whose reason contains these words.")
        ] = None,
        limit: Annotated[
            int, Query(ge=1, le=MOST_LETTERS, description="How many to look at, at most.")
        ] = MOST_LETTERS,
    ) -> Response[Any]:
        check_parameters(app.current_event.query_string_parameters, allowed=("limit", "reason"))
        listed = list_dead_letters(
            limit=limit,
            letters=services.dead_letters,
            contacts=services.contacts,
            reason=reason,
        )
        items = [LetterShown.model_validate(one.answer()) for one in listed]
        return shown(HTTPStatus.OK, Letters(items=items))

    @app.post(
        "/creation/dead-letters:redrive",
        summary="Send creation jobs again that were set aside",
        operation_id="redriveDeadLetters",
        tags=["creation"],
        status_code=HTTPStatus.ACCEPTED,
        responses=answers({202: RedrivenShown}, 400, 413, 415, 422),
    )
    def send_again(body: RedriveWish) -> Response[Any]:
        told = redrive(
            body.ids,
            reason=body.reason,
            now=services.clock(),
            settings=services.settings.current(),
            letters=services.dead_letters,
            contacts=services.contacts,
            queue=services.queue,
        )
        return shown(HTTPStatus.ACCEPTED, RedrivenShown.model_validate(told.answer()))

    @app.get(
        "/preflight",
        summary="Look over the Salesforce org, and say what to fix in Setup",
        operation_id="preflight",
        tags=["about"],
        responses=answers({200: PreflightShown}),
    )
    def preflight() -> Response[Any]:
        told = services.errands.run({"preflight": True})
        return shown(HTTPStatus.OK, PreflightShown.model_validate(told))
