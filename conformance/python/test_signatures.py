"""Signature Version 4: each way a request can be signed wrongly has its own answer, and none says more than AWS does."""

import datetime
import hashlib
import hmac
import re
import urllib.parse

import pytest
from botocore.awsrequest import AWSRequest
from callers import Account, send
from expect import refused_on_wire

MISMATCH = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
UNKNOWN_CALLER = "The security token included in the request is invalid."
LIST = ("ListKeys", {})


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def test_a_good_signature(account):
    answer = account.post(*LIST)
    assert (answer.status, answer.json) == (200, {"Keys": [], "Truncated": False})


def test_the_development_access_key_is_an_account_of_zeros(endpoint, region):
    account = Account(endpoint, "000000000000", "test", "test", region)
    assert account.client().create_key()["KeyMetadata"]["AWSAccountId"] == "000000000000"


def test_wrong_secret(account):
    refused_on_wire(account.post(*LIST, secret="wrong"), "InvalidSignatureException", MISMATCH)


@pytest.mark.parametrize(
    "access_key", ["AKIAIOSFODNN7EXAMPLE", "nobody", "12345678901", "1234567890123", "12345678901a"]
)
def test_unknown_access_key(account, access_key):
    refused_on_wire(account.post(*LIST, access_key=access_key), "UnrecognizedClientException", UNKNOWN_CALLER)


def test_a_session_token_that_belongs_to_no_session(account):
    refused_on_wire(account.post(*LIST, token="nonsense"), "UnrecognizedClientException", UNKNOWN_CALLER)


def test_no_signature(account):
    answer = send(account.request(*LIST))
    refused_on_wire(answer, "MissingAuthenticationTokenException", "Missing Authentication Token")


@pytest.mark.parametrize("minutes", [6, 60, 60 * 24 * 400])
def test_expired(account, minutes):
    when = now() - datetime.timedelta(minutes=minutes)
    stamp = r"\d{8}T\d{6}Z"
    text = re.compile(rf"Signature expired: {when:%Y%m%dT%H%M%SZ} is now earlier than {stamp} \({stamp} - 5 min\.\)")
    refused_on_wire(account.post(*LIST, now=when), "InvalidSignatureException", text)


@pytest.mark.parametrize("minutes", [6, 60])
def test_not_yet_current(account, minutes):
    when = now() + datetime.timedelta(minutes=minutes)
    stamp = r"\d{8}T\d{6}Z"
    text = re.compile(
        rf"Signature not yet current: {when:%Y%m%dT%H%M%SZ} is still later than {stamp} \({stamp} \+ 5 min\.\)"
    )
    refused_on_wire(account.post(*LIST, now=when), "InvalidSignatureException", text)


@pytest.mark.parametrize("minutes", [-4, 4])
def test_a_clock_within_five_minutes(account, minutes):
    assert account.post(*LIST, now=now() + datetime.timedelta(minutes=minutes)).status == 200


@pytest.mark.parametrize("service", ["s3", "iam", ""])
def test_scope_of_another_service(account, service):
    answer = account.post(*LIST, service=service)
    codes = ("InvalidSignatureException", "IncompleteSignatureException")
    refused_on_wire(answer, codes, re.compile("Credential should be scoped to correct service: 'kms'.*"))


def test_scope_without_a_region(account):
    answer = account.post(*LIST, region="not a region")
    refused_on_wire(answer, ("InvalidSignatureException", "IncompleteSignatureException"))


def changed(account, change, operation="ListKeys", body=None):
    request = account.sign(account.request(operation, body or {}))
    change(request)
    return send(request)


def set_header(name, value):
    def change(request):
        del request.headers[name]
        request.headers[name] = value

    return change


def edit_authorization(old, new):
    def change(request):
        value = request.headers["Authorization"]
        assert old in value
        set_header("Authorization", value.replace(old, new))(request)

    return change


@pytest.mark.parametrize(
    "change",
    [
        set_header("X-Amz-Target", "TrentService.CreateKey"),
        set_header("Content-Type", "application/x-amz-json-1.0"),
        set_header("Host", "kms.us-east-1.amazonaws.com"),
        lambda request: setattr(request, "data", '{"Limit":1}'),
        lambda request: setattr(request, "url", request.url + "?a=b"),
        edit_authorization("Signature=", "Signature=0"),
    ],
    ids=["target", "content-type", "host", "body", "query", "signature"],
)
def test_what_was_signed_cannot_be_changed(account, change):
    answer = changed(account, change)
    refused_on_wire(answer, ("InvalidSignatureException", "IncompleteSignatureException"))
    assert account.client().list_keys()["Keys"] == []


def test_a_signature_of_another_date(account):
    stamp = f"{now() - datetime.timedelta(minutes=1):%Y%m%dT%H%M%SZ}"
    refused_on_wire(changed(account, set_header("X-Amz-Date", stamp)), "InvalidSignatureException")


def test_a_scope_of_another_day(account):
    day = f"{now():%Y%m%d}"
    refused_on_wire(
        changed(account, edit_authorization(f"/{day}/", "/20200101/")),
        ("InvalidSignatureException", "IncompleteSignatureException"),
    )


@pytest.mark.parametrize("signed", ["host", "x-amz-date"])
def test_host_and_date_must_be_signed(account, signed):
    """A signature made without them, right in every other way."""
    names = [n for n in ("content-type", "host", "x-amz-date", "x-amz-target") if n != signed]
    answer = send(hand_signed(account, names))
    refused_on_wire(answer, ("InvalidSignatureException", "IncompleteSignatureException"))


def test_the_hand_made_signature_is_good_when_nothing_is_left_out(account):
    assert send(hand_signed(account, ["content-type", "host", "x-amz-date", "x-amz-target"])).status == 200
    assert send(hand_signed(account, ["host", "x-amz-date"])).status in (200, 400)


@pytest.mark.parametrize(
    "header",
    [
        "nonsense",
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 nonsense",
        "AWS4-HMAC-SHA256 Credential=, SignedHeaders=, Signature=",
        "AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host;x-amz-date, Signature=00",
        "AWS4-HMAC-SHA256 SignedHeaders=host;x-amz-date, Signature=" + "0" * 64,
        "AWS4-HMAC-SHA512 Credential=test/20200101/us-east-1/kms/aws4_request, SignedHeaders=host, Signature=00",
        "AWS4-ECDSA-P256-SHA256 Credential=test/20200101/kms/aws4_request, SignedHeaders=host, Signature=00",
        "Basic dGVzdDp0ZXN0",
        "Bearer token",
    ],
)
def test_headers_that_are_no_signature(account, header):
    answer = changed(account, set_header("Authorization", header))
    codes = (
        "IncompleteSignatureException",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "UnrecognizedClientException",
    )
    refused_on_wire(answer, codes)


def test_a_header_without_pairs_is_named(account):
    answer = changed(account, set_header("Authorization", "AWS4-HMAC-SHA256 nonsense"))
    text = re.compile(r"'nonsense' not a valid key=value pair \(missing equal-sign\) in Authorization header: '.*'\.")
    refused_on_wire(answer, "IncompleteSignatureException", text)


@pytest.mark.parametrize("missing", ["Credential", "SignedHeaders", "Signature"])
def test_a_header_with_a_part_missing(account, missing):
    def drop(request):
        head, _, parts = request.headers["Authorization"].partition(" ")
        kept = [part for part in parts.split(", ") if not part.startswith(missing)]
        set_header("Authorization", f"{head} {', '.join(kept)}")(request)

    answer = changed(account, drop)
    refused_on_wire(answer, "IncompleteSignatureException", re.compile(f".*requires '{missing}' parameter.*", re.S))


def test_no_date(account):
    def drop(request):
        del request.headers["X-Amz-Date"]

    answer = changed(account, drop)
    refused_on_wire(answer, ("IncompleteSignatureException", "InvalidSignatureException"))


def test_a_payload_hash_that_is_sent_must_be_right(account):
    body = "{}"
    good = hashlib.sha256(body.encode()).hexdigest()
    assert account.post("ListKeys", body, {"X-Amz-Content-SHA256": good}).status == 200
    request = account.request("ListKeys", body)
    answer = send(hand_signed(account, headers={"x-amz-content-sha256": "0" * 64}, request=request))
    refused_on_wire(answer, "InvalidSignatureException")


def test_extra_signed_headers_and_spaces(account):
    headers = {"X-Amz-Meta": "  two   spaces inside ", "User-Agent": "conformance", "Accept": "*/*"}
    assert account.post("ListKeys", {}, headers).status == 200


def test_presigned_query_on_post(account):
    assert send(presigned(account)).status == 200


@pytest.mark.parametrize(
    "options, code",
    [
        ({"secret": "wrong"}, "InvalidSignatureException"),
        ({"age_minutes": 70, "expires": 3600}, "InvalidSignatureException"),
        ({"access_key": "nobody"}, "UnrecognizedClientException"),
        ({"expires": 604801}, ("InvalidSignatureException", "IncompleteSignatureException")),
        ({"expires": 0}, ("InvalidSignatureException", "IncompleteSignatureException")),
    ],
    ids=str,
)
def test_presigned_query_gone_wrong(account, options, code):
    refused_on_wire(send(presigned(account, **options)), code)


def test_refusals_change_nothing(account):
    request = account.request("CreateKey", {})
    send(account.sign(request, secret="wrong"))
    send(account.request("CreateKey", {}))
    assert account.client().list_keys()["Keys"] == []


# A signer of our own, for signatures that botocore does not make.


def signing_key(secret, scope):
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def signature(account, secret, stamp, method_path_query, headers, names, body):
    method, path, query = method_path_query
    lines = "".join(f"{name}:{headers[name]}\n" for name in names)
    canonical = "\n".join([method, path, query, lines, ";".join(names), hashlib.sha256(body).hexdigest()])
    scope = f"{stamp[:8]}/{account.region}/kms/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    return hmac.new(signing_key(secret, scope), text.encode(), "sha256").hexdigest()


def hand_signed(account, names=None, headers=(), request=None):
    request = request or account.request(*LIST)
    stamp = f"{now():%Y%m%dT%H%M%SZ}"
    for name, value in {"X-Amz-Date": stamp, **dict(headers)}.items():
        request.headers[name] = value
    found = {k.lower(): v for k, v in request.headers.items()} | {"host": urllib.parse.urlsplit(request.url).netloc}
    names = sorted(names or found)
    made = signature(account, account.secret, stamp, ("POST", "/", ""), found, names, request.data.encode())
    scope = f"{stamp[:8]}/{account.region}/kms/aws4_request"
    request.headers["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={account.access_key}/{scope}, SignedHeaders={';'.join(names)}, Signature={made}"
    )
    return request


def presigned(account, secret=None, access_key=None, age_minutes=0, expires=300):
    stamp = f"{now() - datetime.timedelta(minutes=age_minutes):%Y%m%dT%H%M%SZ}"
    host = urllib.parse.urlsplit(account.endpoint).netloc
    query = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{access_key or account.access_key}/{stamp[:8]}/{account.region}/kms/aws4_request",
        "X-Amz-Date": stamp,
        "X-Amz-Expires": str(expires),
        "X-Amz-SignedHeaders": "content-type;host;x-amz-target",
    }
    text = "&".join(f"{k}={urllib.parse.quote(v, safe='-_.~')}" for k, v in sorted(query.items()))
    headers = {"content-type": "application/x-amz-json-1.1", "host": host, "x-amz-target": "TrentService.ListKeys"}
    made = signature(account, secret or account.secret, stamp, ("POST", "/", text), headers, sorted(headers), b"{}")
    url = f"{account.endpoint}/?{text}&X-Amz-Signature={made}"
    sent = {k: v for k, v in headers.items() if k != "host"}
    return AWSRequest("POST", url, headers=sent, data="{}")
