"""Sweeps: what Salesforce forgot without a word is found all the same."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from counterpart.domain.inbound_settings import Inbound, InboundObject, OnRemoteDelete
from counterpart.domain.links import OWNED, LinkedBy
from counterpart.domain.mapping import Mode
from counterpart.domain.outcomes import Action, Reason, RunKind, RunStatus
from counterpart.domain.records import SObject
from counterpart.domain.selection import Selection, SelectionMode
from counterpart.domain.subjects import unlinked
from counterpart.domain.sweep_requests import Swept, parse_sweep_request
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.waiting import Lane, Waiting
from counterpart.errors import InputError, MissingFieldError
from tests.use_cases.world import MINUTE, PowerCutError, World, with_mode


def turn(world: World, sobject: SObject, **how: Any) -> None:  # noqa: ANN401 - of an object
    """Change how an object comes in."""
    inbound = world.settings.current().inbound
    entry = replace(inbound.objects[sobject], **how)
    world.change(inbound=replace(inbound, objects={**inbound.objects, sobject: entry}))


@pytest.mark.failure("F54")
@pytest.mark.parametrize("policy", OnRemoteDelete)
def test_a_record_that_was_purged_between_two_pulls(policy: OnRemoteDelete) -> None:
    """No query for changes tells of it; the sweep ends its link as a deletion would."""
    world = World(SyncSettings(inbound=Inbound(on_remote_delete=policy)))
    stays, goes = world.lead("ada@example.com"), world.lead("bob@example.com")
    world.pull()
    bob = world.of(goes)
    world.org.purge(goes)
    world.wait(30)
    world.pull()
    assert world.contact(bob.id).counterpart

    report = world.sweep()

    kept = {contact.id: contact for contact in world.everybody()}
    assert world.of(stays).counterpart
    assert (bob.id in kept) is (policy is not OnRemoteDelete.DELETE)
    if policy is OnRemoteDelete.UNLINK:
        assert kept[bob.id].counterpart is None
        assert [(each.action, each.reason) for each in report.outcomes] == [
            (Action.UNLINKED, Reason.DELETED_THERE)
        ]
    if policy is OnRemoteDelete.DELETE:
        assert [(each.action, each.reason) for each in report.outcomes] == [
            (Action.DELETED, Reason.DELETED_THERE)
        ]
    if policy is OnRemoteDelete.IGNORE:
        assert kept[bob.id].counterpart
    assert report.counts[SObject.LEAD]["read"] == 2
    assert report.api_calls == 1


@pytest.mark.failure("F54")
def test_a_company_whose_account_was_purged() -> None:
    """It stays, without a counterpart."""
    world = World()
    account = world.account(Website="acme.example")
    world.pull()
    world.org.purge(account)

    report = world.sweep()

    (company,) = world.companies.page(limit=10).items
    assert company.counterpart is None
    assert report.counts[SObject.ACCOUNT]["unlinked"] == 1


@pytest.mark.failure("F55")
@pytest.mark.failure("F56")
@pytest.mark.parametrize("policy", OnRemoteDelete)
@pytest.mark.parametrize("fate", ["merged", "converted"])
def test_a_move_that_no_pull_has_seen(fate: str, policy: OnRemoteDelete) -> None:
    """The link moves to the record that took over, as it would by a pull."""
    world = World(SyncSettings(inbound=Inbound(on_remote_delete=policy)))
    lead = world.lead()
    world.pull()
    if fate == "merged":
        heir = world.lead("other@example.com")
        world.org.merge(heir, lead)
    else:
        heir = world.org.convert(lead)

    report = world.sweep()

    contact = world.the_contact()
    assert contact.counterpart
    assert contact.counterpart.record_id == heir
    assert report.counts[SObject.LEAD]["relinked"] == 1


@pytest.mark.failure("F15")
def test_a_night_on_which_nothing_is_gone() -> None:
    """One call, no write to a contact or link, and a second sweep is like the first."""
    world = World()
    world.lead()
    world.account()
    world.pull()
    world.written.clear()

    first, second = world.sweep(), world.sweep()

    assert world.writes_of("contacts", "companies", "links") == 0
    assert (first.api_calls, second.api_calls) == (2, 2)
    assert first.summary == "Looked for 2 linked records. Mended 0 links."


def test_a_dry_run() -> None:
    """It says what is gone, and writes nothing at all."""
    world = World()
    lead = world.lead()
    world.pull()
    world.org.purge(lead)
    world.written.clear()

    report = world.sweep(dry_run=True)

    assert report.summary == "Looked for 1 linked record. Would mend 1 link."
    assert world.written == []
    assert world.the_contact().counterpart


def test_two_sweeps_at_once() -> None:
    """The second leaves at once."""
    world = World()
    world.lead()
    world.pull()
    lease = world.streams.acquire("links", now=world.now, lasts=timedelta(minutes=5))
    assert lease

    report = world.sweep()

    assert report.api_calls == 0
    assert report.notes == ["Another sweep runs at this moment."]


def test_time_runs_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found is carried out; the next invocation goes on with the rest at once."""
    monkeypatch.setattr("counterpart.use_cases.sweepers._IDS_OF_A_CALL", 1)
    monkeypatch.setattr("counterpart.use_cases.swept_links.PAGE", 1)
    world = World()
    leads = [world.lead(f"{number}@example.com") for number in range(3)]
    world.pull()
    for lead in leads:
        world.org.purge(lead)
    world.deadline = world.now + MINUTE

    report = world.sweep()

    assert report.status is RunStatus.CONTINUES
    assert report.counts[SObject.LEAD] == {"read": 1, "unlinked": 1}
    (payload,) = world.successor.payloads
    world.deadline = None
    rest = parse_sweep_request(payload)
    assert rest.start is Swept.CONTACTS
    world.sweep(start=rest.start, after=rest.after)
    assert all(contact.counterpart is None for contact in world.everybody())


@pytest.mark.failure("F29")
def test_the_allowance_runs_low(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep is the first to wait: what was found is carried out, and nobody is called after."""
    monkeypatch.setattr("counterpart.use_cases.sweepers._IDS_OF_A_CALL", 1)
    monkeypatch.setattr("counterpart.use_cases.swept_links.PAGE", 1)
    world = World(daily_calls=10)
    leads = [world.lead(f"{number}@example.com") for number in range(3)]
    while world.salesforce.usage().calls < 8:
        world.pull()
    for lead in leads:
        world.org.purge(lead)

    report = world.sweep()

    assert (report.status, report.more_remains) == (RunStatus.BUDGET, True)
    assert report.counts[SObject.LEAD] == {"read": 1, "unlinked": 1}
    assert world.successor.payloads == []


def short_of_calls(monkeypatch: pytest.MonkeyPatch) -> tuple[World, list[str]]:
    """Return a world whose sweep stops after the first of three leads, and these in its order."""
    monkeypatch.setattr("counterpart.use_cases.sweepers._IDS_OF_A_CALL", 1)
    monkeypatch.setattr("counterpart.use_cases.swept_links.PAGE", 1)
    world = World(daily_calls=10)
    for number in range(3):
        world.lead(f"{number}@example.com")
    while world.salesforce.usage().calls < 8:
        world.pull()
    leads = [each.counterpart.record_id for each in world.everybody() if each.counterpart]
    return world, leads


def the_night_after(monkeypatch: pytest.MonkeyPatch) -> tuple[World, list[str]]:
    """Return the same world a day after such a sweep."""
    world, leads = short_of_calls(monkeypatch)
    assert world.sweep().status is RunStatus.BUDGET
    world.wait(24 * 60)
    return world, leads


@pytest.mark.failure("F29")
def test_the_night_after_the_allowance_ran_low(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep goes on where the last one stopped; once it is through, the next begins anew."""
    world, leads = the_night_after(monkeypatch)
    for lead in leads:
        world.org.purge(lead)

    second = world.sweep()

    assert (second.status, second.api_calls) == (RunStatus.COMPLETED, 2)
    assert [world.of(lead).counterpart is None for lead in leads] == [False, True, True]
    world.sweep()
    assert world.of(leads[0]).counterpart is None


def test_somebody_asks_for_all_of_it_after_the_allowance_ran_low(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A payload that says where to begin begins there."""
    world, leads = the_night_after(monkeypatch)

    assert world.sweep(start=Swept.CONTACTS).api_calls == len(leads)
    assert world.sweep().api_calls == len(leads)


def test_a_sweep_of_what_comes_later_leaves_what_is_still_to_be_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So does a dry run; the next night goes on with the contacts all the same."""
    world, _ = the_night_after(monkeypatch)

    world.sweep(start=Swept.OPPORTUNITIES)
    rehearsal = world.sweep(dry_run=True)

    assert rehearsal.api_calls == 2
    assert world.sweep().api_calls == 2


def test_a_sweep_that_runs_low_of_calls_dies(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it had found is found again: a sweep is through with what it has carried out alone."""
    for writes in range(8):
        world, leads = short_of_calls(monkeypatch)
        world.org.purge(leads[0])
        world.cut_the_power_after(writes)
        with suppress(PowerCutError):
            world.sweep()
        world.start_again()
        world.wait(24 * 60)

        world.sweep()

        assert world.of(leads[0]).counterpart is None


@pytest.mark.failure("F29")
def test_our_share_of_the_allowance_is_used_up_already() -> None:
    """Nobody is called; once what was told is no longer believed, a call finds out."""
    world = World(daily_calls=10)
    lead = world.lead()
    while world.salesforce.usage().calls < 9:
        world.pull()
    world.org.purge(lead)

    report = world.sweep()

    assert (report.status, report.api_calls, report.more_remains) == (RunStatus.BUDGET, 0, True)
    assert "9 of 10 calls are used" in report.notes[0]
    assert world.of(lead).counterpart is not None


def test_a_crash_at_any_write() -> None:
    """The next sweep completes what the dead one began."""
    for writes in range(6):
        world = World()
        lead = world.lead()
        world.pull()
        world.org.purge(lead)
        world.cut_the_power_after(writes)
        with suppress(PowerCutError):
            world.sweep()
        world.start_again()
        world.sweep()

        assert world.the_contact().counterpart is None


@pytest.mark.failure("F26")
def test_an_object_that_our_user_may_not_read() -> None:
    """Nothing is taken for deleted; a person is called."""
    world = World()
    world.lead()
    world.pull()
    world.org.hidden_objects.add(SObject.LEAD)

    with pytest.raises(MissingFieldError, match="Lead"):
        world.sweep()

    assert world.the_contact().counterpart


def test_a_sweep_is_among_the_runs() -> None:
    """Whoever asks what was done finds it by its kind."""
    world = World()
    world.sweep()

    (run,) = world.runs.page(kind=RunKind.SWEEP, limit=10).items
    assert run.status is RunStatus.COMPLETED


@pytest.mark.parametrize(
    ("payload", "field"),
    [({"start": "leads"}, "start"), ({"everything": True}, "everything"), ({"after": 1}, "after")],
)
def test_a_payload_that_makes_no_sense(payload: dict[str, object], field: str) -> None:
    """It is refused with what is allowed."""
    with pytest.raises(InputError) as caught:
        parse_sweep_request(payload)

    assert caught.value.field == field


def waiting_in_vain(*, people_come_in: bool = True) -> tuple[World, str]:
    """Return a world in which three wait for a company that no pull will look at, and its id.

    The run that brought it broke off before they could join, and went on two days later.
    """
    off = InboundObject(enabled=False)
    objects = {sobject: InboundObject() for sobject in SObject} | {SObject.ACCOUNT: off}
    world = World(SyncSettings(inbound=Inbound(objects=objects)))
    acme = world.account(Website="acme.example")
    for number in range(3):
        world.person(f"{number}@acme.example", AccountId=acme)
    world.pull()
    world.wait(60)
    world.pull()
    world.change(inbound=Inbound())
    world.wait()
    world.org.edit(acme, {"Phone": "1"})
    world.on_write["companies.save"] = lambda: world.cut_the_power_after(0)
    with suppress(PowerCutError):
        world.pull()
    world.wait(2 * 24 * 60)
    world.start_again()
    world.pull()
    (company,) = world.all_companies()
    assert {contact.company_id for contact in world.everybody()} == {None}
    if not people_come_in:
        turn(world, SObject.CONTACT, enabled=False)
    return world, company.id


@pytest.mark.failure("F60")
def test_an_account_that_arrives_after_its_contacts() -> None:
    """The sweep puts people where they belong whom no pull has found, at no cost."""
    world, company_id = waiting_in_vain()
    calls = world.salesforce.usage().calls

    planned = world.sweep(dry_run=True)
    untouched = {contact.company_id for contact in world.everybody()}
    report = world.sweep()

    assert untouched == {None}
    assert planned.counts[SObject.CONTACT]["updated"] == 3
    assert report.counts[SObject.CONTACT]["updated"] == 3
    assert {contact.company_id for contact in world.everybody()} == {company_id}
    assert world.salesforce.usage().calls - calls == 4
    assert world.sweep().counts[SObject.CONTACT]["updated"] == 0


@pytest.mark.failure("F60")
def test_an_account_that_arrives_after_its_contacts_were_switched_off() -> None:
    """Nothing of theirs comes in; whose Account is known here all the same joins its company."""
    world, company_id = waiting_in_vain(people_come_in=False)
    others = world.account("Other", Website="other.example")
    for row in world.org.rows(SObject.CONTACT):
        world.org.edit(row["Id"], {"AccountId": others})
    world.wait()
    world.pull()

    world.sweep()

    assert {contact.company_id for contact in world.everybody()} == {company_id}


@pytest.mark.parametrize("how", ["not selected", "switched off", "switched off and on"])
@pytest.mark.parametrize("sobject", [SObject.LEAD, SObject.ACCOUNT])
def test_a_record_that_comes_back_and_no_pull_reads(sobject: SObject, how: str) -> None:
    """The sweep links it again, takes no value of it, and lets go what was edited meanwhile."""
    world = World(SyncSettings(fields=with_mode(Mode.TWO_WAY, "job_title")))
    record = world.lead(Title="v1") if sobject is SObject.LEAD else world.account("v1")
    world.wait()
    world.pull()
    if how == "not selected":
        turn(world, sobject, selection=Selection(mode=SelectionMode.FROM_NOW_ON))
    world.wait(20)
    world.org.delete(record)
    world.wait()
    world.pull()
    if how != "not selected":
        turn(world, sobject, enabled=False)
    world.wait(20)
    world.org.undelete(record)
    world.org.edit(record, {"Title": "v2"} if sobject is SObject.LEAD else {"Name": "v2"})
    for contact in world.everybody():
        world.edit(contact.id, city="Bern")
    world.wait()
    if how == "switched off and on":
        turn(world, sobject, enabled=True)
    world.pull()
    world.wait(20)
    world.pull()
    (before,) = world.everybody() or world.all_companies()
    assert before.counterpart is None
    planned = world.sweep(dry_run=True)
    calls = world.salesforce.usage().calls

    report = world.sweep()

    assert planned.summary == "Looked for 0 linked records. Would mend 1 link."
    assert report.summary == "Looked for 0 linked records. Mended 1 link."
    assert world.salesforce.usage().calls == calls + 1
    assert [each.reason for each in report.outcomes] == [Reason.RELINKED_BY_UNDELETION]
    (after,) = world.everybody() or world.all_companies()
    assert after.counterpart
    assert (after.id, after.counterpart.record_id) == (before.id, record)
    assert after.ledger == before.ledger
    # No version of it was applied, so the next pull that reads it is the first one.
    assert after.counterpart.modstamp is None
    assert world.sweep().summary == "Looked for 1 linked record. Mended 0 links."
    world.push()
    assert world.org.row(record).get("City") == ("Bern" if sobject is SObject.LEAD else None)


@pytest.mark.parametrize("sobject", [SObject.LEAD, SObject.ACCOUNT])
def test_a_crash_at_any_write_while_a_record_comes_back(sobject: SObject) -> None:
    """The next sweep completes what the dead one began, although the link tells of no deletion."""
    for writes in range(6):
        world = World()
        record = world.lead() if sobject is SObject.LEAD else world.account("v1")
        world.wait()
        world.pull()
        world.org.delete(record)
        world.wait()
        world.pull()
        turn(world, sobject, enabled=False)
        world.org.undelete(record)
        world.cut_the_power_after(writes)
        with suppress(PowerCutError):
            world.sweep()
        world.start_again()
        world.sweep()

        (after,) = world.everybody() or world.all_companies()
        assert after.record_id == record
        assert world.links.get_many([record])[record].linked_by is LinkedBy.UNDELETION


@pytest.mark.parametrize("policy", OnRemoteDelete)
@pytest.mark.parametrize("fate", ["deleted", "purged", "merged", "converted"])
def test_a_run_broke_off_between_a_contact_and_the_link_of_what_is_gone(
    fate: str, policy: OnRemoteDelete
) -> None:
    """The sweep ends the link, once; the contact knows already, and what waits of it stays."""
    world = World(SyncSettings(inbound=Inbound(on_remote_delete=policy)))
    lead, heir = world.lead("ada@example.com"), world.lead("bea@example.com")
    if fate == "converted":
        heir = world.org.convert(heir)
    world.pull()
    waiting = Waiting(lane=Lane.FRESH, next_push_at=world.now)
    world.contacts.save_many([replace(unlinked(world.of(lead)), waiting=waiting)])
    if fate == "converted":
        world.org.convert(lead, contact_id=heir)
    elif fate == "merged":
        world.org.merge(heir, lead)
    else:
        world.org.delete(lead)
        if fate == "purged":
            world.org.purge(lead)
    (ada,) = (each for each in world.everybody() if each.counterpart is None)

    world.sweep()

    assert world.links.get_many([lead])[lead].state not in OWNED
    assert world.contact(ada.id) == ada
    world.written.clear()
    world.sweep()
    assert world.writes_of("contacts", "links") == 0


def test_records_that_cannot_come_back_are_not_asked_for() -> None:
    """Salesforce has emptied its recycle bin by then, and a loser of a merge stays one."""
    world = World()
    gone, loser = world.lead("ada@example.com"), world.lead("bob@example.com")
    winner = world.lead("bea@example.com")
    world.wait()
    world.pull()
    world.org.delete(gone)
    world.org.merge(winner, loser)
    world.wait()
    world.pull()
    world.wait(60 * 24 * 17)
    calls = world.salesforce.usage().calls

    report = world.sweep()

    assert world.salesforce.usage().calls == calls + 1
    assert report.counts == {SObject.LEAD: {"read": 1}, SObject.CONTACT: {}}
