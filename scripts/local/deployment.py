"""Build and deploy the template with the SAM command line, and describe what stands then."""

import hashlib
import json
import re
import subprocess
from pathlib import Path
from typing import Any

from scripts.local import aws, environment, place
from scripts.local.world import World

_SOURCES = ("template.yaml", "samconfig.toml", "shared", "functions")
_FUNCTION_URL = re.compile(r"https://(?P<id>[^.]+)\.lambda-url\.")


def fingerprint(current: World) -> str:
    """Return a digest of everything that a deployment depends on."""
    digest = hashlib.sha256(json.dumps(_parameters(current)).encode())
    for path in _source_files():
        digest.update(f"\n{path.relative_to(place.ROOT)}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def deploy(current: World) -> None:
    """Build and deploy the template to the local AWS of *current*."""
    env = environment.for_sam(endpoint_url=current.aws_endpoint_url)
    config = ["--config-file", str(place.ROOT / "samconfig.toml"), "--config-env", "local"]
    overrides = ["--parameter-overrides", *_parameters(current)]
    built = {
        "build": ["--build-dir", str(place.BUILD)],
        "deploy": ["--template-file", str(place.BUILD / "template.yaml")],
    }
    for verb, where in built.items():
        _run([str(place.SAM), verb, *config, *where, *overrides], env=env, verb=verb)


def describe(
    current: World, *, outputs: dict[str, str], credentials: dict[str, str]
) -> dict[str, Any]:
    """Return what a person or program needs to know to use the stack.

    Args:
        outputs: What the stack says of itself.
        credentials: A key that opens everything.
    """
    url_id = _FUNCTION_URL.match(outputs["ApiUrl"])
    if url_id is None:
        raise place.LocalError(f"The local AWS gave the API an unknown URL: {outputs['ApiUrl']}")
    return {
        "aws_endpoint_url": current.aws_endpoint_url,
        "region": place.REGION,
        "stack_name": place.STACK_NAME,
        "salesforce_url": current.salesforce_url,
        "salesforce_access_token": current.salesforce_access_token,
        "api_url": f"{current.aws_endpoint_url}/_aws/lambda-url/{url_id['id']}",
        "credentials": credentials,
        "functions": _outputs_of_kind(outputs, "Function"),
        "tables": _outputs_of_kind(outputs, "Table"),
        "queues": {
            name: url.replace("//localhost:", f"//{place.LOOPBACK}:")
            for name, url in _outputs_of_kind(outputs, "QueueUrl").items()
        },
    }


def _outputs_of_kind(outputs: dict[str, str], kind: str) -> dict[str, str]:
    return {
        aws.folder_name(name, kind=kind): value
        for name, value in sorted(outputs.items())
        if name.endswith(kind)
    }


def _parameters(current: World) -> list[str]:
    return [
        f"PythonRuntime={place.RUNTIME}",
        f"Architecture={place.ARCHITECTURE}",
        f"SalesforceEndpointUrl={current.salesforce_url}",
    ]


def _source_files() -> list[Path]:
    tops = [place.ROOT / name for name in _SOURCES]
    files = [top for top in tops if top.is_file()]
    files += [path for top in tops for path in top.rglob("*") if path.is_file()]
    return sorted(path for path in files if "__pycache__" not in path.parts)


def _run(command: list[str], *, env: dict[str, str], verb: str) -> None:
    log = place.LOGS / f"sam-{verb}.log"
    with log.open("wb") as output:
        done = subprocess.run(
            command,
            cwd=place.ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        raise place.LocalError(f"sam {verb} failed; the end of {log}:\n\n{place.tail(log)}")
