"""The stream of opportunities, with the roles that people have in them."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.days import zone_of
from counterpart.domain.opportunities import (
    CURRENCY,
    OPPORTUNITY,
    ROLE,
    ROLE_PATHS,
    is_news,
    opportunity_of,
    role_of,
)
from counterpart.domain.outcomes import Action, Outcome, Reason
from counterpart.domain.passes import Pass, Rows
from counterpart.domain.records import SObject, object_of
from counterpart.domain.streams import read_since, without_paths
from counterpart.domain.windows import lower_bound
from counterpart.ports import PlainQuery
from counterpart.use_cases.pulled_streams import Wanted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from counterpart.domain.opportunities import ContactRole, Opportunity
    from counterpart.domain.records import PlainRecord
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.errors import MissingFieldError
    from counterpart.ports import Clock, OpportunityRepository, PlainReader, Poll
    from counterpart.use_cases.apply_page import Tally
    from counterpart.use_cases.pulled_streams import PulledStream
    from counterpart.use_cases.turning import Step

_PASSES = (
    Pass(object=OPPORTUNITY, rows=Rows.ALL, stage=0),
    Pass(object=ROLE, rows=Rows.ALL, stage=1),
)


def wanted_opportunities(
    settings: SyncSettings, *, only: Collection[str] = ()
) -> tuple[list[Wanted], list[str]]:
    """Return the stream to be read, if it is, and a sentence if it was named and is switched off.

    Args:
        settings: As they are now.
        only: Objects that were named; empty means all.
    """
    if only and OPPORTUNITY not in only:
        return [], []
    if not settings.opportunities.enabled:
        off = f"{OPPORTUNITY} is switched off in the settings; nothing read."
        return [], [off] if only else []
    interval = settings.opportunities.interval
    return [Wanted(name=OPPORTUNITY, passes=_PASSES, interval=interval)], []


class OpportunitySource:
    """Reads opportunities and roles, and stores what is news.

    Args:
        settings: What is read.
        plain: Of Salesforce.
        repository: Where they are stored.
        tally: What became of them is counted here.
        dry_run: Plan for real and write nothing.
    """

    def __init__(
        self,
        settings: SyncSettings,
        *,
        plain: PlainReader,
        repository: OpportunityRepository,
        clock: Clock,
        tally: Tally,
        dry_run: bool,
    ) -> None:
        self._settings = settings.opportunities
        self._zone = zone_of(settings.time_zone)
        self._overlap = timedelta(minutes=settings.inbound.overlap_minutes)
        self._plain = plain
        self._repository = repository
        self._clock = clock
        self._tally = tally
        self._dry_run = dry_run
        self._set_aside: tuple[str, ...] = ()
        # Opportunities that were read in this run; a dry run stores none of them.
        self._taken: set[str] = set()

    def poll(self, steps: Sequence[Step]) -> Poll[PlainRecord]:
        """Return the next page of each pass.

        Raises:
            MissingFieldError: a field that is read, or the object, does not exist for our user.
        """
        queries = []
        for stream, step in steps:
            self._set_aside = stream.state.set_aside
            window = stream.window(step, self.beginning((stream, step)))
            queries.append(
                PlainQuery(
                    object=step.object,
                    paths=self._paths if step.object == OPPORTUNITY else ROLE_PATHS,
                    lower=window.lower,
                    upper=window.upper,
                    after=window.after,
                )
            )
        return self._plain.poll_plain(queries)

    def beginning(self, step: Step) -> datetime | None:
        """Return where the whole window of a pass begins."""
        stream, _ = step
        return stream.since or lower_bound(
            watermark=read_since(stream.state),
            overlap=self._overlap,
            not_before=self._settings.enabled_at,
        )

    def apply(self, step: Step, records: Sequence[PlainRecord], _: datetime) -> None:
        """Store one page, and what belongs to it and is not known here."""
        if step[1].object == OPPORTUNITY:
            self._take_opportunities(records)
        else:
            self._take_roles(records)

    def set_aside(self, streams: Sequence[PulledStream], exc: MissingFieldError) -> None:
        """Go on without the fields that the org does not show us, and say so once.

        Raises:
            MissingFieldError: no field that is read is missing.
        """
        hidden = self._plain.hidden(OPPORTUNITY, self._paths)
        missing = [path for path in self._paths if path in hidden]
        if not missing:
            raise exc
        for stream in streams:
            stream.state = without_paths(stream.state, missing, now=self._clock())
        self._tally.outcomes += [
            Outcome(
                action=Action.WARNED,
                reason=Reason.FIELD_UNAVAILABLE,
                at=self._clock(),
                object=OPPORTUNITY,
                field=path,
                # One by one: Salesforce's own words name whichever it came upon first.
                message=f"our user sees no {OPPORTUNITY}.{path}; it is left out meanwhile",
            )
            for path in missing
            # Most orgs know one currency, and nobody has to do anything about it.
            if path != CURRENCY
        ]

    def follow(self, winners: Iterable[str]) -> None:
        """Read what belongs to records into which others were merged.

        What it belonged to before is gone, and moving it may leave its own stamps as they were.
        """
        ids = sorted(winners)
        people = [each for each in ids if object_of(each) is SObject.CONTACT]
        accounts = [each for each in ids if object_of(each) is SObject.ACCOUNT]
        if people:
            found = self._plain.read_plain(ROLE, ROLE_PATHS, among={"ContactId": people})
            self._take_roles(found)
        if accounts:
            found = self._plain.read_plain(OPPORTUNITY, self._paths, among={"AccountId": accounts})
            self._take_opportunities(found)

    @property
    def _paths(self) -> list[str]:
        return [path for path in self._settings.paths if path not in self._set_aside]

    def _take_opportunities(self, records: Sequence[PlainRecord]) -> None:
        """Store opportunities; one that is new here brings the roles that it has already."""
        new = self._store(records)
        if new:
            roles = self._plain.read_plain(ROLE, ROLE_PATHS, among={"OpportunityId": new})
            self._store_roles(roles)

    def _take_roles(self, records: Sequence[PlainRecord]) -> None:
        """Store roles; one of an opportunity that is not known here brings that along."""
        stored = self._store_roles(records)
        ids = {role.opportunity_id for role in stored if not role.deleted} - self._taken
        unknown = sorted(ids - self._repository.get_many(ids).keys()) if ids else []
        if unknown:
            self._store(self._plain.read_plain(OPPORTUNITY, self._paths, among={"Id": unknown}))

    def _store(self, records: Sequence[PlainRecord]) -> list[str]:
        """Store what is news, and return the ids of those that were not known."""
        seen = [opportunity_of(record, self._settings.fields, self._zone) for record in records]
        ids = {one.id for one in seen}
        known = self._repository.get_many(ids) if ids else {}
        self._taken |= ids
        news: list[Opportunity] = []
        counts = Counter({"read": len(seen)})
        for one in seen:
            if not is_news(one, known.get(one.id)):
                continue
            news.append(one)
            counts["deleted" if one.deleted else "updated" if one.id in known else "created"] += 1
        if news and not self._dry_run:
            self._repository.save_many(news)
        self._count(OPPORTUNITY, counts)
        return [one.id for one in news if one.id not in known]

    def _store_roles(self, records: Sequence[PlainRecord]) -> list[ContactRole]:
        """Store what is news, and return it."""
        seen = [role for record in records if (role := role_of(record))]
        known = self._repository.get_roles({role.id for role in seen}) if seen else {}
        news = [role for role in seen if is_news(role, known.get(role.id))]
        if news and not self._dry_run:
            self._repository.save_roles(news)
        self._count(ROLE, Counter({"read": len(seen), "updated": len(news)}))
        return news

    def _count(self, sobject: str, counts: Counter[str]) -> None:
        if counts["read"]:
            self._tally.changes.setdefault(sobject, Counter()).update(counts)
