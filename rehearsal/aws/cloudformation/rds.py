"""RDS's types, made by moto's RDS: a cluster's address is the name under which its stand-in is found in the network."""

from __future__ import annotations

from moto.core.common_models import CloudFormationModel

from rehearsal.aws.cloudformation.calls import call, without
from rehearsal.aws.cloudformation.emulated import Emulated, Kept, Made, Request

# RDS: "must contain subnets in at least two Availability Zones" (CreateDBSubnetGroup).
_ZONES = 2


# CloudFormation's own properties beside those of the API, and what the emulated service has no use for. A snapshot's
# data are not that service's: what runs the cluster has them, or says that it has not.
_LEFT_OUT = (
    *("EnableCloudwatchLogsExports", "DeleteAutomatedBackups", "SnapshotIdentifier", "AllowMajorVersionUpgrade"),
    *("DBInstanceParameterGroupName", "PerformanceInsightsEnabled", "PerformanceInsightsKmsKeyId"),
)

# Characters in an RDS identifier.
_LONGEST = 63


def _identifier(request: Request) -> str:
    """Return the resource's name in lower case.

    One that CloudFormation makes keeps its random end where it is too long.
    """
    name = request.name.lower()
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 13].rstrip('-')}-{name[-12:]}"


class DBSubnetGroup(Emulated, CloudFormationModel):
    """The subnets of a database. It takes the place of moto's own type, whose ``Ref`` gives no name."""

    cfn_type = "AWS::RDS::DBSubnetGroup"
    name_property = "DBSubnetGroupName"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Create the group."""
        cls._check(request)
        return cls._create(request, _identifier(request))

    @classmethod
    def change(cls, request: Request, before: Made) -> Made:
        """Make the group anew: moto's own change of it takes the group away."""
        cls._check(request)
        cls.remove(request, before)
        return cls._create(request, before.physical_id)

    @classmethod
    def _create(cls, request: Request, name: str) -> Made:
        call(request.client("rds"), "create_db_subnet_group", request.properties, DBSubnetGroupName=name)
        return Made(name)

    @classmethod
    def _check(cls, request: Request) -> None:
        """Raise ValueError where its subnets lie in one zone; RDS wants two."""
        subnets = request.client("ec2").describe_subnets(SubnetIds=request.properties["SubnetIds"])["Subnets"]
        if len({subnet["AvailabilityZone"] for subnet in subnets}) < _ZONES:
            raise ValueError("the subnets of a database must lie in at least two availability zones")

    @classmethod
    def remove(cls, request: Request, made: Made) -> None:
        """Delete the group."""
        request.client("rds").delete_db_subnet_group(DBSubnetGroupName=made.physical_id)


class DBClusterParameterGroup(Kept, CloudFormationModel):
    """The parameters of a cluster's engine."""

    cfn_type = "AWS::RDS::DBClusterParameterGroup"
    name_property = "DBClusterParameterGroupName"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Create the group; its parameters stay in the template, where whatever runs the cluster reads them."""
        name, properties = _identifier(request), request.properties
        request.client("rds").create_db_cluster_parameter_group(
            DBClusterParameterGroupName=name,
            DBParameterGroupFamily=properties["Family"],
            Description=properties["Description"],
        )
        return Made(name)

    @classmethod
    def remove(cls, request: Request, made: Made) -> None:
        """Delete the group."""
        request.client("rds").delete_db_cluster_parameter_group(DBClusterParameterGroupName=made.physical_id)


class DBCluster(Kept, CloudFormationModel):
    """An Aurora cluster."""

    cfn_type = "AWS::RDS::DBCluster"
    name_property = "DBClusterIdentifier"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Create the cluster."""
        properties = {"MasterUsername": "of-the-snapshot", **without(request.properties, *_LEFT_OUT)}
        name = _identifier(request)
        cluster = call(request.client("rds"), "create_db_cluster", properties, DBClusterIdentifier=name)["DBCluster"]
        return Made(
            name,
            {
                "Endpoint.Address": cluster["Endpoint"],
                "Endpoint.Port": str(cluster["Port"]),
                "ReadEndpoint.Address": cluster["ReaderEndpoint"],
                "DBClusterArn": cluster["DBClusterArn"],
                "DBClusterResourceId": cluster["DbClusterResourceId"],
            },
        )

    @classmethod
    def remove(cls, request: Request, made: Made) -> None:
        """Delete the cluster."""
        request.client("rds").delete_db_cluster(DBClusterIdentifier=made.physical_id, SkipFinalSnapshot=True)

    def delete_to_snapshot(self) -> None:
        """Delete the cluster, whose data stay in a snapshot of its name."""
        name = self.made.physical_id
        self.request.client("rds").delete_db_cluster(
            DBClusterIdentifier=name, SkipFinalSnapshot=False, FinalDBSnapshotIdentifier=f"{name}-snapshot"
        )


class DBInstance(Kept, CloudFormationModel):
    """An instance of a cluster. It takes the place of moto's own type, which knows no cluster and no Aurora."""

    cfn_type = "AWS::RDS::DBInstance"
    name_property = "DBInstanceIdentifier"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Create the instance in its cluster."""
        name = _identifier(request)
        properties = without(request.properties, *_LEFT_OUT)
        answer = call(request.client("rds"), "create_db_instance", properties, DBInstanceIdentifier=name)["DBInstance"]
        endpoint = answer["Endpoint"]
        return Made(
            name,
            {
                "Endpoint.Address": endpoint["Address"],
                "Endpoint.Port": str(endpoint["Port"]),
                "DBInstanceArn": answer["DBInstanceArn"],
                "DbiResourceId": answer["DbiResourceId"],
            },
        )

    @classmethod
    def remove(cls, request: Request, made: Made) -> None:
        """Delete the instance."""
        request.client("rds").delete_db_instance(DBInstanceIdentifier=made.physical_id, SkipFinalSnapshot=True)
