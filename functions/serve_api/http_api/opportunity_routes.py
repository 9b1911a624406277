"""The routes of opportunities, which are read here and written in Salesforce alone."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from counterpart.domain.days import zone_of
from counterpart.use_cases.api_services import ApiServices
from counterpart.use_cases.read_opportunities import (
    opportunities_of_company,
    opportunities_of_contact,
)
from http_api.contact_routes import ContactId, shown
from http_api.gate import check_parameters
from http_api.leading_on import leading_on
from http_api.openapi import answers
from http_api.opportunity_views import Opportunities

CompanyId = Annotated[str, Path(description="The company's id.")]
Most = Annotated[int, Query(alias="limit", ge=1, le=1000, description="How many at most.")]


def add_opportunity_routes(app: LambdaFunctionUrlResolver, services: ApiServices) -> None:
    """Add to *app* the routes of opportunities."""

    @app.get(
        "/contacts/<contact_id>/opportunities",
        summary="List the opportunities in which a contact has a role, and what they come to",
        operation_id="listContactOpportunities",
        tags=["opportunities"],
        responses=answers({200: Opportunities}, 308, 404, 422),
    )
    def of_contact(contact_id: ContactId, limit: Most = 200) -> Response[Any]:
        check_parameters(app.current_event.query_string_parameters, allowed=("limit",))
        with leading_on(contact_id, app.current_event.path, services):
            deals = opportunities_of_contact(
                contact_id,
                limit=limit,
                today=_today(services),
                contacts=services.contacts,
                links=services.links,
                opportunities=services.opportunities,
            )
        return shown(HTTPStatus.OK, Opportunities.of(deals))

    @app.get(
        "/companies/<company_id>/opportunities",
        summary="List the opportunities of a company, and what they come to",
        operation_id="listCompanyOpportunities",
        tags=["opportunities"],
        responses=answers({200: Opportunities}, 404, 422),
    )
    def of_company(company_id: CompanyId, limit: Most = 200) -> Response[Any]:
        check_parameters(app.current_event.query_string_parameters, allowed=("limit",))
        deals = opportunities_of_company(
            company_id,
            limit=limit,
            today=_today(services),
            companies=services.companies,
            links=services.links,
            opportunities=services.opportunities,
        )
        return shown(HTTPStatus.OK, Opportunities.of(deals))


def _today(services: ApiServices) -> date:
    """Return the day by which an open opportunity has passed its date, where days lie for us."""
    zone = zone_of(services.settings.current().time_zone)
    return services.clock().astimezone(zone).date()
