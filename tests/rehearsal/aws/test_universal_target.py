"""A call that a schedule has made is made in the emulated AWS too, under boto3's names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rehearsal.aws.universal_target import call
from rehearsal.fargate.desired.key import Key

if TYPE_CHECKING:
    from rehearsal.aws.cloud import Cloud

ACCOUNT, REGION = "222222222222", "eu-central-1"
DATABASE = Key(ACCOUNT, REGION, "site", "Database")


def test_the_bounds_of_a_database_are_what_was_called_last(cloud: Cloud) -> None:
    rds = cloud.client("rds", ACCOUNT, REGION)
    rds.create_db_cluster(
        DBClusterIdentifier="called",
        Engine="aurora-mysql",
        MasterUsername="admin",
        ManageMasterUserPassword=True,
        ServerlessV2ScalingConfiguration={"MinCapacity": 0, "MaxCapacity": 1},
    )
    bounds = {"MinCapacity": 2, "MaxCapacity": 4}
    request = {"DbClusterIdentifier": "called", "ServerlessV2ScalingConfiguration": bounds, "ApplyImmediately": True}
    call(cloud.client, DATABASE, "rds:modifyDBCluster", request)
    [described] = rds.describe_db_clusters(DBClusterIdentifier="called")["DBClusters"]
    found = described["ServerlessV2ScalingConfiguration"]
    assert (found["MinCapacity"], found["MaxCapacity"]) == (2, 4)
    call(cloud.client, DATABASE, "elasticloadbalancingv2:modifyCapacityReservation", {"LoadBalancerArn": "arn"})
