"""A template that is not of CloudFormation's form is said to be none, whatever stands in it."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.values import template_form

TOPIC = {"Type": "AWS::SNS::Topic"}


@pytest.mark.parametrize(
    ("template", "message"),
    [
        pytest.param({"AWSTemplateFormatVersion": "2020-01-01"}, "2010-09-10 is the only one", id="a version"),
        pytest.param({"Description": "ä" * 513}, "its Description has 1026 bytes", id="a long description"),
        pytest.param({"Resources": {f"T{i}": TOPIC for i in range(501)}}, "501 Resources; 500", id="many resources"),
        pytest.param({"Resources": []}, "Resources is no mapping", id="a list of resources"),
        pytest.param({"Resources": {"T": "AWS::SNS::Topic"}}, "Resources.T is no mapping", id="a type alone"),
        pytest.param({"Resources": {"T": {}}}, "Resources.T has no Type", id="no type"),
        pytest.param({"Resources": {"T": TOPIC | {"Properties": []}}}, "T.Properties is no mapping", id="a list"),
        pytest.param({"Resources": {"T": TOPIC | {"DependsOn": [["A"]]}}}, "no list of names", id="lists of names"),
        pytest.param({"Resources": {"T": TOPIC | {"Condition": ["A"]}}}, "T.Condition is no name", id="two conditions"),
        pytest.param({"Resources": {"Fn::ForEach::A": []}}, "is a function, which is not rehearsed", id="a loop"),
        pytest.param({"Parameters": {"P": "a"}}, "Parameters.P is no mapping", id="a value alone"),
        pytest.param({"Parameters": {"P": {"Type": "Text"}}}, "Type is 'Text', which", id="a type of parameters"),
        pytest.param(
            {"Parameters": {"P": {"Type": "String", "Default": {"Ref": "A"}}}}, "its Default is no text", id="a default"
        ),
        pytest.param({"Mappings": {"M": {"a": "b"}}}, "Mappings.M.a is no mapping", id="a map of one level"),
        pytest.param({"Mappings": {"M": {"a": {"b": {}}}}}, "M.a has a mapping where", id="a map of three levels"),
        pytest.param({"Conditions": {"C": True}}, "Conditions.C is True; one of", id="a truth"),
        pytest.param({"Conditions": {"C": {"Fn::Not": []}}}, "Fn::Not takes a list of 1", id="not of nothing"),
        pytest.param(
            {"Conditions": {"C": {"Fn::Or": [{"Fn::And": [{"Condition": "D"}]}, {"Condition": "D"}]}}},
            "Fn::And takes a list of 2 to 10",
            id="one of two, within",
        ),
        pytest.param({"Outputs": {"O": {"Description": "d"}}}, "Outputs.O has no Value", id="no value"),
        pytest.param({"Outputs": {"O": {"Value": ["a"]}}}, "Outputs.O.Value is no text", id="a list for a value"),
        pytest.param({"Outputs": {"O": {"Value": {"Fn::GetAZs": ""}}}}, "Value is no text", id="zones for a value"),
        pytest.param(
            {"Outputs": {"O": {"Value": "a", "Export": {"Name": "a/b"}}}}, "Name 'a/b'; letters", id="a slash in a name"
        ),
        pytest.param({"Outputs": {"O": {"Value": "a", "Export": {}}}}, "has the Name None", id="an export of no name"),
    ],
)
def test_what_is_no_template_is_named(template: dict[str, Any], message: str) -> None:
    assert message in "\n".join(template_form.faults({"Resources": {}} | template))


@pytest.mark.parametrize(
    "template",
    [
        pytest.param(
            {"AWSTemplateFormatVersion": "2010-09-10", "Description": "d" * 1024}, id="the longest description"
        ),
        *(
            pytest.param({"Parameters": {"P": {"Type": kind, "Default": 1}}}, id=kind)
            for kind in (
                *("String", "Number", "List<Number>", "CommaDelimitedList", "AWS::EC2::VPC::Id"),
                *("List<AWS::EC2::Subnet::Id>", "AWS::SSM::Parameter::Name", "AWS::Route53::HostedZone::Id"),
                *("AWS::SSM::Parameter::Value<String>", "AWS::SSM::Parameter::Value<List<AWS::EC2::Image::Id>>"),
            )
        ),
        pytest.param({"Mappings": {"M": {"a": {"b": ["c", 1], "d": True}}}}, id="a list in a map"),
        pytest.param(
            {"Conditions": {"C": {"Fn::Equals": [{"Ref": "P"}, ""]}, "D": {"Condition": "C"}}}, id="conditions"
        ),
        pytest.param(
            {"Outputs": {"O": {"Value": 1}, "P": {"Value": {"Fn::Join": [",", {"Fn::GetAZs": ""}]}}}}, id="texts"
        ),
        pytest.param(
            {"Outputs": {"O": {"Value": "a", "Export": {"Name": {"Fn::Sub": "${AWS::StackName}:o"}}}}},
            id="a name to come",
        ),
        pytest.param({"Resources": {"T": TOPIC | {"DependsOn": ["A", "B"], "Condition": "C"}}}, id="what waits"),
    ],
)
def test_what_is_a_template_is_taken(template: dict[str, Any]) -> None:
    assert list(template_form.faults({"Resources": {}} | template)) == []
