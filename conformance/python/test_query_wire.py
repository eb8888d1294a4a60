"""The wire of IAM and STS: forms in, XML out; which requests are none, and what each wrong signature is told."""

import datetime
import urllib.parse
import xml.etree.ElementTree as ElementTree

import boto3
import pytest
from botocore.awsrequest import AWSRequest
from callers import PLAIN, allow, document, send
from expect import UUID

pytestmark = pytest.mark.many_accounts

FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
IAM, STS = "https://iam.amazonaws.com/doc/2010-05-08/", "https://sts.amazonaws.com/doc/2011-06-15/"
LIST_USERS = {"Action": "ListUsers", "Version": "2010-05-08"}
WHO = {"Action": "GetCallerIdentity", "Version": "2011-06-15"}


def post(account, form, service="iam", signed=True, **signature):
    """Sends a form that was written by hand."""
    body = form if isinstance(form, str) else urllib.parse.urlencode(form)
    request = AWSRequest("POST", f"{account.endpoint}/", headers=dict(FORM), data=body)
    return send(account.sign(request, service=service, **signature) if signed else request)


def test_answers(account):
    for form, service, namespace in ((LIST_USERS, "iam", IAM), (WHO, "sts", STS)):
        answer = post(account, form, service)
        assert (answer.status, answer.headers["content-type"]) == (200, "text/xml")
        root = ElementTree.fromstring(answer.body)
        assert root.tag == f"{{{namespace}}}{form['Action']}Response"
        assert [child.tag for child in root] == [
            f"{{{namespace}}}{form['Action']}Result",
            f"{{{namespace}}}ResponseMetadata",
        ]
        request_id = root.findtext(f"{{{namespace}}}ResponseMetadata/{{{namespace}}}RequestId")
        assert UUID.fullmatch(request_id) and answer.headers["x-amzn-requestid"] == request_id


HOUR_AGO = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)
REFUSED = {
    "unknown-action": ({**LIST_USERS, "Action": "Nope"}, {}, 400, "InvalidAction"),
    "action-of-the-other-service": ({**LIST_USERS, "Action": "GetCallerIdentity"}, {}, 400, "InvalidAction"),
    "no-action": ({"Version": "2010-05-08"}, {}, 400, "MissingAction"),
    "a-parameter-twice": ("Action=ListUsers&Action=ListRoles&Version=2010-05-08", {}, 400, "MalformedQueryString"),
    "half-an-escape": ("Action=ListUsers&Version=2010-05-08&PathPrefix=%z", {}, 400, "MalformedQueryString"),
    "text-as-number": ({**LIST_USERS, "MaxItems": "ten"}, {}, 400, "MalformedInput"),
    "not-signed": (LIST_USERS, {"signed": False}, 403, "MissingAuthenticationToken"),
    "wrong-secret": (LIST_USERS, {"secret": "wrong"}, 403, "SignatureDoesNotMatch"),
    "signed-for-another-service": (LIST_USERS, {"service": "kms"}, 403, "SignatureDoesNotMatch"),
    "signed-an-hour-ago": (LIST_USERS, {"now": HOUR_AGO}, 403, "SignatureDoesNotMatch"),
    "unknown-key": (LIST_USERS, {"access_key": "AKIAIOSFODNN7EXAMPLE"}, 403, "InvalidClientTokenId"),
    "unknown-token": (LIST_USERS, {"token": "nonsense"}, 403, "InvalidClientTokenId"),
    "sts-for-iam": (WHO, {"service": "iam"}, 403, "SignatureDoesNotMatch"),
    "sts-not-signed": (WHO, {"signed": False}, 403, "MissingAuthenticationToken"),
}


@pytest.mark.parametrize("form, how, status, code", REFUSED.values(), ids=REFUSED)
def test_refusals(account, form, how, status, code):
    answer = post(account, form, **how)
    assert (answer.status, answer.headers["content-type"]) == (status, "text/xml"), answer.body
    namespace = STS if form is WHO else IAM
    root = ElementTree.fromstring(answer.body)
    assert root.tag == f"{{{namespace}}}ErrorResponse"
    found = {child.tag.removeprefix(f"{{{namespace}}}"): child.text for child in root[0]}
    assert (found["Type"], found["Code"]) == ("Sender", code) and found["Message"]
    assert root.findtext(f"{{{namespace}}}RequestId") == answer.headers["x-amzn-requestid"]


def test_letters_that_xml_and_forms_must_escape(iam):
    text = "<&>\"' +%20=\u00e9"
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=document(trusting()), Description=text)
    assert iam.get_role(RoleName="r")["Role"]["Description"] == text
    iam.create_user(UserName="a+b=c@d,e.f_g-h", Tags=[{"Key": "k", "Value": "a+b =/:@_\u00fc\u4e2d"}])
    (user,) = iam.list_users()["Users"]
    assert user["UserName"] == "a+b=c@d,e.f_g-h"
    tags = iam.list_user_tags(UserName=user["UserName"])["Tags"]
    assert tags == [{"Key": "k", "Value": "a+b =/:@_\u00fc\u4e2d"}]
    policy = document(
        allow("kms:Decrypt", "arn:aws:kms:*:*:key/*", {"StringLike": {"aws:username": "a+b%20c&<\u2603"}})
    )
    iam.put_user_policy(UserName=user["UserName"], PolicyName="p", PolicyDocument=policy)
    found = iam.get_user_policy(UserName=user["UserName"], PolicyName="p")["PolicyDocument"]
    assert found["Statement"][0]["Condition"] == {"StringLike": {"aws:username": "a+b%20c&<\u2603"}}


def trusting():
    return {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}


def test_the_resource_interface_of_boto3(account):
    """Objects instead of calls; older scripts use it."""
    settings = {"aws_access_key_id": account.access_key, "aws_secret_access_key": account.secret}
    iam = boto3.resource("iam", account.region, endpoint_url=account.endpoint, config=PLAIN, **settings)
    user = iam.create_user(UserName="ann")
    user.create_policy(PolicyName="inline", PolicyDocument=document(allow("kms:ListKeys")))
    managed = iam.create_policy(PolicyName="managed", PolicyDocument=document(allow("kms:ListAliases")))
    user.attach_policy(PolicyArn=managed.arn)
    assert [u.name for u in iam.users.all()] == ["ann"]
    assert [p.name for p in user.policies.all()] == ["inline"]
    assert [p.arn for p in user.attached_policies.all()] == [managed.arn]
    pair = user.create_access_key_pair()
    mine = account.client(aws_access_key_id=pair.id, aws_secret_access_key=pair.secret)
    mine.list_keys()
    mine.list_aliases()
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=document(trusting()))
    assert iam.Role("r").role_id == role.role_id
    assert iam.CurrentUser().arn == account.root_arn
