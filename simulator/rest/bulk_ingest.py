"""Bulk API 2.0 ingest: open a job, upload a table, close it, and read three tables of results."""

from dataclasses import dataclass, field
from typing import Any

from simulator.errors import SalesforceError, unsupported
from simulator.jobs.desk import DONE_STATES, Job
from simulator.jobs.table import DELIMITERS, LINE_ENDINGS, read_table, record_from, write_table
from simulator.jobs.work import Order, check_order, do_rows, error_text
from simulator.messages import Response, answer, no_content, text
from simulator.rest.call import Call
from simulator.rest.router import Route

FAMILY = "ingest"
MOST_BYTES = 150 * 1000 * 1000
CSV = "text/csv; charset=UTF-8"


@dataclass(kw_only=True)
class Table:
    """The uploaded rows of a job and what became of them."""

    header: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    good: list[tuple[str, bool, list[str]]] = field(default_factory=list)
    bad: list[tuple[str, str, list[str]]] = field(default_factory=list)
    unprocessed: list[list[str]] = field(default_factory=list)


def open_job(call: Call) -> Response:
    """Open a job."""
    if "multipart" in call.request.headers.get("content-type", ""):
        raise unsupported("Multipart jobs are not taken here; open a job, then upload its table.")
    body = call.request.json_object()
    name, operation = body.get("object"), body.get("operation")
    if not isinstance(name, str) or not isinstance(operation, str):
        raise SalesforceError("INVALIDJOB", "A job needs an object and an operation.")
    kind = call.org.schema.find(name)
    if kind is None:
        raise SalesforceError("INVALIDENTITY", f"Entity '{name}' is not supported by the Bulk API.")
    if body.get("contentType", "CSV") != "CSV":
        raise SalesforceError("INVALIDJOB", "The contentType has to be CSV.")
    delimiter, ending = body.get("columnDelimiter", "COMMA"), body.get("lineEnding", "LF")
    if delimiter not in DELIMITERS or ending not in LINE_ENDINGS:
        raise SalesforceError("INVALIDJOB", "Unknown columnDelimiter or lineEnding.")
    key = body.get("externalIdFieldName")
    check_order(call, Order(kind=kind, operation=operation, key=key))
    job = call.org.jobs.open(call, family=FAMILY, operation=operation, name=kind.name, state="Open")
    job.info = {
        "columnDelimiter": delimiter,
        "lineEnding": ending,
        "assignmentRuleId": body.get("assignmentRuleId"),
        "wrongEnding": False,
    }
    if key is not None:
        job.info["externalIdFieldName"] = key
    job.parts = [Table()]
    return answer(_info(job))


def list_jobs(call: Call) -> Response:
    """List the ingest jobs."""
    jobs = [_info(job) | {"jobType": "V2Ingest"} for job in call.org.jobs.all(FAMILY)]
    return answer({"done": True, "records": jobs, "nextRecordsUrl": None})


def read_job(call: Call, job_id: str) -> Response:
    """Answer how far a job is."""
    job = call.org.jobs.find(job_id, FAMILY)
    return answer(_info(job) | _progress(job))


def upload(call: Call, job_id: str) -> Response:
    """Take the table of a job."""
    job = call.org.jobs.find(job_id, FAMILY)
    if job.state != "Open":
        raise SalesforceError(
            "INVALIDJOBSTATE", f"The job is {job.state}; data is taken while Open"
        )
    if len(call.request.body) > MOST_BYTES:
        raise SalesforceError("LIMIT_EXCEEDED", "The content is larger than 150 MB.", status=413)
    table: Table = job.parts[0]
    if table.header:
        raise SalesforceError("INVALIDJOBSTATE", f"Found multiple contents for job: <{job.id}>")
    _fill(job, call.request.body)
    return Response(status=201)


def _fill(job: Job, body: bytes) -> None:
    table: Table = job.parts[0]
    table.header, table.rows = read_table(body, DELIMITERS[job.info["columnDelimiter"]])
    first = body.partition(b"\n")
    job.info["wrongEnding"] = bool(first[1]) and (
        first[0].endswith(b"\r") is not (job.info["lineEnding"] == "CRLF")
    )


def change_state(call: Call, job_id: str) -> Response:
    """Close a job, so that its work begins, or abort it."""
    job = call.org.jobs.find(job_id, FAMILY)
    state = call.request.json_object().get("state")
    if state == "UploadComplete" and job.state == "Open":
        call.org.jobs.hand_over(job, _work)
    elif state == "Aborted" and job.state not in DONE_STATES:
        table: Table = job.parts[0]
        table.unprocessed = list(table.rows)
        job.become("Aborted")
        job.step = None
    else:
        raise SalesforceError("INVALIDJOBSTATE", f"A job that is {job.state} can't become {state}")
    return answer(_info(job))


def remove_job(call: Call, job_id: str) -> Response:
    """Delete a job that has ended."""
    call.org.jobs.drop(job_id, FAMILY)
    return no_content()


def successful(call: Call, job_id: str) -> Response:
    """Answer the rows that were written, in no order."""
    job, table = _ended(call, job_id)
    rows = [[one, str(created).lower(), *row] for one, created, row in table.good]
    return _table(job, ["sf__Id", "sf__Created", *table.header], rows)


def failed(call: Call, job_id: str) -> Response:
    """Answer the rows that were refused, with the reason."""
    job, table = _ended(call, job_id)
    rows = [[one, error, *row] for one, error, row in table.bad]
    return _table(job, ["sf__Id", "sf__Error", *table.header], rows)


def unprocessed(call: Call, job_id: str) -> Response:
    """Answer the rows that were never tried, as they were uploaded."""
    job, table = _ended(call, job_id)
    return _table(job, table.header, table.unprocessed)


def _ended(call: Call, job_id: str) -> tuple[Job, Table]:
    job = call.org.jobs.find(job_id, FAMILY)
    if job.state not in DONE_STATES:
        raise SalesforceError("INVALIDJOBSTATE", f"The job is {job.state}; it has no results yet")
    return job, job.parts[0]


def _table(job: Job, header: list[str], rows: list[list[str]]) -> Response:
    body = write_table(
        [header, *rows],
        DELIMITERS[job.info["columnDelimiter"]],
        LINE_ENDINGS[job.info["lineEnding"]],
    )
    return text(body, CSV)


def _work(job: Job) -> None:
    table: Table = job.parts[0]
    call = job.call
    if job.info["wrongEnding"]:
        job.become("Failed")
        table.unprocessed = list(table.rows)
        job.info["errorMessage"] = (
            "ClientInputError : LineEnding is invalid on user data. "
            f"Current LineEnding setting is {job.info['lineEnding']}"
        )
        return
    kind = call.org.schema.find(job.object)
    unknown = [
        name for name in table.header if kind is None or not _is_column(call, kind.name, name)
    ]
    if kind is None or unknown:
        job.become("Failed")
        job.info["errorMessage"] = f"InvalidBatch : Field name not found : {', '.join(unknown)}"
        table.unprocessed = list(table.rows)
        return
    limit = call.org.features.bulk_fail_after_rows or len(table.rows)
    rows, table.unprocessed = table.rows[:limit], table.rows[limit:]
    order = Order(
        kind=kind,
        operation=job.operation,
        key=job.info.get("externalIdFieldName"),
        assignment_rule=job.info["assignmentRuleId"],
    )
    results = do_rows(call, order, [record_from(table.header, row) for row in rows])
    for row, result in zip(rows, results, strict=True):
        if isinstance(result, SalesforceError):
            given = dict(zip(table.header, row, strict=False)).get("Id", "")
            table.bad.append((given, error_text(result), row))
        else:
            table.good.append((result.record_id, result.created, row))
    job.dice.shuffle(table.good)
    job.dice.shuffle(table.bad)
    job.become("Failed" if table.unprocessed else "JobComplete")
    if table.unprocessed:
        job.info["errorMessage"] = "InternalServerError : the job ended before all rows were read"


def _is_column(call: Call, kind_name: str, column: str) -> bool:
    kind = call.org.kind(kind_name)
    relationship, _, key = column.partition(".")
    if not key:
        return kind.has(column)
    return relationship.rpartition(":")[2].lower() in kind.by_relationship


def _info(job: Job) -> dict[str, Any]:
    unseen = {"errorMessage", "wrongEnding"}
    shown = {name: value for name, value in job.info.items() if name not in unseen and value}
    return job.told() | {
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "contentUrl": f"{job.call.root.lstrip('/')}/jobs/ingest/{job.id}/batches",
        **shown,
    }


def _progress(job: Job) -> dict[str, Any]:
    table: Table = job.parts[0]
    progress = {
        "jobType": "V2Ingest",
        "retries": 0,
        "totalProcessingTime": len(table.rows) // 10,
        "apiActiveProcessingTime": len(table.rows) // 20,
        "apexProcessingTime": 0,
        "numberRecordsProcessed": len(table.good) + len(table.bad),
        "numberRecordsFailed": len(table.bad),
    }
    error = job.info.get("errorMessage")
    return progress | ({"errorMessage": error} if error else {})


_ALL, _ONE = "/jobs/ingest", "/jobs/ingest/{job_id}"
ROUTES = (
    Route(method="POST", path=_ALL, resource=open_job, kind="bulk_open"),
    Route(method="GET", path=_ALL, resource=list_jobs, kind="bulk_list"),
    Route(method="GET", path=_ONE, resource=read_job, kind="bulk_status"),
    Route(method="PATCH", path=_ONE, resource=change_state, kind="bulk_state"),
    Route(method="DELETE", path=_ONE, resource=remove_job, kind="bulk_delete"),
    Route(method="PUT", path=f"{_ONE}/batches", resource=upload, kind="bulk_upload"),
    Route(method="GET", path=f"{_ONE}/successfulResults", resource=successful, kind="bulk_results"),
    Route(method="GET", path=f"{_ONE}/failedResults", resource=failed, kind="bulk_results"),
    # The guide writes it in small letters, clients with a capital, and orgs take both.
    Route(
        method="GET", path=f"{_ONE}/unprocessedrecords", resource=unprocessed, kind="bulk_results"
    ),
    Route(
        method="GET", path=f"{_ONE}/unprocessedRecords", resource=unprocessed, kind="bulk_results"
    ),
)
