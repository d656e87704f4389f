#!/bin/sh
# moto's CloudWatch keeps metrics and gives their averages, sums and maxima. Asked for a percentile it gives data points without one
# (GetMetricStatistics), and asked for metric math (GetMetricData), be it a metric times two, a result that is "Complete", of no values. Neither is
# an error: a test of an alarm's expression, or of a dashboard's p95, sees what CloudWatch says of a metric that nobody sends.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: 'moto[cloudwatch]==5.2.5' boto3==1.44.5 botocore==1.44.5
"$folder/venv/bin/python" - <<'PYTHON'
import datetime
import sys

import boto3
import moto

METRIC = {"Namespace": "Site", "MetricName": "Wait"}
with moto.mock_aws():
    client = boto3.client("cloudwatch", "eu-central-1", aws_access_key_id="none", aws_secret_access_key="none")
    now = datetime.datetime.now(datetime.UTC)
    times = {"StartTime": now - datetime.timedelta(hours=1), "EndTime": now}
    for value in range(1, 101):
        point = {"MetricName": "Wait", "Value": value, "Timestamp": now - datetime.timedelta(minutes=5)}
        client.put_metric_data(Namespace="Site", MetricData=[point])
    [average] = client.get_metric_statistics(**METRIC, **times, Period=3600, Statistics=["Average"])["Datapoints"]
    [percentile] = client.get_metric_statistics(**METRIC, **times, Period=3600, ExtendedStatistics=["p95"])["Datapoints"]
    metric = {"Id": "wait", "MetricStat": {"Metric": METRIC, "Period": 3600, "Stat": "Sum"}}
    doubled = {"Id": "doubled", "Expression": "wait * 2"}
    results = client.get_metric_data(MetricDataQueries=[metric, doubled], **times)["MetricDataResults"]
print(f"moto {moto.__version__}: average {average['Average']}; of p95 the data point has {sorted(percentile)}")
print([(each["Id"], each["Values"], each["StatusCode"]) for each in results])
found = [(each["Id"], each["Values"], each["StatusCode"]) for each in results]
sys.exit(
    average["Average"] != 50.5
    or sorted(percentile) != ["Timestamp"]
    or found != [("wait", [5050.0], "Complete"), ("doubled", [], "Complete")]
)
PYTHON
