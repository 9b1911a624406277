"""Who may write the members of a campaign in Salesforce, which locks it for each of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.use_cases.pulled_streams import LEASE

if TYPE_CHECKING:
    from counterpart.domain.streams import Lease
    from counterpart.use_cases.campaign_sync_ports import CampaignPorts


class WritingRight:
    """The right to write the members of one campaign, which one worker has at a time."""

    def __init__(self, ports: CampaignPorts, stream: str) -> None:
        self._streams = ports.streams
        self._clock = ports.clock
        self._stream = stream
        self._lease: Lease | None = None

    def take(self) -> bool:
        """Return whether it is ours now."""
        self._lease = self._streams.acquire(self._stream, now=self._clock(), lasts=LEASE)
        return self._lease is not None

    def keep(self) -> None:
        """Hold it for longer.

        Raises:
            LeaseLostError: somebody else has it.
        """
        if self._lease:
            self._lease = replace(self._lease, until=self._clock() + LEASE)
            self._streams.save(self._streams.get(self._stream), self._lease)

    def give_back(self) -> None:
        """End it."""
        if self._lease:
            self._streams.release(self._lease)
            self._lease = None
