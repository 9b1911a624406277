"""Our store in memory, held to the same contract as the one in DynamoDB.

It is the database of tests, of the demonstration and of benchmarks. What goes in and out is
read-only; indexes may lag behind; and whoever wants to see what a crash between two writes does,
hangs a hook on either side of them.
"""

from counterpart.adapters.memory.address_claims import InMemoryAddressClaims
from counterpart.adapters.memory.campaigns import (
    InMemoryCampaignRepository,
    InMemoryCampaignTypeRepository,
)
from counterpart.adapters.memory.creation import (
    InMemoryCreationQueue,
    InMemoryDeadLetters,
    InMemorySuccessor,
)
from counterpart.adapters.memory.links import InMemoryLinkRepository
from counterpart.adapters.memory.members import InMemoryMemberRepository
from counterpart.adapters.memory.merges import InMemoryMergeRepository
from counterpart.adapters.memory.opportunities import InMemoryOpportunityRepository
from counterpart.adapters.memory.runs import InMemoryRunRepository
from counterpart.adapters.memory.settings import InMemorySettingsRepository
from counterpart.adapters.memory.streams import InMemoryStreamRepository
from counterpart.adapters.memory.subjects import (
    InMemoryCompanyRepository,
    InMemoryContactRepository,
)
from counterpart.adapters.memory.writes import WriteHook

__all__ = [
    "InMemoryAddressClaims",
    "InMemoryCampaignRepository",
    "InMemoryCampaignTypeRepository",
    "InMemoryCompanyRepository",
    "InMemoryContactRepository",
    "InMemoryCreationQueue",
    "InMemoryDeadLetters",
    "InMemoryLinkRepository",
    "InMemoryMemberRepository",
    "InMemoryMergeRepository",
    "InMemoryOpportunityRepository",
    "InMemoryRunRepository",
    "InMemorySettingsRepository",
    "InMemoryStreamRepository",
    "InMemorySuccessor",
    "WriteHook",
]
