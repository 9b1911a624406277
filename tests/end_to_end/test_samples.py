"""The files of events/ are what operators paste into the console: each is understood."""

import json
from pathlib import Path

import pytest

from tests.end_to_end.stack import ROOT, Stack

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
        case "create_records" if path.stem == "by_filter":
            assert "queued" in answer, answer
        case "create_records" if path.stem == "preflight":
            assert answer["problems"] == 0, answer
        case "create_records" if path.stem == "list_dead_letters":
            assert "items" in answer, answer
        case "create_records" if path.stem == "redrive":
            assert "redriven" in answer, answer
        case "create_records":
            assert answer["batches"], answer
        case "pull_records" if path.stem.startswith("backfill"):
            assert answer["status"] in {
                "counted",
                "started",
                "open",
                "none",
                "cancelled",
                "completed",
            }
        case _:
            assert answer["status"] == "completed", answer
