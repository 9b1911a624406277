"""Opting in: an act of somebody, which takes effect once both sides know of it."""

import pytest

from counterpart.domain.contacts import Ledger
from counterpart.domain.merging import merge_record
from counterpart.domain.notices import NoticeCode
from counterpart.domain.opting_in import opted_in
from counterpart.domain.outbound_settings import Outbound
from counterpart.domain.pushing import plan_push, settled
from counterpart.domain.records import SObject
from counterpart.domain.sync_settings import SyncSettings
from tests.domain.samples import HOUR, MINUTE, NOON, a_contact, a_counterpart, a_ledger, a_record

SETTINGS = SyncSettings()
FIELDS = [field for field in SETTINGS.fields_of(SObject.LEAD) if field.name == "opted_out"]
REFUSED = a_ledger(opted_out=True)
TICKED = a_record(values={"opted_out": True}, at=NOON + MINUTE)


def test_a_refusal_that_salesforce_holds() -> None:
    """The opt-in goes out; until it is there, the person stays opted out here."""
    contact = a_contact(ledger=REFUSED, counterpart=a_counterpart())

    result = opted_in(contact, settings=SETTINGS, now=NOON + HOUR)

    plan = plan_push(result.contact.ledger, TICKED, FIELDS, open_since=None)
    after = settled(result.contact, shadows=plan.sent, written_at=NOON, written_until=NOON)
    assert result.contact.opted_out
    assert result.contact.waiting is not None
    assert [notice.code for notice in result.notices] == [NoticeCode.OPT_IN_PENDING]
    assert plan.values == {"HasOptedOutOfEmail": False}
    assert not after.opted_out


def test_the_old_refusal_is_read_once_more_meanwhile() -> None:
    """It is the very one that was lifted."""
    contact = a_contact(ledger=REFUSED, counterpart=a_counterpart())
    ledger = opted_in(contact, settings=SETTINGS, now=NOON + HOUR).contact.ledger

    merge = merge_record(ledger, TICKED, FIELDS, written_until=None)

    assert merge.ledger.values["opted_out"] is False
    assert merge.send


@pytest.mark.failure("F58")
@pytest.mark.parametrize("shadows", [{"opted_out": False}, {}], ids=["ticked since", "never met"])
def test_a_refusal_that_nobody_here_knew_of(shadows: dict[str, bool]) -> None:
    """The newest explicit change wins, and what was not known is taken for newer."""
    ledger = Ledger(values={"opted_out": False}, times={"opted_out": NOON}, shadows=shadows)

    merge = merge_record(ledger, TICKED, FIELDS, written_until=None)
    plan = plan_push(ledger, TICKED, FIELDS, open_since=None)

    assert merge.ledger.values["opted_out"] is True
    assert plan.values == {}


def test_a_refusal_that_was_only_ever_here() -> None:
    """It is lifted at once."""
    ledger = a_ledger(opted_out=True, seen=False)

    result = opted_in(a_contact(ledger=ledger), settings=SETTINGS, now=NOON + HOUR)

    assert not result.contact.opted_out
    assert result.notices == ()


def test_a_refusal_of_a_record_that_is_gone() -> None:
    """What a former record held binds nobody any more."""
    contact = a_contact(ledger=REFUSED, former=a_counterpart())

    assert not opted_in(contact, settings=SETTINGS, now=NOON + HOUR).contact.opted_out


def test_nothing_goes_out() -> None:
    """Then the refusal stands, and whoever lifts it is told why."""
    silent = SyncSettings(outbound=Outbound(enabled=False))
    contact = a_contact(ledger=REFUSED, counterpart=a_counterpart())

    result = opted_in(contact, settings=silent, now=NOON + HOUR)

    assert result.contact.opted_out
    assert result.contact.waiting is None
    assert [notice.code for notice in result.notices] == [
        NoticeCode.OPT_IN_PENDING,
        NoticeCode.OUTBOUND_DISABLED,
    ]
    # What is said of a refusal that is held is no word on this.
    assert "opt-out alone" not in result.notices[1].message


@pytest.mark.parametrize("ledger", [a_ledger(), a_ledger(opted_out=False)], ids=["silent", "in"])
def test_nobody_refused(ledger: Ledger) -> None:
    """There is nothing to lift."""
    contact = a_contact(ledger=ledger, counterpart=a_counterpart())

    assert opted_in(contact, settings=SETTINGS, now=NOON + HOUR).contact is contact


def test_said_twice() -> None:
    """The second time changes nothing, and tells once more what is waited for."""
    contact = a_contact(ledger=REFUSED, counterpart=a_counterpart())
    once = opted_in(contact, settings=SETTINGS, now=NOON + HOUR).contact

    again = opted_in(once, settings=SETTINGS, now=NOON + 2 * HOUR)

    assert again.contact is once
    assert [notice.code for notice in again.notices] == [NoticeCode.OPT_IN_PENDING]
