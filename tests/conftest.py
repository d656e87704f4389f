"""How the tests share the workers, and what each of them may touch."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hypothesis
import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.left_out import WORKERS_HEAR, LeftOut, ignore
from tests.levels import Watch, kept_as, marks
from tests.templates.inputs import AT_START
from tests.templates.synthesis import Keep, Make, keeper, maker

FIRST = (
    *("tests/whole", "tests/rehearsal/fargate", "tests/site", "tests/loadtest/generator"),
    # The last of them mostly waits for registries.
    *("tests/site/browser", "tests/whole/fleet", "tests/rehearsal/aws", "tests/tools"),
)

# Folders that take turns in one worker: what they synthesize with, the CDK's kernel, is then started once. Whoever
# needs two of their assemblies is elsewhere: all in one would still be at work when the other workers have ended.
TOGETHER = dict.fromkeys(("tests/app", "tests/promotion"), "tests/templates")

# What takes a second of CPU to import. Every worker collects every test, and only those that need it may pay for it.
SLOW = ("aws_cdk", "moto.ec2", "matplotlib.figure", "scipy.stats")

# Seconds for a test of an engine, a browser or a storm, with what it needs. The first one of a run on an empty engine
# builds images, for which the engine's client has 1,200 by itself, and on a busy machine that takes minutes.
PATIENCE = 1500

# An example may take its time: a test's result does not hang on how busy the machine is.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")

_watch = pytest.StashKey[Watch]()


class ByFolder(LoadScopeScheduling):
    """One unit of work per folder: its fixtures are made once, and no two workers share their names."""

    def _split_scope(self, nodeid: str) -> str:
        folder = _folder(nodeid)
        return TOGETHER.get(folder, folder)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFolder:
    """Group by folder: marks would say the same, but xdist 3.8 writes them where pytest 9.2 does not look."""
    return ByFolder(config, log)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--once", action="store_true", help="leave out what has passed on the same files (tests/left_out.py)"
    )


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        ignore(config, config.workerinput.get(WORKERS_HEAR, ()))
    elif config.option.once:
        config.pluginmanager.register(LeftOut(config))
    # Checks that tests share: what does not hold in them is shown as in a test itself.
    checks = ("access", "data", "edge", "fleet", "pipeline", "schedule", "service")
    pytest.register_assert_rewrite(*(f"tests.templates.{each}_checks" for each in checks))
    config.stash[_watch] = Watch()
    # A shell without job control starts what goes to the background deaf to SIGINT, and so is all that tests start.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[_watch].close()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Import all tests and what they test without the garbage collector, and keep what they leave out of its sight.

    Some 800,000 objects come and stay; looking through them again and again was half of what collecting tests cost, and
    a good part of each full collection later on. What the tests themselves make is collected, but not after each 700
    objects: a synthesis, a deployment or a drawing makes and keeps hundreds of thousands, and an eighth of the tests'
    processor time went into looking whether they were still needed.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(50_000)
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest folders first, so that no worker is left with one of them alone at the end."""
    for item in items:
        found = marks(item.nodeid.partition("::")[0], getattr(item, "fixturenames", ()))
        for mark in sorted(found):
            item.add_marker(mark)
        if found and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(PATIENCE))
    places = {folder: place for place, folder in enumerate(FIRST)}
    items.sort(key=lambda item: places.get(_folder(item.nodeid), len(FIRST)))


def pytest_collection_finish() -> None:
    """Refuse a test file that imports at its top what would make every worker's collection slow."""
    if slow := [name for name in SLOW if name in sys.modules]:
        raise pytest.UsageError(
            f"collection imported {', '.join(slow)}: import it in the test or fixture that needs it"
        )


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all workers of this run share."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def make(run_folder: Path, pytestconfig: pytest.Config) -> Iterator[Make]:
    """What settings make: equal ones are synthesized once, whichever worker asks, in whichever run of this state."""
    # None where pytest is told to keep nothing (-p no:cacheprovider).
    cache = getattr(pytestconfig, "cache", None)
    kept = run_folder / "kept" if cache is None else cache.mkdir("syntheses")
    with maker(AT_START, kept, run_folder) as made:
        yield made


@pytest.fixture(scope="session")
def keep(run_folder: Path, pytestconfig: pytest.Config) -> Iterator[Keep]:
    """What a test synthesizes in a way of its own, kept as that of ``make`` is."""
    cache = getattr(pytestconfig, "cache", None)
    kept = run_folder / "kept-otherwise" if cache is None else cache.mkdir("other-syntheses")
    with keeper(AT_START, kept, run_folder) as keeping:
        yield keeping


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    with _watched(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    with _watched(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """Watch what a test file opens when it is imported, as what its tests open."""
    with collector.config.stash[_watch].kept(kept_as(collector.nodeid, marks(collector.nodeid, ()))):
        return (yield)


@contextmanager
def _watched(item: pytest.Item) -> Iterator[None]:
    watch, found = item.config.stash[_watch], {mark.name for mark in item.iter_markers()}
    with watch.over(found), watch.kept(kept_as(item.nodeid.partition("::")[0], found)):
        yield


def _folder(nodeid: str) -> str:
    return nodeid.partition("::")[0].rpartition("/")[0]
