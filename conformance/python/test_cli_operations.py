"""Every operation through the AWS command line, with options as its users type them: from the rows of `operations.py`."""

import json
import subprocess
from itertools import count

import pytest
from botocore import xform_name
from cli import AWS, command_line
from operations import KEYLESS, ROWS, SERVED, Key

# Too new for the command line of `requirements.txt`, whose newest release brings an older API model along than boto3's.
TOO_NEW = {"Decapsulate", "Encapsulate"}
CASES = [
    pytest.param(row.operation, row.kind, row.request, id=str(row)) for row in ROWS if row.operation not in TOO_NEW
]
CASES += [pytest.param(operation, None, request, id=operation) for operation, request in KEYLESS.items()]


def test_the_cases_are_all_operations():
    assert {case.values[0] for case in CASES} | TOO_NEW == SERVED


@pytest.mark.parametrize("operation", sorted(TOO_NEW))
def test_the_command_line_does_not_know_the_newest_operations(operation):
    """When it does, they become cases."""
    result = subprocess.run([AWS, "kms", xform_name(operation, "-")], capture_output=True, text=True)
    assert result.returncode in (2, 252) and "Invalid choice" in result.stderr


def typed(value, member, folder, numbers):
    """The words behind an option: a file of its own for bytes, JSON for what has members, else the text."""
    if member.type_name == "blob":
        file = folder / f"value-{next(numbers)}"
        file.write_bytes(value if isinstance(value, bytes) else value.encode())
        return [f"fileb://{file.name}"]
    if member.type_name in ("structure", "list", "map"):
        return [json.dumps(value)]
    return [str(value)]


def options(request, shape, folder):
    """A request as options of the command line."""
    numbers, words = count(), []
    for name, value in request.items():
        member, option = shape.members[name], xform_name(name, "-")
        if member.type_name == "boolean":
            words += [f"--{option}" if value else f"--no-{option}"]
        else:
            words += [f"--{option}", *typed(value, member, folder, numbers)]
    return words


@pytest.mark.parametrize("operation, kind, request_of", CASES)
def test_operation(account, kms, tmp_path, operation, kind, request_of):
    key = Key.create(account, kms, "PendingDeletion" if operation == "CancelKeyDeletion" else "Enabled", *kinds(kind))
    model = kms.meta.service_model.operation_model(operation)
    run = command_line(account, tmp_path)
    printed = run(f"kms {xform_name(operation, '-')}", *options(request_of(key), model.input_shape, tmp_path))
    expected = model.output_shape
    if expected is None or not expected.members:
        assert printed == ""
    else:
        assert printed.keys() - {"ResponseMetadata"} <= expected.members.keys()
        assert printed.keys() >= set(expected.required_members)
        assert printed


def kinds(kind):
    return [kind] if kind else []
