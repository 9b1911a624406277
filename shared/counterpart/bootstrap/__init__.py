"""The one place where use cases and adapters meet.

Adapters are imported by whoever needs them: a function that never speaks to Salesforce does not
load its client.
"""

from counterpart.bootstrap.campaigning import Campaigning, build_sync_campaigns
from counterpart.bootstrap.creating import Creation, build_create_records
from counterpart.bootstrap.pulling import Pulling, build_pull_records
from counterpart.bootstrap.pushing import Pushing, build_push_edits
from counterpart.bootstrap.serving import build_api
from counterpart.bootstrap.sweeping import SweepLinks, build_sweep_links
from counterpart.bootstrap.wiring import now

__all__ = [
    "Campaigning",
    "Creation",
    "Pulling",
    "Pushing",
    "SweepLinks",
    "build_api",
    "build_create_records",
    "build_pull_records",
    "build_push_edits",
    "build_sweep_links",
    "build_sync_campaigns",
    "now",
]
