"""What must hold for the scheduled work: who starts it, how often, what it may do, and who hears of its failing."""

from __future__ import annotations

import json
from pathlib import Path

from tests.templates.world import (
    Properties,
    SiteCheck,
    Template,
    World,
    chosen,
    containers,
    mail_variables,
    name_of,
    nightly_schedule,
    of_type,
    only,
    pipeline,
    referred,
    rights,
    sole,
    statements,
    subnets_are,
    task,
    task_of_schedule,
    task_of_service,
    tasks_of_night,
    text,
    wordpress,
    work_schedule,
)

COMMAND = Path(__file__).parents[2] / "src/wordpress/bin/floodgate-cron"


def work_is_started_by_the_clock(world: World, stage: str) -> None:
    """Check that work starts each minute, once the site is installed.

    Not so often where that kept a database awake that is meant to pause.
    """
    site = wordpress(world, stage)
    schedule = of_type(site, "Scheduler::Schedule")[work_schedule(site)]
    pauses = chosen(world, stage).database.min_acu == 0
    assert schedule["ScheduleExpression"] == ("rate(1 hour)" if pauses else "rate(1 minute)")
    assert (schedule["State"], schedule["FlexibleTimeWindow"]) == ("ENABLED", {"Mode": "OFF"})
    assert name_of(site, "ECS::Service") in site["Resources"][work_schedule(site)]["DependsOn"]
    target = schedule["Target"]
    assert referred(target["Arn"]) == name_of(site, "ECS::Cluster") == referred(only(site, "ECS::Service")["Cluster"])
    run = target["EcsParameters"]
    assert (run["LaunchType"], run["PlatformVersion"], run.get("TaskCount", 1)) == ("FARGATE", "1.4.0", 1)
    placement = run["NetworkConfiguration"]["AwsvpcConfiguration"]
    serving = only(site, "ECS::Service")["NetworkConfiguration"]["AwsvpcConfiguration"]
    assert placement["SecurityGroups"] == serving["SecurityGroups"], "the ways to database and volume are the tasks'"
    assert placement["AssignPublicIp"] == "DISABLED"
    subnets_are(world, stage, placement["Subnets"], "private")


def work_is_small_and_of_the_same_image(world: World, stage: str) -> None:
    """Check for one container of WordPress's image.

    It has WordPress's environment, without what only others need.
    """
    site = wordpress(world, stage)
    definition = task(site, task_of_schedule(site))
    assert (definition["Cpu"], definition["Memory"]) == ("256", "512")
    [(name, cron)] = containers(site, task_of_schedule(site)).items()
    served = containers(site, task_of_service(site))["wordpress"]
    assert (name, cron["Command"], cron["Essential"]) == ("cron", [COMMAND.name], True)
    assert cron["Image"] == served["Image"]
    assert all(each in served["Environment"] for each in cron["Environment"])
    assert {each["Name"] for each in cron["Environment"]} == {
        *("SITE_URL", "SITE_TITLE", "FLOODGATE_STAGE", "FLOODGATE_COMMIT", "FLOODGATE_CONTENT"),
        *mail_variables(world),
    }


def clock_may_start_this_task_only(world: World, stage: str) -> None:
    """Check that the schedule's role runs the one task, and passes on its two roles to ECS and to nobody else.

    It also runs the revision before, which it names until a deployment is through.
    """
    site, place = wordpress(world, stage), chosen(world, stage)
    definition = task_of_schedule(site)
    role = referred(of_type(site, "Scheduler::Schedule")[work_schedule(site)]["Target"]["RoleArn"])
    family = f"arn:aws:ecs:{place.region}:{place.account}:task-definition/{task(site, definition)['Family']}"
    assert rights(site, role) == {
        ("ecs:RunTask", f"<{definition}>"),
        ("ecs:RunTask", f"{family}:*"),
        ("iam:PassRole", text(task(site, definition)["TaskRoleArn"])),
        ("iam:PassRole", text(task(site, definition)["ExecutionRoleArn"])),
    }
    [passing] = [each for each in statements(site, role) if "iam:PassRole" in each["Action"]]
    assert passing["Condition"] == {"StringLike": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    [trust] = site["Resources"][role]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {
        "aws:SourceAccount": place.account,
        "aws:SourceArn": f"arn:aws:scheduler:{place.region}:{place.account}:schedule-group/default",
    }


def work_undone_is_told(world: World, stage: str) -> None:
    """Check that the alarm counts what the command says at its good end, in its own log, and rings at silence."""
    site = wordpress(world, stage)
    [cron] = containers(site, task_of_schedule(site)).values()
    group = cron["LogConfiguration"]["Options"]["awslogs-group"]
    heard = sole(each for each in of_type(site, "Logs::MetricFilter").values() if each["LogGroupName"] == group)
    pattern = heard["FilterPattern"].strip('"')
    assert pattern and f'"{pattern}\\n"' in COMMAND.read_text()
    [counted] = heard["MetricTransformations"]
    alarm = sole(
        each
        for each in of_type(site, "CloudWatch::Alarm").values()
        if (each.get("Namespace"), each.get("MetricName")) == (counted["MetricNamespace"], counted["MetricName"])
    )
    assert (alarm["MetricName"], alarm["Statistic"]) == (counted["MetricName"], "Sum")
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 1)
    assert alarm["TreatMissingData"] == "breaching"
    minutes = 60 if chosen(world, stage).database.min_acu == 0 else 5
    assert alarm["Period"] == minutes * 60 and alarm["EvaluationPeriods"] == 3


def site_is_larger_for_the_night_only(world: World, stage: str) -> None:
    """Check that dev has prod's sizes around the storm where the settings say so, and is put back by the clock."""
    site = wordpress(world, stage)
    planned = only(site, "ApplicationAutoScaling::ScalableTarget").get("ScheduledActions", [])
    capacities = {
        name: each
        for name, each in of_type(site, "Scheduler::Schedule").items()
        if text(each["Target"]["Arn"]).endswith(":scheduler:::aws-sdk:rds:modifyDBCluster")
    }
    if stage == "Prod":
        return
    if world.settings.storm.nightly_as == "dev":
        assert not planned and not capacities
        return
    day, night, zone = world.settings.dev, world.settings.prod, world.settings.storm.time_zone
    assert [tuple(each["ScalableTargetAction"][key] for key in ("MinCapacity", "MaxCapacity")) for each in planned] == [
        (night.task.min, night.task.max),
        (day.task.min, day.task.min),
        (day.task.min, day.task.max),
    ]
    assert {each["Timezone"] for each in planned} == {zone}
    assert len(capacities) == 2, "up and down"
    up, down = capacities.values()
    for schedule, bounds in ((up, night.database), (down, day.database)):
        request = json.loads(text(schedule["Target"]["Input"]))
        assert request["DbClusterIdentifier"] == f"<{name_of(site, 'RDS::DBCluster')}>"
        capacity = request["ServerlessV2ScalingConfiguration"]
        assert (capacity["MinCapacity"], capacity["MaxCapacity"]) == (bounds.min_acu, bounds.max_acu)
        assert ("SecondsUntilAutoPause" in capacity) == (bounds.min_acu == 0)
        assert (schedule["State"], schedule["ScheduleExpressionTimezone"]) == ("ENABLED", zone)
        [(action, resource)] = rights(site, referred(schedule["Target"]["RoleArn"]))
        assert action == "rds:ModifyDBCluster"
        assert resource.endswith(f":cluster:<{name_of(site, 'RDS::DBCluster')}>")
    tasks_are_as_large_as_prods_at_night(world, site)
    nightly_start_is_within(world, [each["Schedule"] for each in planned], up, down)


def tasks_are_as_large_as_prods_at_night(world: World, site: Template) -> None:
    """Check that the service gets tasks of prod's CPU and memory, else the same, and its own again."""
    day, night = world.settings.dev.task, world.settings.prod.task
    found = tasks_of_night(site)
    if (day.cpu, day.memory) == (night.cpu, night.memory):
        assert not found
        return
    assert len(found) == 2, "one before the storm, one after it"
    large, small = found
    assert small == task_of_service(site)
    assert [task(site, large)[key] for key in ("Cpu", "Memory")] == [str(night.cpu), str(night.memory)]
    pools = night.pools.environment
    for name, container in containers(site, large).items():
        own = containers(site, small)[name]
        assert container["Image"] == own["Image"] and container.get("Secrets") == own.get("Secrets"), name
        variables, others = ({each["Name"]: each["Value"] for each in one["Environment"]} for one in (container, own))
        assert variables == {
            **others,
            **{key: pools.get(key, variables[key]) for key in {*pools, "TASK_CPU"} & {*others}},
        }
    assert containers(site, large)["nginx"]["Environment"][0] == {"Name": "TASK_CPU", "Value": str(night.cpu)}
    for schedule in of_type(site, "Scheduler::Schedule").values():
        if text(schedule["Target"]["Arn"]).endswith(":ecs:updateService"):
            request = json.loads(text(schedule["Target"]["Input"]))
            assert request["Service"] == f"<{name_of(site, 'ECS::Service')}.Name>"
            definition = task(site, request["TaskDefinition"].strip("<>"))
            assert rights(site, referred(schedule["Target"]["RoleArn"])) == {
                ("ecs:UpdateService", f"<{name_of(site, 'ECS::Service')}>"),
                ("iam:PassRole", text(definition["TaskRoleArn"])),
                ("iam:PassRole", text(definition["ExecutionRoleArn"])),
            }
            assert schedule["ScheduleExpressionTimezone"] == world.settings.storm.time_zone


def nightly_start_is_within(world: World, planned: list[str], up: Properties, down: Properties) -> None:
    """Check that the night begins before its build can start, and ends after the latest moment when that can end."""
    build = nightly_schedule(pipeline(world))
    [nightly] = [
        each for each in of_type(pipeline(world), "CodeBuild::Project").values() if each["Source"]["Type"] == "GITHUB"
    ]
    start, raised, dropped, opened = map(minute_of_day, (build["ScheduleExpression"], *planned))
    waits = build["Target"]["RetryPolicy"]["MaximumEventAgeInSeconds"] / 60 + nightly["QueuedTimeoutInMinutes"]
    latest = waits + nightly["TimeoutInMinutes"]
    assert raised <= start - 10 and start + latest <= dropped < opened
    assert minute_of_day(up["ScheduleExpression"]) == raised and minute_of_day(down["ScheduleExpression"]) == dropped
    assert raised + up["Target"]["RetryPolicy"]["MaximumEventAgeInSeconds"] / 60 <= start
    assert down["Target"]["RetryPolicy"]["MaximumEventAgeInSeconds"] < 23 * 3600
    days = {expression.split(" ", 2)[2] for expression in (build["ScheduleExpression"], *planned)}
    assert len(days) == 1, days


def minute_of_day(expression: str) -> int:
    """Return when a cron(minute hour …) fires."""
    minute, hour, _ = expression.removeprefix("cron(").split(" ", 2)
    return int(hour) * 60 + int(minute)


CHECKS: tuple[SiteCheck, ...] = (
    site_is_larger_for_the_night_only,
    work_is_started_by_the_clock,
    work_is_small_and_of_the_same_image,
    clock_may_start_this_task_only,
    work_undone_is_told,
)
