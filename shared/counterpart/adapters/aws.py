"""What the adapters to AWS share: how a client is made, and what its errors mean to us."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConfigNotFound,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
)
from botocore.session import get_session

from counterpart.errors import ConfigurationError, RecordError, TransientError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from counterpart.errors import CounterpartError

# AWS answers within milliseconds; a request that takes longer is better sent again. botocore
# retries throttling, 5xx and lost connections with back-off, and it alone: nobody above it does.
CONNECT_TIMEOUT_SECONDS = 3
READ_TIMEOUT_SECONDS = 10
ATTEMPTS = 5

# What only the owner of the deployment can mend: rights, names, keys.
_CONFIGURATION_CODES = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AWS.SimpleQueueService.NonExistentQueue",
        "DecryptionFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAddress",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "KMSAccessDeniedException",
        "KmsAccessDenied",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "OptInRequired",
        "QueueDoesNotExist",
        "ResourceNotFoundException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_CONFIGURATION_ERRORS = (
    ConfigNotFound,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
)
# A write that DynamoDB finds invalid is about its one item, too large for instance.
_WRITES = frozenset({"PutItem", "UpdateItem", "BatchWriteItem"})


def new_client(
    service: str,
    *,
    region: str | None,
    read_timeout: int = READ_TIMEOUT_SECONDS,
    attempts: int = ATTEMPTS,
) -> Any:  # noqa: ANN401 - stubs type each service apart
    """Return a client of *service*, without the weight of boto3.

    Args:
        service: Such as `sqs`.
        region: `None` leaves it to botocore, which looks at AWS_DEFAULT_REGION.
        read_timeout: Seconds to wait for an answer.
        attempts: How often a request is sent at most.
    """
    config = Config(
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=read_timeout,
        retries={"mode": "standard", "total_max_attempts": attempts},
    )
    with translated_errors(service):
        return get_session().create_client(service, region_name=region, config=config)


@contextmanager
def translated_errors(doing: str) -> Iterator[None]:
    """Turn botocore's errors into ours.

    Args:
        doing: What the message begins with.
    """
    try:
        yield
    except (BotoCoreError, ClientError) as exc:
        raise translation(exc, doing) from exc


def translation(exc: Exception | None, doing: str) -> CounterpartError:
    """Return our error for one of botocore's."""
    if isinstance(exc, ClientError):
        code = exc.response.get("Error", {}).get("Code", "Unknown")
        message = f"{doing}: {exc}"
        if code in _CONFIGURATION_CODES:
            return ConfigurationError(message)
        if code == "ValidationException":
            is_write = exc.operation_name in _WRITES
            return RecordError(message) if is_write else ConfigurationError(message)
        return TransientError(message)
    if isinstance(exc, _CONFIGURATION_ERRORS):
        return ConfigurationError(f"{doing}: {exc}")
    return TransientError(f"{doing}: {exc or 'gave up'}")
