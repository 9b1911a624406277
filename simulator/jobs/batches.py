"""The batches of a Bulk API 1 job, and what is done with them."""

import json
from dataclasses import dataclass, field
from typing import Any

from simulator.errors import SalesforceError
from simulator.jobs.desk import Job
from simulator.jobs.table import cell, flattened, read_table, record_from, write_table
from simulator.jobs.work import Order, do_rows
from simulator.jobs.xmltext import read_records, write_list
from simulator.rest.rows import Result
from simulator.soql.engine import Page

MOST_ROWS = 10_000
MOST_BYTES = 10 * 1000 * 1000


@dataclass(kw_only=True)
class Batch:
    """One batch and its answers."""

    id: str
    created_at: str
    body: bytes
    state: str = "Queued"
    message: str | None = None
    results: list[Result] = field(default_factory=list)
    processed: int = 0
    failed: int = 0
    # Of a query: the id of its one result, and what that holds.
    result_id: str | None = None
    page: Page | None = None


def read_rows(content_type: str, body: bytes) -> list[dict[str, Any]]:
    """Return the records that a batch holds, at most 10,000."""
    rows = _rows(content_type, body)
    if len(rows) > MOST_ROWS:
        raise SalesforceError("InvalidBatch", f"Records in batch exceed the limit of {MOST_ROWS}")
    return rows


def _rows(content_type: str, body: bytes) -> list[dict[str, Any]]:
    if content_type == "JSON":
        try:
            rows = json.loads(body)
        except ValueError as exc:
            raise SalesforceError("InvalidBatch", f"The JSON can not be read: {exc}") from exc
        if not isinstance(rows, list):
            raise SalesforceError("InvalidBatch", "A batch has to be a list of records.")
        return [
            {name: value for name, value in row.items() if name != "attributes"} for row in rows
        ]
    if content_type == "XML":
        return read_records(body)
    header, table = read_table(body)
    return [record_from(header, row) for row in table]


def do_batch(job: Job, batch: Batch, result_id: str) -> None:
    """Do the work of one batch."""
    call = job.call
    try:
        if job.operation in {"query", "queryAll"}:
            batch.page = call.org.engine.run(
                batch.body.decode("utf-8"),
                schema=call.org.schema,
                root=call.root,
                user_id=call.user_id,
                all_rows=job.operation == "queryAll",
                page_size=10**9,
            )
            batch.result_id, batch.processed = result_id, len(batch.page.records)
        else:
            rows = read_rows(job.info["contentType"], batch.body)
            order = Order(
                kind=call.org.kind(job.object),
                operation=job.operation,
                key=job.info.get("externalIdFieldName"),
                assignment_rule=job.info.get("assignmentRuleId"),
            )
            batch.results = do_rows(call, order, rows)
            batch.processed = len(rows)
            batch.failed = sum(isinstance(one, SalesforceError) for one in batch.results)
        batch.state = "Completed"
    except SalesforceError as exc:
        batch.state = "Failed"
        batch.message = f"InvalidBatch : {exc.message}"


def write_results(content_type: str, results: list[Result]) -> str:
    """Return what became of each row, in the order of the batch."""
    if content_type == "CSV":
        rows = [["Id", "Success", "Created", "Error"]]
        for one in results:
            if isinstance(one, SalesforceError):
                fields = ", ".join(one.fields or [])
                error = f"{one.code}:{one.message}:{f'{fields} ' if fields else ''}--"
                rows.append(["", "false", "false", error])
            else:
                rows.append([one.record_id, "true", str(one.created).lower(), ""])
        return write_table(rows)
    shown = [_shown(one) for one in results]
    if content_type == "JSON":
        return json.dumps(shown, ensure_ascii=False)
    return write_list("results", "result", shown)


def _shown(result: Result) -> dict[str, Any]:
    if isinstance(result, SalesforceError):
        error = {
            "message": result.message,
            "fields": result.fields or [],
            "statusCode": result.code,
            "extendedErrorDetails": None,
        }
        return {"success": False, "created": False, "id": None, "errors": [error]}
    return {"success": True, "created": result.created, "id": result.record_id, "errors": []}


def write_page(content_type: str, page: Page, name: str, columns: list[str]) -> str:
    """Return what a query found."""
    if content_type == "JSON":
        return json.dumps(page.records, ensure_ascii=False)
    if content_type == "CSV":
        lower = [column.lower() for column in columns]
        rows: list[list[str]] = [columns]
        for record in page.records:
            values = {path.lower(): value for path, value in flattened(record)}
            rows.append([cell(values.get(one)) for one in lower])
        return write_table(rows) if page.records else "Records not found for this query"
    records: list[dict[str, Any]] = [
        {"type": name, **{path: cell(value) or None for path, value in flattened(record)}}
        for record in page.records
    ]
    return write_list("queryResult", "records", records)
