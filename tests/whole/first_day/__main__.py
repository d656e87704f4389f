"""``make prove-docs``: the steps of docs/aws.md with the commands that stand there, then the first commit's promotion.

The CDK's own CLI bootstraps three empty accounts of an emulated AWS and makes the first deployment; the rehearsal then
takes the commit to prod. What the emulation has no word for is in ``NOT_WALKED``, and printed.
"""

from __future__ import annotations

from terminal.interruption import importing

with importing("prove-docs", __name__):
    import argparse
    import os
    import re
    import shlex
    import subprocess
    import sys
    import tempfile
    from collections.abc import Iterator, Mapping
    from dataclasses import dataclass
    from pathlib import Path
    from typing import TYPE_CHECKING

    from rehearsal.values.exits import DONE
    from rehearsal.values.state import Store
    from terminal import standard_streams
    from tests.rehearsal.conftest import Surroundings
    from tests.whole.repository import ROOT, Repository, rehearsing, served_commit

if TYPE_CHECKING:
    from rehearsal.aws.cloud import Cloud

REGION = "eu-central-1"
ACCOUNTS = {"PIPELINE_ACCOUNT": "410000000001", "DEV_ACCOUNT": "420000000002", "PROD_ACCOUNT": "430000000003"}
CONNECTION = f"arn:aws:codeconnections:{REGION}:410000000001:connection/5f2e6f0c-0001-4ad3-9a3a-2f6f7a1b2c3d"
# Step 2: what a team writes in the place of the placeholders.
WRITTEN = {
    'name = "example/event-site"': 'name = "acme/tickets"',
    f"{REGION}:111111111111:connection/00000000-0000-0000-0000-000000000000": CONNECTION.partition("codeconnections:")[
        2
    ],
    'account = "111111111111"': 'account = "410000000001"',
    'account = "222222222222"': 'account = "420000000002"',
    'account = "333333333333"': 'account = "430000000003"',
    "notify = []": 'notify = ["operator@example.org"]',
    'admin_email = "webmaster@example.com"': 'admin_email = "webmaster@example.org"',
}
NOT_WALKED = (
    "step 1, the connection: GitHub and whoever confirms it are not there; its ARN is taken as it is written",
    "step 4, quotas: the emulated accounts have none",
    "step 6, git push: the emulated CodePipeline runs nothing; the rehearsal carries out the same definition, in an "
    "emulated AWS of its own",
    "step 7, the confirmation: nobody reads the mail that SNS would send",
)
PIPELINE = "FloodgatePipeline"
STAGES = ["Source", "Build", "UpdatePipeline", "Assets", "Dev", "Approval", "Prod"]


class Astray(Exception):
    """A step of the docs did not do what they say; the text is what came of it."""


@dataclass(frozen=True)
class Command:
    """A command of the docs, with the accounts and the region in their places; ``account`` is whose it is."""

    account: str
    words: list[str]


def commands(page: str) -> Iterator[Command]:
    """Yield what the docs have one type that reaches AWS, in its order."""
    step = page.partition("3. **Bootstrap**")[2].partition("6. **From then on")[0]
    variables = dict(re.findall(r'^\s*(\w+)="(.*)"$', step, re.MULTILINE))
    for line in re.findall(r"^\s*(cdk bootstrap .*)$|`(cdk deploy \w+)`", step, re.MULTILINE):
        text = "".join(line)
        account = next((each for each in ACCOUNTS if f"//{each}/" in text), "PIPELINE_ACCOUNT")
        for name, value in {**ACCOUNTS, "REGION": REGION}.items():
            text = re.sub(rf"\b{name}\b", value, text)
        text = re.sub(r"\$(\w+)", lambda found: variables[found[1]], text)
        yield Command(ACCOUNTS[account], shlex.split(text))


def main() -> int:
    """Walk; the exit code is that of a rehearsal."""
    parser = argparse.ArgumentParser(prog="python -m tests.whole.first_day", description=__doc__)
    parser.add_argument("--until", choices=["deployed", "promoted"], default="promoted", help="how far to walk")
    options = parser.parse_args()
    for step in NOT_WALKED:
        print(f"not walked: {step}", flush=True)
    with tempfile.TemporaryDirectory() as folder, rehearsing(Path(folder), WRITTEN) as repository:
        try:
            deploy(repository, Path(folder))
            if options.until == "promoted":
                promote(repository)
        except Astray as error:
            print(f"ASTRAY: {error}", file=sys.stderr)
            return 1
    return DONE


def deploy(repository: Repository, folder: Path) -> None:
    """Walk steps 2 to 4: the settings, the bootstrap of three accounts, the first deployment."""
    from rehearsal.aws.cloud import Cloud

    person = dict(os.environ)
    cloud = Cloud(folder / "aws.log")
    try:
        for command in commands((ROOT / "docs/aws.md").read_text(encoding="utf-8")):
            if command.words[1] == "deploy":
                # The rehearsal's types are in place from here on; it knows none of the functions of a bootstrap.
                from rehearsal.aws.cloudformation.patches import install

                install(Surroundings(cloud, Store(folder / "store")))
            output = run(command, repository, cloud, person)
            if "placeholders" in output:
                raise Astray(f"{shlex.join(command.words)}: placeholders are left: {output}")
        check(cloud)
    finally:
        cloud.close()


def run(command: Command, repository: Repository, cloud: Cloud, person: Mapping[str, str]) -> str:
    """Run a command as the administrator of its account; what it printed."""
    environment = {
        **{name: value for name, value in person.items() if not name.startswith("AWS_")},
        **cloud.credentials(f"arn:aws:iam::{command.account}:role/administrator", REGION),
        "PATH": f"{repository.folder}/.venv/bin:{repository.folder}/node_modules/.bin:{person['PATH']}",
        # No terminal: nobody is asked about rights.
        "CI": "1",
        # Whether the templates are valid is said elsewhere.
        "CDK_VALIDATION": "false",
    }
    words = [*command.words, *(["--require-approval", "never"] if command.words[1] == "deploy" else [])]
    done = subprocess.run(
        words,
        cwd=repository.folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=600,
    )
    if done.returncode:
        raise Astray(f"{shlex.join(words)} ended with {done.returncode}:\n{done.stdout[-3000:]}")
    print(f"walked: {shlex.join(command.words)}", flush=True)
    return done.stdout


def check(cloud: Cloud) -> None:
    """Raise ``Astray`` unless each account is bootstrapped, and the pipeline stands with its stages."""
    for account in ACCOUNTS.values():
        version = cloud.client("ssm", account, REGION).get_parameter(Name="/cdk-bootstrap/hnb659fds/version")
        if int(version["Parameter"]["Value"]) < 1:
            raise Astray(f"{account} is not bootstrapped")
    for account in (ACCOUNTS["DEV_ACCOUNT"], ACCOUNTS["PROD_ACCOUNT"]):
        role = cloud.client("iam", account, REGION).get_role(RoleName=f"cdk-hnb659fds-deploy-role-{account}-{REGION}")
        if ACCOUNTS["PIPELINE_ACCOUNT"] not in str(role["Role"]["AssumeRolePolicyDocument"]):
            raise Astray(f"{account} does not trust the pipeline's account")
    own = ACCOUNTS["PIPELINE_ACCOUNT"]
    [stack] = cloud.client("cloudformation", own, REGION).describe_stacks(StackName=PIPELINE)["Stacks"]
    if stack["StackStatus"] not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        raise Astray(f"{PIPELINE} is in {stack['StackStatus']}")
    [found] = cloud.client("codepipeline", own, REGION).list_pipelines()["pipelines"]
    pipeline = cloud.client("codepipeline", own, REGION).get_pipeline(name=found["name"])["pipeline"]
    if (stages := [stage["name"] for stage in pipeline["stages"]]) != STAGES:
        raise Astray(f"the pipeline has the stages {stages}")
    print(f"walked: {PIPELINE} is {stack['StackStatus']}, with {', '.join(stages)}", flush=True)


def promote(repository: Repository) -> None:
    """Walk step 6: the first commit, through its storm and the approval to prod."""
    repository.build_without_checks()
    commit = repository.commit("The checks are made elsewhere")
    outcome = repository.rehearse("run", approve="yes")
    if outcome.code != DONE:
        raise Astray(f"the first commit was not promoted: {outcome.text[-3000:]}")
    if (present := served_commit(outcome.site("prod"))) != commit:
        raise Astray(f"prod serves {present} and not {commit}")
    print(f"walked: prod serves {commit[:8]}, the first commit", flush=True)


if __name__ == "__main__":
    sys.exit(standard_streams.run("prove-docs", main))
