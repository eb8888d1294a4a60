"""The tables are complete: each operation of the model is served and has its rows, or is listed as coming later."""

import json
import re
from pathlib import Path

import pytest
from expect import refused_on_wire
from operations import LATER, ROWS, SERVED, method_name
from test_limits import LIMIT_CASES


def test_every_operation_of_the_model_is_served_or_listed(account):
    model = account.client().meta.service_model
    assert SERVED | LATER == set(model.operation_names)
    assert not SERVED & LATER


def test_method_names_are_the_clients(account):
    names = account.client().meta.method_to_api_mapping
    assert {method_name(operation): operation for operation in SERVED | LATER}.items() <= names.items()


def test_every_key_member_has_a_row(account):
    model = account.client().meta.service_model
    members = {
        (o, m) for o in SERVED for m, s in model.operation_model(o).input_shape.members.items() if s.name == "KeyIdType"
    }
    assert members == {(row.operation, row.member) for row in ROWS if row.member}


@pytest.mark.parametrize("operation", sorted(SERVED))
def test_every_operation_has_limits_under_test(operation):
    assert any(case.operation == operation for case in LIMIT_CASES)


def test_kagiban_has_no_exceptions():
    listed = json.loads((Path(__file__).parent.parent / "exceptions.json").read_text())
    assert not [name for name in listed if "kagiban" in name.lower()]
    assert all(reason.strip() for name, cases in listed.items() if name != "_" for reason in cases.values())


@pytest.mark.parametrize("operation", sorted(LATER))
def test_a_later_operation_answers_one_clear_error(account, operation):
    answer = account.post(operation, {"KeyId": "11111111-2222-4333-8444-555555555555"})
    refused_on_wire(answer, "UnsupportedOperationException", re.compile(rf".*\b{operation}\b.*"))
