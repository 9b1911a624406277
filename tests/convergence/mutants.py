"""Bugs seeded by hand: each is put into the running product, and some history must show it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.convergence import bugs, campaign_bugs
from tests.convergence.history import history, run

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A bug.

    Attributes:
        name: What it is, in a few words.
        plant: Puts it in, for as long as the stack is open.
        breaks: What the laws say of it: some words of what is wrong at rest.
        seed: Of a history with an org in memory that shows it.
    """

    name: str
    plant: Callable[[ExitStack], None]
    breaks: str
    seed: int


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a history says of a bug.

    Attributes:
        with_it: What is wrong at rest with the bug.
        without: What is wrong without it.
    """

    with_it: tuple[str, ...]
    without: tuple[str, ...]

    def caught(self, words: str = "") -> bool:
        """Return whether it goes wrong by the bug alone, with these words among those said.

        A bug that breaks the program is none that a law has found.
        """
        broken = any(wrong.startswith("Traceback") for wrong in self.with_it)
        told = any(words in wrong for wrong in self.with_it)
        return told and not broken and not self.without


def show(name: str, seed: int) -> Shown:
    """Play a history with a bug, and without it."""
    (mutant,) = (each for each in MUTANTS if each.name == name)
    with ExitStack() as stack:
        mutant.plant(stack)
        with_it = run(history(seed)).wrongs
    return Shown(with_it=with_it, without=run(history(seed)).wrongs if with_it else ())


MUTANTS = (
    Mutant(
        name="no overlap is read",
        plant=bugs.no_overlap,
        breaks="shadow",
        seed=6,
    ),
    Mutant(
        name="the watermark runs ahead of the pages",
        plant=bugs.watermark_early,
        breaks="did not come in",
        seed=41,
    ),
    Mutant(
        name="a row's failure is ignored",
        plant=bugs.row_failure_ignored,
        breaks="shadow",
        seed=55,
    ),
    Mutant(
        name="the shadow is dropped",
        plant=bugs.shadow_dropped,
        breaks="no shadow",
        seed=2,
    ),
    Mutant(
        name="edits stop waiting before they are written",
        plant=bugs.settled_before_written,
        breaks="shadow",
        seed=9,
    ),
    Mutant(
        name="an opt-out does not come in",
        plant=bugs.opt_out_stays_there,
        breaks="an opt-out of theirs is missing",
        seed=13,
    ),
    Mutant(
        name="a conversion is ignored",
        plant=bugs.conversion_ignored,
        breaks="counts as deleted",
        seed=2,
    ),
    Mutant(
        name="a merge is ignored",
        plant=bugs.merge_ignored,
        breaks="counts as deleted",
        seed=2,
    ),
    Mutant(
        name="a creation without an answer is made anew",
        plant=bugs.created_anew,
        breaks="2 records were made for",
        seed=1,
    ),
    Mutant(
        name="what a creation that broke off had found stays linked",
        plant=bugs.found_and_kept,
        breaks="is linked to 2 records",
        seed=101230,
    ),
    Mutant(
        name="a value that comes in bears the time of its arrival",
        plant=bugs.dated_by_arrival,
        breaks="a later edit of theirs is missing",
        seed=6,
    ),
    Mutant(
        name="a deletion is ignored",
        plant=bugs.deletion_ignored,
        breaks="which was deleted",
        seed=3,
    ),
    Mutant(
        name="a contact that was deleted here comes back",
        plant=bugs.deleted_comes_back,
        breaks="was deleted and is there again",
        seed=10,
    ),
    Mutant(
        name="what was put off is forgotten",
        plant=bugs.put_off_forgotten,
        breaks="no rest after",
        seed=9,
    ),
    Mutant(
        name="a request that got lost is not sent again",
        plant=bugs.request_not_sent_again,
        breaks="no rest after",
        seed=11,
    ),
    Mutant(
        name="a further record is not heard",
        plant=bugs.merged_record_forgotten,
        breaks="further record",
        seed=34,
    ),
    Mutant(
        name="a refusal is kept from further records",
        plant=bugs.refusal_kept_from_further_records,
        breaks="knows of no refusal",
        seed=80,
    ),
    Mutant(
        name="a pause keeps nothing here",
        plant=bugs.pause_is_deaf,
        breaks="in a pause",
        seed=9,
    ),
    Mutant(
        name="a pause keeps a refusal, too",
        plant=bugs.pause_keeps_refusals,
        breaks="an opt-out of ours is missing",
        seed=80,
    ),
    Mutant(
        name="an opt-in does not go out",
        plant=bugs.opt_in_stays_here,
        breaks="an opt-in did not go out",
        seed=15,
    ),
    Mutant(
        name="nothing is too much",
        plant=bugs.guard_asleep,
        breaks="nobody said yes",
        seed=48,
    ),
    Mutant(
        name="the rows of a job are not settled",
        plant=bugs.job_unsettled,
        breaks="is under way in",
        seed=319,
    ),
    Mutant(
        name="roles in opportunities are not stored",
        plant=bugs.roles_forgotten,
        breaks="is stored as None",
        seed=0,
    ),
    Mutant(
        name="an opportunity that was erased stays",
        plant=bugs.erased_deals_stay,
        breaks="was erased",
        seed=191,
    ),
    Mutant(
        name="what was insisted on is protected all the same",
        plant=bugs.insistence_ignored,
        breaks="ours was insisted on",
        seed=780,
    ),
    Mutant(
        name="an edited company does not wait for a push",
        plant=bugs.companies_unmarked,
        breaks="they differ",
        seed=4,
    ),
    Mutant(
        name="whoever came before the Account has no company",
        plant=bugs.latecomers_left,
        breaks="waits for 001",
        seed=68,
    ),
    Mutant(
        name="no overlap of members is read",
        plant=campaign_bugs.no_overlap_of_members,
        breaks="has agreed upon",
        seed=123,
    ),
    Mutant(
        name="what stands behind a fallback is forgotten",
        plant=campaign_bugs.source_status_forgotten,
        breaks="has agreed upon",
        seed=0,
    ),
    Mutant(
        name="a fallback crosses back",
        plant=campaign_bugs.fallback_crosses_back,
        breaks="and we sent",
        seed=77,
    ),
    Mutant(
        name="a status that Salesforce lacks counts as taken",
        plant=campaign_bugs.every_status_known,
        breaks="was given",
        seed=0,
    ),
    Mutant(
        name="strangers in a campaign are forgotten",
        plant=campaign_bugs.outsiders_forgotten,
        breaks="whom nobody awaits",
        seed=6,
    ),
    Mutant(
        name="who was deleted here is not kept aside",
        plant=campaign_bugs.deleted_not_kept_aside,
        breaks="whom nobody awaits",
        seed=35,
    ),
    Mutant(
        name="a change of status here is not sent",
        plant=campaign_bugs.our_status_not_sent,
        breaks="has moved on from",
        seed=0,
    ),
    Mutant(
        name="nobody is looked for who was kept aside",
        plant=campaign_bugs.nobody_looked_for,
        breaks="is kept aside, and is a contact by now",
        seed=15,
    ),
    Mutant(
        name="a removal here does not cross",
        plant=campaign_bugs.removal_stays_here,
        breaks="and not of launch",
        seed=31,
    ),
    Mutant(
        name="what ours was in passing is forgotten",
        plant=campaign_bugs.passing_forgotten,
        breaks="was given Entered",
        seed=100434,
    ),
    Mutant(
        name="what a status was in passing is forgotten",
        plant=campaign_bugs.passing_statuses_forgotten,
        breaks="was given Registered",
        seed=1201772,
    ),
    Mutant(
        name="a removal is over where nobody is found",
        plant=campaign_bugs.removal_not_waited_with,
        breaks="and is a member there by",
        seed=1001202,
    ),
    Mutant(
        name="a member without a record waits without a reason",
        plant=campaign_bugs.unlinked_not_told,
        breaks="is outside without a reason",
        seed=15,
    ),
    Mutant(
        name="a row that goes over is followed by two",
        plant=campaign_bugs.row_followed_by_two,
        breaks="follows 00v",
        seed=7,
    ),
)
