"""What a template asks for is planned as AWS would run it; each fault that AWS shows only at run time shows here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rehearsal.fargate.desired.balancer import Forward, Redirect
from rehearsal.fargate.desired.errors import PlanError
from rehearsal.fargate.desired.task import Condition, SharedVolume
from rehearsal.values.stack import Resource, Stack
from settings import capacity
from tests.rehearsal.fargate import templates
from tests.rehearsal.fargate.site_changes import Change, add, drop, edit, endpoints, plan, routed, site
from tests.rehearsal.fargate.templates import changed, tcp, without

CONTAINER = ("ContainerDefinitions", 1)
DYNAMIC = "{{{{resolve:secretsmanager:{secret}:SecretString:::}}}}"
RUN = ("Target", "EcsParameters")
PLACEMENT = ("NetworkConfiguration", "AwsvpcConfiguration")
PREPARE = ("ContainerDefinitions", 0)
BREAKER = ("DeploymentConfiguration", "DeploymentCircuitBreaker")
GROUP = {"Family": "aurora-mysql8.0", "Description": "of the tests"}


def test_a_whole_site_is_planned() -> None:
    planned = plan(site())
    (service,) = planned.services
    prepare, web = service.task.containers
    assert (service.count, service.task.cpu_units, service.task.memory_mib) == (2, 512, 1024)
    assert (prepare.essential, web.essential) == (False, True)
    assert web.depends_on == (("prepare", Condition.SUCCESS),)
    assert web.secrets["DB_PORT"] == "3306"
    assert web.secrets["TOKEN"] == "first line\nsecond line = 2"
    assert [(m.volume, m.read_only) for m in web.mounts] == [("content", True), ("scratch", False)]
    content = service.task.volumes["content"]
    assert isinstance(content, SharedVolume)
    assert (content.path, content.uid, content.mode) == ("/content", 1000, "0755")
    (target,) = service.targets
    assert (target.container, target.port, target.group.check_path, target.group.timeout) == (
        "web",
        8080,
        "/healthz",
        2,
    )
    (database,) = planned.databases
    assert (database.user, database.name, database.port) == ("admin", "site", 3306)
    assert database.password == templates.Secrets().fields["password"]
    assert database.aliases == (templates.DATABASE_HOST,)
    (balancer,) = planned.balancers
    assert (balancer.host, balancer.port, balancer.drop_invalid_headers) == ("localhost", 8080, True)
    assert isinstance(balancer.listeners[0].default, Forward)
    assert planned.networks == (balancer.network,) == (service.network,) == (database.network,)


def test_a_scheduled_task_is_planned() -> None:
    planned = plan(templates.scheduled(site()))
    (schedule,) = planned.schedules
    assert schedule.timetable.rate == 60
    assert (schedule.task.cpu_units, [c.name for c in schedule.task.containers]) == (256, ["work"])
    assert schedule.network == planned.services[0].network
    assert schedule.task.containers[0].secrets["DB_HOST"] == templates.DATABASE_HOST


@pytest.mark.parametrize(
    ("logical", "path", "value", "fault"),
    [
        pytest.param(
            "Schedule",
            ("ScheduleExpression",),
            "cron(0 2 * * *)",
            r"the schedule 'cron\(0 2 \* \* \*\)' cannot be read: .* has 5 fields",
            id="cron expression",
        ),
        pytest.param(
            "Schedule",
            ("ScheduleExpression",),
            "rate(0 minutes)",
            r"is no cron\(…\), rate\(…\) or at\(…\)",
            id="rate of nothing",
        ),
        pytest.param(
            "Schedule",
            ("FlexibleTimeWindow", "Mode"),
            "FLEXIBLE",
            "a flexible time window is not honoured",
            id="flexible window",
        ),
        pytest.param("Schedule", ("StartDate",), "next week", "'next week' is no date with a time", id="start date"),
        pytest.param(
            "Schedule",
            ("Target", "Input"),
            '{"containerOverrides": []}',
            "does not know how to honour Target.Input",
            id="input",
        ),
        pytest.param("Schedule", ("Target", "Arn"), "another", "Target.Arn names 'another'", id="another cluster"),
        pytest.param("Schedule", (*RUN, "LaunchType"), "EC2", "launched on EC2", id="launch type"),
        pytest.param("Schedule", (*RUN, "TaskCount"), 2, "TaskCount is 2", id="two tasks"),
        pytest.param(
            "Schedule", (*RUN, "PlatformVersion"), "1.3.0", "PlatformVersion is '1.3.0'", id="platform version"
        ),
        pytest.param(
            "Schedule",
            (*RUN, "TaskDefinitionArn"),
            "another",
            "TaskDefinitionArn names 'another'",
            id="another task definition",
        ),
        pytest.param(
            "Schedule",
            (*RUN, *PLACEMENT, "Subnets"),
            [],
            "takes at least 1 and at most 16 items",
            id="no subnet",
        ),
        pytest.param(
            "Schedule",
            (*RUN, *PLACEMENT, "SecurityGroups"),
            ["sg-balancer"],
            "lets TCP 2049 in from site-test.Schedule",
            id="closed file system",
        ),
        pytest.param(
            "Work",
            ("ContainerDefinitions", 0, "Essential"),
            False,
            "no container is essential",
            id="no essential container",
        ),
    ],
)
def test_a_schedule_that_could_not_run_is_named(
    logical: str, path: tuple[str | int, ...], value: object, fault: str
) -> None:
    assert plan(templates.scheduled(site()))
    with pytest.raises(PlanError, match=fault):
        plan(changed(templates.scheduled(site()), logical, path, value))


def test_a_dynamic_reference_in_a_containers_environment_is_read() -> None:
    way = ("ContainerDefinitions", 1, "Environment")
    environment = [{"Name": "KEY", "Value": f"<{DYNAMIC.format(secret=templates.TOKEN)}>"}]
    [service] = plan(changed(site(), "Task", way, environment)).services
    token = templates.Secrets().token
    assert service.task.containers[1].environment == {"KEY": f"<{token}>"}


def test_a_task_that_a_rule_runs_is_planned() -> None:
    [schedule] = plan(templates.ruled(site())).schedules
    assert schedule.timetable.expression == "cron(0 3 * * ? *)"
    assert [c.name for c in schedule.task.containers] == ["work"]
    assert not plan(changed(templates.ruled(site()), "Schedule", ("State",), "DISABLED")).schedules
    [target] = templates.ruled(site()).resources["Schedule"].properties["Targets"]
    two = [target, {**target, "Id": "Target1"}]
    for path, value, fault in (
        (("Targets", 0, "Input"), '{"containerOverrides": []}', "does not know how to honour Target.Input"),
        (("Targets",), two, "it runs several tasks"),
        (("Targets", 0, "EcsParameters", "Colour"), "red", "Colour"),
    ):
        with pytest.raises(PlanError, match=fault):
            plan(changed(templates.ruled(site()), "Schedule", path, value))


def test_a_schedule_that_is_disabled_or_starts_something_else_runs_nothing() -> None:
    assert not plan(changed(templates.scheduled(site()), "Schedule", ("State",), "DISABLED")).schedules
    other = {
        "Arn": "arn:aws:scheduler:::aws-sdk:codebuild:startBuild",
        "Input": '{"ProjectName": "p"}',
        "RoleArn": "arn:aws:iam::111111111111:role/starts",
    }
    assert not plan(changed(templates.scheduled(site()), "Schedule", ("Target",), other)).schedules


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(f"{templates.PARAMETER}/site/key", id="by its ARN"),
        pytest.param("/site/key", id="by its name, in the task's region"),
    ],
)
def test_a_secret_may_be_a_parameter(written: str) -> None:
    [service] = plan(changed(site(), "Task", (*CONTAINER, "Secrets", 0, "ValueFrom"), written)).services
    assert "a key" in service.task.containers[1].secrets.values()


def test_secret_values_do_not_show_when_a_plan_is_printed() -> None:
    printed = repr(plan(site()))
    assert templates.Secrets().fields["password"] not in printed
    assert "second line" not in printed


def test_a_stack_of_a_network_alone_runs_nothing() -> None:
    planned = plan(templates.stack(templates.network(), "network"))
    assert (planned.networks, planned.services, planned.databases, planned.balancers) == ((), (), (), ())


def test_parts_may_stand_in_another_stack() -> None:
    whole = site()
    apart = ("Vpc", "Subneta", "Subnetb", "Balancer", "Listener", "BalancerGroup", "Targets")
    network = Stack("network", whole.account, whole.region, {k: whole.resources[k] for k in apart}, {})
    planned = plan(without(whole, *apart), network)
    assert [b.key.stack for b in planned.balancers] == ["network"]
    assert planned.services[0].network == planned.balancers[0].network


@pytest.mark.parametrize(
    ("low", "high", "connections"),
    [
        pytest.param(0, 1, 90, id="from 0 to 1 ACU"),
        pytest.param(0.5, 4, 135, id="from 0.5 to 4 ACU"),
        pytest.param(1, 7.5, 135, id="from 1 to 7.5 ACU"),
        pytest.param(0, 32, 3000, id="from 0 to 32 ACU"),
        pytest.param(2, 32, 3000, id="from 2 to 32 ACU"),
        pytest.param(8, 256, 6000, id="from 8 to 256 ACU"),
    ],
)
def test_connections_follow_capacity(low: float, high: float, connections: int) -> None:
    scaling = {"MinCapacity": low, "MaxCapacity": high}
    planned = plan(changed(site(), "Database", ("ServerlessV2ScalingConfiguration",), scaling))
    assert planned.databases[0].max_connections == connections


PARAMETERS = {"max_connections": "77", "wait_timeout": 300, "max_connect_errors": "9", "time_zone": "Europe/Berlin"}


def test_a_parameter_group_sets_server_options() -> None:
    group = Resource(
        "Parameters",
        "AWS::RDS::DBClusterParameterGroup",
        "parameters-1",
        {**GROUP, "Parameters": {**PARAMETERS, "aurora_parallel_query": "OFF"}},
        {},
    )
    stack = templates.with_resource(
        changed(site(), "Database", ("DBClusterParameterGroupName",), "parameters-1"), group
    )
    (database,) = plan(stack).databases
    assert database.max_connections == 77
    assert database.parameters == {"wait_timeout": "300", "max_connect_errors": "9", "time_zone": "Europe/Berlin"}


@pytest.mark.parametrize(
    ("desired", "minimum", "count"),
    [
        pytest.param(None, 2, 2, id="not said"),
        pytest.param(3, 2, 3, id="more than the minimum"),
        pytest.param(1, 2, 2, id="fewer than the minimum"),
        pytest.param(0, 0, 0, id="none"),
        pytest.param("2", "1", 2, id="as text"),
    ],
)
def test_how_many_tasks(desired: int | str | None, minimum: int | str, count: int) -> None:
    stack = changed(site(), "Count", ("MinCapacity",), minimum)
    if desired is not None:
        stack = changed(stack, "Service", ("DesiredCount",), desired)
    assert plan(stack).services[0].count == count


def test_without_scaling_a_service_has_one_task() -> None:
    assert plan(without(site(), "Count")).services[0].count == 1


def test_redirects_rules_and_tls_listeners_are_planned() -> None:
    redirect = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}
    stack = changed(site(), "Listener", ("DefaultActions",), [redirect])
    secure = replace(
        site().resources["Listener"],
        logical_id="Secure",
        physical_id="secure",
        properties={
            **site().resources["Listener"].properties,
            "Port": 443,
            "Protocol": "HTTPS",
            "Certificates": [{"CertificateArn": "arn"}],
        },
    )
    stack = templates.with_resource(stack, secure)
    stack = changed(
        stack, "BalancerGroup", ("SecurityGroupIngress",), [tcp(80, CidrIp="0.0.0.0/0"), tcp(443, CidrIpv6="::/0")]
    )
    plain, tls = plan(stack).balancers[0].listeners
    assert isinstance(plain.default, Redirect)
    assert (plain.default.protocol, plain.default.host, plain.default.status) == ("HTTPS", "#{host}", 301)
    assert tls.tls


@pytest.mark.parametrize(
    ("cpu", "memory", "planned"),
    [
        pytest.param(".5 vCPU", "1 GB", (512, 1024), id="in words"),
        pytest.param("1vcpu", "2048", (1024, 2048), id="in words without a blank"),
        pytest.param("32768", "249856", (32768, 249856), id="32 vCPU"),
    ],
)
def test_a_tasks_size_is_read_as_ecs_reads_it(cpu: str, memory: str, planned: tuple[int, int]) -> None:
    [service] = plan(changed(changed(site(), "Task", ("Cpu",), cpu), "Task", ("Memory",), memory)).services
    assert (service.task.cpu_units, service.task.memory_mib) == planned


def test_a_range_of_ports_is_mapped() -> None:
    [service] = plan(
        changed(site(), "Task", (*CONTAINER, "PortMappings"), [{"ContainerPortRange": "8079-8081"}])
    ).services
    assert service.task.container("web").ports == (8079, 8080, 8081)


@pytest.mark.parametrize(
    ("breaker", "planned"),
    [
        pytest.param({}, (3, True), id="nothing said"),
        pytest.param({"ThresholdConfiguration": {"Type": "COUNT", "Value": 1}}, (1, True), id="after one failure"),
        pytest.param({"ResetOnHealthyTask": False}, (3, False), id="counted on"),
    ],
)
def test_when_the_circuit_breaker_trips_is_planned(breaker: dict[str, Any], planned: tuple[int, bool]) -> None:
    whole = {"Enable": True, "Rollback": True, **breaker}
    [service] = plan(changed(site(), "Service", BREAKER, whole)).services
    assert (service.failure_threshold, service.failures_reset) == planned


def test_a_group_of_no_deployed_stack_is_believed() -> None:
    stack = changed(site(), "Writer", ("PubliclyAccessible",), False)
    stack = changed(stack, "Database", ("VpcSecurityGroupIds",), ["sg-imported"])
    assert plan(stack).databases


def test_a_rule_for_the_whole_network_is_a_rule() -> None:
    stack = changed(site(), "DatabaseGroup", ("SecurityGroupIngress",), [tcp(3306, CidrIp="10.0.0.0/16")])
    assert plan(stack).services


def test_a_database_that_no_task_uses_needs_no_way_in() -> None:
    stack = changed(site(), "DatabaseGroup", ("SecurityGroupIngress",), [])
    for index in (0, 1):
        stack = changed(stack, "Task", ("ContainerDefinitions", index, "Secrets"), [])
    assert plan(stack).databases


@pytest.mark.parametrize(
    ("breaker", "remark"),
    [
        pytest.param(None, "has no deployment circuit breaker", id="no circuit breaker"),
        pytest.param({"Enable": False, "Rollback": True}, "has no deployment circuit breaker", id="switched off"),
        pytest.param(
            {"Enable": True, "Rollback": False}, "a deployment circuit breaker without rollback", id="no rollback"
        ),
        pytest.param({"Enable": True, "Rollback": True}, "", id="both"),
    ],
)
def test_what_a_bad_version_would_do_on_aws_is_noted(breaker: dict[str, bool] | None, remark: str) -> None:
    configuration = {"DeploymentCircuitBreaker": breaker} if breaker else {}
    notes = plan(changed(site(), "Service", ("DeploymentConfiguration",), configuration)).notes
    assert [remark in note for note in notes] == ([True] if remark else [])


def logging_to(group: str, **more: str) -> dict[str, Any]:
    options = {"awslogs-group": group, "awslogs-region": templates.REGION, "awslogs-stream-prefix": "web", **more}
    return {"LogDriver": "awslogs", "Options": options}


SERVICE_TARGET = ("LoadBalancers", 0)
CHECK = (*CONTAINER, "HealthCheck")
EFS = ("Volumes", 0, "EFSVolumeConfiguration")
FAULTS: list[tuple[str, Change, str]] = [
    # the load balancer and the task
    (
        "container name",
        edit("Service", *SERVICE_TARGET, "ContainerName", to="wrong"),
        "names the container 'wrong'; the task has prepare, web",
    ),
    (
        "container port",
        edit("Service", *SERVICE_TARGET, "ContainerPort", to=80),
        "names port 80 of web, which maps 8080",
    ),
    ("target type", edit("Targets", "TargetType", to="instance"), "TargetType is 'instance'"),
    ("target type left out", edit("Targets", "TargetType", to=...), "TargetType is 'instance'"),
    ("target group behind no listener", drop("Listener"), "Targets is behind no listener"),
    (
        "target group of nobody",
        edit("Service", *SERVICE_TARGET, "TargetGroupArn", to="gone"),
        "LoadBalancers names 'gone'",
    ),
    (
        "circuit breaker's thresholds",
        edit("Service", *BREAKER, "ThresholdConfiguration", to={"Type": "COUNT", "Count": 1}),
        "DeploymentCircuitBreaker.ThresholdConfiguration.Count: CloudFormation knows no Count there",
    ),
    ("check timeout", edit("Targets", "HealthCheckTimeoutSeconds", to=5), "must be below HealthCheckIntervalSeconds"),
    ("matcher", edit("Targets", "Matcher", to={"HttpCode": "ok"}), "Matcher.HttpCode is 'ok'"),
    ("fixed targets", edit("Targets", "Targets", to=[{"Id": "10.0.0.1"}]), "it has fixed Targets"),
    (
        "two subnets of a zone",
        lambda stack: edit("Balancer", "Subnets", to=["subnet-a", "subnet-b", "subnet-c"])(
            add(
                "subnet-c", "AWS::EC2::Subnet", VpcId="vpc-1", AvailabilityZone="eu-central-1b", CidrBlock="10.0.9.0/24"
            )(stack)
        ),
        "several of its subnets are in the zone eu-central-1b; it takes one of each zone",
    ),
    (
        "a group of no weight",
        edit(
            *("Listener", "DefaultActions", 0, "ForwardConfig"),
            to={"TargetGroups": [{"TargetGroupArn": templates.GROUP, "Weight": 0}]},
        ),
        "its only target group has the Weight 0",
    ),
    (
        "logs to a group of nobody",
        edit("Task", *CONTAINER, "LogConfiguration", to=logging_to("/ecs/web")),
        "it logs to the group /ecs/web, which no deployed stack in this account and region has",
    ),
    (
        "a task without a way out",
        routed(),
        "its subnet subnet-a has no way out, and its network no endpoint for ecr.api",
    ),
    (
        "a task without an address",
        routed(GatewayId="igw-1"),
        "its subnet subnet-a leads to the internet, and AssignPublicIp is not ENABLED",
    ),
    (
        "a task whose secrets are out of reach",
        endpoints("ecr.api", "ecr.dkr", "s3"),
        "its network no endpoint for secretsmanager: a task does not come to its image",
    ),
    (
        "a load balancer that nobody reaches",
        lambda stack: edit("Balancer", "Scheme", to="internet-facing")(routed(NatGatewayId="nat-1")(stack)),
        "it faces the internet, and its subnet subnet-a has no route to an internet gateway",
    ),
    ("one zone", edit("Balancer", "Subnets", to=["subnet-a"]), "1 subnet(s) in 1 zone(s)"),
    ("network load balancer", edit("Balancer", "Type", to="network"), "Type is 'network'"),
    ("TLS without certificate", edit("Listener", "Protocol", to="HTTPS"), "needs a certificate"),
    (
        "two groups",
        edit("Listener", "DefaultActions", to=[{"Type": "forward", "ForwardConfig": {"TargetGroups": []}}]),
        "forwards to 0 target groups",
    ),
    (
        "login action",
        edit("Listener", "DefaultActions", to=[{"Type": "authenticate-oidc"}]),
        "DefaultActions[0].Type is 'authenticate-oidc'",
    ),
    (
        "sticky among groups",
        edit(
            "Listener",
            "DefaultActions",
            0,
            "ForwardConfig",
            to={
                "TargetGroups": [{"TargetGroupArn": templates.GROUP}],
                "TargetGroupStickinessConfig": {"Enabled": True, "DurationSeconds": 60},
            },
        ),
        "stickiness among target groups",
    ),
    (
        "redirect of a forward",
        edit("Listener", "DefaultActions", 0, "RedirectConfig", to={"StatusCode": "HTTP_301"}),
        "its forward action has RedirectConfig, which is another action's",
    ),
    (
        "host's values of a path",
        add(
            "Rule",
            "AWS::ElasticLoadBalancingV2::ListenerRule",
            ListenerArn=templates.LISTENER,
            Priority=1,
            Conditions=[{"Field": "path-pattern", "HostHeaderConfig": {"Values": ["a.example.com"]}}],
            Actions=[{"Type": "forward", "TargetGroupArn": templates.GROUP}],
        ),
        "its condition path-pattern has HostHeaderConfig, which is another condition's",
    ),
    # what Fargate refuses
    ("udp", edit("Task", *CONTAINER, "PortMappings", 0, "Protocol", to="udp"), "Protocol is 'udp'"),
    (
        "other ulimits",
        edit("Task", *CONTAINER, "Ulimits", to=[{"Name": "nproc", "SoftLimit": 1, "HardLimit": 1}]),
        "the ulimit nproc cannot be set on Fargate",
    ),
    (
        "start timeout",
        edit("Task", *CONTAINER, "StartTimeout", to=121),
        "StartTimeout is 121; Fargate takes 2 to 120 s",
    ),
    ("CPU of containers", edit("Task", *CONTAINER, "Cpu", to=513), "ask for 513 CPU units of the task's 512"),
    (
        "reservation over limit",
        lambda stack: changed(
            changed(stack, "Task", (*CONTAINER, "Memory"), 256), "Task", (*CONTAINER, "MemoryReservation"), 257
        ),
        "MemoryReservation 257 is more than its Memory 256",
    ),
    (
        "launch type and strategy",
        edit("Service", "CapacityProviderStrategy", to=[{"CapacityProvider": "FARGATE"}]),
        "a LaunchType and a CapacityProviderStrategy",
    ),
    (
        "port range and port",
        edit("Task", *CONTAINER, "PortMappings", 0, "ContainerPortRange", to="8080-8090"),
        "a ContainerPortRange or a ContainerPort, not both",
    ),
    (
        "reversed port range",
        edit("Task", *CONTAINER, "PortMappings", to=[{"ContainerPortRange": "8090-8080"}]),
        "ContainerPortRange is '8090-8080'",
    ),
    # networks
    ("target group elsewhere", edit("Targets", "VpcId", to="vpc-2"), "Targets is in another VPC, vpc-2"),
    ("security group elsewhere", edit("TaskGroup", "VpcId", to="vpc-2"), "in several VPCs: subnet-a in vpc-1"),
    # security groups
    (
        "world to balancer",
        edit("BalancerGroup", "SecurityGroupIngress", to=[]),
        "no security group lets the world in on its listener's TCP 80",
    ),
    (
        "world to balancer, other port",
        edit("BalancerGroup", "SecurityGroupIngress", to=[tcp(443, CidrIp="0.0.0.0/0")]),
        "TCP 80",
    ),
    (
        "world to balancer, small range",
        edit("BalancerGroup", "SecurityGroupIngress", to=[tcp(80, CidrIp="10.0.0.0/8")]),
        "TCP 80",
    ),
    ("balancer to task", drop("TaskFromBalancer"), "lets TCP 8080 in from site-test/Balancer"),
    (
        "balancer to task, other group",
        edit("TaskFromBalancer", "SourceSecurityGroupId", to="sg-storage"),
        "lets TCP 8080 in",
    ),
    (
        "balancer to task, other port",
        lambda stack: edit("TaskFromBalancer", "FromPort", to=80)(edit("TaskFromBalancer", "ToPort", to=8079)(stack)),
        "lets TCP 8080 in",
    ),
    ("ports upside down", edit("TaskFromBalancer", "ToPort", to=8079), "FromPort 8080 is above ToPort 8079"),
    (
        "balancer lets nothing out",
        edit("BalancerGroup", "SecurityGroupEgress", to=[tcp(1, CidrIp="255.255.255.255/32")]),
        "lets TCP 8080 out to site-test/Service",
    ),
    (
        "task to database",
        edit("DatabaseGroup", "SecurityGroupIngress", to=[]),
        "lets TCP 3306 in from site-test/Service",
    ),
    ("task to database's other port", edit("Database", "Port", to=3307), "lets TCP 3307 in"),
    ("task to storage", edit("StorageGroup", "SecurityGroupIngress", to=[]), "lets TCP 2049 in from site-test/Service"),
    (
        "task without group",
        edit("Service", "NetworkConfiguration", "AwsvpcConfiguration", "SecurityGroups", to=[]),
        "has no security group",
    ),
    # database
    ("one subnet", edit("Subnets", "SubnetIds", to=["subnet-a"]), "1 subnet(s) in 1 zone(s)"),
    ("one zone for the database", edit("Subnetb", "AvailabilityZone", to="eu-central-1a"), "in 1 zone(s)"),
    ("no instance", drop("Writer"), "the cluster has no DBInstance"),
    ("instance class", edit("Writer", "DBInstanceClass", to="db.t3.medium"), "DBInstanceClass 'db.t3.medium'"),
    ("engine", edit("Database", "Engine", to="aurora-postgresql"), "Engine is 'aurora-postgresql'"),
    ("serverless v1", edit("Database", "EngineMode", to="serverless"), "EngineMode 'serverless' is gone"),
    (
        "capacity",
        edit("Database", "ServerlessV2ScalingConfiguration", to={"MinCapacity": 4, "MaxCapacity": 2}),
        "capacity 4.0 to 2.0",
    ),
    ("no password", edit("Database", "MasterUserPassword", to=...), "MasterUserPassword is missing"),
    (
        "password's field",
        edit(
            "Database",
            "MasterUserPassword",
            to=f"{{{{resolve:secretsmanager:{templates.SECRET}:SecretString:pass::}}}}",
        ),
        "wants the field 'pass' of the secret",
    ),
    (
        "another dynamic reference",
        edit("Database", "MasterUserPassword", to="{{resolve:ssm:password}}"),
        "dynamic reference",
    ),
    (
        "dynamic reference to a secret that is not there",
        edit("Task", *CONTAINER, "Environment", to=[{"Name": "KEY", "Value": DYNAMIC.format(secret="other")}]),
        "container web: KEY names the secret other, which does not exist",
    ),
    (
        "dynamic reference where nothing reads it",
        edit("Task", *CONTAINER, "Command", to=["start", DYNAMIC.format(secret=templates.SECRET)]),
        "ContainerDefinitions.Command holds a dynamic reference",
    ),
    # what a service wants, and CloudFormation's schema does not
    ("no name of a variable", edit("Task", *CONTAINER, "Environment", to=[{"Value": "1"}]), "Environment[0].Name is"),
    (
        "no container to wait for",
        edit("Task", *CONTAINER, "DependsOn", to=[{"Condition": "START"}]),
        "no ContainerName",
    ),
    ("no port in a mapping", edit("Task", *CONTAINER, "PortMappings", to=[{"Protocol": "tcp"}]), "has neither a Cont"),
    ("no port of a listener", edit("Listener", "Port", to=...), "Port is missing"),
    (
        "no least capacity",
        edit("Database", "ServerlessV2ScalingConfiguration", to={"MaxCapacity": 2}),
        "ServerlessV2ScalingConfiguration.MinCapacity is missing",
    ),
    # secrets
    (
        "secret's field",
        edit("Task", *CONTAINER, "Secrets", 0, "ValueFrom", to=f"{templates.SECRET}:hostname::"),
        "secret DB_HOST wants the field 'hostname'",
    ),
    (
        "field of a secret without fields",
        edit("Task", *CONTAINER, "Secrets", 0, "ValueFrom", to=f"{templates.TOKEN}:x::"),
        "which has no JSON fields",
    ),
    (
        "no such secret",
        edit("Task", *CONTAINER, "Secrets", 0, "ValueFrom", to=templates.SECRET[:-1]),
        "which does not exist",
    ),
    (
        "older version",
        edit("Task", *CONTAINER, "Secrets", 0, "ValueFrom", to=f"{templates.SECRET}:host:AWSPREVIOUS:"),
        "the current one only",
    ),
    (
        "no such parameter",
        edit("Task", *CONTAINER, "Secrets", 0, "ValueFrom", to="arn:aws:ssm:x:1:parameter/p"),
        "names the parameter arn:aws:ssm:x:1:parameter/p, which does not exist",
    ),
    (
        "no ARN of a secret",
        edit("Task", *CONTAINER, "Secrets", 0, "ValueFrom", to="arn:aws:s3:::bucket"),
        "ECS takes ARNs of Secrets Manager",
    ),
    (
        "secret also in environment",
        edit("Task", *CONTAINER, "Environment", 0, "Name", to="TOKEN"),
        "TOKEN is given twice",
    ),
    # the task
    ("CPU", edit("Task", "Cpu", to="300"), "Cpu is 300; Fargate has 256, 512"),
    (
        "memory for CPU",
        edit("Task", "Memory", to="512"),
        "Cpu 512 with Memory 512 is no Fargate size; with 512: 1024 to 4096 in steps of 1024 MiB",
    ),
    ("no memory", edit("Task", "Memory", to=...), "Memory is missing"),
    ("containers' memory", edit("Task", *CONTAINER, "Memory", to=1025), "ask for 1025 MiB of the task's 1024"),
    ("bridge", edit("Task", "NetworkMode", to="bridge"), "Fargate has awsvpc only"),
    ("EC2", edit("Task", "RequiresCompatibilities", to=["EC2"]), "does not list FARGATE"),
    ("ARM", edit("Task", "RuntimePlatform", to={"CpuArchitecture": "ARM64"}), "cannot run here"),
    ("host port", edit("Task", *CONTAINER, "PortMappings", 0, "HostPort", to=80), "HostPort must equal ContainerPort"),
    ("privileged", edit("Task", *CONTAINER, "Privileged", to=True), "Privileged does not exist on Fargate"),
    ("no essential container", edit("Task", *CONTAINER, "Essential", to=False), "no container is essential"),
    ("dependency of nobody", edit("Task", *CONTAINER, "DependsOn", 0, "ContainerName", to="x"), "depends on x"),
    (
        "dependency on the end of an essential one",
        edit("Task", *PREPARE, "Essential", to=True),
        "waits for the end of prepare",
    ),
    (
        "dependency without check",
        edit("Task", *CONTAINER, "DependsOn", 0, "Condition", to="HEALTHY"),
        "has no health check",
    ),
    (
        "circle",
        edit("Task", *PREPARE, "DependsOn", to=[{"ContainerName": "web", "Condition": "START"}]),
        "the containers prepare, web wait for each other in a circle",
    ),
    ("check without CMD", edit("Task", *CHECK, "Command", to=["app", "check"]), "must start with CMD"),
    ("check's interval", edit("Task", *CHECK, "Interval", to=2), "Interval is 2; ECS allows 5 to 300"),
    ("stop timeout", edit("Task", *CONTAINER, "StopTimeout", to=121), "more than Fargate's 120 s"),
    ("volume of nobody", edit("Task", *CONTAINER, "MountPoints", 0, "SourceVolume", to="x"), "mounts the volume x"),
    ("host volume", edit("Task", "Volumes", 1, "Host", to={"SourcePath": "/srv"}), "has a host path"),
    # storage
    ("transit encryption", edit("Task", *EFS, "TransitEncryption", to=...), "needs TransitEncryption ENABLED"),
    (
        "root directory with access point",
        edit("Task", *EFS, "RootDirectory", to="/x"),
        "RootDirectory must be left out",
    ),
    ("access point of nobody", edit("Task", *EFS, "AuthorizationConfig", "AccessPointId", to="x"), "names 'x'"),
    ("folder that never is", edit("Folder", "RootDirectory", "CreationInfo", to=...), "has no CreationInfo"),
    (
        "folder's owner",
        edit("Folder", "RootDirectory", "CreationInfo", "OwnerUid", to="0"),
        "PosixUser's Uid 1000 is not the owner's 0",
    ),
    ("folder's group", edit("Folder", "PosixUser", "Gid", to="0"), "PosixUser's Gid 0 is not the owner's 1000"),
    ("writer of another engine", edit("Writer", "Engine", to="aurora-postgresql"), "Engine is 'aurora-postgresql'"),
    (
        "scaling of something else",
        edit("Count", "ServiceNamespace", to="dynamodb"),
        "ServiceNamespace is 'dynamodb'; the rehearsal honours ecs",
    ),
    ("writer's user", edit("Task", *PREPARE, "User", to="2000"), "writes content as user 2000"),
    ("no mount target", drop("Mounta", "Mountb"), "no mount target in the zone"),
    ("no mount target in a zone", drop("Mountb"), "no mount target in the zone of the task's subnet subnet-b"),
    # the service
    ("launch type", edit("Service", "LaunchType", to="EC2"), "launched on EC2"),
    ("task definition of nobody", edit("Service", "TaskDefinition", to="x"), "TaskDefinition names 'x'"),
    ("never replaceable", edit("Service", "DeploymentConfiguration", "MaximumPercent", to=140), "can ever be replaced"),
    (
        "blue/green",
        edit("Service", "DeploymentController", to={"Type": "CODE_DEPLOY"}),
        "only the ECS deployment controller",
    ),
    ("scaling upside down", edit("Count", "MaxCapacity", to=1), "MinCapacity 2 is above MaxCapacity 1"),
    # what is not known
    ("unknown type", add("Queue", "AWS::SQS::Queue"), "does not know what AWS::SQS::Queue runs"),
    (
        "unknown property of a task",
        edit("Task", "ProxyConfiguration", to={"ContainerName": "web"}),
        "does not know how to honour ProxyConfiguration",
    ),
    (
        "unknown property of a container",
        edit("Task", *CONTAINER, "FirelensConfiguration", to={}),
        "honour ContainerDefinitions[1].FirelensConfiguration",
    ),
    ("unknown property of a service", edit("Service", "ServiceRegistries", to=[]), "honour ServiceRegistries"),
    ("unknown property of a database", edit("Database", "RestoreType", to="x"), "honour RestoreType"),
    ("a snapshot beside a user", edit("Database", "SnapshotIdentifier", to="x"), "has its MasterUsername from there"),
    (
        "unknown attribute",
        edit("Balancer", "LoadBalancerAttributes", to=[{"Key": "new.thing", "Value": "1"}]),
        "the attribute new.thing",
    ),
    (
        "stickiness",
        edit("Targets", "TargetGroupAttributes", to=[{"Key": "stickiness.enabled", "Value": "true"}]),
        "stickiness is not honoured",
    ),
    (
        "kernel setting",
        edit("Task", *CONTAINER, "SystemControls", to=[{"Namespace": "kernel.msgmax", "Value": "1"}]),
        "kernel.msgmax",
    ),
]


@pytest.mark.parametrize(("change", "message"), [pytest.param(f[1], f[2], id=f[0]) for f in FAULTS])
def test_a_fault_is_named(change: Change, message: str) -> None:
    with pytest.raises(PlanError) as error:
        plan(change(site()))
    assert message in str(error.value)


def with_parameters(group: dict[str, Any], version: str | None = None) -> Stack:
    """Return the site with a group of parameters of its own, its cluster of a version of the engine."""
    resource = Resource("P", "AWS::RDS::DBClusterParameterGroup", "p", {**GROUP, "Parameters": {}, **group}, {})
    stack = changed(site(), "Database", ("DBClusterParameterGroupName",), "p")
    stack = changed(stack, "Database", ("EngineVersion",), version) if version else stack
    return templates.with_resource(stack, resource)


@pytest.mark.parametrize(
    ("parameter", "value", "message"),
    [
        pytest.param("innodb_flush_log_at_trx_commit", 0, "how to honour", id="an unknown parameter"),
        pytest.param("wait_timeout", "5m", "wait_timeout is '5m'; a whole number is wanted", id="minutes"),
        pytest.param("slow_query_log", "yes", "'yes'; 0, 1, OFF or ON is wanted", id="a switch"),
        pytest.param("time_zone", "+02:00", "the name of a time zone", id="hours from Greenwich"),
        pytest.param("transaction_isolation", "READ COMMITTED", "a level of isolation", id="a level with a blank"),
        pytest.param(
            "max_connections",
            "GREATEST({log(DBInstanceClassMemory/805306368)*45},1000)",
            "which the rehearsal does not work out",
            id="a formula",
        ),
    ],
)
def test_a_database_parameter_that_is_none_is_named(parameter: str, value: object, message: str) -> None:
    with pytest.raises(PlanError) as error:
        plan(with_parameters({"Parameters": {parameter: value}}))
    assert parameter in str(error.value)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        pytest.param("long_query_time", "0.5", id="half a second"),
        pytest.param("require_secure_transport", "on", id="a switch in small letters"),
        pytest.param("sql_mode", "", id="no mode"),
        pytest.param("time_zone", "America/Argentina/Buenos_Aires", id="a zone of three parts"),
        pytest.param("time_zone", "UTC", id="a zone of one part"),
    ],
)
def test_a_database_parameter_is_honoured(parameter: str, value: str) -> None:
    [database] = plan(with_parameters({"Parameters": {parameter: value}})).databases
    assert database.parameters == {parameter: value}


@pytest.mark.parametrize(
    ("family", "version"),
    [
        pytest.param("aurora-mysql5.7", "8.0.mysql_aurora.3.08.2", id="an older version"),
        pytest.param("mysql8.0", "8.0.mysql_aurora.3.08.2", id="another engine"),
        pytest.param("mysql8.0", None, id="another engine than any version's"),
    ],
)
def test_a_parameter_group_of_another_family_is_named(family: str, version: str | None) -> None:
    with pytest.raises(PlanError, match=f"DBClusterParameterGroupName is a group of the family {family}"):
        plan(with_parameters({"Family": family}, version))
    default = changed(site(), "Database", ("DBClusterParameterGroupName",), f"default.{family}")
    default = changed(default, "Database", ("EngineVersion",), version) if version else default
    with pytest.raises(PlanError, match=f"is a group of the family {family}; its engine's is aurora-mysql"):
        plan(default)


@pytest.mark.parametrize(
    "version",
    [
        pytest.param(None, id="the default version"),
        pytest.param("8.0", id="the newest of a major version"),
        pytest.param("8.0.mysql_aurora.3.08.2", id="one version"),
    ],
)
def test_a_parameter_group_of_the_engines_family_is_taken(version: str | None) -> None:
    assert plan(with_parameters({}, version)).databases


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(routed(NatGatewayId="nat-1"), id="by a gateway that hides it"),
        pytest.param(endpoints("ecr.api", "ecr.dkr", "s3", "secretsmanager"), id="by endpoints"),
        pytest.param(
            lambda stack: edit(
                "Service", "NetworkConfiguration", "AwsvpcConfiguration", "AssignPublicIp", to="ENABLED"
            )(routed(GatewayId="igw-1")(stack)),
            id="by an address of its own",
        ),
    ],
)
def test_a_task_comes_to_its_image(change: Change) -> None:
    assert plan(change(site())).services


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(add("/ecs/web", "AWS::Logs::LogGroup"), id="that its stack has"),
        pytest.param(
            edit("Task", *CONTAINER, "LogConfiguration", "Options", "awslogs-create-group", to="true"),
            id="that it makes",
        ),
        pytest.param(
            edit("Task", *CONTAINER, "LogConfiguration", "Options", "awslogs-region", to="eu-west-1"),
            id="of a region that is not seen",
        ),
    ],
)
def test_a_task_logs_to_a_group(change: Change) -> None:
    stack = edit("Task", *CONTAINER, "LogConfiguration", to=logging_to("/ecs/web"))(site())
    assert plan(change(stack)).services


def test_folders_inside_each_other_cannot_be_shown() -> None:
    inner = replace(
        site().resources["Folder"],
        logical_id="Inner",
        physical_id="fsap-2",
        properties={
            **site().resources["Folder"].properties,
            "RootDirectory": {
                "Path": "/content/inner",
                "CreationInfo": {"OwnerUid": "1000", "OwnerGid": "1000", "Permissions": "0755"},
            },
        },
    )
    volume = {
        "Name": "scratch",
        "EFSVolumeConfiguration": {
            "FilesystemId": "fs-1",
            "TransitEncryption": "ENABLED",
            "AuthorizationConfig": {"AccessPointId": "fsap-2"},
        },
    }
    stack = changed(templates.with_resource(site(), inner), "Task", ("Volumes", 1), volume)
    with pytest.raises(PlanError, match="one inside the other"):
        plan(stack)


def test_the_settings_plan_with_the_connections_that_are_rehearsed() -> None:
    """Two readings of one table of AWS's: the rehearsal knows nothing of the project that wrote the templates."""
    stack = site()
    for halves in range(2, 513):
        scaling = {"MinCapacity": 0, "MaxCapacity": halves / 2}
        planned = plan(changed(stack, "Database", ("ServerlessV2ScalingConfiguration",), scaling))
        left = planned.databases[0].max_connections - capacity.max_connections(halves / 2)
        assert left == capacity.SPARE_CONNECTIONS, f"at most {halves / 2} capacity units"
