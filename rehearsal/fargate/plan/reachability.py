"""Who can connect to whom: by the security groups of both, and by the lists of their subnets."""

from __future__ import annotations

from collections.abc import Iterable

from rehearsal.fargate.desired.balancer import LoadBalancer
from rehearsal.fargate.plan.lookup import Found, Lookup
from rehearsal.fargate.plan.network_acls import ANY_EPHEMERAL, WORLD, NetworkAcls
from rehearsal.fargate.plan.routes import Routes, WayOut
from rehearsal.fargate.plan.security_groups import Peer, SecurityGroups

_HTTPS = 443


def balancer_peer(found: Found) -> Peer:
    """Return a load balancer as one end of a connection."""
    properties = found.properties
    groups, subnets = (tuple(map(str, properties.get(name, ()))) for name in ("SecurityGroups", "Subnets"))
    return Peer(found.where, groups, subnets, ANY_EPHEMERAL)


class Connections:
    """What deployed stacks let through; each method raises PlanError, a fault of who wants the connection."""

    def __init__(self, lookup: Lookup) -> None:
        self._groups = SecurityGroups(lookup)
        self._acls = NetworkAcls(lookup)
        self._routes = Routes(lookup)

    def notes(self) -> Iterable[str]:
        """Yield what is not judged of the stack that is being deployed."""
        for found in self._acls.unseen():
            yield (
                f"{found.where}: no deployed stack has the list {found.properties.get('NetworkAclId')}, so whether it "
                "lets the site's packets through is not judged here."
            )

    def check(self, found: Found, source: Peer, target: Peer, port: int) -> None:
        """Check that ``source`` can open a TCP connection to ``port`` of ``target``."""
        _refuse(found, self._groups.fault(source, target, port) or self._acls.fault(source, target, port))

    def check_listeners(self, found: Found, balancer: LoadBalancer) -> None:
        """Check that a load balancer is reached at its listeners: by everybody, or, if it is internal, by some."""
        peer = balancer_peer(found)
        internal = found.properties.get("Scheme", "internet-facing") == "internal"
        admits = self._groups.admits_some_range if internal else self._groups.open_to_the_world
        for listener in balancer.listeners:
            if not admits(peer, listener.port):
                raise found.fault(f"no security group lets the world in on its listener's TCP {listener.port}.")
            if not internal:
                _refuse(found, self._acls.fault(WORLD, peer, listener.port))

    def check_mail(self, found: Found, task: Peer, host: str, port: int) -> None:
        """Check that a task can send mail."""
        if not self._groups.reaches_the_world(task, port):
            raise found.fault(f"no security group of {task.what} lets TCP {port} out to {host}, its mail server.")
        self._check_way_out(found, task, port)

    def check_image(self, found: Found, task: Peer) -> None:
        """Check that no list keeps a task from its image, its logs and its secrets, by whichever way there is.

        What goes to S3 by a gateway endpoint is not judged: no stack tells its addresses.
        """
        self._check_way_out(found, task, _HTTPS)
        for subnet in task.subnets:
            if self._routes.way_out(subnet) is not WayOut.NOWHERE:
                continue
            for endpoint in self._routes.interfaces(subnet):
                peer = Peer(endpoint.where, (), tuple(map(str, endpoint.properties["SubnetIds"])))
                _refuse(found, self._acls.fault(_within(task, subnet), peer, _HTTPS))

    def _check_way_out(self, found: Found, task: Peer, port: int) -> None:
        for subnet in task.subnets:
            source = _within(task, subnet)
            if self._routes.way_out(subnet) in {WayOut.INTERNET, WayOut.BEYOND}:
                _refuse(found, self._acls.fault(source, WORLD, port))
            if gateway := self._routes.gateway(subnet):
                peer = Peer(gateway.where, (), (str(gateway.properties.get("SubnetId")),), ANY_EPHEMERAL)
                _refuse(found, self._acls.fault_through(source, peer, port))


def _within(task: Peer, subnet: str) -> Peer:
    return Peer(task.what, task.groups, (subnet,), task.answer_ports)


def _refuse(found: Found, fault: str | None) -> None:
    if fault:
        raise found.fault(f"{fault}.")
