"""One API call under way: who calls, what for, and with which headers."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from simulator.messages import Request
from simulator.records.options import WriteOptions
from simulator.records.writer import Writer
from simulator.soql.engine import DEFAULT_PAGE, SMALLEST_PAGE, Page

if TYPE_CHECKING:
    from simulator.org import Org
    from simulator.simulator import Simulator


@dataclass(frozen=True, kw_only=True)
class Call:
    """What a resource needs to know of the request that it answers."""

    simulator: "Simulator"
    request: Request
    version: str
    user_id: str
    number: int | None = None

    @property
    def org(self) -> "Org":
        """The org that is called."""
        return self.simulator.org

    @property
    def root(self) -> str:
        """The path under which this version of the API lies."""
        return f"/services/data/v{self.version}"

    @property
    def transaction(self) -> str | None:
        """The open transaction that the writes belong to."""
        return self.request.headers.get("x-simulator-transaction")

    @cached_property
    def writer(self) -> Writer:
        """What writes records in the way the headers ask for."""
        return Writer(self.org, self.options)

    @cached_property
    def options(self) -> WriteOptions:
        """What the headers say about writes."""
        headers = self.request.headers
        duplicates = _settings(headers.get("sforce-duplicate-rule-header", ""))
        assign = headers.get("sforce-auto-assign", "TRUE").strip()
        known = {"true": True, "false": False}
        return WriteOptions(
            user_id=self.user_id,
            auto_assign=known.get(assign.lower(), assign),
            allow_duplicates=duplicates.get("allowsave") == "true",
            duplicate_details=duplicates.get("includerecorddetails") == "true",
            request_number=None if self.org.features.lock_scope == "off" else self.number,
            transaction=self.transaction,
        )

    def query(self, text: str, *, all_rows: bool = False) -> Page:
        """Return the first page of a query."""
        return self.org.engine.run(
            text,
            schema=self.org.schema,
            root=self.root,
            user_id=self.user_id,
            all_rows=all_rows,
            page_size=self._page_size(),
        )

    def _page_size(self) -> int:
        wanted = _settings(self.request.headers.get("sforce-query-options", "")).get("batchsize")
        size = DEFAULT_PAGE
        if wanted is not None and wanted.isdecimal():
            size = min(max(int(wanted), SMALLEST_PAGE), DEFAULT_PAGE)
        return min(size, self.org.features.page_size)


def _settings(header: str) -> Mapping[str, str]:
    """Return the settings of a header such as ``allowSave=true; runAsCurrentUser=true``."""
    settings = {}
    for part in header.replace(",", ";").split(";"):
        name, _, value = part.partition("=")
        settings[name.strip().lower()] = value.strip().lower()
    return settings
