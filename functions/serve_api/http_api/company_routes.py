"""The routes of companies."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import BaseModel, Field

from counterpart.domain.contacts import Company
from counterpart.domain.notices import Notice
from counterpart.domain.values import format_time
from counterpart.use_cases.api_services import ApiServices
from counterpart.use_cases.companies import change_company, get_company, list_companies
from http_api.contact_routes import After, Limit, shown
from http_api.gate import check_parameters
from http_api.openapi import answers
from http_api.shapes import Fields, Taken
from http_api.views import Json, Salesforce, Warned, linked_record

CompanyId = Annotated[str, Path(description="The company's id.")]


class CompanyToUpdate(Taken):
    """What to change of a company; what is left out stays."""

    version: int | None = Field(
        default=None, description="Refuse the change if the company has another version by now."
    )
    fields: Fields = Field(default_factory=dict)


class CompanyShown(BaseModel):
    """A company."""

    id: str
    domain: str | None = Field(description="Registrable domain of its website.")
    fields: dict[str, Json] = Field(
        description="A field that was cleared is null; one that never had a value is absent."
    )
    salesforce: Salesforce | None
    created_at: str
    updated_at: str
    version: int

    @classmethod
    def of(cls, company: Company) -> CompanyShown:
        """Return *company* in this shape."""
        return cls(**_company(company))


class CompanyWritten(CompanyShown):
    """A company, as it was written."""

    warnings: list[Warned]

    @classmethod
    def after(cls, company: Company, notices: tuple[Notice, ...]) -> CompanyWritten:
        """Return *company* in this shape, with what its writer should know."""
        return cls(**_company(company), warnings=[Warned.of(notice) for notice in notices])


class Companies(BaseModel):
    """Some companies of a longer list."""

    items: list[CompanyShown]
    next: str | None = Field(description="Hand it back as `next` to get what follows.")


def add_company_routes(app: LambdaFunctionUrlResolver, services: ApiServices) -> None:
    """Add to *app* the routes of companies."""

    @app.get(
        "/companies",
        summary="Find companies by domain, or list them all",
        operation_id="listCompanies",
        tags=["companies"],
        responses=answers({200: Companies}, 422),
    )
    def list_(
        domain: Annotated[str | None, Query(description="A domain or website.")] = None,
        limit: Limit = 50,
        after: After = None,
    ) -> Response[Any]:
        check_parameters(
            app.current_event.query_string_parameters, allowed=("domain", "limit", "next")
        )
        listing = list_companies(
            domain=domain,
            limit=limit,
            after=after,
            companies=services.companies,
            domains=services.domains(),
        )
        items = [CompanyShown.of(company) for company in listing.items]
        return shown(HTTPStatus.OK, Companies(items=items, next=listing.next))

    @app.get(
        "/companies/<company_id>",
        summary="Read a company",
        operation_id="getCompany",
        tags=["companies"],
        responses=answers({200: CompanyShown}, 404),
    )
    def get(company_id: CompanyId) -> Response[Any]:
        company = get_company(company_id, companies=services.companies)
        return shown(HTTPStatus.OK, CompanyShown.of(company))

    @app.patch(
        "/companies/<company_id>",
        summary="Change a company; what may go out goes to its Account",
        operation_id="updateCompany",
        tags=["companies"],
        responses=answers({200: CompanyWritten}, 400, 404, 409, 413, 415, 422),
    )
    def update(company_id: CompanyId, body: CompanyToUpdate) -> Response[Any]:
        changed = change_company(
            company_id,
            fields=body.fields,
            version=body.version,
            now=services.clock(),
            companies=services.companies,
            domains=services.domains(),
            settings=services.settings,
        )
        return shown(HTTPStatus.OK, CompanyWritten.after(changed.company, changed.notices))


def _company(company: Company) -> dict[str, Any]:
    return {
        "id": company.id,
        "domain": company.domain,
        "fields": {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in company.ledger.values.items()
        },
        "salesforce": linked_record(company),
        "created_at": format_time(company.created_at),
        "updated_at": format_time(company.updated_at),
        "version": company.version,
    }
