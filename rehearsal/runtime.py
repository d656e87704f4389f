"""The parts of one rehearsal, put together: state, emulated AWS, container engine, progress."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from containers import engine, ports
from containers.checkout import Context
from rehearsal.aws import ecr, mute_rules, s3, universal_target
from rehearsal.aws.cloud import Cloud
from rehearsal.aws.cloudformation import deployment, updates
from rehearsal.aws.cloudformation.generations import Place
from rehearsal.aws.cloudformation.patches import install
from rehearsal.aws.run_task import Runs
from rehearsal.codebuild.build_image import link_tools
from rehearsal.fargate.desired.key import Key as ResourceKey
from rehearsal.fargate.stand import inventory, scaling_state, sizes
from rehearsal.progress import Progress
from rehearsal.values import cloud_assembly, rehearsed_time
from rehearsal.values.stack import Stack, World
from rehearsal.values.state import Store


@dataclass
class Runtime:
    """One process's rehearsal of a checkout; ``open`` starts it and ``close`` ends what lives in this process."""

    checkout: Path
    store: Store
    progress: Progress
    cloud: Cloud
    context: Context
    wishes: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Let builds run tasks."""
        self.runs = Runs(self.context, self.world)
        self.runs.install()
        mute_rules.install(self.store.folder)

    @classmethod
    def open(cls, checkout: Path, store: Store, progress: Progress) -> Runtime:
        """Start the emulated AWS with all that earlier runs bootstrapped, pushed and deployed.

        Raise ``PortRefused`` for a wrong ``PORTS``, and ``EngineMissing`` where there is no container engine.
        """
        wishes = ports.wished(os.environ.get("PORTS"))
        found = engine.find()
        cloud = Cloud(store.folder / "aws.log", lambda: rehearsed_time.now(store.folder))
        context = Context(checkout, found.docker, found.env, progress.line, cloud.secret)
        runtime = cls(checkout, store, progress, cloud, context, wishes)
        install(runtime)
        cloud.bootstrap(store.bootstrapped())
        link_tools(runtime.tools)
        ecr.write_wrapper(runtime.wrapper, runtime.pushed, context)
        # Only what the engine still has is published: an image that was removed is built and pushed again.
        store.state.images = ecr.present(store.state.images, context)
        runtime.register_images(store.state.images)
        runtime.put_back()
        return runtime

    def close(self) -> None:
        """Stop the emulated AWS; containers stand as they are."""
        self.cloud.close()

    @property
    def tools(self) -> Path:
        """The folder with Node and npm for builds."""
        return self.store.folder / "tools"

    @property
    def wrapper(self) -> Path:
        """The container engine as the asset publisher sees it."""
        return self.store.folder / "docker-for-assets"

    @property
    def pushed(self) -> Path:
        """The list of images that the publisher pushed."""
        return self.store.folder / "pushed"

    @property
    def objects(self) -> Path:
        """The objects of the emulated buckets as files."""
        return self.store.folder / "s3"

    def client(self, service: str, account: str, region: str) -> Any:
        """Return a boto3 client of the emulated AWS."""
        return self.cloud.client(service, account, region)

    def generated(self, account: str, region: str, stack: str, logical_id: str, make: Callable[[], str]) -> str:
        """Return the secret that a resource generated once."""
        return self.store.generated(account, region, stack, logical_id, make)

    def port(self, account: str, region: str, stack: str, logical_id: str) -> int:
        """Return the loopback port of a load balancer: the one it had, unless another program has taken it since."""
        chosen, key = self.store.state.ports, f"{account}/{region}/{stack}/{logical_id}"
        kept = chosen.get(key)
        if kept and (not self.wishes or kept in self.wishes) and self._usable(kept):
            return kept
        assigned = {port for name, port in chosen.items() if name != key}
        chosen[key] = ports.choose(self.wishes, assigned, self._usable, self.progress.line)
        self.store.save()
        return chosen[key]

    def _usable(self, port: int) -> bool:
        mine = {
            address.rpartition(":")[2]
            for running in inventory.status(self.context)
            for address in running.address.split(", ")
        }
        return str(port) in mine or ports.is_free(port)

    def _scale(self) -> None:
        """Tell the emulated AWS between which bounds services are scaled now, and how many tasks they have."""
        scaled = {each.scalable_target: each for each in scaling_state.kept(self.store.folder).services.values()}
        for deployed in self.store.standing() if scaled else ():
            stack = deployed.stack()
            for target in stack.of_type("AWS::ApplicationAutoScaling::ScalableTarget"):
                entry = scaled.get(str(ResourceKey.of(stack, target)))
                if entry is None:
                    continue
                place = {
                    name: target.properties[name] for name in ("ServiceNamespace", "ResourceId", "ScalableDimension")
                }
                self.client("application-autoscaling", stack.account, stack.region).register_scalable_target(
                    **place, MinCapacity=entry.minimum, MaxCapacity=entry.maximum
                )
                _, *cluster, service = place["ResourceId"].split("/")
                self.client("ecs", stack.account, stack.region).update_service(
                    cluster=cluster[0] if cluster else "default", service=service, desiredCount=entry.count
                )

    def _resize(self) -> None:
        """Make the calls in the emulated AWS, too, by which schedules have set what stands."""
        for resource, size in sizes.kept(self.store.folder).items():
            if size.operation:
                universal_target.call(
                    self.client, ResourceKey.parse(resource), size.operation, json.loads(size.request)
                )

    def bootstrap(self, folder: Path) -> None:
        """Bootstrap the accounts that the assembly in ``folder`` names."""
        things = cloud_assembly.expects(folder)
        self.cloud.bootstrap(things)
        self.store.remember_bootstrapped(things)

    def register_images(self, names: Iterable[str]) -> None:
        """Tell the emulated ECR of images, and keep them for the next run."""
        known = list(names)
        ecr.register(known, self.cloud)
        self.store.state.images = list(dict.fromkeys([*self.store.state.images, *known]))
        self.store.save()

    def save_objects(self) -> None:
        """Write the objects of the emulated buckets to files."""
        s3.save(self.objects)

    def world(self, new: Stack | None = None) -> World:
        """Return all that stands, ``new`` in the place of its older self."""
        stacks = {(s.account, s.region, s.name): s for s in (d.stack() for d in self.store.standing())}
        if new is not None:
            stacks[(new.account, new.region, new.name)] = new
        return World(tuple(stacks.values()))

    def put_back(self) -> None:
        """Put all that stands into the emulated CloudFormation, as it was left; what runs for it is not touched."""
        waiting = self.store.standing()
        missing = {deployed.key: updates.imports(deployed.template) for deployed in waiting}
        while waiting:
            # What imports comes after what exports, whichever of them was first deployed first.
            still = set[str]().union(*(updates.exports(deployed.template) for deployed in waiting))
            ready = (deployed for deployed in waiting if not missing[deployed.key] & still)
            deployed = next(ready, waiting[0])
            waiting.remove(deployed)
            key = deployed.key
            deployment.deploy(
                deployed.template, account=key.account, region=key.region, name=key.name,
                parameters=deployed.parameters, made=deployed.generations,
            )  # fmt: skip
        for broken in self.store.state.broken:
            place = Place(broken.key.account, broken.key.region, broken.key.name)
            deployment.remember_broken(place, broken.status)
        self._scale()
        self._resize()
        for region in {key.region for key in self.store.state.standing}:
            s3.restore(self.objects, lambda account, region=region: self.client("s3", account, region))
