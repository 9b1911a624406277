"""Bulk API 2.0 query: a job whose result is read page by page."""

from typing import Any

from simulator.errors import SalesforceError
from simulator.jobs.desk import DONE_STATES, Job
from simulator.jobs.table import DELIMITERS, LINE_ENDINGS, cell, flattened, write_table
from simulator.messages import Response, answer, no_content, text
from simulator.rest.bulk_ingest import CSV
from simulator.rest.call import Call
from simulator.rest.router import Route
from simulator.soql.parser import parse
from simulator.soql.tree import Call as Function
from simulator.soql.tree import Children, Item, Query, TypeOf

FAMILY = "query"
ALL_AT_ONCE = 10**9
DEFAULT_PAGE = 50_000
MOST_PAGES = 5


def open_job(call: Call) -> Response:
    """Open a query job."""
    body = call.request.json_object()
    operation, query = body.get("operation"), body.get("query")
    if operation not in {"query", "queryAll"} or not isinstance(query, str):
        raise SalesforceError("INVALIDJOB", "A job needs the operation query and a query.")
    tree = parse(query)
    refuse(tree)
    delimiter, ending = body.get("columnDelimiter", "COMMA"), body.get("lineEnding", "LF")
    if delimiter not in DELIMITERS or ending not in LINE_ENDINGS:
        raise SalesforceError("INVALIDJOB", "Unknown columnDelimiter or lineEnding.")
    plan, _ = call.org.engine.plan(
        query, schema=call.org.schema, root=call.root, all_rows=operation == "queryAll"
    )
    job = call.org.jobs.open(
        call, family=FAMILY, operation=operation, name=plan.kind.name, state="UploadComplete"
    )
    job.info = {"query": query, "lineEnding": ending, "columnDelimiter": delimiter}
    job.info["ordered"] = bool(tree.order)
    job.info["columns"] = columns_of(tree)
    call.org.jobs.hand_over(job, _work)
    return answer(_info(job))


def refuse(tree: Query) -> None:
    """Refuse what the bulk API does not take in a query."""
    reasons = (
        (bool(tree.group), "GROUP BY"),
        (tree.offset is not None, "OFFSET"),
        (any(isinstance(one, TypeOf) for one in tree.selection), "TYPEOF"),
        (any(isinstance(one, Children) for one in tree.selection), "nested queries"),
        (
            any(isinstance(one, Item) and isinstance(one.term, Function) for one in tree.selection),
            "aggregates and functions",
        ),
        (
            any(
                isinstance(one, Item)
                and not isinstance(one.term, Function)
                and one.term.names[-1].endswith("Address")
                for one in tree.selection
            ),
            "compound fields",
        ),
    )
    for present, what in reasons:
        if present:
            raise SalesforceError("API_ERROR", f"The Bulk API does not support {what}.")


def columns_of(tree: Query) -> list[str]:
    """Return the header of the result, as selected."""
    prefixes = {(tree.alias or "").lower(), tree.target.text.lower()}
    columns = []
    for item in tree.selection:
        if isinstance(item, Item) and not isinstance(item.term, Function):
            names = item.term.names
            columns.append(".".join(names[1:] if names[0].lower() in prefixes else names))
    return columns


def list_jobs(call: Call) -> Response:
    """List the query jobs."""
    jobs = [_info(job) | {"jobType": "V2Query"} for job in call.org.jobs.all(FAMILY)]
    return answer({"done": True, "records": jobs, "nextRecordsUrl": None})


def read_job(call: Call, job_id: str) -> Response:
    """Answer how far a job is."""
    job = call.org.jobs.find(job_id, FAMILY)
    progress: dict[str, Any] = {
        "jobType": "V2Query",
        "numberRecordsProcessed": len(job.parts),
        "retries": 0,
        "totalProcessingTime": len(job.parts) // 100,
        "isPkChunkingSupported": True,
    }
    if "errorMessage" in job.info:
        progress["errorMessage"] = job.info["errorMessage"]
    return answer(_info(job) | progress)


def change_state(call: Call, job_id: str) -> Response:
    """Abort a job."""
    job = call.org.jobs.find(job_id, FAMILY)
    state = call.request.json_object().get("state")
    if state != "Aborted" or job.state in DONE_STATES:
        raise SalesforceError("INVALIDJOBSTATE", f"A job that is {job.state} can't become {state}")
    job.become("Aborted")
    job.step = None
    return answer(_info(job))


def remove_job(call: Call, job_id: str) -> Response:
    """Delete a job that has ended."""
    call.org.jobs.drop(job_id, FAMILY)
    return no_content()


def results(call: Call, job_id: str) -> Response:
    """Answer a page of the result; the last one's locator is the word null."""
    job = _complete(call, job_id)
    size = call.request.query.get("maxRecords", str(DEFAULT_PAGE))
    if not size.isdecimal() or int(size) == 0:
        raise SalesforceError("INVALID_INPUT", "maxRecords is a number of rows.")
    start = _start(job, call.request.query.get("locator"))
    rows = job.parts[start : start + int(size)]
    end = start + len(rows)
    body = write_table(
        [job.info["columns"], *rows],
        DELIMITERS[job.info["columnDelimiter"]],
        LINE_ENDINGS[job.info["lineEnding"]],
    )
    response = text(body, CSV)
    response.headers["Sforce-NumberOfRecords"] = str(len(rows))
    response.headers["Sforce-Locator"] = _locator(end) if end < len(job.parts) else "null"
    return response


def result_pages(call: Call, job_id: str) -> Response:
    """Answer where up to five pages of the result lie, to be read side by side."""
    job = _complete(call, job_id)
    start = _start(job, call.request.query.get("locator"))
    base = f"{call.root}/jobs/query/{job.id}"
    starts = range(start, max(len(job.parts), 1), DEFAULT_PAGE)
    body: dict[str, Any] = {
        "resultPages": [
            {"resultUrl": f"{base}/results?locator={_locator(one)}"} for one in starts[:MOST_PAGES]
        ],
        "done": len(starts) <= MOST_PAGES,
    }
    if not body["done"]:
        body["nextRecordsUrl"] = f"{base}/resultPages?locator={_locator(starts[MOST_PAGES])}"
    return answer(body)


def _complete(call: Call, job_id: str) -> Job:
    job = call.org.jobs.find(job_id, FAMILY)
    if call.version != job.call.version:
        raise SalesforceError(
            "API_ERROR", f"The job was made with version {job.call.version}", status=409
        )
    if job.state != "JobComplete":
        raise SalesforceError("INVALIDJOBSTATE", f"The job is {job.state}; it has no results")
    return job


def _locator(start: int) -> str:
    return f"M{start:09d}Q"


def _start(job: Job, locator: str | None) -> int:
    if locator in {None, "", "null"}:
        return 0
    digits = str(locator).strip("MQ")
    if not digits.isdecimal() or int(digits) > max(len(job.parts) - 1, 0):
        raise SalesforceError("INVALID_QUERY_LOCATOR", "invalid query locator")
    return int(digits)


def run_query(job: Job) -> list[list[str]]:
    """Return the rows that a query job finds, in no order unless it asks for one."""
    call = job.call
    page = call.org.engine.run(
        job.info["query"],
        schema=call.org.schema,
        root=call.root,
        user_id=call.user_id,
        all_rows=job.operation == "queryAll",
        page_size=ALL_AT_ONCE,
    )
    lower = [name.lower() for name in job.info["columns"]]
    rows = []
    for record in page.records:
        values = {name.lower(): value for name, value in flattened(record)}
        rows.append([cell(values.get(name)) for name in lower])
    if not job.info["ordered"]:
        job.dice.shuffle(rows)
    return rows


def _work(job: Job) -> None:
    try:
        job.parts = run_query(job)
        job.become("JobComplete")
    except SalesforceError as exc:
        job.become("Failed")
        job.info["errorMessage"] = f"{exc.code}: {exc.message}"


def _info(job: Job) -> dict[str, Any]:
    return job.told() | {
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "lineEnding": job.info["lineEnding"],
        "columnDelimiter": job.info["columnDelimiter"],
    }


_ALL, _ONE = "/jobs/query", "/jobs/query/{job_id}"
ROUTES = (
    Route(method="POST", path=_ALL, resource=open_job, kind="bulk_open"),
    Route(method="GET", path=_ALL, resource=list_jobs, kind="bulk_list"),
    Route(method="GET", path=_ONE, resource=read_job, kind="bulk_status"),
    Route(method="PATCH", path=_ONE, resource=change_state, kind="bulk_state"),
    Route(method="DELETE", path=_ONE, resource=remove_job, kind="bulk_delete"),
    Route(method="GET", path=f"{_ONE}/results", resource=results, kind="bulk_results"),
    Route(method="GET", path=f"{_ONE}/resultPages", resource=result_pages, kind="bulk_results"),
)
