"""What the programs of the local world are told of the machine that they run on.

The local AWS hands its environment to every function, so it gets a clean one: no secret of the
person at the keyboard, no profile, no proxy. The SAM command line builds with pip or uv, which may
need the machine's settings, so it gets those, less whatever could lead it to a real account.
"""

import os

from scripts.local import place

# pip would install elsewhere, Python would import other modules, boto3 would ask other hosts.
_MISLEADING = {
    "PIP_NO_DEPS",
    "PIP_PREFIX",
    "PIP_REQUIRE_VIRTUALENV",
    "PIP_ROOT",
    "PIP_TARGET",
    "PIP_USER",
    "PYTHONHOME",
    "PYTHONPATH",
    "VIRTUAL_ENV",
}
_MISLEADING_PREFIXES = ("AWS_", "MAKE", "MFLAGS", "SAM_", "__SAM_")


def for_services() -> dict[str, str]:
    """Return the environment of the local AWS and of the simulator."""
    return {
        "HOME": str(place.HOME),
        "LANG": "C.UTF-8",
        "PATH": f"{place.TOOLS}{os.pathsep}{os.defpath}",
        "PYTHONUNBUFFERED": "1",
        "TMPDIR": str(place.TEMPORARY),
    }


def for_aws(*, port: int) -> dict[str, str]:
    """Return the environment of the local AWS, which listens on *port*."""
    return for_services() | {
        # Check signatures and policies, so that least privilege is tried out each day.
        "AUTH": "true",
        "BIND_HOST": place.LOOPBACK,
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "MINISTACK_ACCOUNT_ID": place.ACCOUNT,
    }


def for_sam(*, endpoint_url: str) -> dict[str, str]:
    """Return the environment of the SAM command line, which deploys to *endpoint_url*."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in _MISLEADING and not name.startswith(_MISLEADING_PREFIXES)
    }
    near = f"{os.environ.get('NO_PROXY', '')},{place.LOOPBACK},localhost".lstrip(",")
    return kept | {
        # The root of the local AWS.
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_DEFAULT_REGION": place.REGION,
        "AWS_ENDPOINT_URL": endpoint_url,
        "NO_PROXY": near,
        "no_proxy": near,
        # The builder of functions looks for the runtime's own interpreter by its name.
        "PATH": os.pathsep.join([str(place.TOOLS), os.environ.get("PATH", os.defpath)]),
        "SAM_CLI_POLL_DELAY": "0.1",
        "SAM_CLI_TELEMETRY": "0",
        "__SAM_CLI_APP_DIR": str(place.HOME / "aws-sam"),
        # For shared/Makefile.
        "ARCHITECTURE": "native",
        "PYTHON_RUNTIME": place.RUNTIME,
        "UV": str(place.TOOLS / "uv"),
    }
