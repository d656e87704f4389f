"""What must hold for the scheduled work: who starts it, how often, what it may do, and who hears of its failing."""

from __future__ import annotations

from pathlib import Path

from tests.templates.world import (
    SiteCheck,
    World,
    chosen,
    containers,
    name_of,
    of_type,
    only,
    referred,
    rights,
    statements,
    subnets_are,
    task,
    task_of_schedule,
    task_of_service,
    text,
    wordpress,
)

COMMAND = Path(__file__).parents[2] / "src/wordpress/bin/floodgate-cron"


def work_is_started_by_the_clock(world: World, stage: str) -> None:
    """Each minute, unless that kept a database awake that is meant to pause; once the site is installed."""
    site = wordpress(world, stage)
    schedule = only(site, "Scheduler::Schedule")
    pauses = chosen(world, stage).database.min_acu == 0
    assert schedule["ScheduleExpression"] == ("rate(1 hour)" if pauses else "rate(1 minute)")
    assert (schedule["State"], schedule["FlexibleTimeWindow"]) == ("ENABLED", {"Mode": "OFF"})
    assert name_of(site, "ECS::Service") in site["Resources"][name_of(site, "Scheduler::Schedule")]["DependsOn"]
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
    """One container of WordPress's image, with WordPress's environment and without what only others need."""
    site = wordpress(world, stage)
    definition = task(site, task_of_schedule(site))
    assert (definition["Cpu"], definition["Memory"]) == ("256", "512")
    [(name, cron)] = containers(site, task_of_schedule(site)).items()
    served = containers(site, task_of_service(site))["wordpress"]
    assert (name, cron["Command"], cron["Essential"]) == ("cron", [COMMAND.name], True)
    assert cron["Image"] == served["Image"]
    assert all(each in served["Environment"] for each in cron["Environment"])
    assert {each["Name"] for each in cron["Environment"]} == {
        *("SITE_URL", "SITE_TITLE", "FLOODGATE_STAGE", "FLOODGATE_COMMIT", "FLOODGATE_CONTENT")
    }


def clock_may_start_this_task_only(world: World, stage: str) -> None:
    """The schedule's role runs the one task, and passes on its two roles to ECS and to nobody else."""
    site = wordpress(world, stage)
    definition = task_of_schedule(site)
    role = referred(only(site, "Scheduler::Schedule")["Target"]["RoleArn"])
    assert rights(site, role) == {
        ("ecs:RunTask", f"<{definition}>"),
        ("iam:PassRole", text(task(site, definition)["TaskRoleArn"])),
        ("iam:PassRole", text(task(site, definition)["ExecutionRoleArn"])),
    }
    [passing] = [each for each in statements(site, role) if "iam:PassRole" in each["Action"]]
    assert passing["Condition"] == {"StringLike": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    [trust] = site["Resources"][role]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert "aws:SourceAccount" in trust["Condition"]["StringEquals"]


def work_undone_is_told(world: World, stage: str) -> None:
    """The alarm counts what the command says at its good end, in the command's own log, and rings at silence."""
    site = wordpress(world, stage)
    heard = only(site, "Logs::MetricFilter")
    said = heard["FilterPattern"].strip('"')
    assert said and f'"{said}\\n"' in COMMAND.read_text()
    [cron] = containers(site, task_of_schedule(site)).values()
    assert heard["LogGroupName"] == cron["LogConfiguration"]["Options"]["awslogs-group"]
    [counted] = heard["MetricTransformations"]
    [alarm] = [
        each
        for each in of_type(site, "CloudWatch::Alarm").values()
        if each.get("Namespace") == counted["MetricNamespace"]
    ]
    assert (alarm["MetricName"], alarm["Statistic"]) == (counted["MetricName"], "Sum")
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 1)
    assert alarm["TreatMissingData"] == "breaching"
    minutes = 60 if chosen(world, stage).database.min_acu == 0 else 5
    assert alarm["Period"] == minutes * 60 and alarm["EvaluationPeriods"] == 3


CHECKS: tuple[SiteCheck, ...] = (
    work_is_started_by_the_clock,
    work_is_small_and_of_the_same_image,
    clock_may_start_this_task_only,
    work_undone_is_told,
)
