"""Steps in which Salesforce changes first."""

from datetime import UTC

from scripts.demo.cast import Cast
from scripts.demo.sides import Sides, changed
from scripts.demo.stack import Json, wait_until
from scripts.demo.telling import Step

_LONGEST_PULL_S = 900.0


def pull_everything(cast: Cast, step: Step) -> None:
    """The initial pull of a realistic org."""
    salesforce = cast.stack.salesforce
    counts = {
        name: salesforce.query(f"SELECT COUNT(Id) n FROM {condition}")[0]["n"]  # noqa: S608 - ours
        for name, condition in {
            "leads": "Lead",
            "contacts": "Contact",
            "accounts": "Account",
            "without an address": "Lead WHERE Email = null",
            "contacts without": "Contact WHERE Email = null",
            "converted": "Lead WHERE IsConverted = true",
        }.items()
    }
    step.tell(
        f"The org holds {counts['leads']} leads, {counts['contacts']} contacts and"
        f" {counts['accounts']} accounts;"
        f" {counts['without an address'] + counts['contacts without']} people have no e-mail"
        f" address, and {counts['converted']} leads were converted long ago."
    )
    step.tell("pull_records brings them in; on a laptop, this takes a minute or two.")

    def complete() -> bool:
        cast.sides = Sides.read(cast.stack)
        return not cast.sides.missing()

    # The schedule may have begun it, and then it is its end that we wait for.
    cast.stack.pull_until(complete, seconds=_LONGEST_PULL_S)
    sides = cast.sides
    twice = len(sides.theirs) - len({row["Email"].lower() for row in sides.theirs.values()})
    step.verify(
        f"all {len(sides.theirs)} people who have an address are here, and nobody else",
        expected=[],
        found=sides.missing(),
    )
    step.verify(
        f"each is a contact of its own, although {twice} share an address with another",
        expected=[],
        found=sides.shared,
    )
    step.verify("every field that we compare is the same", expected=[], found=sides.differences())
    accounts, companies = sides.employers()
    step.verify(
        f"their {accounts} accounts are as many companies, and everybody is at the right one",
        expected=accounts,
        found=companies,
    )


def edit_there(cast: Cast, step: Step) -> None:
    """An edit in Salesforce arrives."""
    row, before = cast.next_linked("Contact")
    title = f"Head of Night Trains {cast.tag}"
    step.tell(f'{row["FirstName"]} becomes "{title}" in Salesforce (was "{row["Title"]}").')
    cast.stack.salesforce.edit("Contact", row["Id"], {"Title": title})

    def arrived() -> bool:
        return bool(cast.ours(before)["fields"]["job_title"] == title)

    cast.stack.pull_until(arrived)
    after = cast.ours(before)
    step.verify("our job_title is the new one", expected=title, found=after["fields"]["job_title"])
    step.verify(
        "no other field of ours has moved",
        expected={"job_title"},
        found=changed(before["fields"], after["fields"]),
    )
    step.verify(
        "Salesforce still says what was typed there",
        expected=title,
        found=cast.stack.salesforce.record("Contact", row["Id"])["Title"],
    )


def convert(cast: Cast, step: Step) -> None:
    """A lead converts, and its contact follows it."""
    row, before = cast.next_linked("Lead")
    made = cast.stack.salesforce.act("convert", {"lead_id": row["Id"]})
    step.tell(f"In Salesforce, {row['FirstName']}'s lead is converted: a new Contact, an Account.")

    def relinked() -> bool:
        return bool(cast.ours(before)["salesforce"]["object"] == "Contact")

    cast.stack.pull_until(relinked)
    after = cast.ours(before)
    step.verify(
        "the same contact of ours is linked to the new Contact now",
        expected=("Contact", made["contact_id"]),
        found=(after["salesforce"]["object"], after["salesforce"]["id"]),
    )
    step.verify(
        "the conversion made no second contact here",
        expected=[before["id"]],
        found=[each["id"] for each in cast.stack.api.contacts_of(row["Email"])],
    )
    lead = cast.stack.salesforce.record("Lead", row["Id"])
    step.verify(
        "in Salesforce the lead is converted, into that Contact",
        expected=(True, made["contact_id"]),
        found=(lead["IsConverted"], lead["ConvertedContactId"]),
    )
    step.verify("it belongs to a company now", expected=True, found=bool(after["company_id"]))


def read_again(cast: Cast, step: Step) -> None:
    """Reading the overlap again writes nothing."""
    # Whatever the steps before have left is taken in by the first reading.
    _read_overlap(cast)
    before, theirs_before = _versions(cast), _stamps(cast)
    step.tell("Each pull reads the last 15 minutes once more, for rows that commit late.")
    report = _read_overlap(cast)
    known = ("no_change", "lead_converted")
    step.verify(
        f"it read {report['read']} rows, and each was known already",
        expected=report["read"],
        found=sum(report["skipped"].get(reason, 0) for reason in known),
    )
    step.verify(
        f"none of our {len(before)} contacts was written", expected=before, found=_versions(cast)
    )
    step.verify("no record in Salesforce was", expected=theirs_before, found=_stamps(cast))


def look_at_everybody(cast: Cast, step: Step) -> None:
    """At the end, both sides agree."""
    step.tell(
        "Everything above left its traces; one more pull, one more push, and all is compared."
    )

    def complete() -> bool:
        cast.stack.invoke("push_edits", {"everything_waiting": True})
        cast.sides = Sides.read(cast.stack)
        return not cast.sides.missing() and not cast.sides.differences()

    cast.stack.pull_until(complete)
    sides = cast.sides
    step.verify(
        f"the same {len(sides.theirs)} people are on both sides", expected=[], found=sides.missing()
    )
    step.verify("each is linked once", expected=[], found=sides.shared)
    step.verify("every field that we compare is the same", expected=[], found=sides.differences())


def _read_overlap(cast: Cast) -> Json:
    """Pull until a pull has read something, rather than found another one at work."""
    reports: list[Json] = []

    def has_read() -> bool:
        reports.append(cast.stack.invoke("pull_records", {}))
        return bool(reports[-1]["read"])

    wait_until(has_read)
    return reports[-1]


def _versions(cast: Cast) -> dict[str, int]:
    return {contact["id"]: contact["version"] for contact in cast.stack.api.contacts()}


def _stamps(cast: Cast) -> dict[str, object]:
    since = cast.started_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        row["Id"]: row["SystemModstamp"]
        for sobject in ("Account", "Contact", "Lead")
        for row in cast.stack.salesforce.query(
            f"SELECT Id, SystemModstamp FROM {sobject} WHERE SystemModstamp >= {since}"  # noqa: S608
        )
    }
