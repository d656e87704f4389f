"""Which operations of AWS a Python file calls, as it is written, and the IAM actions that they need."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
from botocore import xform_name

# boto3's own methods of a client, by the operation that they are.
_TRANSFERS = {("s3", "upload_file"): "PutObject", ("s3", "download_file"): "GetObject"}
# Where IAM's action is not called as its operation, and what an operation needs besides: from AWS's "Service
# Authorization Reference".
_ACTIONS = {
    ("s3", "ListObjectsV2"): {"s3:ListBucket"},
    ("ecs", "RunTask"): {"ecs:RunTask", "iam:PassRole"},
}


def services(file: Path) -> dict[str, set[str]]:
    """Return the IAM actions that a file's calls need, by the service as boto3 calls it.

    A call is any method, or first argument of one (``get_paginator``, a method that makes calls by their names), of an
    operation's name in a file that makes a client of its service. Raise ``AssertionError`` for a client of a service
    that the file does not name, and for a waiter.
    """
    tree = ast.parse(file.read_text())
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert "get_waiter" not in attributes, f"{file}: the operation of a waiter is not read"
    called = attributes | {text for _, text in _first_arguments(tree) if text}
    return {
        service: {
            action
            for method, operation in _operations(service).items()
            if method in called
            for action in _ACTIONS.get((service, operation), {f"{service}:{operation}"})
        }
        for service in _clients(file, tree)
    }


def _clients(file: Path, tree: ast.AST) -> Iterator[str]:
    for call, text in _first_arguments(tree):
        if call.func.attr == "client":
            assert text, f"{file}:{call.lineno}: name the service itself"
            yield text


def _first_arguments(tree: ast.AST) -> Iterator[tuple[Any, str]]:
    """Yield the calls of methods, each with its first argument where that is a text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            match node.args:
                case [ast.Constant(value=str(text)), *_]:
                    yield node, text
                case _:
                    yield node, ""


@cache
def _operations(service: str) -> dict[str, str]:
    model = botocore.session.get_session().get_service_model(service)
    transfers = {method: operation for (owner, method), operation in _TRANSFERS.items() if owner == service}
    return {xform_name(operation): operation for operation in model.operation_names} | transfers
