"""The base of every resource type that moto's CloudFormation lacks: it is made by moto's own service."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Protocol, Self

from moto.cloudformation.exceptions import UnformattedGetAttTemplateException

from rehearsal.aws.cloudformation import generations
from rehearsal.aws.cloudformation.generations import Place
from rehearsal.values.exits import ActionFailed
from rehearsal.values.secret_reference import Unreadable, fill


class Surroundings(Protocol):
    """What resource types take from the rehearsal around them."""

    def client(self, service: str, account: str, region: str) -> Any:
        """Return a boto3 client of the emulated AWS."""

    def generated(self, account: str, region: str, stack: str, logical_id: str, make: Callable[[], str]) -> str:
        """Return the secret that a resource generated once, in this run or an earlier one; ``make`` gives the first."""

    def port(self, account: str, region: str, stack: str, logical_id: str) -> int:
        """Return the loopback port of a load balancer, the same in every run."""


@dataclass(frozen=True)
class Request:
    """One resource to create or change: its properties are resolved, ``name`` is what CloudFormation would call it."""

    surroundings: Surroundings
    account: str
    region: str
    stack: str
    logical_id: str
    name: str
    properties: Mapping[str, Any]

    @property
    def instance(self) -> str:
        """The logical id, with the number of a later resource of that name behind it."""
        return generations.instance(Place(self.account, self.region, self.stack), self.logical_id)

    def client(self, service: str) -> Any:
        """Return a boto3 client of the account and region that the resource is in."""
        return self.surroundings.client(service, self.account, self.region)


@dataclass
class Made:
    """What ``Ref`` and ``Fn::GetAtt`` give for a resource."""

    physical_id: str
    attributes: Mapping[str, str] = field(default_factory=dict)


class Emulated:
    """Mixed into a *direct* subclass of moto's ``CloudFormationModel``: moto finds its types by ``__subclasses__``."""

    cfn_type: ClassVar[str]
    name_property: ClassVar[str] = ""
    surroundings: ClassVar[Surroundings]
    # Whether secrets that the template names are read for it: what stands with an identity alone outlives them.
    reads_secrets: ClassVar[bool] = True

    def __init__(self, request: Request, made: Made) -> None:
        self.request = request
        self.made = made

    @classmethod
    @abstractmethod
    def make(cls, request: Request) -> Made:
        """Create the resource by its service's API."""

    @classmethod
    def change(cls, request: Request, before: Made) -> Made:
        """Update the resource; the services whose API puts need nothing else."""
        del before
        return cls.make(request)

    @classmethod
    def remove(cls, request: Request, made: Made) -> None:
        """Delete the resource; nothing for what has no life of its own."""

    @property
    def physical_resource_id(self) -> str:
        """What ``Ref`` gives."""
        return self.made.physical_id

    def get_cfn_attribute(self, attribute_name: str) -> str:
        """Return what ``Fn::GetAtt`` gives."""
        try:
            return self.made.attributes[attribute_name]
        except KeyError:
            raise UnformattedGetAttTemplateException from None

    @classmethod
    def cloudformation_type(cls) -> str:
        """Return the type's name in a template."""
        return cls.cfn_type

    @classmethod
    def cloudformation_name_type(cls) -> str:
        """Return the property that names the resource, or nothing."""
        return cls.name_property

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Return whether an output may name the attribute; what it is, is known once the resource is made."""
        del attr
        return True

    def is_created(self) -> bool:
        """Return that it is created: resources are made at once."""
        return True

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Mapping[str, Any], account_id: str, region_name: str, **known: str
    ) -> Self:
        """Make a new resource, when moto calls."""
        stack = known["StackId"].split("/")[1]
        request = Request(
            cls.surroundings,
            account_id,
            region_name,
            stack,
            known["LogicalId"],
            resource_name,
            cloudformation_json["Properties"],
        )
        return cls(request, cls.make(cls._readable(request)))

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Self,
        new_resource_name: str,
        cloudformation_json: Mapping[str, Any],
        account_id: str,
        region_name: str,
    ) -> Self:
        """Change a resource, when moto calls; it keeps its name unless the template gives it another."""
        del account_id, region_name
        before = original_resource.request
        properties = cloudformation_json["Properties"]
        name = new_resource_name if cls.name_property in properties else before.name
        request = Request(
            before.surroundings, before.account, before.region, before.stack, before.logical_id, name, properties
        )
        return cls(request, cls.change(cls._readable(request), original_resource.made))

    @classmethod
    def _readable(cls, request: Request) -> Request:
        if not cls.reads_secrets:
            return request
        properties = dynamic(request.surroundings, request.account, request.region, request.properties)
        return replace(request, properties=properties)

    def delete(self, account_id: str, region_name: str) -> None:
        """Remove a resource, when moto calls."""
        del account_id, region_name
        self.remove(self.request, self.made)

    def delete_to_snapshot(self) -> None:
        """Remove a resource whose data stay in a snapshot, where its service takes any."""
        self.remove(self.request, self.made)


class Kept(Emulated):
    """A resource of which nothing that moto holds changes: what reads its template is told of the rest."""

    @classmethod
    def change(cls, request: Request, before: Made) -> Made:
        """Keep it as it is."""
        del request
        return before


class Replaced(Emulated):
    """A resource whose service has no update: the new one takes the place of the old."""

    @classmethod
    def change(cls, request: Request, before: Made) -> Made:
        """Remove the old one, and make the new one."""
        cls.remove(request, before)
        return cls.make(request)


def dynamic(surroundings: Surroundings, account: str, region: str, value: Any) -> Any:
    """Return ``value`` with the secrets that ``{{resolve:secretsmanager:…}}`` names in their places."""
    if isinstance(value, Mapping):
        return {key: dynamic(surroundings, account, region, item) for key, item in value.items()}
    if isinstance(value, list):
        return [dynamic(surroundings, account, region, item) for item in value]
    if not isinstance(value, str) or "{{resolve:" not in value:
        return value

    client = surroundings.client("secretsmanager", account, region)

    def read(secret: str) -> str:
        try:
            return str(client.get_secret_value(SecretId=secret)["SecretString"])
        except client.exceptions.ResourceNotFoundException:
            raise KeyError(secret) from None

    try:
        return fill(value, read)
    except Unreadable as reason:
        raise ActionFailed(f"the dynamic reference {value} {reason}") from None
