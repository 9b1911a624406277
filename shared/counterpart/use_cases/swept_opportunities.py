"""Opportunities and roles, as a sweep goes through them: which Salesforce no longer has."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from counterpart.domain.guard import Danger, dangers
from counterpart.domain.opportunities import OPPORTUNITY, ROLE, ContactRole, Opportunity
from counterpart.domain.outcomes import unavailable
from counterpart.domain.sweeping import Deal, gone_deals
from counterpart.errors import MissingFieldError
from counterpart.use_cases.sweepers import PAGE, batches

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from counterpart.domain.guard import Dangers
    from counterpart.domain.sweep_requests import Swept
    from counterpart.ports import Listing, OpportunityRepository, PlainReader
    from counterpart.use_cases.sweepers import Sweep


class SweptOpportunities:
    """Opportunities and roles that live here.

    Where they do not come in, they are left as they are.

    Args:
        plain: Of Salesforce.
        repository: Where they are stored.
        sweep: That goes through them.
    """

    def __init__(self, plain: PlainReader, repository: OpportunityRepository, sweep: Sweep) -> None:
        self._plain = plain
        self._repository = repository
        self._sweep = sweep
        self._tally = sweep.tally
        self._opportunities: list[Opportunity] = []
        self._roles: list[ContactRole] = []

    def look(self, _: Swept, after: str | None) -> Iterator[str | None]:
        """Ask for one batch after the other; yield where the next one begins."""
        if not self._sweep.settings.opportunities.enabled:
            return

        def page(after: str | None) -> Listing[Opportunity | ContactRole]:
            return self._repository.page(limit=PAGE, after=after)

        for deals, following in batches(page, after, wanted=lambda one: not one.deleted):
            opportunities = [one for one in deals if isinstance(one, Opportunity)]
            roles = [one for one in deals if isinstance(one, ContactRole)]
            try:
                living = self._ask(OPPORTUNITY, opportunities)
                self._opportunities += gone_deals(opportunities, living)
                self._roles += gone_deals(roles, self._ask(ROLE, roles))
            except MissingFieldError as exc:
                # What our user may not see is not gone, and people are looked after all the same.
                told = unavailable(OPPORTUNITY, exc.message, at=self._sweep.started_at)
                self._tally.outcomes.append(told)
                return
            yield following

    @property
    def gone(self) -> Mapping[str, int]:
        """Return how many are gone, by object."""
        return {OPPORTUNITY: len(self._opportunities), ROLE: len(self._roles)}

    def dangers(self, sobject: str) -> Dangers:
        """Return what would be done because of those of one object that are gone."""
        gone = self._opportunities if sobject == OPPORTUNITY else self._roles
        return dangers([(Danger.DELETED, one.id) for one in gone])

    def apply(self, held: Collection[str]) -> None:
        """Keep what is gone as gone, as a pull does that reads of it."""
        if OPPORTUNITY not in held:
            self._store(OPPORTUNITY, self._opportunities, self._repository.save_many)
        if ROLE not in held:
            self._store(ROLE, self._roles, self._repository.save_roles)

    def _ask(self, sobject: str, deals: Sequence[Opportunity | ContactRole]) -> Collection[str]:
        """Return the ids of those that live in Salesforce."""
        if not deals:
            return ()
        found = self._plain.read_plain(sobject, (), among={"Id": [one.id for one in deals]})
        self._tally.changes.setdefault(sobject, Counter())["read"] += len(deals)
        return {record.id for record in found if not record.deleted}

    def _store(
        self, sobject: str, gone: Sequence[Deal], save: Callable[[Sequence[Deal]], None]
    ) -> None:
        for start in range(0, len(gone), PAGE):
            self._sweep.keep()
            some = gone[start : start + PAGE]
            if not self._sweep.dry_run:
                save(some)
            self._tally.changes[sobject]["deleted"] += len(some)
