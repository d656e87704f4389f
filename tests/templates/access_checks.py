"""What must hold for who may do what: ways between security groups, secrets, roles."""

from __future__ import annotations

import json
import re

from tests.templates.world import (
    SiteCheck,
    Template,
    World,
    all_tasks,
    chosen,
    containers,
    many,
    name_of,
    of_type,
    only,
    pipeline,
    referred,
    rights,
    rules_are_described_as_ec2_takes_it,
    statements,
    task,
    task_of_schedule,
    templates,
    text,
    wordpress,
)

SECRET_FIELDS = {
    "DB_HOST": ":host::",
    "DB_PORT": ":port::",
    "DB_NAME": ":dbname::",
    "DB_USER": ":username::",
    "DB_PASSWORD": ":password::",
    "WP_SALT": "",
}
# With these, accounts are made: the database's and WordPress's.
INSTALL_FIELDS = {
    "DB_MASTER_USER": ":username::",
    "DB_MASTER_PASSWORD": ":password::",
    "WP_ADMIN_USER": ":username::",
    "WP_ADMIN_PASSWORD": ":password::",
}


def only_needed_ways_are_open(world: World, stage: str) -> None:
    """Check the ways that are open: no more than are needed.

    World to load balancer, to tasks, to database and file system; tasks out to HTTPS and a mail server; nothing else.
    """
    site = wordpress(world, stage)
    edge = referred(only(site, "ElasticLoadBalancingV2::LoadBalancer")["SecurityGroups"][0])
    service = only(site, "ECS::Service")["NetworkConfiguration"]["AwsvpcConfiguration"]
    tasks = referred(service["SecurityGroups"][0])
    database = referred(only(site, "RDS::DBCluster")["VpcSecurityGroupIds"][0])
    mounts = of_type(site, "EFS::MountTarget").values()
    [files] = {referred(group) for mount in mounts for group in mount["SecurityGroups"]}
    database_port = f"<{name_of(site, 'RDS::DBCluster')}.Endpoint.Port>"
    ways = {(edge, tasks, "8080"), (tasks, database, database_port), (tasks, files, "2049")}
    inward = {
        (referred(way["SourceSecurityGroupId"]), referred(way["GroupId"]), text(way["FromPort"]))
        for way in of_type(site, "EC2::SecurityGroupIngress").values()
    }
    outward = {
        (referred(way["GroupId"]), referred(way["DestinationSecurityGroupId"]), text(way["FromPort"]))
        for way in of_type(site, "EC2::SecurityGroupEgress").values()
    }
    assert inward == ways, "ingress between security groups"
    assert outward == ways, "egress between security groups"
    open_egress = {
        (name, each["IpProtocol"], each.get("FromPort"))
        for name, group in of_type(site, "EC2::SecurityGroup").items()
        for each in group.get("SecurityGroupEgress", [])
        if each["CidrIp"] == "0.0.0.0/0"
    }
    mail = world.settings.site.mail
    assert open_egress == {(tasks, "tcp", 443), *([(tasks, "tcp", mail.port)] if mail else [])}
    visitors = [name for name, group in of_type(site, "EC2::SecurityGroup").items() if "SecurityGroupIngress" in group]
    assert visitors == [edge], "only the load balancer takes addresses in"


def ways_can_be_described(world: World, stage: str) -> None:
    """Check that ways are described in the words that EC2 takes."""
    for template in templates(world, stage):
        rules_are_described_as_ec2_takes_it(template)


def secrets_have_the_fields_that_they_need(world: World, stage: str) -> None:
    """Check that each secret value comes from the right secret and field.

    ``host`` exists only in the attachment's.
    """
    site = wordpress(world, stage)
    attachment = name_of(site, "SecretsManager::SecretTargetAttachment")
    own = {
        "cron": SECRET_FIELDS,
        "install": SECRET_FIELDS | INSTALL_FIELDS,
        "wordpress": SECRET_FIELDS | ({"STORM_TOKEN": ""} if stage == "Dev" else {}),
    }
    mail, place = world.settings.site.mail, chosen(world, stage)
    brought = f"arn:aws:secretsmanager:{place.region}:{place.account}:secret:{mail.credentials}" if mail else ""
    opened = {"MAIL_USER": f"{brought}:username::", "MAIL_PASSWORD": f"{brought}:password::"} if mail else {}
    running = {**containers(site), **containers(site, task_of_schedule(site))}
    for name, wanted in own.items():
        secrets = {each["Name"]: each["ValueFrom"] for each in running[name]["Secrets"]}
        assert {variable: secrets.pop(variable) for variable in list(secrets) if variable.startswith("MAIL_")} == opened
        assert {variable: text(value).partition(">")[2] for variable, value in secrets.items()} == wanted, name
        sources = {variable: referred(value) for variable, value in secrets.items()}
        assert {sources[f"DB_{part}"] for part in ("HOST", "PORT", "NAME")} == {attachment}
        assert sources["DB_USER"] == sources["DB_PASSWORD"] != attachment, "the site is the database's master user"
        made_with_a_user(site, sources["DB_USER"])
        if name == "install":
            assert {sources["DB_MASTER_USER"], sources["DB_MASTER_PASSWORD"]} == {attachment}
            assert sources["WP_ADMIN_USER"] == sources["WP_ADMIN_PASSWORD"]
            made_with_a_user(site, sources["WP_ADMIN_USER"])
        salt = site["Resources"][sources["WP_SALT"]]["Properties"]["GenerateSecretString"]
        assert salt["PasswordLength"] >= 64
        assert "SecretStringTemplate" not in salt, "the salt is the whole secret"
    token = [each["ValueFrom"] for each in containers(site)["wordpress"]["Secrets"] if each["Name"] == "STORM_TOKEN"]
    beside = [each for each in containers(site)["nginx"].get("Secrets", []) if each["Name"] != "FRONT_KEY"]
    assert [tuple(each.values()) for each in beside] == [("STORM_TOKEN", value) for value in token]


def made_with_a_user(site: Template, name: str) -> None:
    """Check that a secret is generated, with a user beside the password."""
    generated = site["Resources"][name]["Properties"]["GenerateSecretString"]
    assert '"username"' in generated["SecretStringTemplate"]
    assert generated["GenerateStringKey"] == "password"


def no_secret_is_plain(world: World, stage: str) -> None:
    """Check that no environment variable has the name of a secret or refers to one."""
    site = wordpress(world, stage)
    secrets = {*of_type(site, "SecretsManager::Secret"), *of_type(site, "SecretsManager::SecretTargetAttachment")}
    definitions = [container for name in all_tasks(site) for container in containers(site, name).values()]
    for container in definitions:
        for each in container.get("Environment", []):
            assert not any(word in each["Name"] for word in ("PASSWORD", "SALT", "TOKEN", "DB_")), each["Name"]
            assert not any(f"<{secret}" in text(each["Value"]) for secret in secrets), each["Name"]


def roles_are_narrow(world: World, stage: str) -> None:
    """Check what roles may do and no more.

    A task may use its access point; ECS may fetch its images and read its secrets.
    """
    site = wordpress(world, stage)
    files = f"<{name_of(site, 'EFS::FileSystem')}.Arn>"
    for name in all_tasks(site):
        definition = task(site, name)
        task_role = referred(definition["TaskRoleArn"])
        assert rights(site, task_role) == {
            ("elasticfilesystem:ClientMount", files),
            ("elasticfilesystem:ClientWrite", files),
        }
        for each in statements(site, task_role):
            assert "elasticfilesystem:AccessPointArn" in each["Condition"]["StringEquals"], name
        execution = referred(definition["ExecutionRoleArn"])
        assert execution != task_role
        allowed = rights(site, execution)
        read = {resource for action, resource in allowed if action == "secretsmanager:GetSecretValue"}
        used = {
            # Secrets Manager puts a hyphen and six characters behind the name of the team's own.
            re.sub(r":[^:]+::$", "-??????", each["ValueFrom"])
            if isinstance(each["ValueFrom"], str)
            else f"<{referred(each['ValueFrom'])}>"
            for container in containers(site, name).values()
            for each in container.get("Secrets", [])
        }
        assert read == used, name
        others = {action for action, _ in allowed if not action.startswith("secretsmanager:")}
        assert {action.split(":")[0] for action in others} == {"ecr", "logs"}, name


def storm_may_little(world: World, stage: str) -> None:
    """Check that in dev builds of the pipeline's account may read the token, find the site, and stop a task if asked.

    In prod there is no such role.
    """
    site = wordpress(world, stage)
    storm = {name: role for name, role in of_type(site, "IAM::Role").items() if "-storm" in role.get("RoleName", "")}
    if stage == "Prod":
        assert not storm
        assert "StormRoleArn" not in site["Outputs"] and "StormSecretArn" not in site["Outputs"]
        return
    [(name, role)] = storm.items()
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    account = world.settings.pipeline.account
    dev = world.settings.dev
    assert text(trust["Principal"]["AWS"]) == f"arn:aws:iam::{account}:root"
    builds = text(trust["Condition"]["ArnLike"]["aws:PrincipalArn"])
    assert builds == f"arn:aws:iam::{account}:role/FloodgatePipeline-*"
    token = referred(site["Outputs"]["StormSecretArn"]["Value"])
    assert ("ScaledService" in site["Outputs"]) == ("ScaledDatabase" in site["Outputs"]) == looks_at_sizes(world)
    sizes = {
        ("application-autoscaling:DescribeScalableTargets", "*"),
        ("ecs:DescribeTaskDefinition", "*"),
        ("ecs:DescribeServices", f"<{name_of(site, 'ECS::Service')}>"),
        ("rds:DescribeDBClusters", cluster_arn(site, dev.region, dev.account)),
    }
    tasks = {
        ("ecs:ListTasks", "*"),
        *((f"ecs:{action}", f"arn:aws:ecs:{dev.region}:{dev.account}:task/<{name_of(site, 'ECS::Cluster')}>/*")
          for action in ("DescribeTasks", "StopTask")),
    }  # fmt: skip
    # Its own rule, and the alarms that a storm makes ring; that nobody is served, or by a fault, it may not hide.
    words = storm_mute(world).split()
    prefix = f"{world.settings.name}-dev"
    alarms = {alarm["AlarmName"] for alarm in of_type(site, "CloudWatch::Alarm").values()}
    assert words[0] == f"{prefix}-storm" and set(words[1:]) < alarms
    assert not {f"{prefix}-{word}" for word in ("gone", "failing", "workundone")} & set(words)
    region = f"arn:aws:cloudwatch:{dev.region}:{dev.account}"
    mutes = {
        ("cloudwatch:PutAlarmMuteRule", f"{region}:{kind}:{each}")
        for kind, names in (("alarm-mute-rule", words[:1]), ("alarm", words[1:]))
        for each in names
    }
    kills = world.settings.storm.kill_task
    assert ("StormService" in site["Outputs"]) == kills
    if kills:
        service = site["Outputs"]["StormService"]["Value"]
        assert text(service) == f"service/<{name_of(site, 'ECS::Cluster')}>/<{name_of(site, 'ECS::Service')}.Name>"
        for each in statements(site, name):
            if any(action.endswith(("Tasks", "StopTask")) for action in many(each["Action"])):
                in_cluster = text(each["Condition"]["ArnEquals"]["ecs:cluster"])
                assert in_cluster == f"<{name_of(site, 'ECS::Cluster')}.Arn>"
    besides = (sizes if looks_at_sizes(world) else set()) | (tasks if kills else set()) | mutes
    assert rights(site, name) - besides == {
        ("secretsmanager:GetSecretValue", f"<{token}>"),
        (
            "cloudformation:DescribeStacks",
            f"arn:aws:cloudformation:{dev.region}:{dev.account}:stack/{world.settings.name}-dev-wordpress/*",
        ),
    }
    assert rights(site, name) >= besides
    assert referred(site["Outputs"]["StormRoleArn"]["Value"]) == name


def storm_mute(world: World) -> str:
    """Return the rule and the alarms that both builds of the pipeline are told to mute."""
    found = set()
    for stage in only(pipeline(world), "CodePipeline::Pipeline")["Stages"]:
        for action in stage["Actions"]:
            variables = json.loads(text(action["Configuration"].get("EnvironmentVariables", "[]")))
            found |= {each["value"] for each in variables if each["name"] == "STORM_MUTE"}
    for project in of_type(pipeline(world), "CodeBuild::Project").values():
        variables = project["Environment"].get("EnvironmentVariables", ())
        found |= {each["Value"] for each in variables if each["Name"] == "STORM_MUTE"}
    assert len(found) == 1, found
    return str(found.pop())


def templates_are_read_by_builds_only(world: World, stage: str) -> None:
    """Check that in prod builds of the pipeline's account may read the stage's templates, and nothing else.

    In dev there is no such role: nobody is asked before it is deployed.
    """
    site = wordpress(world, stage)
    readers = {name: role for name, role in of_type(site, "IAM::Role").items() if "-reader" in role.get("RoleName", "")}
    if stage == "Dev":
        assert not readers
        return
    [(name, role)] = readers.items()
    assert role["RoleName"] == f"{world.settings.name}-prod-reader"
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    account, prod = world.settings.pipeline.account, world.settings.prod
    assert text(trust["Principal"]["AWS"]) == f"arn:aws:iam::{account}:root"
    builds = text(trust["Condition"]["ArnLike"]["aws:PrincipalArn"])
    assert builds == f"arn:aws:iam::{account}:role/FloodgatePipeline-*"
    stacks = {"wordpress": prod.region}
    if not prod.network:
        stacks["network"] = prod.region
    if prod.front:
        stacks["front"] = "us-east-1"
    assert rights(site, name) == {
        (
            "cloudformation:GetTemplate",
            f"arn:aws:cloudformation:{region}:{prod.account}:stack/{world.settings.name}-prod-{stack}/*",
        )
        for stack, region in stacks.items()
    }


def looks_at_sizes(world: World) -> bool:
    """Return whether the night's storm must know how large it found dev."""
    return world.settings.storm.nightly_as == "prod"


def cluster_arn(site: Template, region: str, account: str) -> str:
    """Return the ARN of the stage's database."""
    return f"arn:aws:rds:{region}:{account}:cluster:<{name_of(site, 'RDS::DBCluster')}>"


CHECKS: tuple[SiteCheck, ...] = (
    only_needed_ways_are_open,
    ways_can_be_described,
    secrets_have_the_fields_that_they_need,
    no_secret_is_plain,
    roles_are_narrow,
    storm_may_little,
    templates_are_read_by_builds_only,
)
