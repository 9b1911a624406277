"""Versions, limits and what else tells about the org."""

from typing import Any

from simulator.messages import Response, answer
from simulator.rest.call import Call
from simulator.rest.router import Route

# Versions before these are retired, versions after them are not out.
OLDEST, NEWEST = 31, 67
SEASONS = ("Winter", "Spring", "Summer")
# Winter '25 was version 62, and there are three versions a year.
WINTER_25 = 62


def _label(number: int) -> str:
    years, season = divmod(number - WINTER_25, len(SEASONS))
    return f"{SEASONS[season]} '{25 + years}"


VERSIONS = {f"{number}.0": _label(number) for number in range(OLDEST, NEWEST + 1)}
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
    identity = call.simulator.identity_url(call.request, call.user_id)
    return answer({name: f"{call.root}/{name}" for name in RESOURCES} | {"identity": identity})


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
