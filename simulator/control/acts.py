"""What each call of the control plane does."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from simulator.errors import SalesforceError
from simulator.records import conversion, lifecycle

if TYPE_CHECKING:
    from simulator.simulator import Simulator

Body = dict[str, Any]
# A century at a time.
MOST_SECONDS = 100 * 366 * 86_400


def reset(simulator: "Simulator", _body: Body) -> Body:
    """Start over with an empty org."""
    simulator.reset()
    return read_clock(simulator, {})


def read_clock(simulator: "Simulator", _body: Body) -> Body:
    """Tell the time of the org."""
    clock = simulator.clock
    return {"now": clock.now().isoformat().replace("+00:00", "Z"), "frozen": clock.frozen}


def set_clock(simulator: "Simulator", body: Body) -> Body:
    """Freeze the clock, push it forwards or let it run."""
    _only(body, "freeze", "advance_s", "run")
    if "freeze" in body:
        simulator.clock.freeze(_moment(body["freeze"]))
    if "advance_s" in body:
        seconds = body["advance_s"]
        number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
        if not number or abs(seconds) > MOST_SECONDS:
            raise SalesforceError("INVALID_INPUT", "advance_s takes a number of seconds.")
        simulator.clock.advance(float(seconds))
    if body.get("run"):
        simulator.clock.run()
    return read_clock(simulator, {})


def _moment(given: object) -> datetime | None:
    if given is True or given is None:
        return None
    try:
        moment = datetime.fromisoformat(str(given))
    except ValueError as exc:
        raise SalesforceError("INVALID_INPUT", f"{given} is no ISO 8601 time.") from exc
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def open_transaction(simulator: "Simulator", _body: Body) -> Body:
    """Open a transaction whose writes are seen when it commits."""
    return {"id": simulator.org.transactions.start()}


def commit(simulator: "Simulator", _body: Body, name: str) -> Body:
    """Show what a transaction wrote."""
    return {"id": name, "changes": simulator.org.transactions.commit(name)}


def roll_back(simulator: "Simulator", _body: Body, name: str) -> Body:
    """Forget what a transaction wrote."""
    simulator.org.transactions.rollback(name)
    return {"id": name, "changes": 0}


def list_faults(simulator: "Simulator", _body: Body) -> list[Body]:
    """List the faults in force, with how often they struck."""
    return simulator.faults.as_list()


def add_fault(simulator: "Simulator", body: Body) -> Body:
    """Put a fault in force."""
    return simulator.faults.add(body).as_dict()


def lift_faults(simulator: "Simulator", _body: Body) -> Body:
    """Lift all faults."""
    return {"lifted": simulator.faults.remove()}


def lift_fault(simulator: "Simulator", _body: Body, number: str) -> Body:
    """Lift one fault."""
    return {"lifted": simulator.faults.remove(int(number))}


def convert_lead(simulator: "Simulator", body: Body) -> Body:
    """Convert a lead as a person would."""
    _only(body, "lead_id", "account_id", "contact_id", "opportunity_name")
    made = conversion.convert(
        simulator.org,
        _text(body, "lead_id"),
        user_id=simulator.org.admin_id,
        account_id=body.get("account_id"),
        contact_id=body.get("contact_id"),
        opportunity_name=body.get("opportunity_name"),
    )
    return {
        "lead_id": body["lead_id"],
        "account_id": made.account_id,
        "contact_id": made.contact_id,
        "opportunity_id": made.opportunity_id,
    }


def merge_records(simulator: "Simulator", body: Body) -> Body:
    """Merge records as a person would."""
    _only(body, "object", "master_id", "duplicate_ids")
    org = simulator.org
    kind = org.base.find(_text(body, "object"))
    if kind is None:
        raise SalesforceError("INVALID_TYPE", f"There is no object {body['object']}.")
    duplicates = _ids(body, "duplicate_ids")
    lifecycle.merge(org, kind, _text(body, "master_id"), duplicates, org.admin_id)
    return {"master_id": body["master_id"], "merged": duplicates}


def undelete_records(simulator: "Simulator", body: Body) -> Body:
    """Take records out of the recycle bin."""
    ids = _only_ids(body)
    for record_id in ids:
        lifecycle.undelete(simulator.org, record_id, simulator.org.admin_id)
    return {"ids": ids}


def purge_records(simulator: "Simulator", body: Body) -> Body:
    """Remove records for good."""
    ids = _only_ids(body)
    for record_id in ids:
        lifecycle.purge(simulator.org, record_id)
    return {"ids": ids}


def touch_records(simulator: "Simulator", body: Body) -> Body:
    """Move SystemModstamp alone."""
    ids = _only_ids(body)
    for record_id in ids:
        lifecycle.touch(simulator.org, record_id)
    return {"ids": ids}


def read_features(simulator: "Simulator", _body: Body) -> Body:
    """Tell how the org is set up."""
    return simulator.org.features.as_dict()


def set_features(simulator: "Simulator", body: Body) -> Body:
    """Change how the org is set up; what is not named stays as it is."""
    simulator.org.features.change(body)
    simulator.org.refresh_schema()
    return simulator.org.features.as_dict()


def read_calls(simulator: "Simulator", _body: Body) -> Body:
    """Tell what calls were made."""
    return simulator.usage.summary()


def forget_calls(simulator: "Simulator", _body: Body) -> Body:
    """Count calls from nothing; the allowance stays used."""
    simulator.usage.clear_log()
    return simulator.usage.summary()


def end_sessions(simulator: "Simulator", _body: Body) -> Body:
    """End every session; the next call of each client is refused once."""
    simulator.sessions.end()
    return {}


def lose_cursors(simulator: "Simulator", _body: Body) -> Body:
    """Lose every open query cursor."""
    return {"lost": simulator.org.engine.close_cursors()}


def seed_org(simulator: "Simulator", body: Body) -> Body:
    """Fill the org with people."""
    # Loaded on demand: the generator of names is slow to load.
    from simulator.seed import seed  # noqa: PLC0415

    _only(body, "people", "seed")
    people, number = body.get("people", 2000), body.get("seed", 1)
    if not isinstance(people, int) or not isinstance(number, int):
        raise SalesforceError("INVALID_INPUT", "people and seed are whole numbers.")
    return seed(simulator.org, people=people, number=number)


def _only(body: Body, *names: str) -> None:
    unknown = [name for name in body if name not in names]
    if unknown:
        raise SalesforceError(
            "INVALID_INPUT", f"Unknown {', '.join(unknown)}; allowed are {', '.join(names)}."
        )


def _text(body: Body, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise SalesforceError("INVALID_INPUT", f"{name} has to be given, as text.")
    return value


def _ids(body: Body, name: str) -> list[str]:
    value = body.get(name)
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise SalesforceError("INVALID_INPUT", f"{name} has to be a list of ids.")
    return value


def _only_ids(body: Body) -> list[str]:
    _only(body, "ids")
    return _ids(body, "ids")
