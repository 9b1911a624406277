"""Which fields a refusal is about."""

import pytest

from counterpart.domain.blamed_fields import blamed_fields
from counterpart.domain.mapping import FieldMapping, Mode
from counterpart.domain.records import SObject
from counterpart.domain.refusals import Refusal
from counterpart.domain.values import FieldType


@pytest.mark.failure("F62")
@pytest.mark.parametrize(
    ("named", "path", "blamed"),
    [
        ("Title", "Title", True),
        ("Title", "TITLE", True),
        ("Title", "Title__c", False),
        ("Country", "State", True),
        ("CountryCode", "State", True),
        ("MailingCountry", "MailingState", True),
        ("MailingCountry", "MailingStateCode", True),
        ("MailingCountry", "OtherState", False),
        ("MailingCountry", "MailingCity", False),
        ("State", "Country", False),
    ],
)
def test_what_a_refusal_blames(named: str, path: str, blamed: bool) -> None:  # noqa: FBT001
    """What it names, whatever the case, and the state of a country that it names."""
    refusal = Refusal(code="FIELD_INTEGRITY_EXCEPTION", message="no", fields=(named,))

    assert refusal.blames(path) is blamed


def test_several_things_that_are_said_at_once() -> None:
    """Each is about its own field; what is about none stands for whatever is asked about."""
    city = Refusal(code="STRING_TOO_LONG", message="too long", fields=("City",))
    rule = Refusal(code="FIELD_CUSTOM_VALIDATION_EXCEPTION", message="no")
    all_of_it = Refusal(code="X", message="no kings", fields=("Title",), others=(city, rule))

    assert [all_of_it.blames(path) for path in ("Title", "City", "Phone")] == [True, True, False]
    assert all_of_it.about("City") is city
    assert all_of_it.about("Title") is all_of_it.about("Phone") is all_of_it


@pytest.mark.failure("F62")
@pytest.mark.parametrize(
    ("named", "kept"),
    [
        ("CurrencyIsoCode", {"currency", "revenue", "employees"}),
        ("currencyisocode", {"currency", "revenue", "employees"}),
        ("AnnualRevenue", {"revenue"}),
        ("Title", {"title"}),
        ("Other__c", set()),
    ],
)
def test_an_amount_stays_with_its_currency(named: str, kept: set[str]) -> None:
    """It would stand there in another one; a number that is no amount waits along with it."""
    fields = [
        FieldMapping(name=name, type=kind, mode=Mode.TWO_WAY, paths={SObject.LEAD: path})
        for name, kind, path in (
            ("currency", FieldType.ENUM, "CurrencyIsoCode"),
            ("revenue", FieldType.NUMBER, "AnnualRevenue"),
            ("employees", FieldType.NUMBER, "NumberOfEmployees"),
            ("title", FieldType.STRING, "Title"),
        )
    ]
    refusal = Refusal(code="INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message="", fields=(named,))

    blamed = blamed_fields(refusal, fields, SObject.LEAD)

    assert blamed == {
        field.name: field.paths[SObject.LEAD] for field in fields if field.name in kept
    }
