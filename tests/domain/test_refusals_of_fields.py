"""Which fields a refusal is about."""

import pytest

from counterpart.domain.refusals import Refusal


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
