"""What must hold for the storm's fleet: that it is there only where it is needed, and who may do what with it."""

from __future__ import annotations

import math

from tests.templates.pipeline_checks import actions, beyond_its_own, environment, nightly, project
from tests.templates.world import (
    PipelineCheck,
    Properties,
    World,
    name_of,
    of_type,
    only,
    pipeline,
    referred,
    rights,
    rules_are_described_as_ec2_takes_it,
    statements,
    text,
)

PORT = 5557


def builds(world: World) -> dict[str, Properties]:
    """Return the projects that storm."""
    return {"gate": project(world, "Dev.LoadTest"), "nightly": nightly(world)}


def groups(world: World) -> tuple[str, str]:
    """Return the security groups of builds and workers."""
    found = list(of_type(pipeline(world), "EC2::SecurityGroup"))
    [build] = [name for name in found if "Build" in name]
    [worker] = [name for name in found if "Worker" in name]
    return build, worker


def a_fleet_is_there_where_one_process_is_too_small(world: World) -> None:
    """Check that below that there is no network, no cluster and no image to pay for."""
    template, storm = pipeline(world), world.settings.storm
    needed = storm.people > storm.people_per_worker
    for kind in ("ECS::Cluster", "ECS::TaskDefinition", "EC2::VPC", "EC2::NatGateway"):
        assert len(of_type(template, kind)) == (1 if needed else 0), kind
    for name, build in builds(world).items():
        assert ("VpcConfig" in build) is needed, name
        variables = {each["Name"] for each in build["Environment"]["EnvironmentVariables"]}
        assert (variables & {"STORM_FLEET", "STORM_WORKERS"} != set()) is needed, name


def both_storms_know_the_fleet(world: World) -> None:
    """Check that storms know where, what, and how many: one worker for so many people."""
    template, storm = pipeline(world), world.settings.storm
    public = [name for name in of_type(template, "EC2::Subnet") if "PublicSubnet" in name]
    _, worker = groups(world)
    wanted = {
        "STORM_WORKERS": str(math.ceil(storm.people / storm.people_per_worker)),
        "STORM_FLEET": (
            f"cluster=<{name_of(template, 'ECS::Cluster')}.Arn> task=<{name_of(template, 'ECS::TaskDefinition')}> "
            f"subnets={','.join(f'<{name}>' for name in public)} group=<{worker}.GroupId> port={PORT}"
        ),
    }
    for name, build in builds(world).items():
        variables = {each["Name"]: text(each["Value"]) for each in build["Environment"]["EnvironmentVariables"]}
        assert variables.items() >= wanted.items(), name
        assert "generator=fargate-1024/2048" in variables["STORM_ENVIRONMENT"], name
    storms = 2 * storm.candidates
    assert project(world, "Dev.LoadTest")["TimeoutInMinutes"] * 60 > storms * (storm.seconds + 300) + 300
    assert nightly(world)["TimeoutInMinutes"] * 60 > storm.seconds + 300 + 300
    assert "STORM_FLEET" in environment(world, "Dev.LoadTest")


def a_worker_can_do_nothing_but_storm(world: World) -> None:
    """Check that a worker has no root, no capability, no secret, nothing to write to.

    Its role has no right, and it hears of being stopped.
    """
    template = pipeline(world)
    task = only(template, "ECS::TaskDefinition")
    [worker] = task["ContainerDefinitions"]
    assert (task["Cpu"], task["Memory"], task["NetworkMode"]) == ("1024", "2048", "awsvpc")
    assert worker["Name"] == "worker"
    assert worker["User"] == "10001:10001"
    assert worker["ReadonlyRootFilesystem"] is True
    assert worker["LinuxParameters"] == {"InitProcessEnabled": True, "Capabilities": {"Drop": ["ALL"]}}
    assert not {"Secrets", "Environment", "MountPoints", "Command"} & set(worker)
    assert not {"Volumes"} & set(task)
    assert [each["ContainerPort"] for each in worker["PortMappings"]] == [PORT]
    assert rights(template, referred(task["TaskRoleArn"])) == set()
    log = of_type(template, "Logs::LogGroup")[referred(worker["LogConfiguration"]["Options"]["awslogs-group"])]
    assert log["RetentionInDays"]


def only_a_build_calls_a_worker(world: World) -> None:
    """Check that one port is open to builds, and nothing else comes in anywhere; out goes the web."""
    template, (build, worker) = pipeline(world), groups(world)
    rules_are_described_as_ec2_takes_it(template)
    ingress, egress = only(template, "EC2::SecurityGroupIngress"), only(template, "EC2::SecurityGroupEgress")
    assert (referred(ingress["GroupId"]), referred(ingress["SourceSecurityGroupId"])) == (worker, build)
    assert (referred(egress["GroupId"]), referred(egress["DestinationSecurityGroupId"])) == (build, worker)
    for rule in (ingress, egress):
        assert (rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == ("tcp", PORT, PORT)
    for group in of_type(template, "EC2::SecurityGroup").values():
        assert "SecurityGroupIngress" not in group
        out = {(each["CidrIp"], each["IpProtocol"], each["FromPort"]) for each in group["SecurityGroupEgress"]}
        assert out == {("0.0.0.0/0", "tcp", 80), ("0.0.0.0/0", "tcp", 443)}


def builds_storm_from_private_subnets(world: World) -> None:
    """Check the subnets: CodeBuild gives no public address, and without a NAT gateway a build would reach nothing."""
    template, (group, _) = pipeline(world), groups(world)
    for name, build in builds(world).items():
        place = build["VpcConfig"]
        assert referred(place["VpcId"]) == name_of(template, "EC2::VPC"), name
        assert [referred(each) for each in place["SecurityGroupIds"]] == [group], name
        assert len(place["Subnets"]) == 2
        assert all("PrivateSubnet" in referred(each) for each in place["Subnets"]), name
    assert not any(each.get("MapPublicIpOnLaunch") for each in of_type(template, "EC2::Subnet").values())


def builds_may_run_this_one_task(world: World) -> None:
    """Run it, see it, stop it, in this cluster, with its two roles and no other."""
    template = pipeline(world)
    task, cluster = name_of(template, "ECS::TaskDefinition"), name_of(template, "ECS::Cluster")
    home = world.settings.pipeline
    tasks = f"arn:aws:ecs:{home.region}:{home.account}:task/<{cluster}>/*"
    definition = only(template, "ECS::TaskDefinition")
    roles = {text(definition["TaskRoleArn"]), text(definition["ExecutionRoleArn"])}
    conditions = {
        "ecs:RunTask": {"ArnEquals": {"ecs:cluster": {"Fn::GetAtt": [cluster, "Arn"]}}},
        "ecs:StopTask": {"ArnEquals": {"ecs:cluster": {"Fn::GetAtt": [cluster, "Arn"]}}},
        "iam:PassRole": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
    }
    for name, build in builds(world).items():
        may = beyond_its_own(template, build)
        assert {right for right in may if right[0].startswith(("ecs:", "iam:"))} == {
            ("ecs:RunTask", f"<{task}>"),
            ("ecs:StopTask", tasks),
            ("ecs:DescribeTasks", tasks),
            *(("iam:PassRole", role) for role in roles),
        }, name
        for statement in statements(template, referred(build["ServiceRole"])):
            for action, condition in conditions.items():
                if action in statement["Action"]:
                    assert statement["Condition"] == condition, (name, action)


def the_image_is_published_with_the_pipeline(world: World) -> None:
    """Check that the self-mutation publishes it, with a Docker daemon for that: before anything storms."""
    mutate = project(world, "UpdatePipeline.SelfMutate")
    assert mutate["Environment"]["PrivilegedMode"] is True
    order = list(actions(world))
    assert order.index("UpdatePipeline.SelfMutate") < order.index("Dev.LoadTest")


ALWAYS: tuple[PipelineCheck, ...] = (a_fleet_is_there_where_one_process_is_too_small,)
CHECKS: tuple[PipelineCheck, ...] = (
    *ALWAYS,
    both_storms_know_the_fleet,
    a_worker_can_do_nothing_but_storm,
    only_a_build_calls_a_worker,
    builds_storm_from_private_subnets,
    builds_may_run_this_one_task,
    the_image_is_published_with_the_pipeline,
)
