"""Where people are told that something wants them."""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct


def notice(topic: sns.ITopic, text: str, what_to_do: str) -> targets.SnsTopic:
    """Return what a rule sends to people: a sentence, and the address of the runbook's paragraph about it."""
    return targets.SnsTopic(topic, message=events.RuleTargetInput.from_text(f"{text} What to do: {what_to_do}"))


class Notices(Construct):
    """A topic that takes messages over TLS only and passes them on to e-mail addresses."""

    def __init__(self, scope: Construct, construct_id: str, *, display_name: str, emails: Sequence[str]) -> None:
        super().__init__(scope, construct_id)
        self.topic = sns.Topic(self, "Topic", display_name=display_name, enforce_ssl=True)
        for email in emails:
            self.topic.add_subscription(subscriptions.EmailSubscription(email))
        # A topic with a policy of its own loses the default one, which lets the account's alarms publish.
        # EventBridge, which its targets let in, takes no condition: it says neither account nor rule to a topic.
        self.topic.grant_publish(
            iam.ServicePrincipal(
                "cloudwatch.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": cdk.Stack.of(self).account}},
            )
        )
