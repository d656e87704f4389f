"""A task's volumes: folders of EFS file systems, and bind volumes that last as long as the task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rehearsal.fargate.desired.task import EphemeralVolume, SharedVolume
from rehearsal.fargate.plan.lookup import Found, Lookup, number

_KIND = "AWS::ECS::TaskDefinition"


def task_volume(found: Found, lookup: Lookup, volume: Mapping[str, Any]) -> SharedVolume | EphemeralVolume:
    """Plan one volume of a task definition."""
    name = volume["Name"]
    if volume.get("Host", {}).get("SourcePath"):
        raise found.fault(f"volume {name} has a host path; Fargate has no host to mount from.")
    efs = volume.get("EFSVolumeConfiguration")
    if efs is None:
        return EphemeralVolume()
    file_system = lookup.need(str(efs.get("FilesystemId")), "AWS::EFS::FileSystem", found, f"volume {name}")
    authorization = efs.get("AuthorizationConfig", {})
    access_point_id = authorization.get("AccessPointId")
    encrypted = efs.get("TransitEncryption") == "ENABLED"
    if (access_point_id or authorization.get("IAM") == "ENABLED") and not encrypted:
        raise found.fault(f"volume {name} uses an access point or IAM, which needs TransitEncryption ENABLED.")
    if file_system.properties.get("FileSystemPolicy") and authorization.get("IAM") != "ENABLED":
        raise found.fault(
            f"volume {name} mounts a file system that has a FileSystemPolicy, without AuthorizationConfig.IAM ENABLED: "
            f"EFS takes it for anybody, and lets it in only where the policy lets in everybody."
        )
    root = str(efs.get("RootDirectory") or "/")
    if access_point_id is None:
        if root != "/":
            raise found.fault(
                f"volume {name} mounts {root} without an access point; nothing makes that folder on a new file system."
            )
        return SharedVolume(file_system.key, "/", 0, 0, "0755")
    if root != "/":
        raise found.fault(f"volume {name} has an access point, so RootDirectory must be left out or '/', not {root!r}.")
    point = lookup.need(str(access_point_id), "AWS::EFS::AccessPoint", found, f"volume {name}")
    return _access_point(point, file_system)


def _access_point(point: Found, file_system: Found) -> SharedVolume:
    properties = point.properties
    if str(properties["FileSystemId"]) not in file_system.names():
        raise point.fault(f"it belongs to {properties['FileSystemId']}, and the volume names {file_system.where}.")
    root = properties.get("RootDirectory", {})
    path = str(root.get("Path") or "/")
    creation = root.get("CreationInfo")
    if path != "/" and creation is None:
        raise point.fault(
            f"RootDirectory {path} has no CreationInfo, so the folder never comes into being and mounts fail."
        )
    creation = creation or {"OwnerUid": 0, "OwnerGid": 0, "Permissions": "0755"}
    owner, group = number(point, "OwnerUid", creation["OwnerUid"]), number(point, "OwnerGid", creation["OwnerGid"])
    user = properties.get("PosixUser", {})
    for name, wanted in (("Uid", owner), ("Gid", group)) if user else ():
        if number(point, f"PosixUser.{name}", user[name]) != wanted:
            raise point.fault(
                f"PosixUser's {name} {user[name]} is not the owner's {wanted} of {path}. "
                f"EFS acts as that user whoever asks; a local volume cannot."
            )
    return SharedVolume(file_system.key, path, owner, group, str(creation["Permissions"]))
