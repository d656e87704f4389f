"""Intrinsic functions give what CloudFormation's user guide says, or are refused by name."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.values.exits import ActionFailed
from tests.rehearsal.conftest import deploy

pytestmark = pytest.mark.usefixtures("surroundings")

REGION = "eu-central-1"


def given(account: str, value: Any, kind: str = "String", **sections: Any) -> Any:
    """Return what a parameter's value came to, in a stack with a bucket and more."""
    parameter = {"Type": "AWS::SSM::Parameter", "Properties": {"Name": f"p{account}", "Type": kind, "Value": value}}
    template = {
        "Conditions": {"Yes": {"Fn::Equals": ["a", "a"]}, "No": {"Fn::Not": [{"Condition": "Yes"}]}},
        "Mappings": {"Sizes": {"small": {"cpu": "256"}}},
        "Parameters": {"Names": {"Type": "CommaDelimitedList", "Default": "one,two"}},
        "Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}, "P": parameter},
        **sections,
    }
    stack = deploy(template, account=account, region=REGION, name="stack", parameters={})
    return stack.resources["P"].properties["Value"]


@pytest.mark.parametrize(
    ("value", "came"),
    [
        pytest.param(
            {"Fn::Join": ["-", {"Fn::GetAZs": ""}]}, f"{REGION}a-{REGION}b-{REGION}c", id="own region's zones"
        ),
        pytest.param(
            {"Fn::Join": ["-", {"Fn::GetAZs": {"Ref": "AWS::Region"}}]},
            f"{REGION}a-{REGION}b-{REGION}c",
            id="zones of a reference",
        ),
        pytest.param({"Fn::Join": ["+", {"Ref": "Names"}]}, "one+two", id="a list's default"),
        pytest.param({"Fn::Select": [1, {"Ref": "Names"}]}, "two", id="item of a list"),
        pytest.param({"Fn::Select": ["1", {"Fn::Split": ["|", "a|b|c"]}]}, "b", id="item of a split, by a text"),
        pytest.param(
            {"Fn::Join": [",", ["a", {"Fn::If": ["No", "b", {"Ref": "AWS::NoValue"}]}, "c"]]},
            "a,c",
            id="no value in a list",
        ),
        pytest.param({"Fn::If": ["Yes", "a", "b"]}, "a", id="condition holds"),
        pytest.param({"Fn::If": ["No", "a", "b"]}, "b", id="condition fails"),
        pytest.param({"Fn::FindInMap": ["Sizes", "small", "cpu"]}, "256", id="mapping"),
        pytest.param({"Fn::Join": [" ", {"Fn::Cidr": ["10.0.0.0/16", 2, 8]}]}, "10.0.0.0/24 10.0.1.0/24", id="blocks"),
        pytest.param({"Fn::Base64": "a"}, "YQ==", id="base 64"),
        pytest.param({"Fn::Sub": "${AWS::Region}/${!Kept}"}, f"{REGION}/${{Kept}}", id="substitution and a literal"),
        pytest.param({"Fn::Sub": ["${One}-${AWS::AccountId}", {"One": "1"}]}, "1-{account}", id="substitution by name"),
        pytest.param({"Fn::Sub": "${Bucket.Arn}"}, "arn:aws:s3:::", id="substituted attribute"),
    ],
)
def test_a_function_gives(account: str, value: Any, came: str) -> None:
    assert str(given(account, value)).startswith(came.replace("{account}", account))


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        pytest.param(
            {"Fn::Length": [1, 2]}, "the intrinsic function Fn::Length is not rehearsed", id="unknown function"
        ),
        pytest.param({"Fn::Select": [2, {"Ref": "Names"}]}, "wants item 2 of a list of 2", id="item that is none"),
        pytest.param({"Fn::Join": ["", "abc"]}, "Fn::Join wants a list, and has 'abc'", id="joined letters"),
        pytest.param(
            {"Fn::FindInMap": ["Sizes", "large", "cpu"]}, "has nothing for 'large', 'cpu'", id="key of no map"
        ),
        pytest.param(
            {"Fn::If": ["Maybe", 1, 2]}, "the condition Maybe, which the template does not have", id="condition"
        ),
        pytest.param({"Fn::GetAZs": "mars-north-1"}, "there is no region 'mars-north-1'", id="region of no zones"),
        pytest.param({"Fn::Cidr": ["10.0.0.0/24", 3, 7]}, "room for 2 blocks of 7 bits", id="blocks that do not fit"),
        pytest.param({"Fn::Join": ["", [{"Ref": "Names"}]]}, "a text is wanted", id="list in a text"),
    ],
)
def test_a_function_is_refused_by_name(account: str, value: Any, fault: str) -> None:
    with pytest.raises(ActionFailed) as refused:
        given(account, value)
    assert fault in str(refused.value)


def test_an_output_whose_condition_is_false_exports_nothing(account: str) -> None:
    output = {"Value": "1", "Condition": "No", "Export": {"Name": "kept-back"}}
    given(account, "a", Outputs={"Out": output})
    other = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": {"Fn::ImportValue": "kept-back"}}}
    with pytest.raises(ActionFailed, match="No export named kept-back"):
        deploy({"Resources": {"P": other}}, account=account, region=REGION, name="other", parameters={})
