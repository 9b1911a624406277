"""Whose rows count less than that of a counterpart."""

from __future__ import annotations

import pytest

from counterpart.domain.links import Link, LinkState
from counterpart.domain.records import SObject
from counterpart.use_cases.member_lookups import further_among

ADA = "003AB00000abcDEIAY"


@pytest.mark.parametrize("state", LinkState)
def test_a_person_who_is_nobodys_counterpart_counts_less(state: LinkState) -> None:
    """Be it a further record, or one that its contact had before it got another."""
    links = {ADA: Link(record_id=ADA, object=SObject.CONTACT, state=state, subject_id="ada")}

    assert further_among([], links) == (set() if state is LinkState.LINKED else {ADA})
