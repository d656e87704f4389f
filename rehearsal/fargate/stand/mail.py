"""The mail server: a container beside the stack that takes mails and keeps each as a file of the rehearsal's folder."""

from __future__ import annotations

from pathlib import Path

from containers.client import Client
from containers.option_fields import fields
from rehearsal.fargate.desired.backing_servers import MailServer
from rehearsal.fargate.stand.standing import Found, ensure_standing
from rehearsal.fargate.task.images import own_image, with_own_image
from rehearsal.fargate.task.names import digest, fingerprint, network_name, resource_name
from rehearsal.fargate.task.storage import authorities

_IMAGE = "mail_server"
_MEMORY = 96  # MiB: a Python, and the largest mail


def folder(state: Path) -> Path:
    """Return where mails are kept, below a checkout's state: ``STACK/*.eml``, named by when they came."""
    return state / "mails"


def kept(state: Path) -> list[Path]:
    """Return the files of all mails, the oldest first of each stack."""
    return sorted(folder(state).glob("*/*.eml"))


def ensure_mail_server(client: Client, mail: MailServer) -> None:
    """Bring the mail server up as planned; one that runs differently is made anew, and the mails stay."""
    name = resource_name(client.ctx, mail.key)
    inbox = folder(client.ctx.state) / mail.key.stack
    inbox.mkdir(parents=True, exist_ok=True)
    network = network_name(client.ctx, mail.network)
    specification = digest([own_image(client, _IMAGE), network, fingerprint(mail)])

    def create() -> None:
        with_own_image(
            client,
            _IMAGE,
            *("create", f"--name={name}"),
            *client.labels("mail", resource=str(mail.key), specification=specification),
            *(f"--network={network}", f"--network-alias={mail.host}", "--restart=unless-stopped"),
            *(f"--memory={_MEMORY}m", "--cap-drop=ALL", "--cap-add=DAC_OVERRIDE", "--security-opt=no-new-privileges"),
            *("--read-only", "--tmpfs=/tmp", "--log-opt=max-size=1m"),
            f"--mount={fields('type=bind', f'src={inbox}', 'dst=/mails')}",
            f"--mount=type=volume,src={authorities(client)},dst=/authorities",
            *(f"--env=NAMES={mail.host}", f"--env=PORT={mail.port}", "--env=MAIL_USER", "--env=MAIL_PASSWORD"),
            secrets={"MAIL_USER": mail.user, "MAIL_PASSWORD": mail.password},
        )

    if ensure_standing(client, name, specification, create) is Found.NOTHING:
        client.ctx.say(f"mail server {mail.host}: keeps mails in {inbox}")
