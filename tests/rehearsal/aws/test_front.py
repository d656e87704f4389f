"""What stands before a site, rehearsed: an allow-list and a key are honoured, CloudFront is refused by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rehearsal.fargate.plan.make import make_plan
from rehearsal.fargate.stand.haproxy import render
from rehearsal.values import cloud_assembly
from rehearsal.values.exits import ActionFailed
from rehearsal.values.stack import Stack, World
from tests.rehearsal.conftest import Surroundings, deploy
from tests.templates.synthesis import Make
from tests.templates.variants import FRONT, variant

if TYPE_CHECKING:
    from rehearsal.aws.cloud import Cloud


def test_a_closed_site_is_rehearsed_and_cloudfront_is_refused(
    cloud: Cloud, surroundings: Surroundings, make: Make
) -> None:
    assembly = make(variant(FRONT)).assembly
    artifacts = {artifact.name: artifact for artifact in cloud_assembly.stacks(assembly)}
    cloud.bootstrap(cloud_assembly.expects(assembly))

    def stack(name: str) -> Stack:
        each = artifacts[name]
        return deploy(each.read(), account=each.account, region=each.region, name=name, parameters={})

    def read(account: str, region: str, secret: str) -> str:
        client = surroundings.client("secretsmanager", account, region)
        text: str = client.get_secret_value(SecretId=secret)["SecretString"]
        return text

    standing = []
    for stage, header in (("dev", "x-floodgate-storm"), ("prod", "X-Floodgate-Front")):
        standing += [stack(f"floodgate-{stage}-network"), stack(f"floodgate-{stage}-wordpress")]
        [balancer] = make_plan(World(tuple(standing)), standing[-1], read).balancers
        [listener] = [each for each in balancer.listeners if each.tls == (stage == "prod")]
        keys = [each for rule in listener.rules for each in rule.conditions if each.field == "http-header"]
        [(condition, [key])] = [(each, each.values) for each in keys]
        assert condition.header == header
        assert key.isalnum() and len(key) == 64, "not the key itself"
        assert f'acl rule-0-0 req.fhdr({header}) -i -m reg -- "^{key}\\$"' in render(balancer, {})
    with pytest.raises(
        ActionFailed, match="does not know: AWS::CloudFront::CachePolicy, AWS::CloudFront::Distribution"
    ):
        stack("floodgate-prod-front")
