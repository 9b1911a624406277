"""What contacts without a record would become by other settings, if somebody asked."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from counterpart.domain.account_choice import AccountMatch
from counterpart.domain.simulating import CreationChange, Example, Examples, birth_of
from counterpart.use_cases.employers import Employers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from counterpart.domain.contacts import Contact
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.use_cases.apply_page import PagePorts


@dataclass(kw_only=True)
class Births:
    """What differs.

    Attributes:
        changes: In what contacts become.
        values: Where they become the same: by that and the API name, what is filled otherwise.
    """

    changes: dict[CreationChange, Examples] = field(default_factory=lambda: defaultdict(Examples))
    values: dict[tuple[str, str], Examples] = field(default_factory=lambda: defaultdict(Examples))

    def look_at(
        self,
        contacts: Sequence[Contact],
        current: SyncSettings,
        proposed: SyncSettings,
        *,
        pages: PagePorts,
    ) -> None:
        """Judge each contact by both settings, and note what differs."""
        both = (current, proposed)
        domains = {
            settings.version: Employers(settings.creation, pages.domains) for settings in both
        }
        accounts = _accounts(
            {each.of(one.email)[0] for one in contacts for each in domains.values()}, pages
        )
        for contact in contacts:
            before, after = (
                birth_of(
                    contact,
                    settings,
                    domain=(domain := domains[settings.version].of(contact.email)[0]),
                    accounts=accounts.get(domain or "", ()),
                )
                for settings in both
            )
            example = Example(subject_id=contact.id)
            if before.words != after.words:
                self.changes[CreationChange(before.words, after.words)].add(example)
                continue
            for path in sorted({*before.values, *after.values}):
                if before.values.get(path) != after.values.get(path):
                    self.values[after.words, path].add(example)


def _accounts(domains: set[str | None], pages: PagePorts) -> Mapping[str, Sequence[AccountMatch]]:
    """Return the Accounts of domains, as far as pulls have seen them."""
    known = pages.companies.find_by_domain([one for one in domains if one])
    return {
        domain: [
            AccountMatch(account_id=company.counterpart.record_id, exact=True)
            for company in companies
            if company.counterpart
        ]
        for domain, companies in known.items()
    }
