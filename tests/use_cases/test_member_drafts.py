"""What several rows of one person come to, before anything is written."""

from counterpart.domain.member_rows import new_row
from counterpart.domain.member_steps import MemberChange, MemberStep
from counterpart.use_cases.member_drafts import MemberDraft
from tests.contracts.stores.samples import NOON, a_member


def test_who_goes_by_one_row_and_comes_by_another_is_stored_over() -> None:
    """As the next version of what is stored; as a new member it could never be written."""
    stored, again = a_member(version=4), a_member(status="Attended")
    row = new_row(campaign_id="701", person_id="003", fields=(), now=NOON)
    draft = MemberDraft(members={stored.key: stored}, places={}, linked=set())

    draft.carry(row, stored.key, MemberStep(verdict=MemberChange.DELETED, delete=stored))
    draft.carry(row, stored.key, MemberStep(verdict=MemberChange.CREATED, save=again))

    assert draft.deletions == {}
    assert [(each.status, each.version) for each in draft.saves.values()] == [("Attended", 4)]
