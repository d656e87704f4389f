"""What must hold for what people made: the database and the file system."""

from __future__ import annotations

from rehearsal.values import database_rules
from tests.templates.runbook import leads_to_the_runbook
from tests.templates.world import (
    SiteCheck,
    Template,
    World,
    all_tasks,
    chosen,
    containers,
    name_of,
    of_type,
    only,
    referred,
    subnets_are,
    task,
    wordpress,
)


def database_is_serverless_v2(world: World, stage: str) -> None:
    """Check for Aurora MySQL with Serverless v2 instances.

    Version 1 is gone, and still synthesizes without a word.
    """
    site = wordpress(world, stage)
    cluster = only(site, "RDS::DBCluster")
    assert "EngineMode" not in cluster and "ScalingConfiguration" not in cluster, "Aurora Serverless v1"
    assert cluster["Engine"] == "aurora-mysql"
    major, minor = map(int, cluster["EngineVersion"].rsplit("aurora.", 1)[1].split(".")[:2])
    assert (major, minor) >= (3, 8), "pausing at zero needs 3.08"
    instances = of_type(site, "RDS::DBInstance").values()
    assert {instance["DBInstanceClass"] for instance in instances} == {"db.serverless"}
    assert {instance["PubliclyAccessible"] for instance in instances} == {False}
    assert len(instances) == (2 if stage == "Prod" else 1), "a standby in production"
    size = chosen(world, stage).database
    bounds = cluster["ServerlessV2ScalingConfiguration"]
    assert (bounds["MinCapacity"], bounds["MaxCapacity"]) == (size.min_acu, size.max_acu)
    assert referred(cluster["DBClusterParameterGroupName"]) == name_of(site, "RDS::DBClusterParameterGroup")
    parameters = only(site, "RDS::DBClusterParameterGroup")["Parameters"]
    assert int(parameters["max_connect_errors"]) > 2**62, "handshakes that were given up lock the site out"
    assert parameters["require_secure_transport"] == "ON", "the database takes connections in the clear"
    if size.min_acu == 0:
        assert bounds["SecondsUntilAutoPause"] >= 300
        assert int(parameters["wait_timeout"]) < bounds["SecondsUntilAutoPause"], "kept connections keep it awake"
    else:
        assert "SecondsUntilAutoPause" not in bounds, "pauses at zero only"


def data_is_kept(world: World, stage: str) -> None:
    """Check that all is encrypted and backed up; in production nothing that people made goes with the stack."""
    site = wordpress(world, stage)
    cluster = only(site, "RDS::DBCluster")
    files = only(site, "EFS::FileSystem")
    assert cluster["StorageEncrypted"] is True
    assert files["Encrypted"] is True
    assert cluster["BackupRetentionPeriod"] >= (30 if stage == "Prod" else 1)
    if stage == "Prod":
        assert cluster["DeletionProtection"] is True
        assert deletion(site, "RDS::DBCluster") == "Snapshot"
        for name in of_type(site, "RDS::DBInstance"):
            policy = site["Resources"][name]["UpdateReplacePolicy"]
            assert policy == "Delete", "docs/restore.md: what is left of a replaced database has no instances"
        assert deletion(site, "EFS::FileSystem") == "Retain"
        database_and_files_are_backed_up(world, site)


def database_and_files_are_backed_up(world: World, site: Template) -> None:
    """Check for one plan with both in it, a vault that nobody empties, and an alarm that waits for the good news."""
    vault, plan = only(site, "Backup::BackupVault"), only(site, "Backup::BackupPlan")["BackupPlan"]
    policies = site["Resources"][name_of(site, "Backup::BackupVault")]
    # By its name it would be in the way of the next creation, if the first one failed.
    assert (policies["DeletionPolicy"], policies["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    assert vault["LockConfiguration"]["MinRetentionDays"] >= 7
    assert "ChangeableForDays" not in vault["LockConfiguration"], "a lock that nobody can ever take off"
    [rule] = plan["BackupPlanRule"]
    wanted = chosen(world, "Prod").backup
    assert rule["ScheduleExpression"].startswith("cron(0 1 * *")
    assert rule["Lifecycle"] == {"DeleteAfterDays": wanted.keep_days}
    assert referred(rule["TargetBackupVault"]) == name_of(site, "Backup::BackupVault")
    copies = [(copy["DestinationBackupVaultArn"], copy["Lifecycle"]) for copy in rule.get("CopyActions", ())]
    assert copies == ([(wanted.copy_to, rule["Lifecycle"])] if wanted.copy_to else [])
    copies_that_failed_are_told(world, site)
    selection = only(site, "Backup::BackupSelection")
    assert referred(selection["BackupPlanId"]) == name_of(site, "Backup::BackupPlan")
    resources = str(selection["BackupSelection"]["Resources"])
    assert "'Ref': '" + name_of(site, "RDS::DBCluster") in resources, "the database is not backed up"
    assert "'Ref': '" + name_of(site, "EFS::FileSystem") in resources, "the files are not backed up"
    alarms = of_type(site, "CloudWatch::Alarm").items()
    alarm = next((each for name, each in alarms if "NotBackedUp" in name), None)
    assert alarm, "nobody is told that nothing is backed up"
    assert (alarm["MetricName"], alarm["TreatMissingData"]) == ("NumberOfBackupJobsCompleted", "breaching")
    assert alarm["Dimensions"] == [{"Name": "BackupVaultName", "Value": vault["BackupVaultName"]}]
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (2, "LessThanThreshold")
    assert alarm["AlarmActions"]


def copies_that_failed_are_told(world: World, site: Template) -> None:
    """Check that whoever wants copies hears of one that failed: the alarm waits for backups alone."""
    vault = chosen(world, "Prod").backup.copy_to
    rules = [
        each
        for each in of_type(site, "Events::Rule").values()
        if each["EventPattern"].get("detail-type") == ["Copy Job State Change"]
    ]
    assert [each["EventPattern"]["detail"] for each in rules] == (
        [{"state": ["FAILED"], "destinationBackupVaultArn": [vault]}] if vault else []
    )
    for rule in rules:
        assert (rule["EventPattern"]["source"], rule["State"]) == (["aws.backup"], "ENABLED")
        assert [referred(target["Arn"]) for target in rule["Targets"]] == [name_of(site, "SNS::Topic")]
        leads_to_the_runbook(world, str(rule["Targets"][0]["InputTransformer"]["InputTemplate"]))


def restored_data_is_what_the_stage_begins_with(world: World, stage: str) -> None:
    """Check that a snapshot and a restored folder are used where the settings name them, and nowhere else."""
    site, restored = wordpress(world, stage), chosen(world, stage).restored
    cluster = only(site, "RDS::DBCluster")
    snapshot, content = (restored.snapshot, restored.content) if restored else (None, None)
    assert cluster.get("SnapshotIdentifier") == snapshot
    assert ("MasterUsername" in cluster) is (snapshot is None), "the snapshot's user is taken"
    assert only(site, "EFS::AccessPoint")["RootDirectory"]["Path"] == f"{content or ''}/wp-content"


def database_is_asked_by_operators_and_maintained_in_quiet(world: World, stage: str) -> None:
    """Check for the Data API, and for maintenance on another day than the opening's, another time than backups'."""
    site = wordpress(world, stage)
    cluster = only(site, "RDS::DBCluster")
    assert cluster["EnableHttpEndpoint"] is True
    day = cluster["PreferredMaintenanceWindow"][:3]
    assert day != f"{chosen(world, stage).course.opens_at:%a}".lower()
    windows = {each["PreferredMaintenanceWindow"] for each in of_type(site, "RDS::DBInstance").values()}
    assert windows == {cluster["PreferredMaintenanceWindow"]}
    # Of a window that is not said RDS chooses one, and refuses the cluster where the two meet.
    assert "PreferredBackupWindow" in cluster
    assert not list(database_rules.windows(cluster))


def deletion(template: Template, kind: str) -> str:
    """Return what becomes of the one resource of a type when the stack goes, or when it is replaced."""
    resource = template["Resources"][name_of(template, kind)]
    assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"]
    return str(resource["DeletionPolicy"])


def data_lives_in_two_isolated_subnets(world: World, stage: str) -> None:
    """Check the subnets: a group with one deploys nowhere; one that routes to the internet should not."""
    site = wordpress(world, stage)
    subnets_are(world, stage, only(site, "RDS::DBSubnetGroup")["SubnetIds"], "isolated")
    subnets_are(world, stage, [mount["SubnetId"] for mount in of_type(site, "EFS::MountTarget").values()], "isolated")


def volume_needs_tls_and_a_role(world: World, stage: str) -> None:
    """Check that the file system allows nobody anything by itself.

    The volume asks by role, through the access point, over TLS.
    """
    site = wordpress(world, stage)
    [policy] = only(site, "EFS::FileSystem")["FileSystemPolicy"]["Statement"]
    assert policy["Effect"] == "Deny"
    assert policy["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    for name in all_tasks(site):
        volumes = {volume["Name"]: volume for volume in task(site, name)["Volumes"]}
        volume = volumes["content"]["EFSVolumeConfiguration"]
        assert volume["TransitEncryption"] == "ENABLED", name
        assert volume["AuthorizationConfig"]["IAM"] == "ENABLED", name
        assert referred(volume["AuthorizationConfig"]["AccessPointId"]) == name_of(site, "EFS::AccessPoint")
    point = only(site, "EFS::AccessPoint")
    users = {container["User"].split(":")[0] for container in containers(site).values()} - {"101"}
    assert {point["PosixUser"]["Uid"]} == users
    assert point["RootDirectory"]["CreationInfo"]["OwnerUid"] == point["PosixUser"]["Uid"]


CHECKS: tuple[SiteCheck, ...] = (
    database_is_serverless_v2,
    data_is_kept,
    data_lives_in_two_isolated_subnets,
    volume_needs_tls_and_a_role,
    restored_data_is_what_the_stage_begins_with,
    database_is_asked_by_operators_and_maintained_in_quiet,
)
