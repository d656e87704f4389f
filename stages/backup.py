"""Backups of what people made: database and files by one plan, beside what the database keeps by itself."""

from __future__ import annotations

from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_backup as backup
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_rds as rds
from aws_cdk import aws_sns as sns
from constructs import Construct

from settings import site
from stages.alerting import BAD, BELOW, Alarms
from stages.nag import acknowledge
from stages.notification import notice
from stages.runbook import Runbook
from stages.storage import Storage

# Nobody may delete a backup sooner, nor let it go sooner than that.
LOCKED_DAYS = 7
# Once a day, at an hour of UTC in which no database is maintained by itself (``settings.maintenance``).
HOUR = 1
# Jobs of a day: one for the database, one for the files.
_PARTS = 2


class Backup(Construct):
    """A vault that keeps what it gets, and a plan that backs up once a day; ``topic`` hears when it does not.

    The lock is in governance mode: whoever may change the vault can take it off, and CloudTrail keeps that. In
    compliance mode nobody ever could, AWS included, also where the stack was a try.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        size: site.Backup,
        cluster: rds.DatabaseCluster,
        storage: Storage,
        topic: sns.ITopic,
        runbook: Runbook,
    ) -> None:
        super().__init__(scope, construct_id)
        vault = backup.BackupVault(
            self,
            "Vault",
            backup_vault_name=name,
            lock_configuration=backup.LockConfiguration(min_retention=cdk.Duration.days(LOCKED_DAYS)),
            # Not of a creation that failed: it would be in the way of the next one by its name.
            removal_policy=cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        )
        plan = backup.BackupPlan(self, "Plan", backup_plan_name=name, backup_vault=vault)
        copies = []
        if size.copy_to:
            target = backup.BackupVault.from_backup_vault_arn(self, "Copies", size.copy_to)
            kept = cdk.Duration.days(size.keep_days)
            copies.append(backup.BackupPlanCopyActionProps(destination_backup_vault=target, delete_after=kept))
            self._tell_of_copies(size.copy_to, topic, runbook)
        plan.add_rule(
            backup.BackupPlanRule(
                rule_name="daily",
                schedule_expression=events.Schedule.cron(hour=str(HOUR), minute="0"),
                start_window=cdk.Duration.hours(1),
                completion_window=cdk.Duration.hours(6),
                delete_after=cdk.Duration.days(size.keep_days),
                copy_actions=copies,
            )
        )
        role = iam.Role(
            self,
            "Role",
            description="What AWS Backup may do with this stage's database and files",
            assumed_by=cast("iam.IPrincipal", iam.ServicePrincipal("backup.amazonaws.com")),
        )
        # The selection lets the role back up; an operator who restores hands the same role in.
        plan.add_selection(
            "Data",
            role=cast("iam.IRole", role),
            resources=[backup.BackupResource.from_arn(cluster.cluster_arn), storage.to_back_up],
            allow_restores=True,
        )
        managed = "Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSBackupServiceRolePolicyFor"
        acknowledge(
            role,
            {
                f"AwsSolutions-IAM4[{managed}{what}]": "AWS's own for this service: it knows what each kind needs."
                for what in ("Backup", "Restores")
            },
        )
        # The good news is waited for: a job that never starts fails nowhere.
        done = cloudwatch.Metric(
            namespace="AWS/Backup",
            metric_name="NumberOfBackupJobsCompleted",
            dimensions_map={"BackupVaultName": name},
            statistic="Sum",
            period=cdk.Duration.days(1),
        )
        Alarms(self, name=name, topic=topic, runbook=runbook).add(
            "NotBackedUp",
            "For two days the database, the files or both have not been backed up",
            metric=done,
            threshold=_PARTS,
            periods=2,
            when=BELOW,
            silence=BAD,
        )

    def _tell_of_copies(self, vault: str, topic: sns.ITopic, runbook: Runbook) -> None:
        """Tell of a copy that failed: the backup that it is of has gone well, and the alarm is quiet."""
        field = events.EventField.from_path
        events.Rule(
            self,
            "CopyFailed",
            description="A backup could not be copied into the other region",
            event_pattern=events.EventPattern(
                source=["aws.backup"],
                detail_type=["Copy Job State Change"],
                detail={"state": ["FAILED"], "destinationBackupVaultArn": [vault]},
            ),
            targets=[
                notice(
                    topic,
                    f"A backup ({field('$.detail.resourceType')}) could not be copied into {vault}.",
                    runbook.paragraph("backups-a-copy-failed"),
                )
            ],
        )
