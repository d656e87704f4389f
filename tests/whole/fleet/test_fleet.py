"""A storm whose workers are containers, started by the fleet that the pipeline's template has.

The template is deployed to the emulated AWS and its image built; the storm is the real command with the variables of
the gate's project; ECS's calls have containers behind them, as in a rehearsal.
"""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import pytest
import requests

from containers.checkout import Context
from containers.client import ROLE, Client
from containers.engine import ensure_base, external_bases, find
from loadtest.history import series
from loadtest.record.measurements import totals
from loadtest.record.record import Record
from rehearsal.aws import ecr
from rehearsal.codebuild import project
from rehearsal.fargate.stand.inventory import down
from rehearsal.values import cloud_assembly
from rehearsal.values.stack import Stack, World
from rehearsal.values.state import Store
from tests.loadtest.conftest import ROOT, TOKEN, clean_environment
from tests.loadtest.storming import Act, limits_for_a_busy_machine, watched
from tests.ports import free_port
from tests.rehearsal.conftest import Surroundings, deploy
from tests.templates.synthesis import synthesize
from tests.templates.variants import variant

if TYPE_CHECKING:
    from rehearsal.aws.cloud import Cloud
    from rehearsal.aws.run_task import Runs

WORKERS = 3
STANDIN = Path(__file__).parents[2] / "loadtest/standin.py"
PEOPLE, SEATS, SEED = 60, 15, 7
PAGE_SECONDS = 0.3
STORM = {
    **{"STORM_PEOPLE": str(PEOPLE), "STORM_SEATS": str(SEATS), "STORM_SEED": str(SEED), "STORM_FORM_MEDIAN": "0.5"},
    **{"STORM_WARM_UP": "1", "STORM_BEFORE": "2", "STORM_OPENING": "2", "STORM_OPEN": "2", "STORM_RECOVERY": "1.5"},
}
MINE = ("STORM_FLEET", "STORM_WORKERS")


@dataclass
class Fleet:
    """The deployed fleet: the variables that a build of the gate has, and the engine's client."""

    client: Client
    runs: Runs
    image: str
    variables: dict[str, str]
    folder: Path

    def workers(self) -> list[list[str]]:
        """Return the workers' containers that run now, storm by storm: each storm has keys of its own."""
        storms: dict[str, list[str]] = {}
        for each in self.client.containers(f"{ROLE}=container"):
            if each["State"]["Running"]:
                [keys] = [value for value in each["Config"]["Env"] if value.startswith("STORM_WORKER_KEYS=")]
                storms.setdefault(keys, []).append(each["Id"])
        return list(storms.values())


def the_pipeline(cloud: Cloud, folder: Path) -> tuple[Stack, Path]:
    """Return the pipeline's stack with a fleet, and the folder from which its image is built."""
    settings = variant({"storm": {"people": WORKERS * 100, "seats": 100, "people_per_worker": 100}})
    world = synthesize(settings, folder)
    cloud.bootstrap(cloud_assembly.expects(folder))
    home = settings.pipeline
    stack = deploy(
        world.templates["FloodgatePipeline"], account=home.account, region=home.region, name="FloodgatePipeline",
        parameters={},
    )  # fmt: skip
    [source] = {file.parents[1] for file in folder.glob("asset.*/loadtest/Dockerfile")}
    return stack, source


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    from rehearsal.aws.cloud import Cloud
    from rehearsal.aws.cloudformation.patches import install
    from rehearsal.aws.run_task import Runs

    engine = find()
    folder = tmp_path_factory.mktemp("fleet")
    cloud = Cloud(folder / "aws.log")
    install(Surroundings(cloud, Store(folder / "store")))
    stack, source = the_pipeline(cloud, folder / "cdk.out")
    for base in external_bases(source / "loadtest/Dockerfile"):
        ensure_base(engine, base)
    [definition] = stack.of_type("AWS::ECS::TaskDefinition")
    ctx = Context(folder, engine.docker, engine.env, lambda _: None, cloud.secret)
    wrapper = folder / "docker"
    ecr.write_wrapper(wrapper, folder / "pushed", ctx)
    image = definition.properties["ContainerDefinitions"][0]["Image"]
    subprocess.run(
        [str(wrapper), "build", "--quiet", "--file", "loadtest/Dockerfile", "--tag", image, "."], cwd=source, check=True
    )
    world = World((stack,))
    runs, client = Runs(ctx, lambda: world), Client(ctx)
    runs.install()
    gate = next(each for each in stack.of_type("AWS::CodeBuild::Project") if "LoadTest" in each.logical_id)
    build = project.read(gate, stack.account, stack.region)
    own = {each.name: each.value for each in build.variables if each.name in MINE}
    try:
        yield Fleet(client, runs, ctx.local(image), {**own, **cloud.credentials(build.role, build.region)}, folder)
    finally:
        runs.close()
        down(ctx)
        cloud.close()


@contextmanager
def site(fleet: Fleet) -> Iterator[str]:
    """Serve a stand-in site whose pages take a while, so that the network between it and the people does not show.

    It is a container in a network of its own that answers on this machine's loopback, as load balancers do here.
    """
    client, port = fleet.client, free_port()
    name = f"{client.ctx.prefix}-standin-{port}"
    client("network", "create", *client.labels("network"), name)
    command = [
        *client.ctx.docker, "run", "--interactive", "--rm", f"--name={name}", f"--network={name}",
        *client.labels("balancer"), f"--publish=127.0.0.1:{port}:{port}", f"--volume={STANDIN}:/standin.py:ro",
        fleet.image, "/worker/bin/python", "/standin.py", json.dumps({"slow": PAGE_SECONDS}), "0.0.0.0", str(port),
    ]  # fmt: skip
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            process.stdout.readline()
            yield f"http://localhost:{port}"
        finally:
            client.run("rm", "--force", name)


@dataclass(frozen=True)
class Storm:
    """A storm that is over: its exit code, what it said and when it ended, and each person's first look at the page.

    ``took`` is how long it went on after something was done to it, in seconds.
    """

    code: int
    output: str
    ended: float
    folder: Path
    arrivals: dict[int, float]
    took: float = 0.0

    @property
    def record(self) -> Record:
        (record,) = series.load(self.folder / "record.json").runs
        return record


def storm(
    fleet: Fleet,
    name: str,
    more: Mapping[str, str],
    act: Act | None = None,
    source: Path = ROOT,
) -> Storm:
    """Storm a site of its own, and do something to the storm once the course is open; ``source`` holds loadtest/."""
    out = fleet.folder / name
    limits = limits_for_a_busy_machine(fleet.folder / f"{name}.toml")
    with site(fleet) as address:
        environment = clean_environment(
            **{**STORM, **more}, SITE_URL=address, STORM_TOKEN=TOKEN, STORM_OUT=str(out), STORM_LIMITS=str(limits)
        )
        process = subprocess.Popen(
            [sys.executable, "-m", "loadtest", "run"],
            cwd=source, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        output = watched(process, act)
        code = process.wait(timeout=60)
        arrivals = {int(who): when for who, when in requests.get(f"{address}/arrivals", timeout=10).json().items()}
        return Storm(code, output, time.monotonic(), out, arrivals)


@pytest.fixture(scope="module")
def storms(fleet: Fleet) -> dict[str, Storm]:
    """The storms that are looked at, side by side, for they mostly wait.

    The same people in one process of this machine and in three containers; a storm of two workers, one of which is
    killed, one whose build is, and one by another commit.
    """
    killed = []

    def kill_a_worker(_: subprocess.Popen[str]) -> None:
        [workers] = [each for each in fleet.workers() if len(each) == 2]
        killed.append(time.monotonic())
        fleet.client("kill", workers[0])

    other = fleet.folder / "another commit"
    for name in ("loadtest", "terminal"):
        shutil.copytree(ROOT / name, other / name)
    with (other / "loadtest/crowd/habits.py").open("a") as habits:
        habits.write("# another behaviour\n")
    long = {**fleet.variables, "STORM_OPEN": "120"}
    with ThreadPoolExecutor(5) as pool:
        made = {
            "one": pool.submit(storm, fleet, "one", {}),
            "many": pool.submit(storm, fleet, "many", fleet.variables),
            "lost": pool.submit(storm, fleet, "lost", {**long, "STORM_WORKERS": "2"}, kill_a_worker),
            "other": pool.submit(storm, fleet, "other", {**long, "STORM_WORKERS": "1"}, source=other),
            "dead": pool.submit(storm, fleet, "dead", {**long, "STORM_WORKERS": "1"}, subprocess.Popen.kill),
        }
        storms = {name: each.result() for name, each in made.items()}
    return {**storms, "lost": replace(storms["lost"], took=storms["lost"].ended - killed[0])}


@pytest.fixture
def both(storms: dict[str, Storm]) -> tuple[Storm, Storm]:
    """The storm by one process, and the one by containers."""
    return storms["one"], storms["many"]


def test_a_storm_by_containers_is_judged_like_one_by_a_process(both: tuple[Storm, Storm]) -> None:
    for each in both:
        assert each.code == 0, each.output
    one, many = (each.record for each in both)
    assert [worker.people for worker in one.workers] == [PEOPLE]
    assert [worker.people for worker in many.workers] == [PEOPLE // WORKERS] * WORKERS


def test_the_same_people_come_at_the_same_moments_whoever_carries_them(both: tuple[Storm, Storm]) -> None:
    """Who comes and when is the seed's: equal person by person, but for how late the generator and the network were.

    Of two crowds with other seeds, half of the people are 0.6 s apart and more, and the order agrees by 0.25.
    """
    from scipy.stats import spearmanr

    one, many = (each.arrivals for each in both)
    assert set(one) == set(many) == set(range(PEOPLE))
    # Somebody who looks calmly before the opening, as regulars do, first looks at a moment that depends on the start.
    assert median(abs(one[who] - many[who]) for who in one) < 0.5
    assert spearmanr([one[who] for who in one], [many[who] for who in one]).statistic > 0.7


def test_what_the_seed_decides_is_counted_equally(both: tuple[Storm, Storm]) -> None:
    one, many = (each.record.measurements for each in both)
    for phase in one.phases:
        assert one.phases[phase].counts["came"] == many.phases[phase].counts["came"], phase
    for name in ("came", "arrived"):
        assert one.whole().counts[name] == many.whole().counts[name]


def test_what_the_moment_decides_is_alike(both: tuple[Storm, Storm]) -> None:
    """When somebody reloads depends on when the answer came: so do counts and waits.

    How much they differ is this machine's, which does other things as well: what is wrong is a difference in kind, as
    of a worker that is not in the sum, or of waits in another unit.
    """
    for each in both:
        middle = each.record.measurements.whole().durations["wait"].percentile(50)
        assert middle is not None
        assert PAGE_SECONDS * 0.99 <= middle < 10 * PAGE_SECONDS
    one, many = (each.record.measurements.whole().counts for each in both)
    for name in ("wants", "requests"):
        assert 0.5 < one[name] / many[name] < 2, name


def test_reports_of_workers_elsewhere_add_up(both: tuple[Storm, Storm]) -> None:
    record = both[1].record
    counted: dict[str, int] = {}
    for worker in record.workers:
        assert worker.finished
        for key, number in worker.totals.items():
            counted[key] = counted.get(key, 0) + number
    assert counted == dict(totals(record.measurements))
    # The containers have this machine's clock: what is measured between them is no more than how wrong that can be.
    assert all(0 < worker.clock_error < 1 for worker in record.workers)
    assert all(abs(worker.clock_apart) <= worker.clock_error for worker in record.workers)


def test_a_worker_that_is_killed_makes_it_void_long_before_the_storm_would_end(storms: dict[str, Storm]) -> None:
    lost = storms["lost"]
    assert lost.code == 3, lost.output
    assert lost.took < 60
    assert re.search(r"worker \d has not reported for 5\.|1 of 2 worker tasks ended: .*exited", lost.output), (
        lost.output
    )
    assert lost.record.measurements.phases["before"].counts["wants"] > 0


def test_an_image_of_another_commit_is_found_out(storms: dict[str, Storm]) -> None:
    other = storms["other"]
    assert other.code == 3, other.output
    assert "a worker runs another version of loadtest/ than this command" in other.output
    assert not other.arrivals


def test_nothing_is_left_running_and_workers_whose_build_died_end_by_themselves(
    fleet: Fleet, storms: dict[str, Storm]
) -> None:
    assert storms["dead"].code == -signal.SIGKILL, storms["dead"].output
    gone_within(fleet, 120)
    assert fleet.runs.close() == 0, "nobody had to stop them"


def gone_within(fleet: Fleet, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while fleet.workers():
        assert time.monotonic() < deadline, "a worker goes on"
        time.sleep(0.2)


def test_the_image_is_small_holds_no_secret_and_is_nobody_s_root(fleet: Fleet) -> None:
    [image] = fleet.client.inspect("image", fleet.image)
    assert image["Size"] < 250e6
    assert image["Config"]["User"] == "10001:10001"
    assert not [name for name in image["Config"]["Env"] if re.search("KEY|TOKEN|SECRET|PASS", name)]
