"""The environment of a function. Nothing else in the house reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True, slots=True)
class Environment:
    """What the template tells a function.

    Attributes:
        salesforce_domain: `login`, `test`, or a My Domain such as `acme.my`.
        salesforce_endpoint_url: Where to send everything that is meant for Salesforce; only for a
            local simulator, empty in production.
        create_records_function: The deployed name of `create_records`, for whoever invokes it.
        pull_records_function: The deployed name of `pull_records`, likewise.
        sync_campaigns_function: The deployed name of `sync_campaigns`, likewise.
    """

    contacts_table: str
    companies_table: str
    links_table: str
    sync_state_table: str
    settings_table: str
    runs_table: str
    merges_table: str
    campaigns_table: str
    members_table: str
    opportunities_table: str
    creation_queue_url: str
    creation_dead_letter_queue_url: str
    salesforce_secret_arn: str
    salesforce_api_version: str
    salesforce_domain: str
    salesforce_endpoint_url: str
    function_name: str
    create_records_function: str
    pull_records_function: str
    sync_campaigns_function: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Environment:
        """Return the environment as *environ* describes it.

        A function is told only what it needs; what it was not told is found missing when used.
        """
        return cls(
            contacts_table=environ.get("CONTACTS_TABLE", ""),
            companies_table=environ.get("COMPANIES_TABLE", ""),
            links_table=environ.get("LINKS_TABLE", ""),
            sync_state_table=environ.get("SYNC_STATE_TABLE", ""),
            settings_table=environ.get("SETTINGS_TABLE", ""),
            runs_table=environ.get("RUNS_TABLE", ""),
            merges_table=environ.get("MERGES_TABLE", ""),
            campaigns_table=environ.get("CAMPAIGNS_TABLE", ""),
            members_table=environ.get("MEMBERS_TABLE", ""),
            opportunities_table=environ.get("OPPORTUNITIES_TABLE", ""),
            creation_queue_url=environ.get("CREATION_QUEUE_URL", ""),
            creation_dead_letter_queue_url=environ.get("CREATION_DEAD_LETTER_QUEUE_URL", ""),
            salesforce_secret_arn=environ.get("SALESFORCE_SECRET_ARN", ""),
            salesforce_api_version=environ.get("SALESFORCE_API_VERSION", "66.0"),
            salesforce_domain=environ.get("SALESFORCE_DOMAIN", "login"),
            salesforce_endpoint_url=environ.get("SALESFORCE_ENDPOINT_URL", ""),
            create_records_function=environ.get("CREATE_RECORDS_FUNCTION", ""),
            pull_records_function=environ.get("PULL_RECORDS_FUNCTION", ""),
            sync_campaigns_function=environ.get("SYNC_CAMPAIGNS_FUNCTION", ""),
            function_name=environ.get("AWS_LAMBDA_FUNCTION_NAME", ""),
        )

    def require(self, *names: str) -> None:
        """Make sure that these are set.

        Raises:
            ConfigurationError: one is not; the message names its environment variable.
        """
        for name in names:
            if not getattr(self, name):
                raise ConfigurationError(
                    f"{name.upper()} is not set; the template sets it for every function"
                )
