"""The sample events of campaigns, one after the other, at the door of the API."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.functions.conftest import Context, Handler, LoadFunction

Sample = Callable[[str], dict[str, Any]]
Call = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="module")
def call(load_function: LoadFunction, sample: Sample) -> Call:
    """Return what sends a sample event."""
    handler: Handler = load_function("serve_api")

    def send(name: str) -> dict[str, Any]:
        answer: dict[str, Any] = handler(sample(f"serve_api/{name}.json"), Context())
        return {"code": answer["statusCode"], **json.loads(answer.get("body") or "{}")}

    return send


def test_the_samples_follow_one_another(call: Call) -> None:
    """Each names what the ones before have made."""
    call("create_contact")

    assert [call("create_campaign_type")["code"] for _ in range(2)] == [201, 200]
    assert call("list_campaign_types")["items"][0] == {
        key: value for key, value in call("get_campaign_type").items() if key != "code"
    }
    assert [call("create_campaign")["code"] for _ in range(2)] == [201, 200]
    assert call("get_campaign")["sync"]["state"] == "waiting"
    assert len(call("list_campaigns")["items"]) == 1

    assert call("add_member")["code"] == 201
    assert call("list_members")["items"][0]["state"] == "waiting"
    assert call("get_member")["version"] == 1
    assert call("update_member")["changed_by"] == "automation"
    assert len(call("list_memberships")["items"]) == 1
    assert [each["status"] for each in call("write_members")["items"]] == [200, 404, 404]
    assert call("remove_member")["code"] == 204
    assert call("remove_member")["code"] == 404

    changed = call("update_campaign")
    assert changed["sync"]["salesforce_id"] == "701000000000001AAA"
    assert changed["status_map"]["from_salesforce"] == {"Sent": "Invited"}
    assert call("update_campaign_type")["removals"][0]["label"] == "Registered"

    assert call("delete_campaign_type")["code"] == 409
    assert [call("delete_campaign")["code"] for _ in range(2)] == [204, 204]
    assert call("delete_campaign_type")["code"] == 204
    assert call("create_campaign")["code"] == 409
