"""The AWS of a rehearsal: moto's server inside this process, on a loopback port of its own.

It replaces AWS's control plane: STS, IAM, CloudFormation, S3, ECR, SSM and the rest answer on one address that the CDK
CLI, the asset publisher and boto3 find by ``AWS_ENDPOINT_URL``. Accounts are real to it: credentials come from
AssumeRole and decide whose resources a request sees. It lives as long as this process; what must outlast it is kept by
``rehearsal.values.state`` and put back when the next one starts.
"""

from __future__ import annotations

import logging
import os
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
from botocore.config import Config
from moto.moto_api._internal import mock_random
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.threaded_moto_server import ThreadedMotoServer
from moto.moto_server.werkzeug_app import MotoRequestHandler

from rehearsal.values.cloud_assembly import Bootstrapped
from rehearsal.values.secret_reference import PARAMETER, stand_in

# The account that anonymous first credentials belong to; only AssumeRole is called with them.
_NOBODY = "111122223333"
# The scope of a signature to the service that a build asks for the time, as it asks for a parameter.
_TELLS_TIME = "/ssm/aws4_request"
# The emulated AWS is this process: what fails once fails again.
_ONCE = Config(retries={"total_max_attempts": 1}, proxies={})


class Cloud:
    """A running emulated AWS; close it with ``close``."""

    def __init__(self, log: Path, now: Callable[[], float] = time.time) -> None:
        """Start the emulation; ``log`` takes its complaints, ``now`` is the time that its answers tell.

        A person sees the message of the action that failed.
        """
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            # A person's own credentials, profile or region must not leak into the emulated AWS, nor out of it.
            del os.environ[name]
        # Moto's 1,300 machine images are most of what it makes for an account's region, and nothing here starts one.
        os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
        logging.raiseExceptions = False  # a full disk must not fill the terminal with tracebacks of this log
        logging.basicConfig(filename=log, level=logging.WARNING)
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        warnings.filterwarnings("ignore", module="moto")
        # Moto's resources are the whole process's: those of an AWS before this one are none of its own.
        moto_api_backend.reset()
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self._server.start()
        tell_time(self._server, now)
        # "localhost", not 127.0.0.1: SDKs then address buckets by path, not by a host name that does not resolve.
        self.endpoint = f"http://localhost:{self._server.get_host_and_port()[1]}"
        self._sessions: dict[str, dict[str, str]] = {}
        self._clients: dict[tuple[str, str, str], Any] = {}

    def close(self) -> None:
        """Stop the server, within half a second; its resources go when the next one starts, or with the process."""
        Thread(target=self._server.stop, daemon=True).start()

    def credentials(self, role_arn: str, region: str) -> dict[str, str]:
        """Return environment variables that make a command act as ``role_arn`` in ``region`` of this AWS."""
        if role_arn not in self._sessions:
            sts = boto3.client(
                "sts",
                region_name=region,
                endpoint_url=self.endpoint,
                config=_ONCE,
                aws_access_key_id=_NOBODY,
                aws_secret_access_key="none",  # noqa: S106 - the emulated AWS checks no signature
            )
            with _own_randomness():
                answer = sts.assume_role(RoleArn=role_arn, RoleSessionName="rehearsal")["Credentials"]
            self._sessions[role_arn] = {
                "AWS_ACCESS_KEY_ID": answer["AccessKeyId"],
                "AWS_SECRET_ACCESS_KEY": answer["SecretAccessKey"],
                "AWS_SESSION_TOKEN": answer["SessionToken"],
            }
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            **self._sessions[role_arn],
        }

    def client(self, service: str, account: str, region: str) -> Any:
        """Return a boto3 client of ``service`` in one account and region."""
        key = (service, account, region)
        if key not in self._clients:
            keys = self.credentials(f"arn:aws:iam::{account}:role/rehearsal", region)
            self._clients[key] = boto3.client(
                service,  # type: ignore[call-overload]  # any service, not one of the stubs' literals
                region_name=region,
                endpoint_url=self.endpoint,
                aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
                aws_session_token=keys["AWS_SESSION_TOKEN"],
                config=_ONCE,
            )
        return self._clients[key]

    def bootstrap(self, things: Iterable[Bootstrapped]) -> None:
        """Make what ``cdk bootstrap`` makes and a team brings, as far as it is not there (in AWS: once, by hand)."""
        for thing in things:
            _MAKE[thing.kind](self, thing)

    def secret(self, account: str, region: str, secret: str) -> str:
        """Return the current string of a secret, by ARN or name, or the value of a parameter, by ARN.

        Raise ``KeyError`` where there is no such secret. A parameter that no stack makes is one that the team keeps in
        its account, as CloudFormation makes none that is encrypted: a value stands in, the same in each run.
        """
        if parameter := PARAMETER.fullmatch(secret):
            return self._parameter(account, parameter["region"], parameter["path"])
        client = self.client("secretsmanager", account, region)
        try:
            value: str = client.get_secret_value(SecretId=secret)["SecretString"]
        except client.exceptions.ResourceNotFoundException:
            raise KeyError(secret) from None
        return value

    def _parameter(self, account: str, region: str, path: str) -> str:
        client = self.client("ssm", account, region)
        # Of a name without a hierarchy the ARN does not tell whether it begins with a slash.
        for name in (path, path.removeprefix("/")):
            with suppress(client.exceptions.ParameterNotFound):
                value: str = client.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
                return value
        return stand_in(account, region, path)


@contextmanager
def _own_randomness() -> Iterator[None]:
    """Keep a call from moving the generator that a resource under construction draws its identifiers from."""
    before = mock_random.getstate()
    mock_random.seed()
    try:
        yield
    finally:
        mock_random.setstate(before)


def _parameter(cloud: Cloud, thing: Bootstrapped) -> None:
    # 30 is newer than any version that a CDK of today asks for; what counts is that the parameter is there.
    ssm = cloud.client("ssm", thing.account, thing.region)
    ssm.put_parameter(Name=thing.name, Value="30", Type="String", Overwrite=True)


def _bucket(cloud: Cloud, thing: Bootstrapped) -> None:
    s3 = cloud.client("s3", thing.account, thing.region)
    if thing.name not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
        location: Mapping[str, Any] = (
            {} if thing.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": thing.region}}
        )
        s3.create_bucket(Bucket=thing.name, **location)


def _repository(cloud: Cloud, thing: Bootstrapped) -> None:
    ecr = cloud.client("ecr", thing.account, thing.region)
    if thing.name not in {repository["repositoryName"] for repository in ecr.describe_repositories()["repositories"]}:
        ecr.create_repository(repositoryName=thing.name)


def _role(cloud: Cloud, thing: Bootstrapped) -> None:
    iam = cloud.client("iam", thing.account, thing.region)
    try:
        iam.create_role(RoleName=thing.name, AssumeRolePolicyDocument='{"Version":"2012-10-17","Statement":[]}')
    except iam.exceptions.EntityAlreadyExistsException:
        return


def _brought(_: Cloud, thing: Bootstrapped) -> None:
    from rehearsal.aws import brought  # noqa: PLC0415 - a second of start-up that only who has something to bring needs

    brought.make(thing)


def tell_time(server: ThreadedMotoServer, now: Callable[[], float]) -> None:
    """Let Systems Manager's answers say another time than the machine's in their header Date.

    Not every service's: AWS's SDK for JavaScript sets its own clock by the date of any answer, and then takes its
    credentials for expired, so that the CDK's CLI waits for ever.
    """

    class Handler(MotoRequestHandler):
        def date_time_string(self, timestamp: float | None = None) -> str:
            is_asked = _TELLS_TIME in self.headers.get("Authorization", "")
            return super().date_time_string(now() if is_asked and timestamp is None else timestamp)

    running = server._server
    if running is None:
        raise RuntimeError("the emulated AWS has not started")
    running.RequestHandlerClass = Handler


_MAKE: Mapping[str, Callable[[Cloud, Bootstrapped], None]] = {
    "parameter": _parameter,
    "bucket": _bucket,
    "repository": _repository,
    "role": _role,
    **dict.fromkeys(("vpc", "subnet", "hosted-zone", "secret"), _brought),
}
