"""Whose rows count less than that of a counterpart."""

from __future__ import annotations

import pytest

from counterpart.domain.links import Link, LinkState
from counterpart.domain.records import SObject
from counterpart.use_cases.member_lookups import further_among

ADA, BOB = "003AB00000abcDEIAY", "003AB00000abcDFIAY"


@pytest.mark.parametrize("state", LinkState)
def test_a_person_who_is_nobodys_counterpart_counts_less(state: LinkState) -> None:
    """Be it a further record, or one that its contact had before it got another."""
    links = {ADA: Link(record_id=ADA, object=SObject.CONTACT, state=state, subject_id="ada")}

    assert further_among([], links) == (set() if state is LinkState.LINKED else {ADA})


def test_a_person_of_whom_nothing_is_known_counts_less() -> None:
    """It was a counterpart's row only until another record's comes; who is linked is not meant."""
    linked = Link(record_id=ADA, object=SObject.CONTACT, state=LinkState.LINKED, subject_id="ada")

    assert further_among([], {ADA: linked}, followed={ADA, BOB}) == {BOB}
