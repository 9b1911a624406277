"""Versions, limits and what else tells about the org."""

from typing import Any

from simulator.messages import Response, answer
from simulator.rest.call import Call
from simulator.rest.router import Route

VERSIONS = {
    "59.0": "Winter '24",
    "60.0": "Spring '24",
    "61.0": "Summer '24",
    "62.0": "Winter '25",
    "63.0": "Spring '25",
    "64.0": "Summer '25",
    "65.0": "Winter '26",
    "66.0": "Spring '26",
    "67.0": "Summer '26",
}
RESOURCES = (
    "sobjects",
    "query",
    "queryAll",
    "composite",
    "jobs",
    "limits",
    "search",
    "parameterizedSearch",
    "analytics",
)
DAILY = {
    "DailyBulkApiBatches": 15_000,
    "DailyBulkV2QueryJobs": 10_000,
    "DailyBulkV2QueryFileStorageMB": 976_562,
    "HourlyAsyncReportRuns": 1_200,
    "HourlySyncReportRuns": 500,
    "DailyStreamingApiEvents": 200_000,
}
STORAGE_MB = 5_120
ROW_KB = 2


def versions() -> Response:
    """Answer the list of versions, which needs no credentials and costs nothing."""
    return answer(
        [
            {"label": label, "url": f"/services/data/v{number}", "version": number}
            for number, label in VERSIONS.items()
        ]
    )


def resources(call: Call) -> Response:
    """Answer what lies under one version."""
    return answer({name: f"{call.root}/{name}" for name in RESOURCES})


def limits(call: Call) -> Response:
    """Answer what the org may use and what it has left."""
    usage = call.simulator.usage
    rows = sum(call.org.store.count(kind) for kind in call.org.base.objects.values())
    body: dict[str, Any] = {
        "DailyApiRequests": {
            "Max": call.org.features.daily_limit,
            "Remaining": max(call.org.features.daily_limit - usage.used(), 0),
        },
        "DataStorageMB": {
            "Max": STORAGE_MB,
            "Remaining": max(STORAGE_MB - rows * ROW_KB // 1024, 0),
        },
    }
    for name, most in DAILY.items():
        body[name] = {"Max": most, "Remaining": most}
    return answer(body)


def record_count(call: Call) -> Response:
    """Answer roughly how many records some objects have."""
    wanted = call.request.query.get("sObjects")
    names = wanted.split(",") if wanted else list(call.org.schema.objects)
    counted = []
    for name in names:
        kind = call.org.schema.find(name.strip())
        if kind is not None and (count := call.org.store.count(kind)):
            counted.append({"count": count, "name": kind.name})
    return answer({"sObjects": counted})


ROUTES = (
    Route(method="GET", path="", resource=resources, kind="resources"),
    Route(method="GET", path="/limits", resource=limits, kind="limits"),
    Route(method="GET", path="/limits/recordCount", resource=record_count, kind="limits"),
)
