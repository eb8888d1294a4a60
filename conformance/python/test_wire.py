"""The wire itself: headers, bodies that are no requests, targets that are none, and connections that misbehave."""

import gzip
import http.client
import json
import socket
import urllib.parse

import pytest
from callers import send
from expect import UUID, refused_on_wire
from operations import ROWS, Key

EMPTY_ANSWERS = {
    "CreateAlias",
    "DeleteAlias",
    "DisableKey",
    "EnableKey",
    "PutKeyPolicy",
    "RetireGrant",
    "RevokeGrant",
    "TagResource",
    "UntagResource",
    "UpdateAlias",
    "UpdateKeyDescription",
}


def test_headers_of_an_answer(account):
    answer = account.post("ListKeys", {})
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/x-amz-json-1.1"
    assert UUID.fullmatch(answer.headers["x-amzn-requestid"])
    assert answer.headers["content-length"] == str(len(answer.body))
    assert "date" in answer.headers
    assert account.post("ListKeys", {}).headers["x-amzn-requestid"] != answer.headers["x-amzn-requestid"]


def test_error_bodies_name_the_bare_type(account):
    document = account.post("DescribeKey", {"KeyId": "alias/nobody"}).json
    assert document == {
        "__type": "NotFoundException",
        "message": f"Alias {account.alias_arn('alias/nobody')} is not found.",
    }


def test_an_error_without_text_has_only_its_type(account):
    assert account.post("Decrypt", {"CiphertextBlob": "AAAA"}).json == {"__type": "InvalidCiphertextException"}


@pytest.mark.parametrize("operation", sorted(EMPTY_ANSWERS))
def test_operations_without_output_answer_an_empty_body(account, kms, operation):
    row = next(r for r in ROWS if r.operation == operation)
    answer = account.post(operation, row.request(Key.create(account, kms, kind=row.kind)))
    assert (answer.status, answer.body) == (200, b"")


def test_timestamps_are_numbers(account, kms, key):
    metadata = account.post("DescribeKey", {"KeyId": key.id}).json["KeyMetadata"]
    assert isinstance(metadata["CreationDate"], (int, float))
    assert 1.7e9 < metadata["CreationDate"] < 4e9


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "}",
        "[]",
        "null",
        '"text"',
        "1",
        "{} {}",
        "{}x",
        '{"Limit":}',
        '{"Limit":1,}',
        "{'Limit':1}",
        '{"Limit":01}',
        '{"Limit":NaN}',
        '{"Limit":1e999}',
        '{"Marker":"\\ud800"}',
        '{"Marker":"a\nb"}',
        b'{"Marker":"\xff"}',
        b"\xef\xbb\xbf{",
        b"\0",
        b"\xff\xfe",
        "<xml/>",
        "Action=ListKeys",
        '{"Marker":' + "[" * 100_000,
        "[" * 100_000 + "]" * 100_000,
        '{"a":' * 10_000 + "1" + "}" * 10_000,
    ],
    ids=lambda body: repr(body[:20]),
)
def test_bodies_that_are_no_request(account, body):
    refused_on_wire(account.post("ListKeys", body), "SerializationException")


def test_a_name_twice_is_refused_or_its_last_value_counts(account):
    answer = account.post("GenerateRandom", '{"NumberOfBytes":8,"NumberOfBytes":16}')
    if answer.status == 200:
        assert len(answer.json["Plaintext"]) == 24
    else:
        refused_on_wire(answer, "SerializationException")


@pytest.mark.parametrize("operation", ["NoSuchOperation", "", "listkeys", "ListKeys.x", "a" * 1000])
def test_unknown_targets(account, operation):
    refused_on_wire(account.post(operation, {}), "UnknownOperationException")


@pytest.mark.parametrize("target", [None, "ListKeys", "Other.ListKeys", "TrentService", "TrentService.", ".ListKeys"])
def test_targets_that_are_none(account, target):
    headers = {} if target is None else {"X-Amz-Target": target}
    answer = account.post(None, {}, headers)
    assert answer.status in (400, 404)
    assert b"UnknownOperationException" in answer.body


@pytest.mark.parametrize("path", ["x", "kms/", "%2e", "a/../b"])
def test_other_paths(account, path):
    request = account.request("ListKeys", "{}")
    request.url += path
    assert 400 <= send(account.sign(request)).status < 500


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_other_methods(account, method):
    answer = send(account.sign(account.request("ListKeys", "{}")), method=method)
    assert 400 <= answer.status < 500


def test_names_of_headers_are_of_any_case(account):
    request = account.sign(account.request("ListKeys", "{}"))
    url = urllib.parse.urlsplit(request.url)
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=10)
    connection.request("POST", "/", "{}", {k.upper(): v for k, v in request.headers.items()})
    assert connection.getresponse().status == 200
    connection.close()


def test_one_connection_serves_many_requests(account):
    url = urllib.parse.urlsplit(account.endpoint)
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=10)
    for number in range(100):
        request = account.sign(account.request("ListKeys" if number % 2 else "Decrypt", "{}"))
        connection.request("POST", "/", request.data, dict(request.headers.items()))
        response = connection.getresponse()
        response.read()
        assert response.status == (200 if number % 2 else 400)
    connection.close()


def test_chunked_bodies(account):
    body = json.dumps({"NumberOfBytes": 16})
    request = account.sign(account.request("GenerateRandom", body))
    url = urllib.parse.urlsplit(request.url)
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=10)
    chunks = [body[:3].encode(), body[3:].encode()]
    connection.request("POST", "/", iter(chunks), dict(request.headers.items()), encode_chunked=True)
    assert connection.getresponse().status == 200
    connection.close()


def test_a_body_that_is_too_large(account):
    """Refused, or the connection is closed while it is being sent; nothing else."""
    body = '{"Marker":"' + "a" * (8 << 20) + '"}'
    try:
        answer = account.post("ListKeys", body)
    except (ConnectionError, http.client.HTTPException):
        answer = None
    if answer:
        assert (answer.status, answer.code) == (413, "RequestEntityTooLargeException")
    assert account.post("ListKeys", {}).status == 200


def test_a_body_of_a_mebibyte_less_a_little_is_read(account):
    refused_on_wire(account.post("ListKeys", '{"Marker":"' + "a" * 1_000_000 + '"}'), "ValidationException")


def test_compressed_bodies_are_no_json(account):
    answer = account.post("ListKeys", gzip.compress(b"{}"), {"Content-Encoding": "gzip"})
    assert answer.status == 400


def open_socket(account):
    url = urllib.parse.urlsplit(account.endpoint)
    return socket.create_connection((url.hostname, url.port), timeout=10)


@pytest.mark.parametrize(
    "garbage",
    [
        b"\0" * 1000,
        b"GARBAGE\r\n\r\n",
        b"POST / HTTP/9.9\r\n\r\n",
        b"POST / HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 1_000_000 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\n" + b"X: a\r\n" * 10_000 + b"\r\n",
        b"POST /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 1000,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 500,
    ],
    ids=lambda garbage: repr(garbage[:48]),
)
def test_garbage_on_the_socket(account, garbage):
    with open_socket(account) as connection:
        try:
            connection.sendall(garbage)
            connection.shutdown(socket.SHUT_WR)
            answer = connection.recv(65536)
        except ConnectionError:
            answer = b""
    assert answer == b"" or b" 200 " not in answer.partition(b"\r\n")[0]
    assert account.post("ListKeys", {}).status == 200


def test_many_half_open_connections_do_not_keep_others_out(account):
    connections = [open_socket(account) for _ in range(400)]
    try:
        for connection in connections[::2]:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{")
        assert account.post("ListKeys", {}).status == 200
    finally:
        for connection in connections:
            connection.close()


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health(account, path):
    url = urllib.parse.urlsplit(account.endpoint)
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=10)
    connection.request("GET", path)
    assert connection.getresponse().status == 200
    connection.close()
