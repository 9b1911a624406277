"""What a survey asks besides `describe`, and what it makes of the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from counterpart.adapters.salesforce.survey import SalesforceSurvey

if TYPE_CHECKING:
    from counterpart.adapters.salesforce.client import SalesforceClient
    from tests.adapters.salesforce.wire import Wire


def described(**types: str) -> dict[str, Any]:
    """Return the describe of Lead with these fields."""
    fields = [
        {
            "name": name,
            "type": kind,
            "label": name,
            "createable": True,
            "updateable": True,
            "length": 20,
        }
        for name, kind in types.items()
    ]
    rights = dict.fromkeys(("queryable", "createable", "updateable"), True)
    return {"name": "Lead", "fields": fields, **rights}


@pytest.mark.parametrize(("sees", "masked"), [(True, False), (False, True)])
def test_who_sees_what_is_encrypted(
    wire: Wire,
    client: SalesforceClient,
    sees: bool,  # noqa: FBT001
    masked: bool,  # noqa: FBT001
) -> None:
    """That is a right of the user, of which `describe` says nothing."""
    wire.says(described(Title="string", Secret__c="encryptedstring"))
    wire.says({"records": [{"PermissionsViewEncryptedData": sees}]})

    facts = SalesforceSurvey(client).object("Lead")

    assert facts
    assert {path: one.masked for path, one in facts.fields.items()} == {
        "Title": False,
        "Secret__c": masked,
    }
    (asked,) = parse_qs(urlsplit(wire.requests[-1].url or "").query)["q"]
    assert asked == "SELECT PermissionsViewEncryptedData FROM UserPermissionAccess"


def test_an_org_that_does_not_say_who_sees_what_is_encrypted(
    wire: Wire, client: SalesforceClient
) -> None:
    """A mask that comes in is a value lost, so in doubt it is one."""
    wire.says(described(Secret__c="encryptedstring"))
    wire.complains(400, "INVALID_TYPE", "sObject type 'UserPermissionAccess' is not supported.")

    facts = SalesforceSurvey(client).object("Lead")

    assert facts
    assert facts.fields["Secret__c"].masked


def test_rich_text_is_told_from_plain(wire: Wire, client: SalesforceClient) -> None:
    """Both have the type of a text area."""
    told = described(Bio__c="textarea", Street="textarea")
    told["fields"][0]["htmlFormatted"] = True
    wire.says(told)

    facts = SalesforceSurvey(client).object("Lead")

    assert facts
    assert [facts.fields[path].place.rich for path in ("Bio__c", "Street")] == [True, False]


def test_an_object_without_secrets(wire: Wire, client: SalesforceClient) -> None:
    """Nothing is asked but its describe."""
    wire.says(described(Title="string"))

    SalesforceSurvey(client).object("Lead")

    assert len(wire.requests) == 1
