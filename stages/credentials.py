"""What must be secret and is nobody's to invent: salts and the administrator's password."""

from __future__ import annotations

import json
from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from stages.nag import acknowledge


class Credentials(Construct):
    """Generated once, and the same for every task of the stage.

    ``secrets`` is what WordPress takes from them, ``install_secrets`` what its install step takes besides.
    """

    def __init__(self, scope: Construct, construct_id: str, *, removal: cdk.RemovalPolicy) -> None:
        super().__init__(scope, construct_id)
        salt = secretsmanager.Secret(
            self,
            "Salt",
            removal_policy=removal,
            description="WordPress derives its eight keys and salts from this; a new value logs everybody out",
            generate_secret_string=secretsmanager.SecretStringGenerator(password_length=64, exclude_punctuation=True),
        )
        administrator = secretsmanager.Secret(
            self,
            "Administrator",
            removal_policy=removal,
            description="WordPress's first administrator, made by the install step",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template=json.dumps({"username": "floodgate"}),
                generate_string_key="password",
                password_length=32,
                exclude_punctuation=True,
            ),
        )
        acknowledge(
            salt, {"AwsSolutions-SMG4": "A new salt logs everybody out; it is changed on purpose only (runbook)."}
        )
        acknowledge(
            administrator,
            {"AwsSolutions-SMG4": "Used once, by the install step; the administrator then changes it in WordPress."},
        )
        self.secrets: Mapping[str, ecs.Secret] = {"WP_SALT": ecs.Secret.from_secrets_manager(salt)}
        self.install_secrets: Mapping[str, ecs.Secret] = {
            "WP_ADMIN_USER": ecs.Secret.from_secrets_manager(administrator, "username"),
            "WP_ADMIN_PASSWORD": ecs.Secret.from_secrets_manager(administrator, "password"),
        }
