"""The mapping that a new deployment starts with.

Every field prefers Salesforce unless it is empty there, as sales teams expect, but for the e-mail
address, which identifies a person on both sides, and the opt-out, where a refusal always stands.
"""

from __future__ import annotations

from counterpart.domain.mapping import EMAIL, OPTED_OUT, FieldMapping, Mode
from counterpart.domain.records import SObject
from counterpart.domain.values import FieldType


def _person(
    name: str,
    lead: str | None,
    contact: str | None,
    kind: FieldType = FieldType.STRING,
    mode: Mode = Mode.PREFER_SALESFORCE,
) -> FieldMapping:
    paths = {SObject.LEAD: lead, SObject.CONTACT: contact}
    return FieldMapping(
        name=name,
        type=kind,
        mode=mode,
        paths={sobject: path for sobject, path in paths.items() if path},
    )


def _company(name: str, path: str, kind: FieldType = FieldType.STRING) -> FieldMapping:
    return FieldMapping(
        name=name, type=kind, mode=Mode.PREFER_SALESFORCE, paths={SObject.ACCOUNT: path}
    )


CONTACT_FIELDS = (
    _person(EMAIL, "Email", "Email", FieldType.EMAIL, Mode.TWO_WAY),
    _person("first_name", "FirstName", "FirstName"),
    _person("last_name", "LastName", "LastName"),
    _person("job_title", "Title", "Title"),
    _person("phone", "Phone", "Phone", FieldType.PHONE),
    _person("mobile_phone", "MobilePhone", "MobilePhone", FieldType.PHONE),
    _person("street", "Street", "MailingStreet", FieldType.TEXT),
    _person("city", "City", "MailingCity"),
    _person("state", "State", "MailingState"),
    _person("postal_code", "PostalCode", "MailingPostalCode"),
    _person("country", "Country", "MailingCountry"),
    _person("company_name", "Company", "Account.Name"),
    _person("lead_source", "LeadSource", "LeadSource", FieldType.ENUM),
    _person(
        OPTED_OUT,
        "HasOptedOutOfEmail",
        "HasOptedOutOfEmail",
        FieldType.BOOLEAN,
        Mode.RESTRICTIVE_WINS,
    ),
)

COMPANY_FIELDS = (
    _company("name", "Name"),
    _company("website", "Website", FieldType.URL),
    _company("phone", "Phone", FieldType.PHONE),
    _company("industry", "Industry", FieldType.ENUM),
    _company("annual_revenue", "AnnualRevenue", FieldType.NUMBER),
    _company("number_of_employees", "NumberOfEmployees", FieldType.NUMBER),
    _company("city", "BillingCity"),
    _company("country", "BillingCountry"),
)
