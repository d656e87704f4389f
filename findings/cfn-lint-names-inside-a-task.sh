#!/bin/sh
# cfn-lint does not look at the names that hold an ECS service together: a load balancer that names a container which the task does not have,
# a container that waits for the health of one without a check, and a mount of a volume that is not defined are all "no error" to it.
# Each ends in a deployment that fails, or that waits for good. References (Ref, GetAtt) it does check: the last template has a wrong one.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check cfn-lint==1.58.0
cat > "$folder/site.yml" <<'YAML'
Parameters:
  Group: {Type: String}
  Subnets: {Type: "CommaDelimitedList"}
Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Cpu: "256"
      Memory: "512"
      NetworkMode: awsvpc
      RequiresCompatibilities: [FARGATE]
      ContainerDefinitions:
        - Name: php
          Image: example/php:1
        - Name: nginx
          Image: example/nginx:1
          PortMappings: [{ContainerPort: 8080}]
          DependsOn: [{ContainerName: php, Condition: HEALTHY}]
          MountPoints: [{SourceVolume: nowhere, ContainerPath: /content}]
  Service:
    Type: AWS::ECS::Service
    Properties:
      TaskDefinition: !Ref Task
      LaunchType: FARGATE
      NetworkConfiguration: {AwsvpcConfiguration: {Subnets: !Ref Subnets}}
      LoadBalancers: [{ContainerName: apache, ContainerPort: 8080, TargetGroupArn: !Ref Group}]
YAML
sed 's/!Ref Task/!Ref Tusk/' "$folder/site.yml" > "$folder/reference.yml"
"$folder/venv/bin/cfn-lint" --version
names=0; "$folder/venv/bin/cfn-lint" -r eu-central-1 -- "$folder/site.yml" || names=$?
reference=0; "$folder/venv/bin/cfn-lint" -r eu-central-1 -- "$folder/reference.yml" > "$folder/said" || reference=$?
head -1 "$folder/said"
echo "three wrong names: exit $names; a wrong reference: exit $reference"
[ "$names" = 0 ] && [ "$reference" != 0 ]
