#!/bin/sh
# cfn-lint knows which networks overlap and which number a property allows, but not that of two numbers of a resource one must be the larger. A range of
# ports upside down, a minimum above the maximum (tasks, capacity units of Aurora), more data points to alarm than periods, a health check that waits longer
# than its interval, two rules of a listener with one priority: nothing is said, and the services refuse each when it is deployed.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: cfn-lint==1.58.0
cd "$folder"
cat >upside-down.yaml <<'YAML'
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Network: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  First: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Network, CidrBlock: 10.0.0.0/24}}
  Second: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Network, CidrBlock: 10.0.1.0/24}}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: a group
      VpcId: !Ref Network
      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 90, ToPort: 80, CidrIp: 10.0.0.0/8}]
  Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Subnets: [!Ref First, !Ref Second]}}
  Targets:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: {VpcId: !Ref Network, Port: 80, Protocol: HTTP, TargetType: ip, HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 30}
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties: {LoadBalancerArn: !Ref Balancer, Port: 80, Protocol: HTTP, DefaultActions: [{Type: forward, TargetGroupArn: !Ref Targets}]}
  RuleOne:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      {ListenerArn: !Ref Listener, Priority: 1, Actions: [{Type: forward, TargetGroupArn: !Ref Targets}], Conditions: [{Field: path-pattern, Values: [/a]}]}
  RuleTwo:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      {ListenerArn: !Ref Listener, Priority: 1, Actions: [{Type: forward, TargetGroupArn: !Ref Targets}], Conditions: [{Field: path-pattern, Values: [/b]}]}
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      {MetricName: Wait, Namespace: Site, Statistic: Sum, Period: 60, EvaluationPeriods: 1, DatapointsToAlarm: 3, Threshold: 1, ComparisonOperator: GreaterThanThreshold}
  Capacity:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties: {MinCapacity: 9, MaxCapacity: 2, ServiceNamespace: ecs, ScalableDimension: "ecs:service:DesiredCount", ResourceId: service/cluster/site}
  Database:
    Type: AWS::RDS::DBCluster
    Properties: {Engine: aurora-mysql, ServerlessV2ScalingConfiguration: {MinCapacity: 8, MaxCapacity: 2}, MasterUsername: master, ManageMasterUserPassword: true}
    DeletionPolicy: Snapshot
    UpdateReplacePolicy: Snapshot
YAML
sed 's/10.0.1.0/10.0.0.0/' upside-down.yaml >overlap.yaml
"$folder/venv/bin/cfn-lint" --version
code=0
"$folder/venv/bin/cfn-lint" --regions eu-central-1 -- upside-down.yaml || code=$?
echo "six upside down: exit $code"
overlap=0
"$folder/venv/bin/cfn-lint" --regions eu-central-1 --format parseable -- overlap.yaml >said || overlap=$?
echo "two networks that overlap: exit $overlap, $(cut -d: -f6 said)"
[ "$code" = 0 ] && [ "$overlap" != 0 ]
