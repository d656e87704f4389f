"""Secrets Manager's types: a generated secret is generated once per checkout, because a database keeps its password."""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Iterable, Mapping
from typing import Any

from moto.core.common_models import CloudFormationModel

from rehearsal.aws.cloudformation.emulated import Emulated, Made, Request


class Secret(Emulated, CloudFormationModel):
    """A secret, given or generated."""

    cfn_type = "AWS::SecretsManager::Secret"
    name_property = "Name"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Create the secret with its text."""
        properties = request.properties
        text = properties.get("SecretString")
        if text is None:
            recipe = properties.get("GenerateSecretString", {})
            text = request.surroundings.generated(
                request.account, request.region, request.stack, request.instance, lambda: generate(recipe)
            )
        client = request.client("secretsmanager")
        answer = client.create_secret(Name=request.name, SecretString=text, Tags=properties.get("Tags", []))
        if replicas := _replicas(request):
            _replicate(client, answer["ARN"], replicas)
        return Made(answer["ARN"], {"Id": answer["ARN"]})

    @classmethod
    def change(cls, request: Request, before: Made) -> Made:
        """Give a secret with a text of its own the new one; a generated one stays."""
        client, secret = request.client("secretsmanager"), before.physical_id
        if text := request.properties.get("SecretString"):
            client.put_secret_value(SecretId=secret, SecretString=text)
        present = {each["Region"] for each in client.describe_secret(SecretId=secret).get("ReplicationStatus", ())}
        wanted = set(_replicas(request))
        if more := sorted(wanted - present):
            _replicate(client, secret, more)
        if fewer := sorted(present - wanted):
            client.remove_regions_from_replication(SecretId=secret, RemoveReplicaRegions=fewer)
        return before

    @classmethod
    def remove(cls, request: Request, made: Made) -> None:
        """Delete the secret at once, so that its name is free again."""
        client = request.client("secretsmanager")
        if replicas := _replicas(request):
            client.remove_regions_from_replication(SecretId=made.physical_id, RemoveReplicaRegions=replicas)
        client.delete_secret(SecretId=made.physical_id, ForceDeleteWithoutRecovery=True)


def _replicate(client: Any, secret: str, regions: Iterable[str]) -> None:
    client.replicate_secret_to_regions(SecretId=secret, AddReplicaRegions=[{"Region": region} for region in regions])


def _replicas(request: Request) -> list[str]:
    """Return the other regions in which the secret is kept as well."""
    return [str(each["Region"]) for each in request.properties.get("ReplicaRegions", ())]


def generate(recipe: Mapping[str, Any]) -> str:
    """Generate a secret as ``GenerateSecretString`` describes it: a password, or a JSON object with one in it."""
    kinds = [
        alphabet
        for flag, alphabet in (
            ("ExcludeLowercase", string.ascii_lowercase),
            ("ExcludeUppercase", string.ascii_uppercase),
            ("ExcludeNumbers", string.digits),
            ("ExcludePunctuation", string.punctuation),
        )
        if not recipe.get(flag)
    ]
    if recipe.get("IncludeSpace"):
        kinds.append(" ")
    kinds = [
        kept for kind in kinds if (kept := "".join(c for c in kind if c not in recipe.get("ExcludeCharacters", "")))
    ]
    required = [secrets.choice(kind) for kind in kinds] if recipe.get("RequireEachIncludedType", True) else []
    length = int(recipe.get("PasswordLength", 32))
    letters = required + [secrets.choice("".join(kinds)) for _ in range(length - len(required))]
    secrets.SystemRandom().shuffle(letters)
    password = "".join(letters)
    if "GenerateStringKey" not in recipe:
        return password
    return json.dumps({**json.loads(recipe.get("SecretStringTemplate", "{}")), recipe["GenerateStringKey"]: password})


class SecretTargetAttachment(Emulated, CloudFormationModel):
    """Adds to a secret where its database is; ``Ref`` gives the secret, so what uses it waits for the database."""

    cfn_type = "AWS::SecretsManager::SecretTargetAttachment"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Put host, port, engine, database name and identifier into the secret."""
        if request.properties["TargetType"] != "AWS::RDS::DBCluster":
            raise NotImplementedError(
                f"a target of type {request.properties['TargetType']}; known: AWS::RDS::DBCluster"
            )
        client, arn = request.client("secretsmanager"), request.properties["SecretId"]
        identifier = request.properties["TargetId"]
        [cluster] = request.client("rds").describe_db_clusters(DBClusterIdentifier=identifier)["DBClusters"]
        text = {
            **json.loads(client.get_secret_value(SecretId=arn)["SecretString"]),
            "dbClusterIdentifier": cluster["DBClusterIdentifier"],
            "engine": "mysql" if "mysql" in cluster["Engine"] else cluster["Engine"],
            "host": cluster["Endpoint"],
            "port": cluster["Port"],
            **({"dbname": cluster["DatabaseName"]} if cluster.get("DatabaseName") else {}),
        }
        client.put_secret_value(SecretId=arn, SecretString=json.dumps(text))
        return Made(arn, {"Id": arn})


class SecretPolicy(Emulated, CloudFormationModel):
    """A secret's resource policy."""

    cfn_type = "AWS::SecretsManager::ResourcePolicy"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Put the policy."""
        arn = request.properties["SecretId"]
        policy = json.dumps(request.properties["ResourcePolicy"])
        request.client("secretsmanager").put_resource_policy(SecretId=arn, ResourcePolicy=policy)
        return Made(arn, {"Id": arn})
