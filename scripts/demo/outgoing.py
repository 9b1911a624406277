"""Steps in which we change first."""

from scripts.demo.cast import Cast
from scripts.demo.sides import changed
from scripts.demo.stack import Json
from scripts.demo.telling import Step

_TWO_WAY = ("phone", "job_title")
_WORDS = "Grand Vizier is a title of the crown."


def let_both_sides_edit(cast: Cast, step: Step) -> None:
    """A setting says who wins."""
    fields = cast.stack.api.call("GET", "/settings")["fields"]
    step.tell("A new deployment prefers Salesforce's value wherever there is one.")
    step.tell(f"From now on, {' and '.join(_TWO_WAY)} may be edited on either side: two_way.")
    for name in _TWO_WAY:
        fields[name]["mode"] = "two_way"
    changed_to = cast.stack.api.change_settings(fields=fields)
    stored = cast.stack.api.call("GET", "/settings")
    step.verify(
        "the settings say so",
        expected=["two_way", "two_way"],
        found=[stored["fields"][name]["mode"] for name in _TWO_WAY],
    )
    step.verify(
        f"it is version {changed_to['version']} of them",
        expected=changed_to["version"],
        found=stored["version"],
    )


def edit_here(cast: Cast, step: Step) -> None:
    """A local edit goes out."""
    row, contact = cast.next_linked("Contact")
    phone = f"+00 555 {cast.tag}"
    there = cast.stack.salesforce.record("Contact", row["Id"])
    step.tell(f"A program gives {row['FirstName']} the phone {phone} (was {row['Phone']}).")
    edited = _edit(cast, contact, {"phone": phone})
    step.verify(
        "the API took it, and it waits to go out",
        expected=(phone, "waiting"),
        found=(edited["fields"]["phone"], edited["salesforce"]["state"]),
    )
    cast.stack.push_until(lambda: _state(cast, contact) == "linked")
    after = cast.stack.salesforce.record("Contact", row["Id"])
    step.verify("Salesforce has the new phone", expected=phone, found=after["Phone"])
    step.verify(
        "nothing else of the record was written", expected={"Phone"}, found=changed(there, after)
    )
    step.verify("here, nothing waits any more", expected="linked", found=_state(cast, contact))


def edit_on_both_sides(cast: Cast, step: Step) -> None:
    """Edits of different fields on both sides both survive."""
    row, contact = cast.next_linked("Lead")
    title, phone = f"Chief Curator {cast.tag}", f"+00 777 {cast.tag}"
    step.tell(f'{row["FirstName"]} becomes "{title}" in Salesforce; before that is known here,')
    step.tell(f"a program gives the same person the phone {phone}.")
    cast.stack.salesforce.edit("Lead", row["Id"], {"Title": title})
    _edit(cast, contact, {"phone": phone})
    cast.stack.push_until(lambda: _state(cast, contact) == "linked")
    cast.stack.pull_until(lambda: bool(cast.ours(contact)["fields"]["job_title"] == title))

    theirs = cast.stack.salesforce.record("Lead", row["Id"])
    ours = cast.ours(contact)["fields"]
    step.verify(
        "Salesforce has both edits",
        expected=(title, phone),
        found=(theirs["Title"], theirs["Phone"]),
    )
    step.verify("so have we", expected=(title, phone), found=(ours["job_title"], ours["phone"]))
    step.verify(
        "nothing else has moved here",
        expected={"job_title", "phone"},
        found=changed(contact["fields"], ours),
    )


def be_refused(cast: Cast, step: Step) -> None:
    """A refused row is shown with Salesforce's own words, and its neighbours go through."""
    stack = cast.stack
    people = [cast.next_linked("Contact") for _ in range(3)]
    titles = [f"{title} {cast.tag}" for title in ("Archivist", "Grand Vizier", "Botanist")]
    rule = {"object": "Contact", "when": f"Title = '{titles[1]}'", "message": _WORDS}
    stack.salesforce.act("features", {"validation_rules": [{**rule, "field": "Title"}]})
    step.tell(f'An administrator adds a validation rule to Contact: "{_WORDS}"')
    step.tell(f"A program gives three people new titles: {', '.join(titles)}.")
    for (_, contact), title in zip(people, titles, strict=True):
        _edit(cast, contact, {"job_title": title})
    # Who was refused is set aside, for somebody to look at.
    ending = ["linked", "parked", "linked"]
    stack.push_until(lambda: [_state(cast, contact) for _, contact in people] == ending)
    step.verify(
        "Salesforce took the neighbours' titles, and kept its own in the middle",
        expected=[titles[0], people[1][0]["Title"], titles[2]],
        found=[stack.salesforce.record("Contact", row["Id"])["Title"] for row, _ in people],
    )
    refusals = _refusals(cast, people[1][1]["id"])
    step.verify(
        "the refusal is listed among the outcomes of a run, in Salesforce's own words",
        expected=[("FIELD_CUSTOM_VALIDATION_EXCEPTION", _WORDS)],
        found=[(each["code"], each["message"]) for each in refusals],
    )
    step.verify(
        "the edit is still here",
        expected=titles[1],
        found=cast.ours(people[1][1])["fields"]["job_title"],
    )

    stack.salesforce.act("features", {"validation_rules": []})
    step.tell("The administrator lifts the rule, and an operator asks for that contact once more.")
    row, contact = people[1]
    stack.api.call("POST", f"/contacts/{contact['id']}/sync")
    stack.push_until(lambda: _state(cast, contact) == "linked")
    step.verify(
        "now Salesforce has it",
        expected=titles[1],
        found=stack.salesforce.record("Contact", row["Id"])["Title"],
    )


def _edit(cast: Cast, contact: Json, fields: Json) -> Json:
    edited: Json = cast.stack.api.call("PATCH", f"/contacts/{contact['id']}", {"fields": fields})
    return edited


def _state(cast: Cast, contact: Json) -> str:
    return str(cast.ours(contact)["salesforce"]["state"])


def _refusals(cast: Cast, contact_id: str) -> list[Json]:
    """Return the refusals of a contact in the last pushes, whoever started them."""
    runs = cast.stack.api.call("GET", "/runs?kind=push&limit=10")["items"]
    return [
        outcome
        for run in runs
        for outcome in cast.stack.api.call("GET", f"/runs/{run['id']}/outcomes")["items"]
        if outcome["action"] == "refused" and outcome["contact_id"] == contact_id
    ]
