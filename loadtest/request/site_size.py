"""How large a site is right now, where that changes with the night: what AWS says, not what was planned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from loadtest.record.aws_attempts import patience

SERVICE: Final = "ScaledService"
# The stack's outputs that name what is scaled: the service as Application Auto Scaling does, the cluster by its id.
DATABASE: Final = "ScaledDatabase"


def now(session: Any, outputs: Mapping[str, str]) -> dict[str, str]:
    """Return sizes as the fingerprint has them (``task=1024/2048 tasks=2-20 database=1-16``).

    Nothing for a stack without those outputs. Raise botocore's ClientError and BotoCoreError.
    """
    found = {}
    if service := outputs.get(SERVICE):
        targets = session.client("application-autoscaling", config=patience()).describe_scalable_targets(
            ServiceNamespace="ecs", ResourceIds=[service]
        )["ScalableTargets"]
        found["tasks"] = ",".join(f"{each['MinCapacity']}-{each['MaxCapacity']}" for each in targets) or "none"
        found["task"] = _made_of(session, service)
    if cluster := outputs.get(DATABASE):
        clusters = session.client("rds", config=patience())
        [described] = clusters.describe_db_clusters(DBClusterIdentifier=cluster)["DBClusters"]
        bounds = described["ServerlessV2ScalingConfiguration"]
        found["database"] = f"{bounds['MinCapacity']:g}-{bounds['MaxCapacity']:g}"
    return found


def _made_of(session: Any, service: str) -> str:
    """Return CPU and memory of the tasks; of both kinds, where one is still taking the other's place."""
    ecs = session.client("ecs", config=patience())
    _, cluster, name = service.split("/")
    [described] = ecs.describe_services(cluster=cluster, services=[name])["services"]
    definitions = [each["taskDefinition"] for each in described["deployments"]] or [described["taskDefinition"]]
    sizes = []
    for definition in dict.fromkeys(definitions):
        task = ecs.describe_task_definition(taskDefinition=definition)["taskDefinition"]
        sizes.append(f"{task.get('cpu', '?')}/{task.get('memory', '?')}")
    return ",".join(sizes)
