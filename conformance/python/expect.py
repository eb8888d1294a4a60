"""What is expected of an answer. Every check of an error goes through here, so every error's common parts are checked."""

import re

import pytest
from botocore.exceptions import ClientError

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MATERIAL_ID = re.compile(r"[0-9a-f]{64}")
UNKNOWN_ID = "11111111-2222-4333-8444-555555555555"


def refused(call, code, text=None, /, **parameters):
    """The call must fail with this code (or one of these) and text: exact, a pattern to match in full, or not looked at."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    answer = caught.value.response
    assert_code(answer["Error"]["Code"], answer["Error"]["Message"], code)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert UUID.fullmatch(answer["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"])
    assert_text(answer["Error"]["Message"], text)
    return answer["Error"]["Message"]


def refused_by_query(call, status, code, text=None, /, **parameters):
    """The same for IAM and STS, whose errors have several statuses and are XML."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    answer = caught.value.response
    assert_code(answer["Error"]["Code"], answer["Error"]["Message"], code)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == status
    assert UUID.fullmatch(answer["ResponseMetadata"]["RequestId"])
    assert answer["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"] == answer["ResponseMetadata"]["RequestId"]
    assert answer["Error"]["Type"] == "Sender"
    assert_text(answer["Error"]["Message"], text)
    return answer["Error"]["Message"]


def refused_on_wire(answer, code, text=None):
    """The same for an answer read without a client; here the form of the body is looked at too."""
    assert answer.headers["content-type"] == "application/x-amz-json-1.1"
    assert UUID.fullmatch(answer.headers["x-amzn-requestid"])
    assert set(answer.json) <= {"__type", "message", "Message"}
    assert_code(answer.code, answer.message, code)
    assert answer.status == 400
    assert "date" in answer.headers, "clients correct their clock by it"
    assert_text(answer.message or "", text)


def assert_code(found, message, code):
    accepted = (code,) if isinstance(code, str) else code
    assert found in accepted, f"{found}: {message}"


def assert_text(found, text):
    if isinstance(text, re.Pattern):
        assert text.fullmatch(found), found
    elif text is not None:
        assert found == text, found


def violates(call, *entries, **parameters):
    """The call must fail for exactly these broken limits, all reported together, in any order."""
    message = refused(call, "ValidationException", **parameters)
    head = f"{len(entries)} validation error{'s' if len(entries) > 1 else ''} detected: "
    assert message.startswith(head), message
    rest = message[len(head) :]
    for expected in entries:
        pattern = expected if isinstance(expected, re.Pattern) else re.compile(re.escape(expected), re.S)
        rest, found = pattern.subn("", rest, count=1)
        assert found, f"{expected!r} is not in {message!r}"
    assert rest.replace("; ", "") == "", f"more than expected: {rest!r}"


def entry(path, text, value=None):
    """One entry of a ValidationException; blobs and sensitive members are named without their value."""
    shown = "Value at" if value is None else f"Value {value} at"
    return f"{shown} '{path}' failed to satisfy constraint: {text}"


def payload(response):
    """The members of an answer, without what the client adds about the transport."""
    return {name: value for name, value in response.items() if name != "ResponseMetadata"}
