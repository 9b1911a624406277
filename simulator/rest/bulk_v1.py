"""Bulk API 1: jobs of batches, in XML, JSON or CSV."""

import json
from collections.abc import Callable
from typing import Any

from simulator.errors import SalesforceError
from simulator.jobs.batches import MOST_BYTES, Batch, do_batch, write_page, write_results
from simulator.jobs.desk import BATCH_PREFIX, RESULT_PREFIX, Job
from simulator.jobs.progress import batch_info, batches_of, job_info
from simulator.jobs.work import WRITES, Order, check_order
from simulator.jobs.xmltext import read_fields, write_fields, write_list
from simulator.messages import Response, answer, text
from simulator.rest.bulk_query import columns_of, refuse
from simulator.rest.call import Call
from simulator.rest.router import Route
from simulator.soql.parser import parse

FAMILY = "v1"
XML = "application/xml"
CONTENT_TYPES = {"CSV": "text/csv", "JSON": "application/json", "XML": "application/xml"}
Resource = Callable[..., Response]


def _guarded(resource: Resource) -> Resource:
    """Refuse in the shape of this API: exceptionCode and exceptionMessage."""

    def guarded(call: Call, **values: str) -> Response:
        try:
            return resource(call, **values)
        except SalesforceError as exc:
            # Every refusal of this API is a 400; what is not simulated says so nevertheless.
            status = 501 if exc.code == "NOT_IMPLEMENTED" else 400
            body = {"exceptionCode": exc.code, "exceptionMessage": exc.message}
            if _speaks_json(call):
                return _json(body, status)
            return text(write_fields("error", body), XML, status)

    return guarded


def _speaks_json(call: Call) -> bool:
    return "json" in (
        call.request.headers.get("content-type", "") + call.request.headers.get("accept", "")
    )


def _json(fields: dict[str, Any], status: int = 200) -> Response:
    """Answer in JSON, whose type has no charset in this API: clients compare it."""
    response = answer(fields, status)
    response.headers["Content-Type"] = CONTENT_TYPES["JSON"]
    return response


def _shown(call: Call, root: str, fields: dict[str, Any], status: int = 200) -> Response:
    if _speaks_json(call):
        return _json(fields, status)
    return text(write_fields(root, fields), XML, status)


def open_job(call: Call) -> Response:
    """Open a job."""
    chunking = call.request.headers.get("sforce-enable-pkchunking", "false")
    if chunking.strip().lower() != "false":
        raise SalesforceError(
            "NOT_IMPLEMENTED",
            "The simulator does not split queries by primary key; leave out "
            "Sforce-Enable-PKChunking.",
        )
    given = _given(call)
    operation = {"harddelete": "hardDelete", "queryall": "queryAll"}.get(
        given.get("operation", "").lower(), given.get("operation", "").lower()
    )
    kind = call.org.schema.find(given.get("object", ""))
    if kind is None:
        raise SalesforceError("InvalidJob", f"Unable to find object: {given.get('object')}")
    content_type = given.get("contentType") or "XML"
    if content_type not in CONTENT_TYPES:
        raise SalesforceError(
            "InvalidJob", f"The contentType {content_type} is not supported here."
        )
    if operation in WRITES:
        key = given.get("externalIdFieldName")
        check_order(call, Order(kind=kind, operation=operation, key=key))
    elif operation not in {"query", "queryAll"}:
        raise SalesforceError("InvalidJob", f"Unknown operation: {given.get('operation')}")
    job = call.org.jobs.open(call, family=FAMILY, operation=operation, name=kind.name, state="Open")
    job.info = {
        "contentType": content_type,
        "concurrencyMode": given.get("concurrencyMode") or "Parallel",
        "externalIdFieldName": given.get("externalIdFieldName") or None,
        "assignmentRuleId": given.get("assignmentRuleId") or None,
    }
    return _shown(call, "jobInfo", job_info(job), 201)


def read_job(call: Call, job_id: str) -> Response:
    """Answer how far a job is."""
    return _shown(call, "jobInfo", job_info(call.org.jobs.find(job_id, FAMILY)))


def change_job(call: Call, job_id: str) -> Response:
    """Close or abort a job."""
    job = call.org.jobs.find(job_id, FAMILY)
    state = _given(call).get("state", "")
    if state not in {"Closed", "Aborted"} or job.state in {"Closed", "Aborted"}:
        raise SalesforceError("InvalidJobState", f"A job that is {job.state} can't become {state}")
    job.become(state)
    if state == "Aborted":
        for batch in batches_of(job):
            if batch.state == "Queued":
                batch.state, batch.message = "NotProcessed", "Aborted"
    return _shown(call, "jobInfo", job_info(job))


def add_batch(call: Call, job_id: str) -> Response:
    """Take a batch of a job."""
    job = call.org.jobs.find(job_id, FAMILY)
    if job.state != "Open":
        raise SalesforceError("InvalidJobState", f"The job is {job.state}")
    if len(call.request.body) > MOST_BYTES:
        raise SalesforceError("ExceededQuota", "The batch is larger than 10 MB.")
    if job.operation in {"query", "queryAll"}:
        tree = parse(call.request.body.decode("utf-8", "replace"))
        refuse(tree)
        job.info["columns"] = columns_of(tree)
    batch = Batch(
        id=call.org.jobs.next_id(BATCH_PREFIX),
        created_at=call.org.clock.stamp(),
        body=call.request.body,
    )
    job.parts.append(batch)
    job.step, job.handed_over_s = _step, call.org.clock.timestamp()
    return _shown(call, "batchInfo", batch_info(job, batch), 201)


def list_batches(call: Call, job_id: str) -> Response:
    """Answer how far the batches of a job are."""
    job = call.org.jobs.find(job_id, FAMILY)
    shown = [batch_info(job, batch) for batch in batches_of(job)]
    if _speaks_json(call):
        return _json({"batchInfo": shown})
    return text(write_list("batchInfoList", "batchInfo", shown), XML)


def read_batch(call: Call, job_id: str, batch_id: str) -> Response:
    """Answer how far a batch is."""
    job = call.org.jobs.find(job_id, FAMILY)
    return _shown(call, "batchInfo", batch_info(job, _batch(job, batch_id)))


def read_request(call: Call, job_id: str, batch_id: str) -> Response:
    """Answer what a batch held."""
    job = call.org.jobs.find(job_id, FAMILY)
    body = _batch(job, batch_id).body.decode("utf-8", "replace")
    return text(body, CONTENT_TYPES[job.info["contentType"]])


def read_results(call: Call, job_id: str, batch_id: str) -> Response:
    """Answer what became of the rows of a batch, or where the result of a query lies."""
    job = call.org.jobs.find(job_id, FAMILY)
    batch = _ended(job, batch_id)
    content_type = job.info["contentType"]
    if batch.result_id is None:
        return text(write_results(content_type, batch.results), CONTENT_TYPES[content_type])
    if content_type == "JSON":
        return text(json.dumps([batch.result_id]), CONTENT_TYPES["JSON"])
    return text(write_list("result-list", "result", [batch.result_id]), XML)


def read_page(call: Call, job_id: str, batch_id: str, result_id: str) -> Response:
    """Answer what a query found."""
    job = call.org.jobs.find(job_id, FAMILY)
    batch = _ended(job, batch_id)
    if batch.result_id != result_id or batch.page is None:
        raise SalesforceError("InvalidBatch", f"No result {result_id}")
    content_type = job.info["contentType"]
    page = write_page(content_type, batch.page, job.object, job.info["columns"])
    return text(page, CONTENT_TYPES[content_type])


def _given(call: Call) -> dict[str, str]:
    if "json" in call.request.headers.get("content-type", ""):
        return {name: str(value or "") for name, value in call.request.json_object().items()}
    return read_fields(call.request.body)


def _batch(job: Job, batch_id: str) -> Batch:
    found = next((one for one in batches_of(job) if one.id[:15] == batch_id[:15]), None)
    if found is None:
        raise SalesforceError("InvalidBatch", f"Unable to find batch {batch_id}")
    return found


def _ended(job: Job, batch_id: str) -> Batch:
    batch = _batch(job, batch_id)
    if batch.state != "Completed":
        raise SalesforceError("InvalidBatch", f"Batch not completed: {batch.state}")
    return batch


def _step(job: Job) -> None:
    """Move every batch one step on."""
    org = job.call.org
    for batch in batches_of(job):
        if batch.state == "Queued":
            batch.state = "InProgress"
        elif batch.state == "InProgress" and org.jobs.due(job):
            with org.writing():
                do_batch(job, batch, org.jobs.next_id(RESULT_PREFIX))


def _route(method: str, path: str, resource: Resource, kind: str) -> Route:
    return Route(method=method, path=f"/async{path}", resource=_guarded(resource), kind=kind)


_JOB = "/job/{job_id}"
_BATCH = f"{_JOB}/batch/{{batch_id}}"
ROUTES = (
    _route("POST", "/job", open_job, "bulk_open"),
    _route("GET", _JOB, read_job, "bulk_status"),
    _route("POST", _JOB, change_job, "bulk_state"),
    _route("POST", f"{_JOB}/batch", add_batch, "bulk_upload"),
    _route("GET", f"{_JOB}/batch", list_batches, "bulk_status"),
    _route("GET", _BATCH, read_batch, "bulk_status"),
    _route("GET", f"{_BATCH}/request", read_request, "bulk_results"),
    _route("GET", f"{_BATCH}/result", read_results, "bulk_results"),
    _route("GET", f"{_BATCH}/result/{{result_id}}", read_page, "bulk_results"),
)
