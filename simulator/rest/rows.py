"""Writes many rows, each with an outcome or a refusal of its own."""

from collections.abc import Callable, Sequence

from simulator.errors import InjectedError, RequestError, SalesforceError
from simulator.records.writer import Outcome
from simulator.rest.call import Call
from simulator.schema import ObjectType

# Writes the row of this index, or raises.
Write = Callable[[int], Outcome]
Result = Outcome | SalesforceError


class _ChunkError(Exception):
    """A row that could not be locked, which fails the rows that are saved with it."""

    def __init__(self, error: SalesforceError) -> None:
        super().__init__(error.message)
        self.error = error


def write_chunk(
    call: Call, kinds: Sequence[ObjectType], indexes: Sequence[int], write: Write
) -> list[Result]:
    """Write rows that are saved together; one that can't be locked fails its neighbours too."""
    results: list[Result] = []
    try:
        with call.org.store.transaction():
            results.extend(_write_row(call, kinds[index], index, write) for index in indexes)
    except _ChunkError as exc:
        results = [exc.error for _ in indexes]
    return results


def _write_row(call: Call, kind: ObjectType, index: int, write: Write) -> Result:
    try:
        call.simulator.fail_row(call, kind.name)
        outcome = write(index)
        call.simulator.fail_row_after()
    except RequestError:
        raise
    except SalesforceError as exc:
        locked = exc.code == "UNABLE_TO_LOCK_ROW" and not isinstance(exc, InjectedError)
        if locked and call.org.features.lock_scope == "batch":
            raise _ChunkError(exc) from exc
        return exc
    return outcome
