"""Mails of a stack go to a server beside it, which is as strict as Amazon SES's and keeps what it takes."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from containers.checkout import Context
from containers.client import Client
from rehearsal.fargate.desired.backing_servers import MailServer
from rehearsal.fargate.desired.errors import PlanError
from rehearsal.fargate.desired.key import Key
from rehearsal.fargate.plan.make import make_plan
from rehearsal.fargate.stand.inventory import down
from rehearsal.fargate.stand.mail import ensure_mail_server, kept
from rehearsal.fargate.stand.network import ensure_network
from rehearsal.values.stack import Stack, World
from tests.rehearsal.fargate import templates
from tests.rehearsal.fargate.conftest import docker, engine
from tests.rehearsal.fargate.templates import changed
from tests.rehearsal.fargate.waiting import eventually

SES = "email-smtp.eu-central-1.amazonaws.com"
WEB = ("ContainerDefinitions", 1, "Environment")
FULL = {"MAIL_HOST": "smtp.example.com", "MAIL_PORT": "587", "MAIL_USER": "a", "MAIL_PASSWORD": "b"}


def stack(variables: Mapping[str, str], *, port: int = 587) -> Stack:
    """Return the tests' stack, its container with these variables, and one port open to the world."""
    site = templates.stack(templates.web(image="app:1", port=8080, count=1))
    way = [{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "CidrIp": "0.0.0.0/0"}]
    inside = {"IpProtocol": "-1", "CidrIp": "10.0.0.0/16"}
    site = changed(site, "TaskGroup", ("SecurityGroupEgress",), [inside, *way])
    return changed(site, "Task", WEB, [{"Name": name, "Value": value} for name, value in variables.items()])


def planned(site: Stack) -> MailServer | None:
    return make_plan(World((site,)), site, templates.Secrets()).mail_server


@pytest.mark.parametrize(
    ("variables", "host"),
    [
        pytest.param({}, None, id="none"),
        pytest.param(FULL, "smtp.example.com", id="MAIL_HOST"),
        pytest.param({f"OUR_{k.replace('MAIL', 'SMTP')}": v for k, v in FULL.items()}, "smtp.example.com", id="SMTP"),
        pytest.param(
            {"RELAY_HOST": SES, "RELAY_PORT": "587", "RELAY_USER": "a", "RELAY_PASSWORD": "b"},
            SES,
            id="an endpoint of SES",
        ),
        pytest.param({"API_HOST": "smtp.example.com"}, None, id="another host"),
    ],
)
def test_a_mail_server_is_known_by_its_variables(variables: dict[str, str], host: str | None) -> None:
    found = planned(stack(variables))
    assert (found and found.host) == host
    if found:
        assert (found.port, found.user, found.password) == (587, "a", "b")
        assert "password" not in repr(found)


@pytest.mark.parametrize(
    ("variables", "port", "message"),
    [
        pytest.param(
            {**FULL, "MAIL_PORT": ""}, 587, "MAIL_HOST names a mail server, and MAIL_PORT is not set", id="port"
        ),
        pytest.param({**FULL, "MAIL_PORT": "smtp"}, 587, "MAIL_PORT is no port", id="a word for a port"),
        pytest.param(
            {**FULL, **{k.replace("MAIL", "SMTP"): "1" for k in FULL}}, 587, "different mail servers", id="two"
        ),
        pytest.param(FULL, 25, "lets TCP 587 out to smtp.example.com", id="no way out"),
    ],
)
def test_a_server_that_could_not_be_reached_is_named(variables: dict[str, str], port: int, message: str) -> None:
    with pytest.raises(PlanError, match=message):
        planned(stack(variables, port=port))


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    checkout = tmp_path / "a checkout, mine"
    context = Context(checkout, engine().docker, engine().env, lambda _: None, templates.Secrets())
    yield Client(context)
    down(context)


def hand_in(client: Client, mail: MailServer, password: str, to: str) -> None:
    """Hand in a mail as a task of the stack would."""
    [container] = client.containers("floodgate.role=mail")
    [network] = container["NetworkSettings"]["Networks"].values()
    trusted = docker("exec", container["Id"], "cat", f"/authorities/{mail.host}.crt")
    # The name leads to the container in its network alone.
    context = ssl.create_default_context(cadata=trusted)
    line = smtplib.SMTP(timeout=10)

    def connects() -> bool:
        try:
            line.connect(network["IPAddress"], mail.port)
        except ConnectionRefusedError:
            return False
        return True

    eventually(connects, "the mail server listens")
    line._host = mail.host  # type: ignore[attr-defined]
    line.starttls(context=context)
    line.login(mail.user, password)
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "A seat", "site@example.org", to
    message.set_content("A code")
    line.send_message(message)
    line.quit()


@pytest.mark.engine
def test_mails_are_taken_by_tls_and_password_and_stay_when_the_server_is_made_anew(client: Client) -> None:
    mail = MailServer(Key("1", "eu-central-1", "site", "MailServer"), "vpc", "smtp.example.com", 2587, "user", "right")
    ensure_network(client, mail.network)
    ensure_mail_server(client, mail)
    with pytest.raises(smtplib.SMTPAuthenticationError):
        hand_in(client, mail, "wrong", "ada@example.org")
    hand_in(client, mail, "right", "ada@example.org")
    [first] = client.containers("floodgate.role=mail")
    ensure_mail_server(client, mail)
    [same] = client.containers("floodgate.role=mail")
    assert same["Id"] == first["Id"]
    other = replace(mail, password="another")
    ensure_mail_server(client, other)
    hand_in(client, other, "another", "bob@example.org")
    texts = [file.read_text() for file in kept(client.ctx.state)]
    assert ["X-Envelope-To: ada@example.org" in text for text in texts] == [True, False]
    assert ["X-Envelope-To: bob@example.org" in text for text in texts] == [False, True]
    assert all("A code" in text for text in texts)
