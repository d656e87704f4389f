"""What must hold for the service: its containers, how it is deployed, how it scales."""

from __future__ import annotations

import datetime
import fnmatch
import re
from pathlib import Path
from typing import Any

from settings import capacity
from settings.development import Development
from tests.templates.world import (
    SiteCheck,
    Template,
    World,
    all_tasks,
    chosen,
    containers,
    mail_variables,
    many,
    name_of,
    of_type,
    only,
    referred,
    sole,
    subnets_are,
    task,
    task_of_service,
    templates,
    text,
    wordpress,
)

NGINX_LOG = Path(__file__).parents[2] / "src/nginx/conf/log.conf"

# Variable of each php-fpm pool -> MiB of one of its children.
POOLS = {
    "PHP_CHILDREN": capacity.PHP_CHILD_MIB,
    "PHP_EDITOR_CHILDREN": capacity.PHP_CHILD_MIB,
    "PHP_CLAIM_CHILDREN": capacity.CLAIM_CHILD_MIB,
}


def requests_reach_nginx(world: World, stage: str) -> None:
    """Check that the service's load balancer names a container and a port that exist.

    Its target group can hold tasks.
    """
    site = wordpress(world, stage)
    [target] = only(site, "ECS::Service")["LoadBalancers"]
    container = containers(site)[target["ContainerName"]]
    assert target["ContainerName"] == "nginx"
    assert target["ContainerPort"] in [mapping["ContainerPort"] for mapping in container["PortMappings"]]
    group = only(site, "ElasticLoadBalancingV2::TargetGroup")
    assert referred(target["TargetGroupArn"]) == name_of(site, "ElasticLoadBalancingV2::TargetGroup")
    assert group["TargetType"] == "ip", "awsvpc tasks have addresses, not instances"
    assert (group["Protocol"], group["Port"]) == ("HTTP", target["ContainerPort"])


def health_check_leaves_php_alone(world: World, stage: str) -> None:
    """Check the health check: one that runs PHP takes the tasks away that are needed, under a storm."""
    group = only(wordpress(world, stage), "ElasticLoadBalancingV2::TargetGroup")
    assert group["HealthCheckPath"] == "/healthz"
    assert group["Matcher"] == {"HttpCode": "200"}
    assert group["HealthCheckTimeoutSeconds"] < group["HealthCheckIntervalSeconds"]


def environment_is_complete(world: World, stage: str) -> None:
    """Check for the variables without which the images refuse to start."""
    site = wordpress(world, stage)
    course = chosen(world, stage).course
    wanted = {
        *("SITE_URL", "SITE_TITLE", "WP_ADMIN_EMAIL"),
        *("FLOODGATE_STAGE", "FLOODGATE_COMMIT", "FLOODGATE_CONTENT"),
        *("COURSE_TITLE", "COURSE_SEATS", "COURSE_OPENS_AT", *POOLS),
        *(("SITE_TIME_ZONE",) if world.settings.site.time_zone else ()),
        *mail_variables(world),
    }
    for name in ("install", "wordpress"):
        environment = {each["Name"]: text(each["Value"]) for each in containers(site)[name]["Environment"]}
        assert set(environment) == wanted, name
        assert environment["FLOODGATE_STAGE"] == stage.lower()
        assert environment["SITE_TITLE"] == world.settings.site.title
        assert environment.get("SITE_TIME_ZONE") == world.settings.site.time_zone
        assert environment["WP_ADMIN_EMAIL"] == world.settings.site.admin_email
        assert environment["FLOODGATE_CONTENT"] == world.settings.site.content
        assert environment["COURSE_TITLE"] == course.title
        assert environment["COURSE_SEATS"] == str(course.seats)
        assert datetime.datetime.fromisoformat(environment["COURSE_OPENS_AT"]) == course.opens_at
        assert environment["SITE_URL"] == text(site["Outputs"]["SiteUrl"]["Value"])
        if mail := world.settings.site.mail:
            ses = f"email-smtp.{chosen(world, stage).region}.amazonaws.com"
            assert (environment["MAIL_FROM"], environment["MAIL_HOST"]) == (mail.sender, mail.host or ses)
            assert (environment["MAIL_PORT"], environment["MAIL_PER_SECOND"]) == (str(mail.port), str(mail.per_second))


def containers_start_in_order(world: World, stage: str) -> None:
    """Install runs to its end, then php-fpm gets healthy, then nginx takes requests."""
    site = containers(wordpress(world, stage))
    assert list(site) == ["install", "wordpress", "nginx"]
    assert [site[name]["Essential"] for name in site] == [False, True, True]
    assert "DependsOn" not in site["install"]
    assert site["wordpress"]["DependsOn"] == [{"ContainerName": "install", "Condition": "SUCCESS"}]
    assert site["nginx"]["DependsOn"] == [{"ContainerName": "wordpress", "Condition": "HEALTHY"}]
    assert site["install"]["Image"] == site["wordpress"]["Image"]
    assert site["install"]["Command"] == ["floodgate-install"]
    assert all("HealthCheck" in site[name] for name in ("wordpress", "nginx"))


def every_container(site: Template) -> list[tuple[str, Any]]:
    """Return the containers of all tasks, each with its name."""
    return [pair for task_name in all_tasks(site) for pair in containers(site, task_name).items()]


def containers_are_locked_down(world: World, stage: str) -> None:
    """Check that containers can do little.

    Numbered users that are not root, no capability to regain, read-only file systems, one own place to write in.
    """
    site = wordpress(world, stage)
    definitions = [task(site, name) for name in all_tasks(site)]
    volumes = {volume["Name"]: volume for each in definitions for volume in each["Volumes"]}
    for name, container in every_container(site):
        user, group = map(int, container["User"].split(":"))
        assert user > 0 and group > 0, name
        assert container["ReadonlyRootFilesystem"] is True, name
        assert not container.get("Privileged"), name
        assert container["LinuxParameters"] == {"Capabilities": {"Drop": ["ALL"]}}, name
        mounts = {mount["ContainerPath"]: mount for mount in container["MountPoints"]}
        shared = {"/run/floodgate"} if name in ("wordpress", "nginx") else set()
        assert set(mounts) == {"/var/www/content", "/tmp"} | shared, name
        for path in shared:
            assert mounts[path]["SourceVolume"] == "sockets"
            assert mounts[path]["ReadOnly"] is (name == "nginx"), name
        assert mounts["/tmp"]["SourceVolume"] == f"{name}-tmp"
        assert "EFSVolumeConfiguration" not in volumes[f"{name}-tmp"]
        assert mounts["/var/www/content"]["ReadOnly"] is (name == "nginx"), name
        assert mounts["/var/www/content"]["SourceVolume"] == "content"


def logs_are_kept_and_end(world: World, stage: str) -> None:
    """Check that each container logs to a group that outlives its stack: a first deployment that fails is taken back.

    Every group of the stage has an end.
    """
    site = wordpress(world, stage)
    for name, container in every_container(site):
        options = container["LogConfiguration"]["Options"]
        group = site["Resources"][referred(options["awslogs-group"])]
        assert (group["Type"], group["DeletionPolicy"]) == ("AWS::Logs::LogGroup", "Retain"), name
        assert options["mode"] == "non-blocking", name
    for template in templates(world, stage):
        for name, properties in of_type(template, "Logs::LogGroup").items():
            assert properties.get("RetentionInDays"), name


def service_deploys_safely(world: World, stage: str) -> None:
    """Check that a version that does not get healthy is taken back, with the old one serving all the while."""
    site = wordpress(world, stage)
    service = only(site, "ECS::Service")
    deployment = service["DeploymentConfiguration"]
    assert deployment["DeploymentCircuitBreaker"] == {"Enable": True, "Rollback": True}
    assert (deployment["MinimumHealthyPercent"], deployment["MaximumPercent"]) == (100, 200)
    assert deployment["Alarms"]["Enable"] and deployment["Alarms"]["Rollback"]
    alarms = {alarm["AlarmName"]: name for name, alarm in of_type(site, "CloudWatch::Alarm").items()}
    assert deployment["Alarms"]["AlarmNames"]
    assert {alarms[name] for name in deployment["Alarms"]["AlarmNames"]} <= set(dependencies(site, "ECS::Service"))
    assert "DesiredCount" not in service, "each deployment would reset the scaling"
    assert service["PlatformVersion"] == "1.4.0"
    size = chosen(world, stage)
    if isinstance(size, Development) and size.spot:
        assert [each["CapacityProvider"] for each in service["CapacityProviderStrategy"]] == ["FARGATE_SPOT"]
        offered = only(site, "ECS::ClusterCapacityProviderAssociations")["CapacityProviders"]
        assert "FARGATE_SPOT" in offered and "LaunchType" not in service
        offer = name_of(site, "ECS::ClusterCapacityProviderAssociations")
        assert offer in dependencies(site, "ECS::Service"), "the service may be made before its capacity is offered"
    else:
        assert service["LaunchType"] == "FARGATE" and "CapacityProviderStrategy" not in service
    assert service["EnableExecuteCommand"] is False
    placement = service["NetworkConfiguration"]["AwsvpcConfiguration"]
    assert placement["AssignPublicIp"] == "DISABLED"
    subnets_are(world, stage, placement["Subnets"], "private")


def failures_of_wordpress_are_told(world: World, stage: str) -> None:
    """Check that WordPress's own errors are counted in nginx's log, waiting pages are not, and an alarm stands on them.

    It is one of those that take a deployment back.
    """
    site = wordpress(world, stage)
    group = containers(site)["nginx"]["LogConfiguration"]["Options"]["awslogs-group"]
    heard = sole(
        each
        for each in of_type(site, "Logs::MetricFilter").values()
        if each["LogGroupName"] == group and "status" in each["FilterPattern"]
    )
    matched = re.fullmatch(r'\{ \$\.(\w+) = "([^"]+)" \}', heard["FilterPattern"])
    assert matched, heard["FilterPattern"]
    assert f'"{matched[1]}":"$upstream_status"' in NGINX_LOG.read_text()
    counts = {
        answer: fnmatch.fnmatchcase(answer, matched[2]) for answer in ("500", "530 : 500", "503", "504", "200", "")
    }
    assert [answer for answer, is_counted in counts.items() if is_counted] == ["500", "530 : 500"]
    [counted] = heard["MetricTransformations"]
    assert (counted["MetricValue"], counted["DefaultValue"]) == ("1", 0)
    alarm = sole(
        each
        for each in of_type(site, "CloudWatch::Alarm").values()
        if (each.get("Namespace"), each.get("MetricName")) == (counted["MetricNamespace"], counted["MetricName"])
    )
    assert (alarm["Statistic"], alarm["Period"], alarm["ComparisonOperator"]) == ("Sum", 60, "GreaterThanThreshold")
    assert alarm["Threshold"] < 10 and alarm["EvaluationPeriods"] <= 3
    assert alarm["AlarmName"] in only(site, "ECS::Service")["DeploymentConfiguration"]["Alarms"]["AlarmNames"]


def dependencies(template: Template, kind: str) -> list[str]:
    """Return what the one resource of a type waits for."""
    return many(template["Resources"][name_of(template, kind)].get("DependsOn", []))


def service_waits_for_what_it_needs(world: World, stage: str) -> None:
    """Check what the service waits for, as tasks start at once.

    Their mounts, their database's writer, their listener and their roles' rights must stand.
    """
    site = wordpress(world, stage)
    definition = task(site, task_of_service(site))
    roles = {referred(definition[role]) for role in ("TaskRoleArn", "ExecutionRoleArn")}
    rights = {
        name for name, policy in of_type(site, "IAM::Policy").items() if roles & set(map(referred, policy["Roles"]))
    }
    assert len(rights) == len(roles)
    needed = {
        *rights,
        *of_type(site, "EFS::MountTarget"),
        *of_type(site, "RDS::DBInstance"),
        *of_type(site, "SecretsManager::SecretTargetAttachment"),
        *(
            name
            for name, listener in of_type(site, "ElasticLoadBalancingV2::Listener").items()
            if listener["DefaultActions"][0]["Type"] == "forward"
        ),
    }
    assert needed <= set(dependencies(site, "ECS::Service"))


def task_fits_its_size(world: World, stage: str) -> None:
    """Check that php-fpm's children fit the task's memory, and all tasks' children the database's connections."""
    site = wordpress(world, stage)
    definition = task(site, task_of_service(site))
    size = chosen(world, stage).task
    assert (int(definition["Cpu"]), int(definition["Memory"])) == (size.cpu, size.memory)
    assert int(definition["Memory"]) in capacity.FARGATE_MEMORY[int(definition["Cpu"])]
    environment = {each["Name"]: each["Value"] for each in containers(site)["wordpress"]["Environment"]}
    children = {pool: int(environment[pool]) for pool in POOLS}
    assert min(children.values()) >= 3, children
    assert capacity.RESERVED_MIB + sum(POOLS[pool] * n for pool, n in children.items()) <= int(definition["Memory"])
    bounds = {each["Name"]: each["Value"] for each in containers(site)["nginx"]["Environment"]}
    assert bounds == {"TASK_CPU": definition["Cpu"], **{pool: environment[pool] for pool in POOLS}}
    most = only(site, "ApplicationAutoScaling::ScalableTarget")["MaxCapacity"]
    units = only(site, "RDS::DBCluster")["ServerlessV2ScalingConfiguration"]["MaxCapacity"]
    assert capacity.connections(tasks=most, children=sum(children.values())) <= capacity.max_connections(units)


def tasks_follow_requests(world: World, stage: str) -> None:
    """Check what tasks scale by: those that wait for a database are never busy enough for a CPU target."""
    site = wordpress(world, stage)
    target = only(site, "ApplicationAutoScaling::ScalableTarget")
    size = chosen(world, stage).task
    assert (target["MinCapacity"], target["MaxCapacity"]) == (size.min, size.max)
    policy = only(site, "ApplicationAutoScaling::ScalingPolicy")["TargetTrackingScalingPolicyConfiguration"]
    metric = policy["PredefinedMetricSpecification"]
    assert metric["PredefinedMetricType"] == "ALBRequestCountPerTarget"
    label = metric["ResourceLabel"]["Fn::Join"][1][-1]
    assert referred(label) == name_of(site, "ElasticLoadBalancingV2::TargetGroup")
    assert policy["ScaleOutCooldown"] < policy["ScaleInCooldown"]


CHECKS: tuple[SiteCheck, ...] = (
    requests_reach_nginx,
    health_check_leaves_php_alone,
    environment_is_complete,
    containers_start_in_order,
    containers_are_locked_down,
    logs_are_kept_and_end,
    service_deploys_safely,
    failures_of_wordpress_are_told,
    service_waits_for_what_it_needs,
    task_fits_its_size,
    tasks_follow_requests,
)
