"""What the HTTP API needs of the world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.use_cases.write_members import MemberPorts

if TYPE_CHECKING:
    from collections.abc import Callable

    from counterpart.ports import (
        Clock,
        CompanyRepository,
        ContactRepository,
        CreationQueue,
        DeadLetters,
        DomainNames,
        ErrandRunner,
        LinkRepository,
        MergeRepository,
        OpportunityRepository,
        RunRepository,
        SettingsRepository,
    )
    from counterpart.ports.campaigns import CampaignSearch
    from counterpart.use_cases.campaign_stores import CampaignStores


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiServices:
    """The ports that its routes hand to the use cases.

    Attributes:
        domains: Returns what is known of domain names, which takes a while when first asked.
        errands: `create_records`, which speaks to Salesforce.
        pulling: `pull_records`, which does so as well.
    """

    contacts: ContactRepository
    companies: CompanyRepository
    domains: Callable[[], DomainNames]
    links: LinkRepository
    merges: MergeRepository
    opportunities: OpportunityRepository
    settings: SettingsRepository
    runs: RunRepository
    queue: CreationQueue
    dead_letters: DeadLetters
    errands: ErrandRunner
    pulling: ErrandRunner
    campaigns: CampaignStores
    campaign_search: CampaignSearch
    clock: Clock

    @property
    def member_ports(self) -> MemberPorts:
        """What writing members needs of them."""
        return MemberPorts(
            stores=self.campaigns,
            contacts=self.contacts,
            merges=self.merges,
            settings=self.settings,
        )
