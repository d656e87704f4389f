"""How large a site is right now, where that changes with the night: what AWS says, not what was planned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from loadtest.record.aws_attempts import patience

SERVICE: Final = "ScaledService"
# The stack's outputs that name what is scaled: the service as Application Auto Scaling does, the cluster by its id.
DATABASE: Final = "ScaledDatabase"


def now(session: Any, outputs: Mapping[str, str]) -> dict[str, str]:
    """Return the bounds of tasks and database as the fingerprint has them (``tasks=2-20 database=1-16``).

    Nothing for a stack without those outputs. Raise botocore's ClientError and BotoCoreError.
    """
    found = {}
    if service := outputs.get(SERVICE):
        targets = session.client("application-autoscaling", config=patience()).describe_scalable_targets(
            ServiceNamespace="ecs", ResourceIds=[service]
        )["ScalableTargets"]
        found["tasks"] = ",".join(f"{each['MinCapacity']}-{each['MaxCapacity']}" for each in targets) or "none"
    if cluster := outputs.get(DATABASE):
        clusters = session.client("rds", config=patience())
        [described] = clusters.describe_db_clusters(DBClusterIdentifier=cluster)["DBClusters"]
        bounds = described["ServerlessV2ScalingConfiguration"]
        found["database"] = f"{bounds['MinCapacity']:g}-{bounds['MaxCapacity']:g}"
    return found
