"""One style of docstrings, and variables that are nouns; each with a planted fault."""

from __future__ import annotations

import ast

import pytest

from tests.house.documents import ROOT
from tests.house.style import faults, faults_of


def test_the_house_keeps_its_style() -> None:
    assert faults(ROOT) == []


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        pytest.param('"""What `run` does."""', "1: '`run`' in a docstring", id="single backticks in a module"),
        pytest.param('class A:\n    """An `a`."""', "2: '`a`' in a docstring", id="single backticks in a class"),
        pytest.param('LIMIT = 3\n"""Seconds."""', "2: a constant", id="a string below a constant"),
        pytest.param('class A:\n    b: int\n    """Seconds."""', "3: a constant", id="a string below a field"),
        pytest.param('def f():\n    """Whether it is."""', "2: a docstring says what f does", id="what it gives"),
        pytest.param("def f(given): ...", "1: given is no noun", id="a parameter that is no noun"),
        pytest.param("for said in lines: ...", "1: said is no noun", id="a variable that is no noun"),
        pytest.param("self.asked = 1", "1: asked is no noun", id="an attribute that is no noun"),
    ],
)
def test_a_fault_of_style_is_named(source: str, fault: str) -> None:
    (sentence,) = faults_of(ast.parse(source))
    assert sentence.startswith(fault)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param('"""What ``run`` does."""', id="double backticks"),
        pytest.param('# Seconds.\nLIMIT = 3\n\n\ndef f():\n    """Return it."""', id="a comment above"),
        pytest.param('@property\ndef f(self):\n    """Whether it is."""', id="a property"),
        pytest.param('@pytest.fixture(scope="module")\ndef f():\n    """Each of them."""', id="a fixture"),
        pytest.param('def test_f():\n    """Both are looked at."""', id="a test"),
        pytest.param("class A:\n    @classmethod\n    def of(cls, text): ...", id="a function is no variable"),
    ],
)
def test_good_style_has_no_fault(source: str) -> None:
    assert list(faults_of(ast.parse(source))) == []
