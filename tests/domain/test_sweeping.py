"""What a sweep takes for gone."""

from counterpart.domain.opportunities import ContactRole, Opportunity, is_news
from counterpart.domain.sweeping import gone_deals
from tests.domain.samples import NOON

DEAL = Opportunity(id="006AB00000abcDEIAY", modified_at=NOON, modstamp=NOON, name="Engine")
ROLE = ContactRole(
    id="00KAB00000abcDEIAY", opportunity_id=DEAL.id, contact_record_id="003", modstamp=NOON
)


def test_what_lives_is_left_alone() -> None:
    """Nothing is stored of it."""
    assert gone_deals([DEAL], {DEAL.id}) == []
    assert gone_deals([ROLE], {ROLE.id, DEAL.id}) == []


def test_what_is_seen_again_is_news() -> None:
    """Our user may have got back a right; nothing changed in the row by that."""
    (kept,) = gone_deals([DEAL], ())
    (kept_role,) = gone_deals([ROLE], {DEAL.id})

    assert kept.deleted
    assert kept_role.deleted
    assert is_news(DEAL, kept)
    assert is_news(ROLE, kept_role)
