"""The files of events/ are what operators paste into the console: each is understood."""

import json
from pathlib import Path

import pytest

from tests.end_to_end.stack import ROOT, Stack

# What the answer of `create_records` to a payload has, if it is not a batch of creations.
ANSWERS = {
    "by_filter": "queued",
    "check_criteria": "complaints",
    "check_mapping": "read_only",
    "explain": "records",
    "list_dead_letters": "items",
    "preflight": "problems",
    "redrive": "redriven",
    "simulate": "selection",
}
SAMPLES = sorted((ROOT / "events").glob("*/*.json"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_sample_event_is_understood(stack: Stack, path: Path) -> None:
    """No function fails on it, or refuses it for its form."""
    answer = stack.invoke(path.parent.name, json.loads(path.read_text()))

    match path.parent.name:
        case "serve_api":
            # What a sample names is not there, in a stack of which it knows nothing.
            assert answer["statusCode"] in {200, 201, 202, 204, 404, 409}, answer
        case "create_records" if path.stem.startswith("queued"):
            assert set(answer) == {"batchItemFailures"}
        case "create_records":
            assert ANSWERS.get(path.stem, "batches") in answer, answer
            assert not answer.get("problems"), answer
        case "pull_records" if path.stem in {"list_holds", "approve"}:
            # In a stack in which nothing has happened, nothing is held.
            assert answer == {"items": []} or answer["field"] == "approve", answer
        case "push_edits" if path.stem.endswith("_parked"):
            assert {"items", "redriven"} & answer.keys(), answer
        case "sync_campaigns" if path.stem == "search":
            assert "campaigns" in answer, answer
        case "sync_campaigns" if path.stem == "one_campaign":
            # It is understood: what it lacks is the campaign.
            assert answer["field"] == "campaign_id", answer
        case _ if path.stem.startswith("backfill_"):
            assert answer["status"] not in {"refused", "failed"}, answer
        case _:
            assert answer["status"] == "completed", answer


def test_settings_are_tried_down_to_the_last_company(stack: Stack) -> None:
    """The role of the function may read what the simulation walks through."""
    stack.invoke("pull_records", {})
    switched_off = {"inbound": {"objects": {"Account": {"enabled": False}}}}
    looked_at: list[dict[str, int]] = []
    after = None
    while not looked_at or after:
        wanted = {"settings": switched_off, "limit": 2000} | ({"next": after} if after else {})
        told = stack.invoke("create_records", {"simulate": wanted})
        looked_at.append(told["looked_at"])
        after = told["next"]

    assert sum(each["contacts"] for each in looked_at)
    assert sum(each["companies"] for each in looked_at)
