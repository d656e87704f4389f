#!/bin/sh
# moto asks for a resource's DeletionPolicy when its stack is deleted, and not when an update takes the resource out of the
# template: a bucket that is to be retained is gone after the update. In AWS it stays.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: 'moto[cloudformation,s3,sns]==5.2.5' boto3==1.44.5 botocore==1.44.5
"$folder/venv/bin/python" - <<'PYTHON'
import json
import sys

import boto3
import moto

TOPIC = {"Topic": {"Type": "AWS::SNS::Topic"}}
BUCKET = {
    "Bucket": {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain", "Properties": {"BucketName": "to-be-kept"}}
}
left = {}
with moto.mock_aws():
    keys = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}
    cloud, s3 = (boto3.client(name, "eu-central-1", **keys) for name in ("cloudformation", "s3"))
    for end in ("update", "delete"):
        cloud.create_stack(StackName=end, TemplateBody=json.dumps({"Resources": {**TOPIC, **BUCKET}}))
        if end == "update":
            cloud.update_stack(StackName=end, TemplateBody=json.dumps({"Resources": TOPIC}))
        else:
            cloud.delete_stack(StackName=end)
        left[end] = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
print(f"moto {moto.__version__}: buckets after an update {left['update']}, after the deletion of the stack {left['delete']}")
sys.exit(left != {"update": [], "delete": ["to-be-kept"]})
PYTHON
