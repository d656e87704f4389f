"""The measurements: clients in turn on one core, users at rest, a whole storm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.common import wrk
from bench.common.cpu_meter import Meter
from bench.common.lab import CHECKOUT, Failed, Lab
from bench.common.steps import Progress
from bench.generator.course import offered
from bench.generator.orders import Order
from bench.generator.results import CLIENTS, LAYERS, MODES, RESUMED, Crowd, Layer, Rate, Rest, Weight
from bench.generator.static_site import PAGE, Site
from loadtest.record.codec import decode
from loadtest.record.measurements import Measurements
from loadtest.record.phases import NAMES

USERS = 32
# The people of one core: the generator has one here, and the site the other.
PEOPLE = 5000
AT_REST = {"person": 2000, "fast": 200, "http": 200}
HOST = "localhost"


@dataclass(frozen=True)
class Lengths:
    """Rounds, and seconds of each measurement in them."""

    rounds: int = 5
    seconds: int = 4


FULL = Lengths()
LAYERED = Lengths(rounds=3, seconds=2)
QUICK = Lengths(rounds=1, seconds=2)


@dataclass(frozen=True)
class Bench:
    """The laboratory, the site in it, and who is told."""

    lab: Lab
    site: Site
    progress: Progress

    def rates(self, lengths: Lengths) -> Iterator[Rate]:
        """Measure every client in turn, round by round."""
        for number in range(lengths.rounds):
            for mode in (*MODES, RESUMED):
                for client in CLIENTS if mode != RESUMED else CLIENTS[:1]:
                    rate = self._rate(client, mode, number, lengths.seconds)
                    self.progress.say(
                        f"round {number + 1}/{lengths.rounds}  {client:<7}{mode:<8}{rate.per_core:>9,.0f} per core and "
                        f"second, {rate.busy:.0%} of its core"
                    )
                    yield rate

    def _rate(self, client: str, mode: str, number: int, seconds: int) -> Rate:
        before = self.site.requests()
        if client == "wrk":
            rate, total = self._wrk(mode, number, seconds)
        else:
            rate, total = self._python(client, mode, number, seconds)
        counted = self.site.requests() - before
        if abs(counted - total) > 2 * USERS:  # those that were under way at the end
            raise Failed(f"{client}, {mode}: it counted {total} requests, and nginx {counted}")
        if rate.failures > rate.answers / 1000:
            raise Failed(f"{client}, {mode}: {rate.failures} of {rate.answers} requests failed")
        return rate

    def _python(self, client: str, mode: str, number: int, seconds: int) -> tuple[Rate, int]:
        order = Order(
            client=client,
            url=self.site.origin(tls=mode in ("tls", RESUMED)) + PAGE,
            users=USERS,
            core=self.lab.cores.load,
            seconds=seconds,
            kept=mode == "kept",
            resumed=mode == RESUMED,
        )
        measured = self._ordered(order)
        total: int = measured.pop("total")
        del measured["kernel"]
        return Rate(client=client, mode=mode, round=number, **measured), total

    def _wrk(self, mode: str, number: int, seconds: int) -> tuple[Rate, int]:
        tls = mode == "tls"
        load = wrk.Load(
            self.site.secure if tls else self.site.plain,
            PAGE,
            HOST,
            USERS,
            seconds,
            gzip=True,
            keep_alive=mode == "kept",
            scheme="https" if tls else "http",
        )
        meter = Meter.of(self.lab.pids(["load"]))
        before = meter.read()["load"]
        answers = wrk.parse(self.lab.exec("load", *load.command()))
        cpu = meter.read()["load"] - before
        return Rate("wrk", mode, number, answers.good, answers.seconds, cpu, answers.errors), answers.answers

    def rests(self) -> Iterator[Rest]:
        """Measure users at rest over HTTPS."""
        for client, users in AT_REST.items():
            order = Order(client, self.site.origin(tls=True) + PAGE, users, self.lab.cores.load)
            measured = self._ordered(order)
            if measured["failures"]:
                raise Failed(f"{client} at rest: {measured['failures']} of {users} users did not get the page")
            made, loaded = (measured[name] / users * 1000 for name in ("made", "loaded"))
            rest = Rest(client, users, made, loaded, measured["memory"] / users / 1024)
            self.progress.say(f"at rest  {client:<7}{rest.memory:6.1f} KiB, {rest.made:.3f} ms to make")
            yield rest

    def layers(self, lengths: Lengths) -> Iterator[Layer]:
        """Measure what a person stands on, layer by layer, in turn."""
        for number in range(lengths.rounds):
            for mode in MODES:
                for client in LAYERS:
                    url = self.site.origin(tls=mode == "tls") + PAGE
                    kept, core = mode == "kept", self.lab.cores.load
                    order = Order(client, url, USERS, core, lengths.seconds, kept=kept, resumed=False)
                    measured = self._ordered(order)
                    if measured["failures"]:
                        raise Failed(f"{client}, {mode}: {measured['failures']} requests failed")
                    layer = Layer(client, mode, number, measured["answers"], measured["cpu"], measured["kernel"])
                    self.progress.say(
                        f"layers {number + 1}/{lengths.rounds}  {client:<11}{mode:<5}"
                        f"{layer.cpu / layer.answers * 1e6:7.1f} µs"
                    )
                    yield layer

    def weight(self) -> Weight:
        """Measure where the memory of a person over HTTPS goes."""
        people = AT_REST["person"]
        url, core = self.site.origin(tls=True) + PAGE, self.lab.cores.load
        alone = self._ordered(Order("connection", url, people, core))
        person = self._ordered(Order("person", url, people, core))
        bytes_ = (alone["memory"], person["waiting"], person["memory"])
        weight = Weight(*(each / people / 1024 for each in bytes_))
        self.progress.say(f"memory  a connection {weight.connection:.1f} KiB, a person with it {weight.whole:.1f}")
        return weight

    def _ordered(self, order: Order) -> dict[str, Any]:
        command = [sys.executable, "-m", "bench.generator.client_process", json.dumps(asdict(order))]
        done = subprocess.run(
            command,
            cwd=CHECKOUT,
            env={**os.environ, **self.site.trust()},
            capture_output=True,
            text=True,
            timeout=(order.seconds or 0) + 120,
            check=False,
        )
        lines = done.stdout.strip().splitlines()
        if done.returncode or not lines:
            reason = (done.stderr or done.stdout).strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
            raise Failed(f"{order.client} failed: {reason[0]}")
        measured: dict[str, Any] = json.loads(lines[-1])
        return measured

    def crowd(self, people: int, *options: str) -> Crowd:
        """Run a storm by the storm's own command, at the default behaviour, on a core that the site does not have."""
        with tempfile.TemporaryDirectory() as folder, offered(self.site):
            out = Path(folder, "storm")
            command = ["taskset", "--cpu-list", str(self.lab.cores.load), sys.executable, "-m", "loadtest", "run"]
            command += ["--host", self.site.origin(tls=True), "--token", "bench", "--browsers", "0"]
            command += ["--people", str(people), "--workers", "1", "--cut-after", "never", "--out", str(out), *options]
            kept = {name: value for name, value in os.environ.items() if not name.startswith(("STORM_", "SITE_"))}
            environment = {**kept, **self.site.trust()}
            done = subprocess.run(
                command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=600, check=False
            )
            if not (out / "record.json").exists():
                raise Failed(f"the storm left no record:\n{(done.stderr or done.stdout).strip()[-2000:]}")
            crowd = _crowd(people, json.loads((out / "record.json").read_text()))
        lags = f"lag {crowd.lag:.1f} ms, read-lag {crowd.read_lag:.1f} ms"
        self.progress.say(f"{people:,} people: {crowd.busiest():.0%} of a core, {lags}")
        return crowd


def _crowd(people: int, document: dict[str, Any]) -> Crowd:
    run = document["runs"][-1]
    measured = decode(Measurements, run["measurements"])
    whole = measured.whole()
    lags = [measured.phases[name].duration("lag").percentile(99) or 0.0 for name in NAMES if name in measured.phases]
    return Crowd(
        people=people,
        workers=len(run["workers"]),
        cpu=[worker["cpu"] for worker in run["workers"]],
        lag=(whole.duration("lag").percentile(99) or 0.0) * 1000,
        worst_lag=max(lags, default=0.0) * 1000,
        read_lag=(whole.duration("read-lag").percentile(99) or 0.0) * 1000,
        wait=(measured.phase("opening").duration("wait").percentile(95) or 0.0) * 1000,
        pages=whole.duration("wait").count,
        requests=whole.counts["requests"],
        faults=run["faults"],
    )
