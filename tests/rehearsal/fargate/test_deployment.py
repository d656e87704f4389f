"""A stack's life in real containers: first deployment, updates, failures, recovery. Tests leave the site serving."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from containers.cgroups import ControlGroups
from containers.client import Client
from drill.namespaces import enter
from rehearsal.fargate.deploy import deploy
from rehearsal.fargate.desired.errors import DeploymentFailed, PlanError
from rehearsal.fargate.desired.key import Key
from rehearsal.fargate.desired.timetable import UNITS
from rehearsal.fargate.desired.watched_metric import ServiceMetric
from rehearsal.fargate.plan.load_balancer import forwards
from rehearsal.fargate.plan.make import make_plan
from rehearsal.fargate.plan.run import plan_run
from rehearsal.fargate.stand import sizes, target_falls
from rehearsal.fargate.stand.alarm_watch import states
from rehearsal.fargate.stand.backup import take
from rehearsal.fargate.stand.balancer import Balancer
from rehearsal.fargate.stand.balancer_metrics import read_counts
from rehearsal.fargate.stand.experiment import experiment
from rehearsal.fargate.stand.inventory import status
from rehearsal.fargate.stand.prune import discard
from rehearsal.fargate.stand.public_names import public_names
from rehearsal.fargate.stand.running_task import RunningTask, Status
from rehearsal.fargate.stand.scaling_state import kept
from rehearsal.fargate.stand.scheduled_run import run_once
from rehearsal.fargate.stand.service_metrics import ServiceSampler
from rehearsal.fargate.stand.stack_clock import stop_clocks
from rehearsal.fargate.stand.standing import start_again
from rehearsal.fargate.stand.topic_messages import messages
from rehearsal.fargate.task.kept_backups import folder, snapshot_of
from rehearsal.fargate.task.launch import Launcher, open_files
from rehearsal.fargate.task.task import servers, tasks
from rehearsal.values import rehearsed_time
from rehearsal.values.stack import Resource, Stack
from tests.ports import SECURE
from tests.rehearsal.fargate import templates
from tests.rehearsal.fargate.clients import Visitor, asking, reloading
from tests.rehearsal.fargate.conftest import Site, docker, engine
from tests.rehearsal.fargate.waiting import eventually
from tests.site.sql import Session


def test_a_first_deployment_that_fails_leaves_nothing_serving(site: Site) -> None:
    assert site.first_failure
    assert "essential container web ended with exit code 78; nothing serves" in site.first_failure.message
    assert site.first_failure.log_tail == "serve: the configuration is broken"
    assert site.after_first_failure == ([], 503)


def test_the_task_is_what_its_definition_says(site: Site) -> None:
    facts = site.facts()
    assert facts["version"] == facts["content"] == site.version
    assert facts["content_written"] == facts["root_written"] == "Read-only file system"
    assert facts["scratch_written"] == "written"
    assert facts["port_80"] == "Permission denied"
    assert facts["token"] == "first line\nsecond line = 2"
    assert (facts["uid"], facts["capabilities"], facts["no_new_privileges"]) == (1000, 0, True)
    assert facts["max_connections"] == 90
    assert facts["regions"] == [templates.REGION] * 2
    assert facts["open_files"] == [min(65535, open_files())] * 2


def test_the_containers_of_a_task_share_its_limits(site: Site) -> None:
    (task,) = site.tasks()
    version_2 = Path("/sys/fs/cgroup/cgroup.controllers").exists()
    if os.geteuid() != 0 or docker("info", "--format", "{{.CgroupDriver}}") != "cgroupfs":
        assert any("no shared limit" in line for line in site.lines)
        return
    root = Path("/sys/fs/cgroup")
    cpu = root / task.name / "cpu.max" if version_2 else root / "cpu" / task.name / "cpu.cfs_quota_us"
    memory = root / task.name / "memory.max" if version_2 else root / "memory" / task.name / "memory.limit_in_bytes"
    assert int(cpu.read_text().split()[0]) == 50_000
    assert int(memory.read_text()) == 1024**3
    members = {folder.name for folder in cpu.parent.iterdir() if folder.is_dir()}
    web = docker("inspect", "--format={{.Id}}", f"{task.name}-web")
    assert web in members


def test_cpu_and_memory_of_a_task_are_read(site: Site) -> None:
    stack = site.stack(site.version)
    [service] = make_plan(templates.world(stack), stack, site.secrets).services
    client = Client(site.ctx)
    groups = ControlGroups(client)
    metrics = [ServiceMetric(name, service.key) for name in ("CPUUtilization", "MemoryUtilization")]
    sampler = ServiceSampler(client, groups, service, metrics)
    if not groups.available:
        assert list(sampler.sample()) == []
        return
    assert [metric.name for metric, _ in sampler.sample()] == ["MemoryUtilization"], "of CPU there is no difference yet"
    start = time.monotonic()
    while time.monotonic() < start + 2:
        site.get("/facts")
    used = {metric.name: value for metric, value in sampler.sample()}
    assert 0 < used["CPUUtilization"] < 125, "a task has at most what it is given, but for a period at either end"
    assert 0 < used["MemoryUtilization"] < 100


def test_what_a_task_prints_is_in_its_log_group(site: Site) -> None:
    from moto.logs.models import logs_backends

    from rehearsal.aws.logs import Logs, streams

    options = {"awslogs-group": "of-the-site", "awslogs-stream-prefix": "web", "awslogs-region": "eu-central-1"}
    logging = {"LogDriver": "awslogs", "Options": options}
    logged = site.alter(("Task", ("ContainerDefinitions", 1, "LogConfiguration"), logging))
    client = Client(site.ctx)
    [stream] = streams([logged.stack(site.version)], tasks(client))
    logs = Logs(client)
    try:
        logs.follow(stream)
        backend = logs_backends[stream.account][stream.region]
        events = backend.groups["of-the-site"].streams[stream.name].events
        eventually(lambda: any("is serving" in event.message for event in events), "the log is copied")
    finally:
        logs.close()


def test_no_secret_shows_in_labels_or_commands(site: Site) -> None:
    password = str(site.secrets.fields["password"])
    for name in site.containers():
        known = json.loads(docker("inspect", name))[0]
        assert password not in json.dumps(
            [known["Config"]["Labels"], known["Config"]["Cmd"], known["Path"], known["Args"]]
        )
    assert not any(password in line for line in site.lines)


def test_the_load_balancer_tells_of_the_client(site: Site) -> None:
    url = f"http://localhost:{site.port}/headers"
    sent = {"X-Forwarded-For": "192.0.2.7", "Bad_Header": "x", "Good-Header": "y", "X-Forwarded-Proto": "https"}
    with urlopen(Request(url, headers=sent)) as answer:
        facts = json.load(answer)
    assert facts["x-forwarded-for"].startswith("192.0.2.7, ")
    assert (facts["x-forwarded-proto"], facts["x-forwarded-port"]) == ("http", str(site.port))
    assert facts["good-header"] == "y"
    assert "bad_header" not in facts


@pytest.mark.parametrize(
    ("sent", "identity"),
    [
        pytest.param({}, r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}", id="no identity"),
        pytest.param(
            {"X-Amzn-Trace-Id": "Root=1-67891233-abcdef012345678912345678"},
            r"Self=1-[0-9a-f]{8}-[0-9a-f]{24};Root=1-67891233-abcdef012345678912345678",
            id="part of another",
        ),
    ],
)
def test_each_request_has_an_identity(site: Site, sent: dict[str, str], identity: str) -> None:
    with urlopen(Request(f"http://localhost:{site.port}/headers", headers=sent)) as answer:
        assert re.fullmatch(identity, json.load(answer)["x-amzn-trace-id"])


@pytest.mark.parametrize(
    ("path", "sent", "status"),
    [
        pytest.param("/headers", {f"H{number}": "x" * 15000 for number in range(3)}, 200, id="three of 15 K"),
        pytest.param("/headers", {"H": "x" * 16500}, 400, id="one over 16 K"),
        pytest.param(f"/headers?{'x' * 16500}", {}, 414, id="line over 16 K"),
    ],
)
def test_what_is_too_long_for_a_load_balancer_is_refused(
    site: Site, path: str, sent: dict[str, str], status: int
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    connection.request("GET", path, headers=sent)
    assert connection.getresponse().status == status


def test_a_task_that_ends_without_an_answer_is_a_502_on_a_kept_connection_too(site: Site) -> None:
    [balancer] = make_plan(templates.world(site.stack(site.version)), site.stack(site.version), site.secrets).balancers
    before = read_counts(Client(site.ctx), balancer.key)
    kept_connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    statuses = []
    for path in ("/ends", "/", "/ends", "/ends", "/"):
        kept_connection.request("GET", path)
        answer = kept_connection.getresponse()
        answer.read()
        statuses.append(answer.status)
    assert statuses == [502, 200, 502, 502, 200]
    after = read_counts(Client(site.ctx), balancer.key)
    assert before is not None
    assert after is not None
    assert (after.errors - before.errors, after.target_errors) == (3, before.target_errors), "the load balancer's own"


def test_an_unchanged_task_is_reused(site: Site) -> None:
    before = site.tasks()
    site.deploy()
    assert site.tasks() == before
    assert any("1 task unchanged, reused" in line for line in site.lines)


def test_an_update_loses_no_request(site: Site) -> None:
    before = site.tasks()
    with asking(site.port) as answers:
        eventually(lambda: answers.counts[200, site.version] > 10, "the version before answers")
        site.deploy("second", count=2)
        eventually(lambda: answers.counts[200, "second"] > 10, "the second version answers")
        site.deploy("third")
        eventually(lambda: answers.counts[200, "third"] > 10, "the third version answers")
    assert answers.errors == []
    assert {status for status, _ in answers.counts} == {200}
    (task,) = site.tasks()
    assert task not in before
    assert site.facts()["rows"][-3:] == ["second", "second", "third"]
    logs = list((site.ctx.state / "logs").glob("*/web.log"))
    assert any("ended in good order" in log.read_text() for log in logs)


def test_a_rolling_deployment_under_500_people_loses_nobody(site: Site) -> None:
    before = site.version
    with reloading(site.port, people=500, pause=2.0) as answers:
        eventually(lambda: answers.counts[200, before] > 500, "all have seen the version before")
        site.deploy("rolled", count=2)
        eventually(lambda: answers.counts[200, "rolled"] > 500, "all have seen the new version")
        site.deploy(before)
        eventually(lambda: answers.counts[200, before] > 1500, "all have seen the version before again")
    assert answers.errors == []
    assert set(answers.counts) == {(200, before), (200, "rolled")}


@pytest.mark.parametrize(
    ("version", "reason", "tail", "tries"),
    [
        ("fails-prepare", "dependency prepare ended with exit code 1", "this version cannot prepare", 3),
        ("hungry", "essential container web ended with exit code 137 (the task's 1024 MiB", "very hungry", 3),
        ("unready", "web:8080/healthz answers 503", "", 1),
    ],
)
def test_a_broken_version_is_rolled_back(site: Site, version: str, reason: str, tail: str, tries: int) -> None:
    before, containers = site.tasks(), site.containers()
    with asking(site.port) as answers, pytest.raises(DeploymentFailed) as failed:
        site.deploy(version)
    assert reason in failed.value.message
    assert "1 task of the version before serves on" in failed.value.message
    assert tail in failed.value.log_tail
    assert len([line for line in site.lines if "another is started" in line]) == tries - 1
    assert site.tasks() == before
    assert site.containers() == containers
    assert answers.errors == []
    assert set(answers.counts) == {(200, site.facts()["version"])}


def test_with_every_target_unhealthy_all_are_asked(site: Site) -> None:
    before, healthy = site.tasks(), target_falls.falls(Client(site.ctx))
    # The load balancer takes over new settings while people ask, and by these no task is healthy.
    strict = site.alter(("Targets", ("Matcher",), {"HttpCode": "204"}))
    with asking(site.port) as answers, pytest.raises(DeploymentFailed, match="/healthz answers 200"):
        strict.deploy()
    assert site.tasks() == before
    with asking(site.port) as later:
        eventually(lambda: ",DOWN," in site.statistics(), "HAProxy finds the task unhealthy")
        [name] = target_falls.fallen(healthy, target_falls.falls(Client(site.ctx)))
        assert name.endswith(f"/{tasks(Client(site.ctx))[0].short}")
        eventually(lambda: later.counts[200, site.version] > 10, "people are answered all the same")
    assert answers.errors == later.errors == []
    assert set(answers.counts) == set(later.counts) == {(200, site.version)}
    site.deploy()
    assert site.tasks() == before


def test_a_version_that_never_feels_well_is_rolled_back(site: Site) -> None:
    before = site.tasks()
    check = ("ContainerDefinitions", 1, "HealthCheck")
    impatient = site.alter(("Task", (*check, "StartPeriod"), 0), ("Task", (*check, "Retries"), 1))
    with pytest.raises(DeploymentFailed, match=r"container web is unhealthy: .*check: not feeling well"):
        impatient.deploy("sick")
    assert site.tasks() == before


def test_a_check_that_takes_longer_than_its_timeout_fails(site: Site) -> None:
    before = site.tasks()
    check = ("ContainerDefinitions", 1, "HealthCheck")
    limits = {"StartPeriod": 0, "Retries": 1, "Timeout": 2}
    impatient = site.alter(*(("Task", (*check, name), limit) for name, limit in limits.items()))
    with pytest.raises(DeploymentFailed, match=r"container web is unhealthy: its check gave no answer in 2 s"):
        impatient.deploy("sluggish")
    assert site.tasks() == before


def test_an_image_that_is_not_there_is_refused_before_anything_starts(site: Site) -> None:
    missing = site.alter(("Task", ("ContainerDefinitions", 1, "Image"), "nowhere.example/app:gone"))
    before = site.containers()
    with pytest.raises(
        PlanError, match=r"container web: the image nowhere\.example/app:gone is not in the local store"
    ):
        missing.deploy("fourth")
    assert site.containers() == before


def test_a_new_password_reaches_database_and_tasks(site: Site) -> None:
    rows, before = site.facts()["rows"], site.tasks()
    site.secrets.fields["password"] = 'an other one; with "quotes" and $igns'
    site.deploy()
    assert site.tasks() != before
    assert site.facts()["rows"] == [*rows, site.version]


def test_a_new_database_setting_restarts_it_with_its_data(site: Site) -> None:
    rows = site.facts()["rows"]
    bigger = site.alter(("Database", ("ServerlessV2ScalingConfiguration", "MaxCapacity"), 4))
    bigger.deploy()
    assert any("restarted with new settings" in line for line in site.lines)
    assert site.facts()["max_connections"] == 135
    assert site.facts()["rows"] == rows
    site.deploy()


def test_a_database_that_is_replaced_is_another_and_empty(site: Site) -> None:
    def change(stack: Stack) -> Stack:
        attributes = {"Endpoint.Address": "second.site.test", "Endpoint.Port": "3306"}
        second = replace(stack.resources["Database"], generation=2, attributes=attributes)
        return replace(stack, resources={**stack.resources, "Database": second})

    assert len(site.facts()["rows"]) > 1
    host, stack = site.secrets.fields["host"], site.stack(site.version)
    mine = ("volume", "ls", "--quiet", f"--filter=label=floodgate.checkout={site.ctx.checkout}")
    try:
        site.secrets.fields["host"] = "second.site.test"
        replace(site, change=change).deploy()
        assert site.facts()["rows"] == [site.version]
        volumes = set(docker(*mine).split())
        client, first = Client(site.ctx), Key.of(stack, stack.resources["Database"])
        # What an update lets go is named: what an earlier one has left is none of it.
        discard(client, stack, {Key.of(stack, stack.resources["Task"])}.__contains__)
        assert set(docker(*mine).split()) == volumes
        discard(client, stack, {first}.__contains__)
        [gone] = volumes - set(docker(*mine).split())
        assert "database" in gone
    finally:
        site.secrets.fields["host"] = host
    site.deploy()
    assert site.facts()["rows"] == [site.version]


def test_another_database_and_folder_begin_with_what_was_backed_up(site: Site) -> None:
    before, stack = site.facts(), site.stack(site.version)
    plan = make_plan(templates.world(stack), stack, site.ctx.secret)
    backup = take(Client(site.ctx), stack, plan, "2027-02-01T18-00-00Z")
    assert folder(site.ctx.state).stat().st_mode & 0o077 == 0, "people's names, and hashes of passwords"
    site.deploy("lost")
    attributes = {"Endpoint.Address": "restored.site.test", "Endpoint.Port": "3306"}

    def restored(snapshot: str) -> Callable[[Stack], Stack]:
        def change(stack: Stack) -> Stack:
            stack = templates.changed(stack, "Folder", ("RootDirectory", "Path"), f"{backup.restored}/content")
            cluster = stack.resources["Database"]
            properties = {**cluster.properties, "SnapshotIdentifier": snapshot}
            del properties["MasterUsername"]
            cluster = replace(cluster, properties=properties, generation=3, attributes=attributes)
            return replace(stack, resources={**stack.resources, "Database": cluster})

        return change

    host = site.secrets.fields["host"]
    try:
        site.secrets.fields["host"] = "restored.site.test"
        [snapshot] = backup.snapshots
        replace(site, change=restored(snapshot)).deploy("found")
        assert any("begins with site-test-database-2027-02-01t18-00-00z.sql" in line for line in site.lines)
        assert site.facts()["rows"] == [*before["rows"], "found"], "the rows of the backup, and not those since"
        assert site.facts()["content"] == "found"
        mine = f"--filter=label=floodgate.checkout={site.ctx.checkout}"
        path = f"--filter=label=floodgate.path={backup.restored}/content"
        volumes = docker("volume", "ls", "--quiet", mine, path)
        assert len(volumes.split()) == 1
        [database] = plan.databases
        assert snapshot_of(site.ctx.state, replace(database, snapshot=snapshot))
        assert snapshot_of(site.ctx.state, replace(database, snapshot=f"{snapshot}-unknown")) is None, "it begins empty"
    finally:
        site.secrets.fields["host"] = host
    site.deploy()


def test_a_server_that_was_drained_and_is_wanted_again_is_asked(site: Site) -> None:
    client, stack = Client(site.ctx), site.stack(site.version)
    [plan] = make_plan(templates.world(stack), stack, site.ctx.secret).balancers
    balancer, [task] = Balancer(client, plan), tasks(client)
    [group] = forwards(plan)
    balancer.drain(group, [task.short])
    assert site.get()[0] == 503
    balancer.update(servers([task]))
    assert site.get() == (200, site.version)


def test_a_task_that_is_down_is_replaced_by_the_next_deployment(site: Site) -> None:
    (task,) = site.tasks()
    stop_clocks(site.ctx)
    docker("stop", "--time=1", f"{task.name}-web")
    assert site.tasks()[0].state == "in service, not well"
    site.deploy()
    (other,) = site.tasks()
    assert other.name != task.name
    assert site.get() == (200, site.version)


def test_what_a_killed_engine_left_is_brought_back_whole(site: Site) -> None:
    rows, before = site.facts()["rows"], site.tasks()
    stop_clocks(site.ctx)
    docker("kill", *docker("ps", "--quiet", f"--filter=label=floodgate.checkout={site.ctx.checkout}").split())
    assert {each.kind for each in status(site.ctx) if not each.well} >= {"balancer", "database", "task"}
    site.deploy()
    assert all(each.well for each in status(site.ctx))
    assert {task.name for task in site.tasks()}.isdisjoint({task.name for task in before})
    assert site.facts()["rows"] == [*rows, site.version]


def test_what_was_frozen_goes_on(site: Site) -> None:
    before = site.tasks()
    docker("pause", database(site))
    assert [each.kind for each in status(site.ctx) if not each.well] == ["database"]
    site.deploy()
    assert all(each.well for each in status(site.ctx))
    assert [task.name for task in site.tasks()] == [task.name for task in before]


def test_a_task_whose_network_was_started_anew_is_not_well(site: Site) -> None:
    """As after a restart of the engine: the containers run, each in a network that nobody reaches."""
    (task,) = site.tasks()
    stop_clocks(site.ctx)
    docker("restart", "--time=0", task.name)
    (stale,) = site.tasks()
    assert (stale.well, stale.state) == (False, "in service, not well")
    site.deploy()
    assert site.get() == (200, site.version)


@pytest.mark.parametrize("end", [pytest.param(signal.SIGKILL, id="SIGKILL"), pytest.param(signal.SIGINT, id="SIGINT")])
def test_a_deployment_that_is_ended_leaves_nothing_behind(site: Site, end: signal.Signals) -> None:
    before = set(site.containers())
    script = (
        "import signal, sys; from pathlib import Path; from containers.checkout import Context;"
        "from tests.rehearsal.fargate import conftest as c, templates as t;"
        "signal.signal(signal.SIGINT, signal.default_int_handler);"
        "s = t.Secrets(sys.argv[4]); folder = Path(sys.argv[1]);"
        "ctx = Context(folder, c.engine().docker, c.engine().env, print, s);"
        "c.Site(ctx, int(sys.argv[2]), sys.argv[3], s).deploy('fourth')"
    )
    arguments = [str(site.ctx.checkout), str(site.port), site.image, str(site.secrets.fields["password"])]
    quiet = subprocess.DEVNULL
    with subprocess.Popen([sys.executable, "-c", script, *arguments], stdout=quiet, stderr=quiet) as deployment:
        eventually(lambda: len(set(site.containers()) - before) >= 2, "the new task's containers appear")
        deployment.send_signal(end)
    assert site.get() == (200, site.version)
    if end == signal.SIGKILL:
        site.deploy()
    assert set(site.containers()) == before
    assert site.get() == (200, site.version)


def test_an_interruption_while_a_task_enters_service_takes_it_out_again(site: Site) -> None:
    before, default = set(site.containers()), signal.signal(signal.SIGINT, signal.default_int_handler)

    def say(line: str) -> None:
        if "in service after" in line:  # it is said by the thread that has started the task
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(1)

    try:
        with pytest.raises(KeyboardInterrupt):
            replace(site, ctx=replace(site.ctx, say=say)).deploy("fourth")
    finally:
        signal.signal(signal.SIGINT, default)
    assert set(site.containers()) == before
    assert site.get() == (200, site.version)


NAME = "www.example.com"


def with_tls(stack: Stack) -> Stack:
    """Put the site behind TLS: plain requests are redirected, and a rule answers for pages that are gone."""
    kind, listener = "AWS::ElasticLoadBalancingV2", stack.resources["Listener"].properties
    redirect = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}
    secure = {**listener, "Port": 443, "Protocol": "HTTPS", "Certificates": [{"CertificateArn": "arn"}]}
    gone = {"StatusCode": "410", "ContentType": "text/plain", "MessageBody": 'gone "for good"'}
    rule = {
        "ListenerArn": "secure",
        "Priority": 1,
        "Conditions": [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/old/*", "/older"]}}],
        "Actions": [{"Type": "fixed-response", "FixedResponseConfig": gone}],
    }
    empty = {
        "ListenerArn": "secure",
        "Priority": 2,
        "Conditions": [{"Field": "path-pattern", "PathPatternConfig": {"RegexValues": ["^/no(thing|body)$"]}}],
        "Actions": [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
    }
    moved = {
        "ListenerArn": "secure",
        "Priority": 3,
        "Conditions": [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/100"]}}],
        "Actions": [
            {"Type": "redirect", "RedirectConfig": {"Path": "/headers", "Query": "p=100%25", "StatusCode": "HTTP_302"}}
        ],
    }
    ports = [templates.tcp(80, CidrIp="0.0.0.0/0"), templates.tcp(443, CidrIp="0.0.0.0/0")]
    stack = templates.changed(stack, "Listener", ("DefaultActions",), [redirect])
    stack = templates.changed(stack, "BalancerGroup", ("SecurityGroupIngress",), ports)
    stack = templates.with_resource(stack, Resource("Secure", f"{kind}::Listener", "secure", secure, {}))
    for name, each in (("Rule", rule), ("Empty", empty), ("Moved", moved)):
        stack = templates.with_resource(stack, Resource(name, f"{kind}::ListenerRule", name, each, {}))
    certificate = Resource("Certificate", "AWS::CertificateManager::Certificate", "arn", {"DomainName": NAME}, {})
    address = stack.resources["Balancer"].attributes["DNSName"]
    alias = {"DNSName": f"dualstack.{address}", "HostedZoneId": "Z1"}
    record = {"Name": f"{NAME}.", "Type": "A", "HostedZoneId": "Z2", "AliasTarget": alias}
    stack = templates.with_resource(stack, certificate)
    return templates.with_resource(stack, Resource("Record", "AWS::Route53::RecordSet", "record", record, {}))


def test_tls_redirect_and_rule(site: Site) -> None:
    before, secured = site.tasks(), f"https://localhost:{site.port + SECURE}"
    taken = f"port {site.port + SECURE} of this machine is taken"
    with (
        socket.create_server(("127.0.0.1", site.port + SECURE)),
        pytest.raises(DeploymentFailed, match=taken),
    ):
        replace(site, change=with_tls).deploy()
    replace(site, change=with_tls).deploy()
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE  # the load balancer made its certificate itself
    with urlopen(f"http://localhost:{site.port}/headers?a=b", context=trust) as answer:
        assert answer.url == f"{secured}/headers?a=b"
        assert json.load(answer)["x-forwarded-proto"] == "https"
    for page in ("/old/page", "/older"):
        with pytest.raises(HTTPError) as refused:
            urlopen(f"{secured}{page}", context=trust)
        assert (refused.value.status, refused.value.read().decode()) == (410, 'gone "for good"')
    with pytest.raises(HTTPError) as refused:
        urlopen(f"{secured}/nobody", context=trust)
    assert (refused.value.status, refused.value.read()) == (404, b"")
    with urlopen(f"{secured}/100", context=trust) as answer:
        assert answer.url == f"{secured}/headers?p=100%25"
    names = public_names(site.ctx, templates.world(with_tls(site.stack(site.version))))
    plain = http.client.HTTPConnection(names.addresses[NAME], 80, timeout=10)
    plain.request("GET", "/headers", headers={"Host": NAME})
    assert plain.getresponse().getheader("Location") == f"https://{NAME}/headers"
    trusted = ssl.create_default_context(cadata="\n".join(names.certificates))
    with (
        socket.create_connection((names.addresses[NAME], 443), timeout=10) as connection,
        trusted.wrap_socket(connection, server_hostname=NAME) as secure,
    ):
        secure.sendall(f"GET /headers HTTP/1.0\r\nHost: {NAME}\r\n\r\n".encode())
        answered = b"".join(iter(lambda: secure.recv(65536), b"")).partition(b"\r\n\r\n")[2]
    assert json.loads(answered)["x-forwarded-port"] == "443"
    site.deploy()
    assert site.tasks() == before
    assert site.get() == (200, site.version)


def behind_a_front(stack: Stack) -> Stack:
    """Answer whoever shows the front's key alone, under a name that leads to the front."""
    stack = templates.behind_tls(stack, templates.ORIGIN, leads="d1.cloudfront.net")
    serve = stack.resources["Listener"].properties["DefaultActions"]
    key = {"HttpHeaderName": "X-Key", "RegexValues": ["^k"]}
    rule = {
        "ListenerArn": "secure",
        "Priority": 1,
        "Actions": serve,
        "Conditions": [{"Field": "http-header", "HttpHeaderConfig": key}],
    }
    refused = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "403", "MessageBody": "closed"}}
    for listener in ("Secure", "Listener"):
        stack = templates.changed(stack, listener, ("DefaultActions",), [refused])
    return templates.with_resource(
        stack, Resource("Rule", "AWS::ElasticLoadBalancingV2::ListenerRule", "rule", rule, {})
    )


def ask_the_front(visitor: Visitor) -> None:
    """Ask as browsers do, and look at what came to the site and what came back."""
    plain = visitor.ask("/own/say?a=b", secure=False)
    assert (plain.status, plain.headers["location"]) == (301, f"https://{NAME}/own/say?a=b")
    assert visitor.ask("/say", "POST", secure=False).status == 307
    assert visitor.ask("/say", "TRACE").status in {403, 405}
    assert visitor.ask("/say", headers={"Host": "other.example.com"}).status == 403

    # What came to the site.
    made_up = {"X-Forwarded-For": "203.0.113.7", "X-Key": "made up", "Via": "1.1 proxy", "X-Real-IP": "203.0.113.7"}
    request = visitor.ask("/own/say", headers={"Cookie": "a=1; b=2", **made_up}).asked
    assert request["x-key"].startswith('k$y "of"'), "not the key"
    assert (request["host"], request["cookie"], request["x-forwarded-port"]) == (NAME, "a=1; b=2", "443")
    assert re.fullmatch(r"1\.1 proxy, 1\.1 d1\.cloudfront\.net \(CloudFront\)", request["via"])
    addresses = request["x-forwarded-for"].split(", ")
    assert (len(addresses), addresses[0]) == (3, "203.0.113.7"), (
        "the visitor's own word, whom CloudFront saw, CloudFront"
    )
    assert "x-real-ip" not in request

    def numbers(path: str, *headers: dict[str, str], method: str = "GET") -> int:
        """Return how many answers the site gave to these requests, one after the other."""
        return len({visitor.ask(path, method, each).number for each in headers})

    none: dict[str, str] = {}
    somebody, another = ({"Cookie": f"a=1; wordpress_logged_in_{name}=1"} for name in ("one", "two"))
    minute = "Cache-Control=max-age%3D60"
    # What the site lets be kept is kept, and told apart.
    assert numbers(f"/say?{minute}", none, none, {"Cookie": "other=1"}) == 1
    assert numbers(f"/say?{minute}&Set-Cookie=a%3D1&Vary=Cookie", none, none) == 1, "CloudFront minds neither"
    assert numbers(f"/say?{minute}&n=2", none, somebody, another, {"Authorization": "Basic eA=="}) == 4
    assert numbers(f"/say?{minute}&n=2", somebody, somebody) == 1
    assert numbers(f"/say?{minute}&n=3", {"Accept-Encoding": "gzip"}, {"Accept-Encoding": "br"}) == 2
    # What it does not, is not; nor what is somebody's own, an answer to what is sent, or an error.
    for words in ("no-store", "no-cache", "private", "max-age%3D0", "no-cache, max-age%3D60"):
        assert numbers(f"/say?Cache-Control={words.replace(' ', '%20')}", none, none) == 2, words
    assert numbers("/say", none, none) == 2, "nothing was said"
    assert numbers(f"/own/say?{minute}", none, none) == 2
    assert numbers(f"/say?{minute}&n=4", none, none, method="POST") == 2
    assert numbers("/say?status=503&Cache-Control=no-store", none, none) == 2
    hit, error = visitor.ask(f"/say?{minute}"), visitor.ask("/say?status=503")
    assert (hit.headers["x-cache"], error.headers["x-cache"]) == ("Hit from cloudfront", "Error from cloudfront")
    # A mark of the visitor's is answered by the site, and not kept.
    marked = "/say?ETag=m1&Cache-Control=no-cache"
    assert [visitor.ask(marked, headers={"If-None-Match": mark}).status for mark in ("m1", "m2")] == [304, 200]
    assert visitor.ask(f"/say?ETag=m1&{minute}", headers={"If-None-Match": "m1"}).status == 304
    assert visitor.ask(f"/say?ETag=m1&{minute}").status == 200
    # What is old is asked about: the site's 304 makes it new.
    second = "/say?ETag=m3&Cache-Control=max-age%3D1"
    first = visitor.ask(second).number
    eventually(lambda: visitor.ask(second).headers["x-cache"].startswith("RefreshHit"), "asked about what is old")
    assert visitor.ask(second).number == first
    # Texts are compressed, where the site has not done so.
    for encoding in ("br", "gzip"):
        packed = visitor.ask(f"/say?{minute}&Content-Type=text/html", headers={"Accept-Encoding": encoding})
        assert packed.headers["content-encoding"] == encoding
    assert (
        "content-encoding"
        not in visitor.ask("/own/say?Content-Type=text/html", headers={"Accept-Encoding": "gzip"}).headers
    )


def test_a_front_keeps_asks_and_refuses_as_cloudfront(site: Site) -> None:
    closed_site = replace(site, change=behind_a_front)
    world = templates.world(closed_site.stack(site.version), templates.front())
    closed_site.deploy()
    try:
        deploy(world, templates.front(), site.ctx)
        names = public_names(site.ctx, world)
        certificates = "\n".join(names.certificates)
        ask_the_front(Visitor(names.addresses[NAME], NAME, certificates))
        direct = Visitor(names.addresses[templates.ORIGIN], NAME, certificates)
        assert [direct.ask("/say", headers={"X-Key": key}).status for key in ("", "a key")] == [403, 403], "passed by"
        assert site.secrets.front_key not in docker("logs", *site.containers("floodgate.role=front"))
        assert site.secrets.front_key not in docker("inspect", *site.containers("floodgate.role=front"))
        assert site.secrets.front_key not in "\n".join(site.lines)
        shown = templates.matches("t0k", header="X-Storm")
        rate = templates.firewall_rule(templates.rate(10, {"NotStatement": {"Statement": shown}}))
        walled = templates.changed(templates.front(), "Acl", ("Rules",), [rate])
        deploy(templates.world(world.stacks[0], walled), walled, site.ctx)
        visitor = Visitor(names.addresses[NAME], NAME, certificates)
        kept = "/say?Cache-Control=max-age%3D60&n=5"
        assert {visitor.ask(kept, headers={"X-Storm": "t0k"}).status for _ in range(12)} == {200}
        assert [visitor.ask(kept).status for _ in range(12)] == [200] * 10 + [403] * 2, "what is kept is counted too"
        assert visitor.ask("/say", secure=False).status == 403, "another port, the same address"
        assert "t0k" not in docker("logs", *site.containers("floodgate.role=firewall"))
        # What stands on without a plan is started as it is.
        docker("kill", *site.containers("floodgate.role=front"), *site.containers("floodgate.role=firewall"))
        assert start_again(Client(site.ctx), walled) == 2
        eventually(lambda: visitor.ask("/say", headers={"X-Storm": "t0k"}).status == 200, "both answer again")
        assert start_again(Client(site.ctx), walled) == 0
        # Without a firewall nginx has the address itself.
        bare = templates.changed(templates.front(), "Distribution", ("DistributionConfig", "WebACLId"), ...)
        deploy(templates.world(world.stacks[0], bare), bare, site.ctx)
        assert site.containers("floodgate.role=firewall") == []
        names = public_names(site.ctx, world)
        certificates = "\n".join(names.certificates)
        bare_visitor = Visitor(names.addresses[NAME], NAME, certificates)
        assert (bare_visitor.ask("/say").status, bare_visitor.ask("/say", secure=False).status) == (200, 301)
        # A load balancer that is made anew has another address in the container network.
        [balancer] = site.containers("floodgate.role=balancer")
        [network] = json.loads(docker("inspect", balancer))[0]["NetworkSettings"]["Networks"]
        docker("rm", "--force", balancer)
        instead = docker("run", "--detach", f"--network={network}", "--entrypoint=sleep", site.image, "300")
        try:
            closed_site.deploy()
            visitor = Visitor(names.addresses[NAME], NAME, certificates)
            eventually(lambda: visitor.ask("/say").status == 200, "asked at the new address")
        finally:
            docker("rm", "--force", "--volumes", instead)
    finally:
        deploy(templates.world(), replace(templates.front(), resources={}), site.ctx)
        site.deploy()
    assert site.containers("floodgate.role=front") == site.containers("floodgate.role=firewall") == []


def bounded(stack: Stack) -> Stack:
    """Let each address ask ten times, and whoever shows a secret as often as it likes."""
    shown = f"{{{{resolve:secretsmanager:{templates.SECRET}:SecretString:password::}}}}"
    others = {"NotStatement": {"Statement": templates.matches(shown, header="X-Storm")}}
    return templates.walled(
        stack,
        templates.firewall_rule(templates.rate(10, others), priority=1),
        templates.firewall_rule(templates.matches("/", how="STARTS_WITH"), "Count", priority=2),
        templates.managed_rule("AWSManagedRulesCommonRuleSet", 3),
        templates.firewall_rule(templates.matches("/wall"), priority=4),
    )


def test_a_firewall_bounds_everybody_but_the_storm(site: Site) -> None:
    token = str(site.secrets.fields["password"])
    replace(site, change=bounded).deploy()

    def statuses(count: int, path: str = "/headers", **headers: str) -> set[int]:
        found = set()
        for _ in range(count):
            connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
            connection.request("GET", path, headers=headers)
            found.add(connection.getresponse().status)
            connection.close()
        return found

    try:
        assert any("not in force here: AWSManagedRulesCommonRuleSet" in line for line in site.lines)
        assert statuses(30, **{"X-Storm": token}) == {200}
        assert statuses(10) == {200}, "the storm was counted, or a rule that only counts has blocked"
        assert statuses(3) == {403}
        assert statuses(3, **{"X-Storm": token}) == {200}
        assert statuses(1, "/wall", **{"X-Storm": token}) == {403}, "let off another rule as well"
        assert token not in "\n".join(site.lines)
        [balancer] = {
            target.key
            for target in make_plan(
                templates.world(site.stack(site.version)), site.stack(site.version), site.secrets
            ).balancers
        }
        assert read_counts(Client(site.ctx), balancer) is not None, "its tables are no target groups"
    finally:
        site.deploy()
    assert statuses(12) == {200}


def closed(stack: Stack) -> Stack:
    """Let in one network, and whoever shows a secret."""
    kind = "AWS::ElasticLoadBalancingV2"
    refused = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "403", "MessageBody": "closed"}}
    serve = stack.resources["Listener"].properties["DefaultActions"]
    key = f"{{{{resolve:secretsmanager:{templates.SECRET}:SecretString:password::}}}}"
    pairs = [{"Key": "pass", "Value": "le*in?"}, {"Value": r"any\*"}]
    conditions = (
        {"Field": "query-string", "QueryStringConfig": {"Values": pairs}},
        {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Key", "Values": [key, "a*c?"]}},
        {"Field": "source-ip", "SourceIpConfig": {"Values": ["203.0.113.0/24"]}},
    )
    stack = templates.changed(stack, "Listener", ("DefaultActions",), [refused])
    for number, condition in enumerate(conditions, start=1):
        rule = {"ListenerArn": templates.LISTENER, "Priority": number, "Conditions": [condition], "Actions": serve}
        stack = templates.with_resource(
            stack, Resource(f"Rule{number}", f"{kind}::ListenerRule", f"r{number}", rule, {})
        )
    return stack


def test_a_closed_listener_answers_whoever_shows_the_key(site: Site) -> None:
    key = str(site.secrets.fields["password"])
    replace(site, change=closed).deploy()

    def status(query: str = "", **headers: str) -> int:
        request = Request(f"http://localhost:{site.port}/headers?{query}", headers=headers)
        try:
            with urlopen(request, timeout=10) as answer:
                return int(answer.status)
        except HTTPError as refused:
            assert refused.read() == b"closed"
            return refused.code

    try:
        # An application load balancer compares in any case, the whole value, and takes * and ?.
        shown = {key: 200, key.swapcase(): 200, f"{key}0": 403, f" {key[:-1]}": 403, "abcd": 200, "abc": 403, "": 403}
        assert {value: status(**{"X-Key": value}) for value in shown} == shown
        assert status() == 403
        assert status(**{"X-Other": key}) == 403
        # Of a query string the pairs, each whole; a backslash takes its meaning from a sign.
        queries = {"a=b&PASS=let+inn": 200, "pass=lein": 403, "bypass=leiny": 403, "pass=le&in=x": 403, "any*": 200}
        queries |= {"any": 403, "anyone": 403, "x=any*": 200, "x=any*&y": 200, "xany*": 403}
        assert {query: status(query) for query in queries} == queries
        assert status(**{"X-Forwarded-For": "203.0.113.7"}) == 403, "the address is a visitor's own word"
    finally:
        site.deploy()
    assert status() == 200


@pytest.fixture(scope="module")
def sql(site: Site) -> Iterator[Session]:
    """A session with the site's database."""
    session = Session(engine(), database(site))
    yield session
    session.close()


def database(site: Site) -> str:
    """Return the container of the site's database."""
    (name,) = site.containers("floodgate.role=database")
    return name


def works(sql: Session) -> list[str]:
    """Return the versions of the scheduled work that were run, in their order."""
    return [version for (version,) in sql.rows("SELECT version FROM works ORDER BY id", "site")]


def schedules(site: Site) -> list[tuple[str, str]]:
    """Return the schedules that stand, each with its state."""
    return [(each.name, each.state) for each in status(site.ctx) if each.kind == "schedule"]


def test_a_scheduled_task_is_run_again_and_again(site: Site, sql: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    before, tasks = set(site.containers()), site.tasks()
    monkeypatch.setitem(UNITS, "minute", 2)
    replace(site, change=lambda stack: templates.scheduled(stack, "old")).deploy()
    assert schedules(site) == [("site-test/Schedule", "every 2 s")]
    eventually(lambda: works(sql).count("old") >= 2, "the work is done again")
    replace(site, change=lambda stack: templates.scheduled(stack, "breaks")).deploy()
    eventually(lambda: works(sql)[-1] == "breaks", "the new version does the work")
    (log,) = (site.ctx.state / "logs").glob("clock-*.log")
    eventually(lambda: "work ended with 3" in log.read_text(), "how it ended is told")
    assert "work ended with 0" in log.read_text() and "work: version old has done it" in log.read_text()
    assert str(site.secrets.fields["password"]) not in log.read_text()
    assert site.tasks() == tasks
    site.deploy()
    assert schedules(site) == []
    done = len(works(sql))
    assert set(site.containers()) == before
    assert len(works(sql)) == done


def with_one_beside(stack: Stack) -> Stack:
    """Return the site with another container in its scheduled task, which runs until it is stopped."""
    [work] = stack.resources["Work"].properties["ContainerDefinitions"]
    version = [{"Name": "VERSION", "Value": "beside"}]
    beside = {
        "Name": "beside",
        "Image": work["Image"],
        "Command": ["serve"],
        "Environment": version,
        "Essential": False,
    }
    work = {**work, "DependsOn": [{"ContainerName": "beside", "Condition": "START"}]}
    return templates.changed(stack, "Work", ("ContainerDefinitions",), [beside, work])


@pytest.mark.parametrize(("version", "code"), [("old", 0), ("breaks", 3)])
def test_a_task_that_was_run_tells_how_its_containers_ended(site: Site, version: str, code: int) -> None:
    stack = with_one_beside(templates.scheduled(site.stack(site.version), version))
    placement = stack.resources["Service"].properties["NetworkConfiguration"]["AwsvpcConfiguration"]
    run = plan_run(
        templates.world(stack), stack, site.ctx.secret,
        definition=templates.WORK, overrides={}, subnets=placement["Subnets"], groups=placement["SecurityGroups"],
    )  # fmt: skip
    running = RunningTask(Client(site.ctx), run)
    try:
        eventually(lambda: running.state().status is Status.STOPPED, "the task ends by itself")
        state = running.state()
        assert state.codes == {"work": code, "beside": 0}, state
    finally:
        running.wait()


def test_what_runs_beside_a_scheduled_container_is_stopped_in_good_order_and_heard(site: Site) -> None:
    stack = with_one_beside(templates.scheduled(site.stack(site.version), "old"))
    [schedule] = make_plan(templates.world(stack), stack, site.ctx.secret).schedules
    client, heard = Client(site.ctx), dict[str, str]()
    groups = ControlGroups(client)
    launcher = Launcher(client, groups, schedule)
    launcher.prepare()
    run_once(client, groups, launcher, heard.__setitem__)
    assert heard["work"] == "work: version old has done it"
    assert heard["beside"].splitlines()[-1] == "serve: ended in good order"


def alarmed(stack: Stack) -> Stack:
    """Return the site with an alarm on the errors of its targets, of the shortest period, and a topic for it."""
    topic = "arn:aws:sns:eu-central-1:222222222222:alarms"
    person = {"TopicArn": topic, "Protocol": "email", "Endpoint": "operator@example.org"}
    errors = {
        "AlarmName": "site-errors",
        "AlarmDescription": "The site answers with errors",
        "Namespace": "AWS/ApplicationELB",
        "MetricName": "HTTPCode_Target_5XX_Count",
        "Dimensions": [{"Name": "LoadBalancer", "Value": "app/web/1"}],
        "Period": 10,
        "Statistic": "Sum",
        "Threshold": 2,
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 1,
        "TreatMissingData": "notBreaching",
        "AlarmActions": [topic],
    }
    slow = {**errors, "AlarmName": "site-slow", "MetricName": "TargetResponseTime"}
    broken = {**errors, "AlarmName": "site-broken", "MetricName": "HTTPCode_ELB_5XX_Count", "Threshold": 0}
    worked = {**errors, "AlarmName": "site-worked", "Namespace": "Site", "MetricName": "done", "Dimensions": []}
    stack = templates.logging(templates.scheduled(stack, "counted"), "Work", 0, "work")
    metric = {"MetricName": "done", "MetricNamespace": "Site", "MetricValue": "3"}
    counted = {"LogGroupName": "work", "FilterPattern": '"version counted"', "MetricTransformations": [metric]}
    for resource in (
        Resource("Topic", "AWS::SNS::Topic", topic, {}, {}),
        Resource("Person", "AWS::SNS::Subscription", "person", person, {}),
        Resource("Errors", "AWS::CloudWatch::Alarm", "site-errors", errors, {}),
        Resource("Slow", "AWS::CloudWatch::Alarm", "site-slow", slow, {}),
        Resource("Broken", "AWS::CloudWatch::Alarm", "site-broken", broken, {}),
        Resource("Filter", "AWS::Logs::MetricFilter", "filter", counted, {}),
        Resource("Worked", "AWS::CloudWatch::Alarm", "site-worked", {**worked, "AlarmActions": []}, {}),
    ):
        stack = templates.with_resource(stack, resource)
    heeded = {"Enable": True, "Rollback": True, "AlarmNames": ["site-errors"]}
    return templates.changed(stack, "Service", ("DeploymentConfiguration", "Alarms"), heeded)


def alarms(site: Site) -> dict[str, str]:
    """Return the state of each alarm of the site."""
    return {each.name: each.state for each in states(site.ctx.state)}


def test_an_alarm_takes_back_a_version_that_passes_its_checks_and_fails_people(site: Site) -> None:
    watched = replace(site, change=alarmed)
    watched.deploy()
    assert "alarm site-slow is not watched here" in "\n".join(watched.lines)
    begun = dict.fromkeys(("site-errors", "site-broken", "site-worked"), "INSUFFICIENT_DATA")
    assert alarms(site) == {**begun, "site-slow": "NOT WATCHED"}
    eventually(lambda: alarms(site)["site-errors"] == "OK", "nothing is wrong")
    assert messages(site.ctx.state) == []
    with asking(site.port) as answers, pytest.raises(DeploymentFailed) as failed:
        watched.deploy("faulty")
    assert failed.value.message.startswith("service Service: the deployment alarm site-errors rings: the last data")
    assert failed.value.message.endswith("rolled back, 1 task of the version before serves on.")
    assert {body for status, body in answers.counts if status == 500} == {"broken"}
    assert answers.errors == []
    assert (site.get()[1], len(site.tasks())) == (site.version, 1)
    assert alarms(site)["site-errors"] == "ALARM"
    eventually(lambda: len(messages(site.ctx.state)) == 1, "its message is there")
    message = messages(site.ctx.state)[0].read_text()
    assert 'Subject: ALARM: "site-errors" in eu-central-1' in message
    assert "To: operator@example.org" in message
    assert "The site answers with errors" in message
    assert alarms(site)["site-broken"] == "OK", "the load balancer itself made no error"
    (drawn,) = (site.ctx.state / "charts").glob("*.points.json")
    lines = json.loads(drawn.read_text())["lines"]
    [errors] = [line["points"] for key, line in lines.items() if key.endswith("/Errors")]
    assert max(value for _, value in errors) > 0, "what made it ring is drawn"
    (log,) = (site.ctx.state / "logs").glob("clock-*.log")
    assert re.search(r"alarm site-worked: \w+ -> ALARM", log.read_text()), "what the work printed was heard"
    site.deploy()
    assert alarms(site) == {}
    assert not list((site.ctx.state / "charts").iterdir())


def test_an_experiment_that_was_killed_is_undone_by_the_next_deployment(site: Site) -> None:
    stack = site.stack(site.version)
    database = docker(
        "ps",
        "--quiet",
        f"--filter=label=floodgate.checkout={site.ctx.checkout}",
        "--filter=label=floodgate.role=database",
    )
    [task] = site.tasks()
    rule = "INPUT -p tcp --dport 3306 -m comment --comment left -j ACCEPT"

    def rules() -> str:
        process = docker("inspect", "--format={{.State.Pid}}", database)
        return subprocess.run(
            ["nsenter", f"--target={process}", "--net", "iptables", "--list-rules"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    enter(int(docker("inspect", "--format={{.State.Pid}}", database)), "net", "iptables", "--insert", *rule.split())
    with experiment(site.ctx.state, stack):
        site.deploy()
        assert "left" in rules(), "whoever experiments deploys as well"
        assert site.tasks() == [task]
    site.deploy()
    assert "left" in rules(), "one that was healed leaves nothing to undo"
    with pytest.raises(KeyboardInterrupt), experiment(site.ctx.state, stack):
        raise KeyboardInterrupt
    site.deploy()
    assert "left" not in rules()
    assert (site.get()[1], len(site.tasks()), site.tasks() == [task]) == (site.version, 1, False)
    assert any("an experiment was broken off" in line for line in site.lines)
    site.deploy()
    assert any("1 task unchanged, reused" in line for line in site.lines)


def test_a_clock_that_was_killed_is_started_again_by_the_next_deployment(site: Site, sql: Session) -> None:
    slow = replace(site, change=lambda stack: templates.scheduled(stack, "lingers"))
    slow.deploy()
    eventually(lambda: "lingers" in works(sql), "the work has begun")
    lock = site.ctx.state / "clocks" / "lock"
    clock = int(lock.read_text())
    slow.deploy()
    assert int(lock.read_text()) == clock, "an unchanged schedule keeps its clock"
    os.killpg(clock, signal.SIGKILL)
    eventually(lambda: schedules(site) == [("site-test/Schedule", "not running")], "its end is seen")
    began = works(sql).count("lingers")
    slow.deploy()
    eventually(lambda: works(sql).count("lingers") == began + 1, "the new clock starts the work")
    assert schedules(site) == [("site-test/Schedule", "every 60 s")]
    assert len(site.containers("floodgate.container=work")) == 1, "what the killed one was running is gone"
    (order,) = lock.parent.glob("*/order")
    order.unlink()
    assert schedules(site) == []
    docker("kill", *site.containers("floodgate.container=work"))
    eventually(lambda: not site.containers("floodgate.container=work"), "the clock tidies up, and ends")
    site.deploy()


def scaled(stack: Stack) -> Stack:
    """Return the site with a policy of 20 requests a second for each task, and two tasks at least from nine to ten."""
    label = "app/web/1/targetgroup/web/1"
    metric = {"PredefinedMetricType": "ALBRequestCountPerTarget", "ResourceLabel": label}
    policy = {
        "PolicyName": "requests",
        "PolicyType": "TargetTrackingScaling",
        "ScalingTargetId": "count",
        "TargetTrackingScalingPolicyConfiguration": {
            "PredefinedMetricSpecification": metric,
            "TargetValue": 1200,
            "ScaleOutCooldown": 60,
            "ScaleInCooldown": 60,
        },
    }
    resource = Resource("Requests", "AWS::ApplicationAutoScaling::ScalingPolicy", "requests", policy, {})
    actions = [
        {
            "ScheduledActionName": name,
            "Schedule": f"cron(0 {hour} * * ? *)",
            "Timezone": "Europe/Berlin",
            "ScalableTargetAction": {"MinCapacity": least},
        }
        for name, hour, least in (("Opening", 9, 2), ("Closing", 10, 1))
    ]
    stack = templates.changed(templates.with_resource(stack, resource), "Count", ("MaxCapacity",), 3)
    return templates.changed(stack, "Count", ("ScheduledActions",), actions)


@pytest.fixture
def set_clock(site: Site) -> Iterator[Callable[[str, int], object]]:
    """Sets the site's clock to a moment and a speed; at the end it is the machine's again, and nothing scales."""
    yield lambda at, speed: rehearsed_time.put(site.ctx.state, rehearsed_time.moment(f"{at} Europe/Berlin", 0), speed)
    rehearsed_time.put(site.ctx.state, None, 1)
    site.deploy()


def wanted(site: Site) -> int:
    """Return how many tasks the site's service has, as scaling knows it: what it began is done."""
    [each] = kept(site.ctx.state).services.values()
    return each.count


def now_and_then(site: Site, statuses: list[int]) -> int:
    """Ask the site once; return how many tasks it has."""
    statuses.append(site.get()[0])
    return wanted(site)


def test_a_load_raises_the_number_of_tasks_and_its_end_lowers_it(
    site: Site, set_clock: Callable[[str, int], object]
) -> None:
    busy = replace(site, change=scaled)
    set_clock("2099-12-01 12:00", 60)
    busy.deploy()
    with reloading(site.port, 30, 0.1) as answers:
        eventually(lambda: wanted(site) == 3, "the load brings tasks, to the maximum")
    assert answers.errors == []
    busy.deploy()
    assert "service Service: 3 tasks unchanged, reused" in busy.lines, "what was scaled outlives a deployment"
    statuses: list[int] = []
    eventually(lambda: now_and_then(site, statuses) == 1, "without it they go, one at a time")
    assert (set(statuses), len(site.tasks())) == ({200}, 1)
    done = kept(site.ctx.state)
    assert [(each.before, each.after, each.outcome) for each in done.activities] == [
        (1, 3, "done"),
        (3, 2, "done"),
        (2, 1, "done"),
    ]
    assert re.match(r"requests: \d\S* is above its target of 1200", done.activities[0].cause)
    assert re.match(r"requests: \d\S* is below 90 % of its target 1200", done.activities[1].cause)


def test_a_window_raises_the_number_of_tasks_by_the_clock(site: Site, set_clock: Callable[[str, int], object]) -> None:
    busy = replace(site, change=scaled)
    set_clock("2099-12-02 08:30:00", 1)
    busy.deploy()
    assert len(site.tasks()) == 1
    set_clock("2099-12-02 08:59:58", 1)
    eventually(lambda: wanted(site) == 2, "the window is open")
    assert len(site.tasks()) == 2
    assert kept(site.ctx.state).activities[-1].cause == "the minimum is 2, by the scheduled action Opening"
    rehearsed_time.put(site.ctx.state, None, 1)
    eventually(lambda: "from 1 to 3 tasks, by the template" in clock_log(site), "the clock was put back")
    assert "the clock was set" in clock_log(site)


def called(stack: Stack) -> Stack:
    """Return the site with a larger database and larger tasks from nine o'clock on, by calls of AWS's API."""
    task = stack.resources["Task"]
    larger = {**task.properties, "Cpu": "1024", "Memory": "2048"}
    arn = f"{templates.TASK}-larger"
    bounds = {"MinCapacity": 1, "MaxCapacity": 2}
    calls = {
        "Raise": (
            "rds:modifyDBCluster",
            {
                "DbClusterIdentifier": "cluster-1",
                "ServerlessV2ScalingConfiguration": bounds,
                "ApplyImmediately": True,
            },
        ),
        "Widen": ("ecs:updateService", {"Cluster": "cluster", "Service": "web", "TaskDefinition": arn}),
        "Reserve": (
            "elasticloadbalancingv2:modifyCapacityReservation",
            {"LoadBalancerArn": templates.BALANCER, "MinimumLoadBalancerCapacity": {"CapacityUnits": 324}},
        ),
    }
    stack = templates.with_resource(stack, Resource("Larger", task.type, arn, larger, {}))
    for name, (operation, request) in calls.items():
        properties = {
            "ScheduleExpression": "cron(0 9 * * ? *)",
            "ScheduleExpressionTimezone": "Europe/Berlin",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {
                "Arn": f"arn:aws:scheduler:::aws-sdk:{operation}",
                "RoleArn": templates.STARTS,
                "Input": json.dumps(request),
            },
        }
        stack = templates.with_resource(stack, Resource(name, "AWS::Scheduler::Schedule", name, properties, {}))
    return stack


def test_what_schedules_call_is_carried_out_by_the_clock(site: Site, set_clock: Callable[[str, int], object]) -> None:
    larger = replace(site, change=called)
    [database] = site.containers("floodgate.role=database")
    limits = "--format={{.HostConfig.Memory}} {{.State.StartedAt}}"
    memory, started = docker("inspect", limits, database).split()
    assert (int(memory), docker("exec", database, "cat", "/run/mysqld/pauses")) == (2048 * 1024**2, "300 15")
    before = {task.name for task in site.tasks()}
    # What is deployed after its moment never happens: a busy machine has some seconds for it.
    set_clock("2099-12-03 08:59:50", 1)
    larger.deploy()
    eventually(lambda: len([each for each in sizes.kept(site.ctx.state).values() if each.words]) == 3, "nine o'clock")
    assert docker("inspect", limits, database).split() == [str(4096 * 1024**2), started], "and it was not started anew"
    assert docker("exec", database, "cat", "/run/mysqld/pauses") == ""
    assert site.get()[0] == 200
    after = {task.name for task in site.tasks()}
    assert before.isdisjoint(after)
    assert "Service: tasks of 1 vCPU and 2048 MiB, by schedule Widen; " in clock_log(site)
    assert "Balancer: 324 capacity units reserved, by schedule Reserve; in the emulated AWS only" in clock_log(site)
    larger.deploy()
    assert {task.name for task in site.tasks()} == after, "a deployment changes nothing of it"
    docker("rm", "--force", database)
    larger.deploy()
    [database] = site.containers("floodgate.role=database")
    assert docker("inspect", limits, database).split()[0] == str(4096 * 1024**2), "one that was lost is made as it was"
    assert docker("exec", database, "cat", "/run/mysqld/pauses") == ""
    rehearsed_time.put(site.ctx.state, None, 1)
    eventually(lambda: not any(each.words for each in sizes.kept(site.ctx.state).values()), "the clock was put back")
    assert docker("exec", database, "cat", "/run/mysqld/pauses") == "300 15"


def clock_log(site: Site) -> str:
    """Return what the clock said of the site's stack."""
    [log] = (site.ctx.state / "logs").glob("clock-*.log")
    return log.read_text()


def test_a_service_that_leaves_the_template_is_removed(site: Site) -> None:
    replace(site, change=lambda stack: templates.without(stack, "Service", "Count")).deploy()
    assert site.tasks() == []
    assert site.get()[0] == 503
    site.deploy()
    assert site.get() == (200, site.version)
