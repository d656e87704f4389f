"""An emulated AWS for each module of tests, and the project's own cloud assembly."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rehearsal.values.stack import Stack
from rehearsal.values.state import Store
from settings import load
from tests.templates.synthesis import Make

if TYPE_CHECKING:
    from rehearsal.aws.cloud import Cloud

ROOT = Path(__file__).parents[2]


class Surroundings:
    """What resource types take from the rehearsal: a real store, and ports counted from 9000."""

    def __init__(self, cloud: Cloud, store: Store) -> None:
        self.cloud = cloud
        self.store = store
        self.free = itertools.count(9000)
        self.ports: dict[tuple[str, ...], int] = {}

    def client(self, service: str, account: str, region: str) -> Any:
        return self.cloud.client(service, account, region)

    def generated(self, account: str, region: str, stack: str, logical_id: str, make: Callable[[], str]) -> str:
        return self.store.generated(account, region, stack, logical_id, make)

    def port(self, account: str, region: str, stack: str, logical_id: str) -> int:
        key = (account, region, stack, logical_id)
        return self.ports.setdefault(key, next(self.free))


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    from rehearsal.aws.cloud import Cloud

    running = Cloud(tmp_path_factory.mktemp("aws") / "aws.log")
    yield running
    running.close()


def forget(cloud: Cloud) -> None:
    """Empty the emulated AWS, as the start of another run does."""
    from moto.moto_api._internal.models import moto_api_backend

    moto_api_backend.reset()
    cloud._sessions.clear()
    cloud._clients.clear()


@pytest.fixture
def surroundings(cloud: Cloud, tmp_path: Path) -> Surroundings:
    from rehearsal.aws.cloudformation.patches import install

    made = Surroundings(cloud, Store(tmp_path / "store"))
    install(made)
    return made


_accounts = itertools.count(400000000000)


@pytest.fixture
def account() -> str:
    """An account that no other test uses."""
    return str(next(_accounts))


@pytest.fixture(scope="session")
def cdk_out(make: Make) -> Path:
    """The cloud assembly of settings.toml, which no test may change."""
    return make(load(ROOT / "settings.toml")).assembly


def deploy(template: dict[str, Any], *, account: str, region: str, name: str, parameters: dict[str, str]) -> Stack:
    """Deploy to the emulated CloudFormation."""
    from rehearsal.aws.cloudformation.deployment import deploy as deployed

    return deployed(template, account=account, region=region, name=name, parameters=parameters)
