"""What undoing one merge changes about the others that stand."""

from dataclasses import replace

from counterpart.domain.contact_merge_plans import ContactMerge
from counterpart.domain.contacts import Contact, Ledger
from counterpart.domain.merge_revisions import Revisions
from tests.domain.samples import MINUTE, NOON


def person(name: str, title: str | None = None, at: int = 0) -> Contact:
    """Return a contact with a title since some minute."""
    values, times = ({}, {}) if title is None else ({"job_title": title}, {"job_title": at})
    return Contact(
        id=name,
        ledger=Ledger(
            values=values, times={key: NOON + minute * MINUTE for key, minute in times.items()}
        ),
        created_at=NOON,
        updated_at=NOON,
    )


def merge(survivor: Contact, loser: Contact, at: int, *, took: bool = True) -> ContactMerge:
    """Return a merge that took the loser's title, or nothing."""
    taken = {"job_title": NOON + at * MINUTE} if took else {}
    return ContactMerge(survivor=survivor, loser=loser, taken=taken, merged_at=NOON)


FIRST = merge(person("ada"), person("bob", "Clerk"), 1)
SECOND = merge(person("ada", "Clerk", 1), person("eve", "VP"), 2)


def test_a_later_merge_forgets_what_an_undone_one_gave() -> None:
    """It gives back what was there before both."""
    revisions = Revisions([SECOND])

    assert revisions.took_over(FIRST, "job_title")

    (revised,) = revisions.made
    assert revised == replace(SECOND, survivor=person("ada"))


def test_a_value_that_is_another() -> None:
    """What somebody entered in between stays known, and so does what no merge took."""
    edited = merge(person("ada", "Author", 3), person("eve", "VP"), 4)
    took_nothing = merge(person("ada", "Clerk", 1), person("eve"), 2, took=False)
    revisions = Revisions([edited, took_nothing])

    assert not revisions.took_over(FIRST, "job_title")
    assert revisions.made == ()


def test_a_value_that_is_uncovered_stays_the_earlier_ones() -> None:
    """It bears another time since, by which the earlier merge knows it."""
    at = NOON + 9 * MINUTE
    stranger = merge(person("ada"), person("dan", "Cook"), 7)
    revisions = Revisions([FIRST, stranger])

    revisions.give_back(SECOND, "job_title", at)

    (revised,) = revisions.made
    assert revised == replace(FIRST, taken={"job_title": at})


def test_tags_that_another_merge_brought_as_well() -> None:
    """They stay until that one is undone too, whichever goes first; the survivor's own stay."""
    ada = replace(person("ada"), tags=("own",))
    bob, eve = (replace(person(name), tags=("own", "vip", name)) for name in ("bob", "eve"))
    first = merge(ada, bob, 1, took=False)
    both = ("own", "vip", "bob", "eve")
    met = replace(ada, tags=("own", "vip", "bob"))
    second = replace(merge(met, eve, 2, took=False), merged_at=NOON + MINUTE)

    revisions = Revisions([second])
    left = revisions.without_tags(first, both)
    (revised,) = revisions.made

    assert left == ("own", "vip", "eve")
    assert revised.survivor.tags == ("own",)
    assert Revisions([]).without_tags(revised, left) == ("own",)
    assert Revisions([first]).without_tags(second, both) == ("own", "vip", "bob")
    assert Revisions([]).without_tags(first, ("own", "vip", "bob")) == ("own",)
