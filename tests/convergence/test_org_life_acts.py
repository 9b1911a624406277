"""What the chronicle learns of a conversion."""

from __future__ import annotations

from counterpart.domain.records import SObject
from tests.convergence.chronicle import Chronicle
from tests.convergence.org_life_acts import OrgLifeActs
from tests.convergence.telling import plain_world


def test_a_conversion_fills_a_blank_of_an_account() -> None:
    """Salesforce gives it the lead's phone, which is an edit of theirs as any other."""
    world, chronicle = plain_world("simulator"), Chronicle()
    account_id = world.hands.add(SObject.ACCOUNT, {"Name": "Acme"}, 0)
    world.hands.add(SObject.CONTACT, {"LastName": "Ada", "AccountId": account_id}, 0)
    world.hands.add(SObject.LEAD, {"LastName": "Ada", "Company": "A", "Phone": "+44 1"}, 0)
    world.pass_time(60)

    OrgLifeActs(world, chronicle).convert((0,) * 12)

    edits = {
        name: [edit.value for edit in log]
        for (record_id, name), log in chronicle.theirs.items()
        if record_id == account_id
    }
    assert edits == {"phone": ["+44 1"]}
