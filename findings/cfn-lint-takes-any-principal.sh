#!/bin/sh
# cfn-lint knows the keys of an IAM statement and names a wrong one; of its Principal it takes any key. IAM takes AWS, Service,
# Federated and CanonicalUser, and refuses the role when it is made.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: cfn-lint==1.58.0
cat > "$folder/template.json" <<'JSON'
{"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "KEY": {"PRINCIPAL": "ecs-tasks.amazonaws.com"}}]
}}}}}
JSON
found() {
    sed "s/KEY/$1/; s/PRINCIPAL/$2/" "$folder/template.json" > "$folder/$1-$2.json"
    "$folder/venv/bin/cfn-lint" --format parseable "$folder/$1-$2.json" | cut -d: -f6 | sort -u | tr '\n' ' '
}
set +e
right=$(found Principal Service) wrong=$(found Principal Servant) key=$(found Principals Service)
set -e
echo "$("$folder/venv/bin/cfn-lint" --version): Principal.Service: ${right:-nothing}; Principal.Servant: ${wrong:-nothing}; Principals: ${key:-nothing}"
[ -z "$right" ] && [ -z "$wrong" ] && [ -n "$key" ]
