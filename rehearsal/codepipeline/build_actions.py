"""One build of a CodeBuild project with the emulated AWS and the container engine around it."""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from containers.client import Client
from rehearsal.aws import ecr
from rehearsal.codebuild import build, build_image, project
from rehearsal.codebuild.project import Project, Variable
from rehearsal.codepipeline import event_rules
from rehearsal.fargate.stand import ended_tasks, target_falls
from rehearsal.fargate.stand.public_names import PublicNames, public_names
from rehearsal.progress import Running
from rehearsal.runtime import Runtime
from rehearsal.values.exits import ActionFailed
from rehearsal.values.stack import Stack

_NO_ENGINE = "unix:///var/run/docker.sock-of-no-privileged-build"


@dataclass(frozen=True)
class ActionResult:
    """What an action leaves: the figure of its line, and its output variables."""

    figure: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)


def find_project(stack: Stack, name: str) -> Project:
    """Find the project of that name in the pipeline's stack."""
    for resource in stack.of_type("AWS::CodeBuild::Project"):
        if resource.physical_id == name:
            return project.read(resource, stack.account, stack.region)
    raise ActionFailed(f"the stack {stack.name} has no CodeBuild project {name}")


def run_build(
    runtime: Runtime,
    build_project: Project,
    sources: build.Sources,
    running: Running,
    *,
    overrides: tuple[Variable, ...],
    reports: Path,
    outputs: Mapping[str, Path],
    number: int,
) -> ActionResult:
    """Run one build of a project with the emulated AWS around it."""
    home = runtime.store.folder / "build" / build_project.name
    spec = build.build_spec(build_project, sources.primary)
    names = public_names(runtime.context, runtime.world())
    began = time.time()
    before, healthy = ecr.pushed(runtime.pushed), target_falls.falls(Client(runtime.context))
    environment = {
        **build_image.environment(os.environ, home, runtime.tools),
        # CodeBuild gives a container engine to privileged builds alone.
        **({"CDK_DOCKER": str(runtime.wrapper)} if build_project.privileged else {"DOCKER_HOST": _NO_ENGINE}),
        "CDK_HOME": str(home / "cdk"),
        **_trust(names, os.environ, home),
        **runtime.cloud.credentials(build_project.role, build_project.region),
        **project.variables(
            spec, build_project.variables, overrides,
            parameter=lambda name: _parameter(runtime, build_project, name),
            secret=lambda name: runtime.cloud.secret(build_project.account, build_project.region, name),
        ),
    }  # fmt: skip
    status = "FAILED"
    try:
        result = build.run(
            build_project, spec, sources, home=home, environment=environment, log=running.log, reports=reports,
            outputs=outputs, number=number, checkout=runtime.checkout, hosts=_hosts(names, home),
        )  # fmt: skip
        status = "SUCCEEDED"
    except KeyboardInterrupt:
        status = "STOPPED"
        raise
    finally:
        left = runtime.runs.close()
        new = list(dict.fromkeys(ecr.pushed(runtime.pushed)[len(before) :]))
        runtime.register_images(new)
        runtime.save_objects()
        _tell(runtime, build_project, status, running.log, number)
    if left:
        running.say(f"the build has ended, and {left} tasks that it ran had not: they were stopped")
    fallen = target_falls.fallen(healthy, target_falls.falls(Client(runtime.context)))
    health = target_falls.in_words(fallen)
    if health:
        running.say(f"health: {', '.join(fallen)}: {health}")
    ended = ended_tasks.in_words(ended_tasks.kept(runtime.context.state, began))
    if ended:
        running.say(f"health: {ended}")
    figures = [
        build.summary(result.exported),
        health,
        ended,
        result.tests,
        ecr.figure(len(new), running.log),
        result.caches,
    ]
    return ActionResult("; ".join(filter(None, figures)), result.exported)


def _tell(runtime: Runtime, build_project: Project, status: str, log: Path, number: int) -> None:
    for stack in runtime.world().stacks:
        if any(each.physical_id == build_project.name for each in stack.of_type("AWS::CodeBuild::Project")):
            event_rules.build_ended(stack, build_project.name, status, log, number=number, folder=runtime.store.folder)


def _hosts(names: PublicNames, home: Path) -> Path | None:
    """Write what a build sees in the place of ``/etc/hosts``: that and the public names of what stands."""
    if not names.addresses:
        return None
    file = home / "hosts"
    file.parent.mkdir(parents=True, exist_ok=True)
    own = "".join(f"{address} {name}\n" for name, address in names.addresses.items())
    file.write_text(own + Path("/etc/hosts").read_text(errors="replace"))
    return file


def _trust(names: PublicNames, environment: Mapping[str, str], home: Path) -> dict[str, str]:
    """Return the variables by which a build trusts the certificates that stand in, beside what this machine trusts."""
    if not names.certificates:
        return {}
    own = environment.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile or DEFAULT_CA_BUNDLE_PATH
    file = home / "trusted.pem"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join([Path(own).read_text(), *names.certificates]))
    return dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"), str(file))


def _parameter(runtime: Runtime, build_project: Project, name: str) -> str:
    ssm = runtime.client("ssm", build_project.account, build_project.region)
    try:
        value: str = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    except ssm.exceptions.ParameterNotFound:
        raise KeyError(name) from None
    return value
