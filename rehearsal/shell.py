"""``make shell``: the emulated AWS with all that stands, for the tools with which people look into AWS.

It is put together for this shell from what the rehearsal keeps, as each run does, and forgotten when the shell ends: a
deployment while it is open is not seen, and what is changed in it is changed for it alone.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

from containers.client import Client
from rehearsal.aws.logs import Logs, streams
from rehearsal.fargate.task.task import tasks
from rehearsal.runtime import Runtime
from rehearsal.values.replaced_file import write
from rehearsal.values.state import Key

# Of what a session's credentials say for the environment, a profile says this in words of its own.
_NOT_OF_A_PROFILE = frozenset({"AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION"})


def run(runtime: Runtime) -> int:
    """Run a shell that the tools of AWS find the rehearsal from; its exit code."""
    progress, keys = runtime.progress, runtime.store.state.standing
    config = runtime.store.folder / "aws" / "config"
    variables = {
        "AWS_CONFIG_FILE": str(config),
        # A person's own credentials must not be tried against the emulation, nor the emulation's outlive it.
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_ENDPOINT_URL": runtime.cloud.endpoint,
        "AWS_PROFILE": profile(_first(runtime)),
    }
    write(config, _profiles(runtime))
    for name, value in variables.items():
        progress.line(f"export {name}={shlex.quote(value)}")
    for each in dict.fromkeys(map(profile, keys)):
        names = ", ".join(key.name for key in keys if profile(key) == each)
        progress.line(f"# --profile {each}: {names}")
    client = Client(runtime.context)
    logs = Logs(client)
    for stream in streams(runtime.world().stacks, tasks(client)):
        logs.follow(stream)
    try:
        return subprocess.run([_shell()], env={**os.environ, **variables}, check=False).returncode
    finally:
        logs.close()
        config.unlink(missing_ok=True)


def profile(key: Key) -> str:
    """Return the profile of a stack's account and region."""
    return f"{key.account}-{key.region}"


def _first(runtime: Runtime) -> Key:
    state = runtime.store.state
    return state.pipeline or state.standing[0]


def _profiles(runtime: Runtime) -> str:
    text = ""
    for key in {profile(key): key for key in runtime.store.state.standing}.values():
        found = runtime.cloud.credentials(f"arn:aws:iam::{key.account}:role/rehearsal", key.region)
        pairs = {
            "region": key.region,
            "endpoint_url": runtime.cloud.endpoint,
            **{name.lower(): value for name, value in found.items() if name not in _NOT_OF_A_PROFILE},
        }
        text += f"[profile {profile(key)}]\n" + "".join(f"{name} = {value}\n" for name, value in pairs.items())
    return text


def _shell() -> str:
    # A script that is piped in is for the shell of scripts, whatever a person's own is.
    wanted = os.environ.get("SHELL", "") if sys.stdin.isatty() else ""
    return wanted if Path(wanted).is_file() else "/bin/sh"
