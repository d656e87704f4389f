"""Which site is stormed and with which token: from the options, or from AWS by an assumed role."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from loadtest.record.aws_attempts import patience
from loadtest.record.codec import read_json
from loadtest.request import site_size
from loadtest.request.options import Options, origin


class TargetUnknown(Exception):
    """AWS did not tell the site or its token; the message says which call failed and why."""


@dataclass(frozen=True)
class Service:
    """A service in ECS: the names of its cluster and its own, its region, and the role that may stop its tasks."""

    cluster: str
    name: str
    region: str | None
    role: str | None


@dataclass(frozen=True)
class Target:
    """The site's address (scheme://name[:port]), its storm token, and what of its size AWS was asked for.

    ``service`` is the one of which a task is stopped at the opening, where that was asked for.
    """

    host: str
    token: str = field(repr=False)
    sizes: dict[str, str] = field(default_factory=dict)
    service: Service | None = None


def resolve(options: Options) -> Target:
    """Resolve the target of a storm. What the options say wins over the stack's outputs. Raise TargetUnknown."""
    if options.host and options.token and (options.service or not options.kill_task):
        return Target(options.host, options.token, service=_service(options, {}))
    return _from_aws(options)


def open_session(region: str | None, role: str | None) -> Any:
    """Return a session of boto3, of the role where one is given. Raise botocore's ClientError and BotoCoreError."""
    import boto3  # noqa: PLC0415 - a second of start-up that only what asks AWS needs

    session = boto3.session.Session(region_name=region)
    return _assume(boto3, session, role) if role else session


def _from_aws(options: Options) -> Target:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - as above

    asking = "AWS"
    try:
        if options.token_role:
            asking = f"assuming {options.token_role}"
        session = open_session(region_of(options), options.token_role)
        outputs = {}
        if options.stack:
            asking = f"reading the stack {options.stack}"
            outputs = _outputs(session, options.stack)
        host = options.host or _output(outputs, "SiteUrl", options.stack)
        asking = f"reading the sizes of {options.stack}"
        measured = site_size.now(session, outputs)
        if options.token:
            return Target(host, options.token, measured, _service(options, outputs))
        secret = options.token_secret or _output(outputs, "StormSecretArn", options.stack)
        asking = f"reading the secret {secret}"
        secrets = session.client("secretsmanager", config=patience())
        text = secrets.get_secret_value(SecretId=secret).get("SecretString", "")
        return Target(host, _token(text, secret), measured, _service(options, outputs))
    except (BotoCoreError, ClientError) as error:
        raise TargetUnknown(f"{asking} failed: {error}") from error


def region_of(options: Options) -> str | None:
    """Return the region of the stack or the secret that the options name; None: that of AWS's own settings."""
    return options.region or (options.token_secret.split(":")[3] if options.token_secret else None)


def _service(options: Options, outputs: dict[str, str]) -> Service | None:
    """Return the service of which a task is to be stopped, if one is."""
    if not options.kill_task:
        return None
    _, cluster, name = (options.service or _output(outputs, "StormService", options.stack)).split("/")
    return Service(cluster, name, region_of(options), options.token_role)


def _assume(boto3: Any, session: Any, role: str) -> Any:
    sts = session.client("sts", config=patience())
    credentials = sts.assume_role(RoleArn=role, RoleSessionName="floodgate-storm")["Credentials"]
    return boto3.session.Session(
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
        region_name=session.region_name,
    )


def _outputs(session: Any, stack: str) -> dict[str, str]:
    stacks = session.client("cloudformation", config=patience())
    (description,) = stacks.describe_stacks(StackName=stack)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in description.get("Outputs", [])}


def _output(outputs: dict[str, str], name: str, stack: str | None) -> str:
    value = outputs.get(name)
    if not value:
        raise TargetUnknown(f"the stack {stack} has no output {name}; it has {', '.join(sorted(outputs)) or 'none'}")
    if name == "SiteUrl":
        try:
            return origin(value)
        except ValueError as error:
            raise TargetUnknown(f"the stack {stack} gives SiteUrl {value!r}: {error}") from error
    return value


def _token(text: str, secret: str) -> str:
    """Read the token in a secret: the whole text, or the field ``token`` of a JSON object."""
    try:
        value = read_json(text)
    except ValueError:
        value = text
    if isinstance(value, dict):
        value = value.get("token")
    if not isinstance(value, str) or not value.strip():
        raise TargetUnknown(f"the secret {secret} holds no token: expected plain text, or JSON with the field token")
    return value.strip()
