"""The faults: what each is, how it strikes, and how it is healed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from containers.cgroups import ControlGroups
from containers.errors import EngineError
from drill import namespaces, outbox, restore
from drill.namespaces import NotInjected
from drill.site import Site
from drill.site_parts import NGINX, PHP, Parts
from loadtest.record.record import Record
from rehearsal.fargate.desired.errors import DeploymentFailed
from rehearsal.fargate.task.task import remove

CONTENT = "/var/www/content"
LATE = 0.2  # seconds
_PORT = 3306
_STEP = 30  # seconds that the clock is put back
_CLOCK = "/tmp/clock"  # noqa: S108 - in a container, on the task's own volume
_INSTALL = "RUN apt-get update && apt-get install -y --no-install-recommends faketime"
# A copy of the volume on a disk of its own that has no byte left; the sizes are in KiB.
_FULL = f"""
trap '[ "$?" = 0 ] || {{ umount --lazy /mnt; umount --lazy {CONTENT}; }}' EXIT
size=$(du --summarize --block-size=1K {CONTENT} | cut --fields=1)
mount -t tmpfs -o size=$((size + 1024))k,mode=755 tmpfs /mnt
cp --archive {CONTENT}/. /mnt/
dd if=/dev/zero of=/mnt/.filler bs=4k 2>/dev/null || true
mount --bind /mnt {CONTENT}
umount --lazy /mnt
"""

# How long somebody waits who reads the volume's folder, in nanoseconds.
_WAITED = f"began=$(date +%s%N); ls {CONTENT} > /dev/null; echo $(($(date +%s%N) - began))"

# It takes the ``Parts`` of a site, or a ``Site`` where it deploys.
Injection = Callable[[Any], AbstractContextManager[None]]
# What else must hold of a site and the record of its storm: a sentence for each promise that is broken.
Promises = Callable[[Any, Record], Sequence[str]]


@dataclass(frozen=True)
class Fault:
    """Something that breaks under a storm.

    ``inject`` strikes when it is entered and heals when it is left, ``hold`` seconds later; ``around`` is what the site
    needs before the storm and gives back after it; ``crowd`` is how many times the people of the gate's storm come, and
    ``longer`` how many seconds more than usual the storm lasts. The way back is counted from the end of what is held,
    or from the blow itself where the site ``heals_itself``. ``promises`` are asked when all is normal again.
    """

    name: str
    what: str
    inject: Injection
    hold: float = 0.0
    around: Injection = lambda _site: nullcontext()
    crowd: float = 1.0
    longer: float = 0.0
    heals_itself: bool = False
    promises: Promises = lambda _site, _record: ()


@contextmanager
def _php_killed(site: Parts) -> Iterator[None]:
    namespaces.kill(site.pid(site.container(PHP)))
    yield


@contextmanager
def _task_killed(site: Site) -> Iterator[None]:
    task = site.tasks()[0]
    for container in (*(c["Id"] for c in task.containers if c["State"]["Running"]), task.name):
        namespaces.kill(site.pid(container))
    remove(site.client, ControlGroups(site.client), task.name)
    yield


@contextmanager
def _two_tasks(site: Site) -> Iterator[None]:
    site.deploy(site.of_tasks(2))
    try:
        yield
    finally:
        site.deploy()


@contextmanager
def _nginx_reloaded(site: Parts) -> Iterator[None]:
    site.engine("kill", "--signal=HUP", site.container(NGINX))
    yield


@contextmanager
def _database_killed(site: Parts) -> Iterator[None]:
    namespaces.kill(site.pid(site.database))
    yield


@contextmanager
def _database_frozen(site: Parts) -> Iterator[None]:
    name = site.database
    site.engine("pause", name)
    try:
        yield
    finally:
        site.engine("unpause", name)


@contextmanager
def _database_read_only(site: Parts) -> Iterator[None]:
    name = site.database
    site.engine("exec", name, "sql", "--execute", "SET GLOBAL read_only = ON")
    try:
        yield
    finally:
        site.engine("exec", name, "sql", "--execute", "SET GLOBAL read_only = OFF")


def _database_paused(site: Parts) -> AbstractContextManager[None]:
    """Do as Aurora when it pauses and comes back: open connections end, and whoever connects waits."""
    packets = f"INPUT -p tcp --dport {_PORT}"
    ends = f"{packets} ! --syn -j REJECT --reject-with tcp-reset"
    return namespaces.rules(site.pid(site.database), ends, f"{packets} --syn -j DROP")


def _packets_dropped(site: Parts) -> AbstractContextManager[None]:
    return namespaces.rules(site.pid(site.database), f"INPUT -p tcp --dport {_PORT} -j DROP")


def _database_late(site: Parts) -> AbstractContextManager[None]:
    return namespaces.late(site.pid(site.network), site.address(site.database), _PORT, LATE)


@contextmanager
def _name_unresolved(site: Parts) -> Iterator[None]:
    network = site.pid(site.network)
    # The engine's own resolver has this address in every container. Kept connections need no name: they end first.
    with namespaces.rules(network, "OUTPUT -d 127.0.0.11 -j REJECT"):
        namespaces.cut(network, _PORT)
        yield


@contextmanager
def _resolver_silent(site: Parts) -> Iterator[None]:
    network = site.pid(site.network)
    # What is dropped on its way out is an error at once; here the question is asked, and nobody hears it.
    with namespaces.rules(network, "INPUT -d 127.0.0.11 -j DROP"):
        namespaces.cut(network, _PORT)
        yield


@contextmanager
def _volume_read_only(site: Parts) -> Iterator[None]:
    process = site.pid(site.container(PHP))
    namespaces.enter(process, "mount", "mount", "-o", "remount,bind,ro", CONTENT)
    try:
        _must_not_be_written(site)
        yield
    finally:
        namespaces.enter(process, "mount", "mount", "-o", "remount,bind,rw", CONTENT)


@contextmanager
def _volume_slow(site: Parts) -> Iterator[None]:
    parts = [site.container(name) for name in (PHP, NGINX)]
    with namespaces.slow_files([site.pid(part) for part in parts], CONTENT, LATE):
        for part in parts:
            if int(site.engine("exec", part, "sh", "-c", _WAITED)) < LATE * 1e9:
                raise NotInjected("who reads the volume's folder does not wait")
        yield


@contextmanager
def _volume_full(site: Parts) -> Iterator[None]:
    process = site.pid(site.container(PHP))
    namespaces.enter(process, "mount", "sh", "-ec", _FULL)
    try:
        _must_not_be_written(site)
        yield
    finally:
        namespaces.enter(process, "mount", "umount", "--lazy", CONTENT)


def _must_not_be_written(site: Parts) -> None:
    written = site.engine.run("exec", site.container(PHP), "sh", "-c", f"echo something > {CONTENT}/.drill")
    if written.returncode == 0:
        raise NotInjected("php-fpm still writes to the volume")


@contextmanager
def _clock_stepped(site: Parts) -> Iterator[None]:
    _set_clock(site, f"-{_STEP}")
    try:
        moment = float(site.engine("exec", site.container(PHP), "php", "-r", "echo microtime(true);"))
        if time.time() - moment < _STEP / 2:
            raise NotInjected("faketime does not reach PHP's clock")
        yield
    finally:
        _set_clock(site, "+0")


def _set_clock(site: Parts, offset: str) -> None:
    site.engine("exec", site.container(PHP), "sh", "-c", 'echo "$1" > "$2"', "sh", offset, _CLOCK)


@contextmanager
def _own_clock(site: Site) -> Iterator[None]:
    """Let PHP read its time from a file: the machine's own clock is not the drill's to step."""
    image = f"{site.client.ctx.prefix}/drill-clock:latest"
    lines = f"FROM {site.image(PHP)}\nUSER root\n{_INSTALL}\n"
    done = site.client.run("build", "--quiet", "--tag", image, "-", stdin=lines, timeout=300)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise NotInjected(f"Debian's package faketime cannot be installed into the site's image: {reason}")
    library = "/usr/$LIB/faketime/libfaketime.so.1"
    try:
        site.deploy(
            site.with_image(
                PHP,
                image,
                LD_PRELOAD=library,
                FAKETIME_TIMESTAMP_FILE=_CLOCK,
                FAKETIME_CACHE_DURATION="1",
                FAKETIME_DONT_FAKE_MONOTONIC="1",
            )
        )
        yield
    finally:
        site.deploy()


@contextmanager
def _broken_image(site: Site) -> Iterator[None]:
    image = f"{site.client.ctx.prefix}/drill-broken:latest"
    site.client("build", "--quiet", "--tag", image, "-", stdin=f'FROM {site.image(PHP)}\nENTRYPOINT ["false"]\n')
    try:
        site.deploy(site.with_image(PHP, image))
    except DeploymentFailed:
        yield
    else:
        site.deploy()
        raise EngineError("the deployment of a broken image succeeded")


@contextmanager
def _nothing(_site: Parts) -> Iterator[None]:
    yield


FAULTS = (
    Fault("php", "php-fpm killed, and its task replaced", _php_killed, heals_itself=True),
    Fault("task", "the only task killed, and replaced", _task_killed, heals_itself=True),
    Fault(
        "one-of-two",
        "one of two tasks killed, and replaced",
        _task_killed,
        around=_two_tasks,
        heals_itself=True,
    ),
    Fault("nginx", "nginx reloaded", _nginx_reloaded, heals_itself=True),
    Fault("database", "the database killed; the engine starts it again", _database_killed, heals_itself=True),
    Fault("frozen", "the database frozen for 10 s", _database_frozen, hold=10),
    Fault("minute", "the database frozen for 60 s", _database_frozen, hold=60, longer=50),
    Fault("read-only", "the database read-only for 8 s, as after a failover", _database_read_only, hold=8),
    Fault("paused", "the database paused: connections end, new ones wait for 12 s", _database_paused, hold=12),
    Fault("late", "each answer of the database 200 ms late, for 12 s", _database_late, hold=12),
    Fault("name", "connections to the database end, and for 8 s its name is not resolved", _name_unresolved, hold=8),
    Fault("resolver", "connections to the database end; for 8 s names go unanswered", _resolver_silent, hold=8),
    Fault("packets", "packets to the database dropped for 8 s", _packets_dropped, hold=8),
    Fault("volume-read-only", "the volume read-only for 8 s", _volume_read_only, hold=8),
    Fault("volume-slow", "each file of the volume 200 ms late to open and to read, for 12 s", _volume_slow, hold=12),
    Fault("volume-full", "the volume full for 8 s", _volume_full, hold=8),
    Fault(
        "mail",
        "the mail server killed while mails are handed in, and back after 8 s",
        outbox.server_dead,
        hold=8,
        around=outbox.handed_in,
        promises=outbox.broken_promises,
    ),
    Fault("clock", "PHP's clock put back by 30 s, for 6 s", _clock_stepped, hold=6, around=_own_clock),
    Fault("image", "a deployment of a broken image", _broken_image, heals_itself=True),
    Fault(
        "restore",
        "an organiser deletes the course with all its people; database and content of before are brought back",
        _nothing,
        heals_itself=True,
        promises=restore.broken_promises,
    ),
    Fault("crowd", "twice the people of the gate's storm", _nothing, crowd=2.0, heals_itself=True),
)
