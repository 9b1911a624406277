"""The route that tries settings on real data."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver, Response
from pydantic import BaseModel, Field

from counterpart.use_cases.api_services import ApiServices
from http_api.contact_routes import shown
from http_api.creation_routes import FindingShown
from http_api.openapi import answers
from http_api.shapes import Taken


class SimulationWish(Taken):
    """Which settings to try."""

    settings: dict[str, Any] = Field(description="As for a change; what is left out stays.")
    limit: int = Field(default=500, ge=1, le=2000, description="How many to look at.")
    next: str | None = Field(default=None, min_length=1, description="`next` of the answer before.")


class ExampleShown(BaseModel):
    """One case."""

    contact_id: str | None = None
    company_id: str | None = Field(default=None, description="Where it is about an Account.")
    record_id: str | None
    why: str = Field(description="The row of the decision table that would say so.")


class Counted(BaseModel):
    """How often, and the first few cases."""

    count: int
    examples: list[ExampleShown]


class FieldChangeShown(Counted):
    """What a pull or a push would do with a field otherwise."""

    object: str
    direction: str = Field(description="pull or push.")
    field: str
    before: str
    after: str


class CreationChangeShown(Counted):
    """What contacts without a record would become otherwise, if somebody asked."""

    before: str
    after: str


class ValueChangeShown(Counted):
    """A field of new records that would be filled otherwise."""

    becomes: str = Field(description="What the contact becomes.")
    field: str


class GroupShown(BaseModel):
    """Some records."""

    count: int
    linked: int = Field(description="How many have a contact here.")
    examples: list[str]


class TotalsShown(BaseModel):
    """How many of all records; null where Salesforce cannot count them, or gives up on it."""

    taken_now: int | None
    taken_then: int | None
    newly_skipped: int | None
    newly_admitted: int | None


class SelectionChangeShown(BaseModel):
    """What the selection of an object would take otherwise: how many, and some in a sample."""

    object: str
    of_all: TotalsShown
    refused_now: str | None = Field(
        default=None,
        description="Why Salesforce does not take the selection that holds; nothing is compared.",
    )
    refused_then: str | None = Field(default=None, description="Likewise of the proposed one.")
    since: str | None = Field(
        description="Records that changed earlier were not looked at; null: none were left out."
    )
    until: str | None = Field(description="Nor were those that changed later.")
    looked_at: int
    newly_skipped: GroupShown
    newly_admitted: GroupShown


class EffectShown(BaseModel):
    """What a setting would do that is shown nowhere else."""

    setting: str
    what: str = Field(description="What was counted.")
    count: int
    examples: list[str] = Field(description="Ids, or paths of fields, as `what` says.")


class ChangedShown(BaseModel):
    """A setting that is proposed otherwise."""

    setting: str = Field(description="Its place in the document.")
    before: Any = None
    after: Any = None
    shown_in: list[str] = Field(
        description="The parts of this answer that show what it does; none: see `not_counted`."
    )


class NotCountedShown(BaseModel):
    """A setting of whose effect nothing is counted."""

    setting: str
    why: str


class LookedAt(BaseModel):
    """On what the answer rests."""

    contacts: int
    companies: int
    linked: int
    theirs_from: str = Field(description="salesforce, or shadow where it did not answer.")


class SimulationShown(BaseModel):
    """What the proposed settings would do otherwise."""

    settings_version: int
    looked_at: LookedAt
    fields: list[FieldChangeShown]
    creation: list[CreationChangeShown]
    creation_values: list[ValueChangeShown]
    selection: list[SelectionChangeShown]
    effects: list[EffectShown]
    changed: list[ChangedShown] = Field(description="Each setting that is proposed otherwise.")
    not_counted: list[NotCountedShown]
    problems: list[FindingShown] = Field(description="What would stand in the way, and does not.")
    salesforce_silent: str | None
    next: str | None = Field(description="Not null: more is to be looked at.")


def add_simulation_routes(app: LambdaFunctionUrlResolver, services: ApiServices) -> None:
    """Add to *app* the route that tries settings."""

    @app.post(
        "/settings:simulate",
        summary="Say what other settings would do otherwise, on real data; write nothing",
        operation_id="simulateSettings",
        tags=["settings"],
        responses=answers({200: SimulationShown}, 400, 413, 415, 422),
    )
    def simulate(body: SimulationWish) -> Response[Any]:
        wanted = {"settings": body.settings, "limit": body.limit}
        if body.next is not None:
            wanted["next"] = body.next
        told = services.errands.run({"simulate": wanted})
        return shown(HTTPStatus.OK, SimulationShown.model_validate(told))
