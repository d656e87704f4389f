"""The firewall: AWS WAF with AWS's own rules, and a bound on what one address may ask, which the storm is let off."""

from __future__ import annotations

from typing import Any, Literal

from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from settings.managed_rules import MANAGED
from settings.site import Firewall

STORM_HEADER = "x-floodgate-storm"


class WebAcl(Construct):
    """A web ACL that stands before a load balancer (``REGIONAL``) or a distribution; ``arn`` is what names it.

    ``storm_token`` is the storm's, where one comes: it plays many people from one address.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        scope_of_acl: Literal["REGIONAL", "CLOUDFRONT"],
        settings: Firewall,
        storm_token: str | None,
    ) -> None:
        super().__init__(scope, construct_id)
        rules = [
            _rule(priority, "rate", name, action={"block": {}}, statement=_rate(settings.requests, storm_token))
            if managed is None
            else _rule(
                priority,
                managed.removeprefix("AWSManagedRules"),
                name,
                override_action={"none": {}},
                statement={
                    "managedRuleGroupStatement": {
                        "vendorName": "AWS",
                        "name": managed,
                        "ruleActionOverrides": [
                            {"name": rule, "actionToUse": {"count": {}}} for rule in MANAGED[managed]
                        ],
                    }
                },
            )
            for priority, managed in enumerate((None, *MANAGED))
        ]
        acl = wafv2.CfnWebACL(
            self,
            "WebAcl",
            name=name,
            scope=scope_of_acl,
            default_action={"allow": {}},
            rules=rules,
            visibility_config=_seen(name),
        )
        self.arn: str = acl.attr_arn

    def stand_before(self, arn: str) -> None:
        """Let requests to a load balancer pass here first."""
        wafv2.CfnWebACLAssociation(self, "Association", resource_arn=arn, web_acl_arn=self.arn)


def _rate(requests: int, storm_token: str | None) -> dict[str, Any]:
    counted: dict[str, Any] = {"limit": requests, "aggregateKeyType": "IP", "evaluationWindowSec": 300}
    if storm_token:
        counted["scopeDownStatement"] = {
            "notStatement": {
                "statement": {
                    "byteMatchStatement": {
                        "fieldToMatch": {"singleHeader": {"Name": STORM_HEADER}},
                        "positionalConstraint": "EXACTLY",
                        "searchString": storm_token,
                        "textTransformations": [{"priority": 0, "type": "NONE"}],
                    }
                }
            }
        }
    return {"rateBasedStatement": counted}


def _rule(priority: int, rule: str, name: str, **what: Any) -> dict[str, Any]:
    return {
        "name": rule,
        "priority": priority,
        "visibilityConfig": _seen(f"{name}-{rule}"),
        **{_camel(key): value for key, value in what.items()},
    }


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.title, rest))


def _seen(metric: str) -> dict[str, Any]:
    return {"cloudWatchMetricsEnabled": True, "metricName": metric, "sampledRequestsEnabled": True}
