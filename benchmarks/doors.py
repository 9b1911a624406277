"""What starting a function costs: how long its `app.py` takes to import, and what it loads."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts.local import place

if TYPE_CHECKING:
    from collections.abc import Sequence

FUNCTIONS = (
    "pull_records",
    "push_edits",
    "create_records",
    "sync_campaigns",
    "sweep_links",
    "serve_api",
)
# Slow to load; only those who speak to Salesforce should.
WATCHED = ("simple_salesforce", "requests", "zeep", "lxml")

_ROUNDS = 5
_SCRIPT = """
import sys, time
started = time.perf_counter()
import app
seconds = time.perf_counter() - started
import json
print(json.dumps({"ms": seconds * 1000, "modules": sorted(sys.modules)}))
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """What importing one `app.py` costs.

    Attributes:
        loaded: Of the watched packages, those that it loads.
    """

    function: str
    milliseconds: float
    modules: int
    loaded: Sequence[str]


def measure(function: str) -> Start:
    """Return the median over fresh interpreters; the first one, which may compile, is left out."""
    answers = [_import(function) for _ in range(_ROUNDS + 1)][1:]
    modules = set(answers[-1][1])
    return Start(
        function=function,
        milliseconds=statistics.median(milliseconds for milliseconds, _ in answers),
        modules=len(modules),
        loaded=[name for name in WATCHED if name in modules],
    )


def modules_of(function: str) -> set[str]:
    """Return every module that importing its `app.py` loads."""
    return set(_import(function)[1])


def _import(function: str) -> tuple[float, list[str]]:
    folder = place.ROOT / "functions" / function
    answer = subprocess.run(
        [sys.executable, "-c", _SCRIPT],
        env=_environment(function),
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    told = json.loads(answer.stdout.splitlines()[-1])
    return told["ms"], told["modules"]


def _environment(function: str) -> dict[str, str]:
    """Return what the template tells a function; nothing of it is reached by an import."""
    arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:salesforce"
    queue = "https://sqs.us-east-1.amazonaws.com/123456789012/queue"
    tables = (
        *("CONTACTS", "COMPANIES", "LINKS", "SYNC_STATE", "SETTINGS", "RUNS"),
        *("CAMPAIGNS", "MEMBERS", "MERGES", "OPPORTUNITIES"),
    )
    return {f"{name}_TABLE": name.lower() for name in tables} | {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_LAMBDA_FUNCTION_NAME": function,
        "CREATION_QUEUE_URL": queue,
        "CREATION_DEAD_LETTER_QUEUE_URL": f"{queue}-dead",
        "LANG": "C.UTF-8",
        "POWERTOOLS_METRICS_NAMESPACE": "Counterpart",
        "POWERTOOLS_SERVICE_NAME": "counterpart",
        "PYTHONPATH": str(place.ROOT / "shared"),
        "SALESFORCE_SECRET_ARN": arn,
    }
