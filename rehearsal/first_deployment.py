"""The first deployment of the pipeline, by hand in AWS (``cdk deploy``): from then on it updates itself."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from rehearsal.aws.cloudformation import deployment
from rehearsal.codebuild import build_image
from rehearsal.codepipeline import definition
from rehearsal.codepipeline.execution import keep_pipeline
from rehearsal.progress import Running
from rehearsal.runtime import Runtime
from rehearsal.values import cloud_assembly, commit
from rehearsal.values.commit import Commit
from rehearsal.values.exits import ActionFailed, Refused

# The tools of the person's own checkout, which a fresh checkout of the commit borrows for this one synthesis.
_LINKED = (".venv", "node_modules")


def deploy(runtime: Runtime, revision: Commit, running: Running) -> str:
    """Synthesize the commit with the CDK CLI and deploy its pipeline's stack; what came of it, in a few words."""
    folder = runtime.store.folder / "first"
    shutil.rmtree(folder, ignore_errors=True)
    commit.export(runtime.checkout, revision.identity, folder)
    cli = runtime.checkout / "node_modules" / ".bin" / "cdk"
    if not cli.exists():
        raise Refused(f"{cli} is missing: `make setup` installs the tools")
    for name in _LINKED:
        link = folder / name
        if not link.exists() and (runtime.checkout / name).exists():
            link.symlink_to(runtime.checkout / name)
    # Whether the templates are valid is the pipeline's to say, of this same commit: its Synth validates.
    environment = {**build_image.environment(os.environ, folder, runtime.tools), "CDK_VALIDATION": "false"}
    synthesize(cli, folder, environment, running)
    artifacts = cloud_assembly.stacks(folder / "cdk.out")
    chosen = definition.template_of({artifact.name: artifact.read() for artifact in artifacts})
    [artifact] = [artifact for artifact in artifacts if artifact.name == chosen]
    runtime.bootstrap(folder / "cdk.out")
    stack = deployment.deploy(
        artifact.read(), account=artifact.account, region=artifact.region, name=artifact.name, parameters={}
    )
    keep_pipeline(runtime, stack, revision.identity)
    shutil.rmtree(folder)
    return f"{artifact.name}: {len(stack.resources)} resources"


def synthesize(cli: Path, folder: Path, environment: dict[str, str], running: Running) -> None:
    """Run ``cdk synth`` in ``folder``; its output goes to the action's log."""
    if not (folder / "cdk.json").exists() or "app" not in json.loads((folder / "cdk.json").read_text()):
        raise Refused("the commit has no cdk.json that names an app: it is not a CDK project")
    with running.log.open("ab") as log:
        done = subprocess.run(
            [str(cli), "synth", "--quiet"], cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log,
            stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
    if done.returncode != 0:
        raise ActionFailed(f"`cdk synth` ended with exit status {done.returncode}", running.log)
