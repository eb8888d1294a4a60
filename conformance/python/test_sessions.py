"""STS: who calls, sessions of roles and of users, what they carry, what narrows them, and when they end."""

import datetime
import re

import pytest
from botocore.awsrequest import AWSRequest
from callers import allow, deny, document, send, trust
from expect import payload, refused, refused_by_query

pytestmark = pytest.mark.many_accounts


def assumes(sts, role, name="session", **more):
    return sts.assume_role(RoleArn=role, RoleSessionName=name, **more)


def denies(caller, role, text=None, **more):
    sts = caller.client(service="sts")
    refused_by_query(sts.assume_role, 403, "AccessDenied", text, RoleArn=role, RoleSessionName="session", **more)


def test_who_calls(account):
    root = {"UserId": account.id, "Account": account.id, "Arn": account.root_arn}
    assert payload(account.client(service="sts").get_caller_identity()) == root
    ann = account.user("ann", deny("*"), path="/x/")  # nobody can be kept from asking
    assert payload(ann.client(service="sts").get_caller_identity())["Arn"] == f"arn:aws:iam::{account.id}:user/x/ann"


IDENTITY = "GetCallerIdentity"


def presigned(caller, **more):
    """What Kubernetes and Vault take as proof of who somebody is: an address that only the caller could have signed."""
    sts = caller.client(service="sts")
    return sts.generate_presigned_url("get_caller_identity", HttpMethod="GET", ExpiresIn=60, **more)


def fetched(address):
    return send(AWSRequest("GET", address), "GET")


def test_who_calls_by_a_presigned_address(account):
    ann = account.user("ann")
    role = account.role("r", trust({"AWS": account.id}))
    for caller, who in [
        (account, account.root_arn),
        (ann, ann.arn),
        (account.user("ben", allow("sts:AssumeRole", role)).assume(role), ":assumed-role/r/session</Arn>"),
    ]:
        answer = fetched(presigned(caller))
        assert answer.status == 200 and who in answer.body.decode(), answer


@pytest.mark.parametrize(
    "change, code",
    [
        (lambda address: address.replace("X-Amz-Signature=", "X-Amz-Signature=0"), "SignatureDoesNotMatch"),
        (lambda address: address.replace(IDENTITY, "GetSessionToken"), "SignatureDoesNotMatch"),
        (lambda address: address + "&more=1", "SignatureDoesNotMatch"),
        (lambda address: address.replace("X-Amz-Expires=60", "X-Amz-Expires=600"), "SignatureDoesNotMatch"),
        (lambda address: address.partition("&X-Amz")[0], "MissingAuthenticationToken"),
        (lambda address: address.replace(f"Action={IDENTITY}", "Nothing=1"), "MissingAction"),
    ],
)
def test_a_presigned_address_that_was_changed(account, change, code):
    answer = fetched(change(presigned(account)))
    assert answer.status in (400, 403) and f"<Code>{code}</Code>" in answer.body.decode(), answer


def test_a_get_is_no_call_of_kms(account):
    request = account.request("CreateKey", {})
    request.url += "?x=1"
    answer = send(account.sign(request), "GET")
    assert answer.status == 400 and "<Code>MissingAction</Code>" in answer.body.decode(), answer
    assert account.client().list_keys()["Keys"] == []


def test_a_session_of_a_role(account, iam, sts):
    role = account.role("r", trust({"AWS": account.id}), allow("iam:ListUsers"))
    ann = account.user("ann", allow("sts:AssumeRole", role))
    before = datetime.datetime.now(datetime.timezone.utc)
    answer = assumes(ann.client(service="sts"), role, "my-session@x")
    role_id = iam.get_role(RoleName="r")["Role"]["RoleId"]
    arn = f"arn:aws:sts::{account.id}:assumed-role/r/my-session@x"
    assert answer["AssumedRoleUser"] == {"AssumedRoleId": f"{role_id}:my-session@x", "Arn": arn}
    assert "PackedPolicySize" not in answer
    found = answer["Credentials"]
    assert re.fullmatch(r"ASIA[A-Z2-7]{16}", found["AccessKeyId"]) and len(found["SecretAccessKey"]) == 40
    assert abs((found["Expiration"] - before).total_seconds() - 3600) < 60
    session = account.session(answer)
    assert payload(session.client(service="sts").get_caller_identity()) == {
        "UserId": f"{role_id}:my-session@x",
        "Account": account.id,
        "Arn": arn,
    }
    session.client(service="iam").list_users()
    text = (
        f"User: {arn} is not authorized to perform: iam:ListRoles on resource: * because no identity-based policy "
        "allows the iam:ListRoles action"
    )
    refused_by_query(session.client(service="iam").list_roles, 403, "AccessDenied", text)
    for seconds in (900, 3600):
        assumes(ann.client(service="sts"), role, DurationSeconds=seconds)
    for seconds in (899, 3601, 43201):
        refused_by_query(
            ann.client(service="sts").assume_role,
            400,
            "ValidationError",
            RoleArn=role,
            RoleSessionName="session",
            DurationSeconds=seconds,
        )


def test_a_role_trusts_or_not(account):
    ann = account.user("ann", allow("sts:AssumeRole"))
    ben = account.user("ben")
    own = account.role("own", trust({"AWS": account.root_arn}))
    named = account.role("named", trust({"AWS": ben.arn}))
    ann.assume(own)
    ben.assume(named)  # in one account the trust policy alone is enough, if it names the user
    text = f"User: {ann.arn} is not authorized to perform: sts:AssumeRole on resource: {named}"
    denies(ann, named, re.compile(f"{text}( because .*)?"))
    denies(ben, own)
    denies(account, own)  # the root has no role
    nobody = f"arn:aws:iam::{account.id}:role/nobody"
    denies(ann, nobody)


def test_a_role_of_another_account(account, other_account):
    ann = account.user("ann", allow("sts:AssumeRole"))
    ben = account.user("ben")
    open_ = other_account.role("open", trust({"AWS": account.root_arn}), allow("kms:ListKeys"))
    session = ann.assume(open_)
    assert session.id == other_account.id
    session.client().list_keys()
    denies(ben, open_)  # both sides must agree
    denies(ann, other_account.role("closed", trust({"AWS": other_account.root_arn})))
    denies(ann, f"arn:aws:iam::{other_account.id}:role/nobody")


def test_an_external_id(account):
    """Against the confused deputy."""
    deputy = account.user("deputy", allow("sts:AssumeRole"))
    role = account.role("r", trust({"AWS": account.id}, {"StringEquals": {"sts:ExternalId": "Unique ID Assigned 1"}}))
    denies(deputy, role)
    denies(deputy, role, ExternalId="another")
    named = {"RoleArn": role, "RoleSessionName": "session"}
    with_spaces = deputy.client(service="sts").assume_role  # which no external id has
    refused_by_query(with_spaces, 400, "ValidationError", **named, ExternalId="Unique ID Assigned 1")
    role = account.role("s", trust({"AWS": account.id}, {"StringEquals": {"sts:ExternalId": "unique:1"}}))
    deputy.assume(role, ExternalId="unique:1")
    denies(deputy, role, ExternalId="unique:2")


def test_a_session_policy_narrows(account, kms, key, iam):
    role = account.role("r", trust({"AWS": account.id}), allow(["kms:*", "iam:ListUsers"]))
    ann = account.user("ann", allow("sts:AssumeRole"))
    answer = assumes(ann.client(service="sts"), role, Policy=document(allow("kms:Encrypt", key.arn)))
    assert 0 <= answer["PackedPolicySize"] <= 100
    narrow = account.session(answer)
    narrow.client().encrypt(KeyId=key.id, Plaintext=b"x")
    text = (
        f"User: {narrow.arn} is not authorized to perform: kms:DescribeKey on resource: {key.arn} because no session "
        "policy allows the kms:DescribeKey action"
    )
    refused(narrow.client().describe_key, "AccessDeniedException", text, KeyId=key.id)
    refused_by_query(narrow.client(service="iam").list_users, 403, "AccessDenied")

    managed = iam.create_policy(PolicyName="p", PolicyDocument=document(allow("iam:ListUsers")))["Policy"]["Arn"]
    listing = ann.assume(role, PolicyArns=[{"arn": managed}])
    listing.client(service="iam").list_users()
    refused(listing.client().encrypt, "AccessDeniedException", KeyId=key.id, Plaintext=b"x")
    sts = ann.client(service="sts")
    named = {"RoleArn": role, "RoleSessionName": "session"}
    refused_by_query(sts.assume_role, 400, "MalformedPolicyDocument", **named, Policy="{}")


def test_session_tags_decide_and_travel(account):
    role = account.role(
        "r",
        [
            trust({"AWS": account.id}),
            trust({"AWS": account.id}, {"StringEquals": {"aws:RequestTag/team": "blue"}}, "sts:TagSession"),
        ],
        allow("kms:ListKeys", condition={"StringEquals": {"aws:PrincipalTag/team": "blue"}}),
        allow("sts:*"),
        Tags=[{"Key": "team", "Value": "red"}],
    )
    target = account.role(
        "target",
        trust({"AWS": account.id}, action=["sts:AssumeRole", "sts:TagSession"]),
        allow("kms:ListAliases", condition={"StringEquals": {"aws:PrincipalTag/team": "blue"}}),
    )
    ann = account.user("ann", allow(["sts:AssumeRole", "sts:TagSession"]))
    plain = ann.assume(role)
    refused(plain.client().list_keys, "AccessDeniedException")  # its role's tag says red
    blue = ann.assume(role, Tags=[{"Key": "team", "Value": "blue"}], TransitiveTagKeys=["team"])
    blue.client().list_keys()
    denies(ann, role, Tags=[{"Key": "team", "Value": "green"}])
    chained = blue.assume(target)
    chained.client().list_aliases()
    # A transitive tag cannot be changed on the way.
    refused_by_query(
        blue.client(service="sts").assume_role,
        400,
        ("InvalidParameterValue", "ValidationError"),
        RoleArn=target,
        RoleSessionName="session",
        Tags=[{"Key": "team", "Value": "red"}],
    )
    refused(ann.assume(target).client().list_aliases, "AccessDeniedException")


def test_a_chain_lasts_an_hour_at_most(account):
    first = account.role("a", trust({"AWS": account.id}), allow("sts:AssumeRole"), MaxSessionDuration=43200)
    second = account.role("b", trust({"AWS": first}), MaxSessionDuration=43200)
    ann = account.user("ann", allow("sts:AssumeRole", first))
    session = ann.assume(first, DurationSeconds=43200)
    session.assume(second, DurationSeconds=3600)
    refused_by_query(
        session.client(service="sts").assume_role,
        400,
        "ValidationError",
        RoleArn=second,
        RoleSessionName="session",
        DurationSeconds=3601,
    )
    denies(ann, second)


def test_a_source_identity_stays(account):
    actions = ["sts:AssumeRole", "sts:SetSourceIdentity"]
    first = account.role("a", trust({"AWS": account.id}, action=actions), allow("sts:*"))
    second = account.role(
        "b",
        trust({"AWS": account.id}, {"StringEquals": {"aws:SourceIdentity": "ann"}}, actions),
        allow("kms:ListKeys", condition={"StringEquals": {"aws:SourceIdentity": "ann"}}),
    )
    ann = account.user("ann", allow(actions))
    answer = assumes(ann.client(service="sts"), first, SourceIdentity="ann")
    assert answer["SourceIdentity"] == "ann"
    account.session(answer).assume(second).client().list_keys()
    denies(ann.assume(first, SourceIdentity="ben"), second)


def test_a_session_of_a_user(account, key):
    ann = account.user("ann", allow(["kms:DescribeKey", "iam:ListUsers"], "*"))
    session = account.session(ann.client(service="sts").get_session_token(DurationSeconds=900))
    identity = payload(session.client(service="sts").get_caller_identity())
    assert identity["Arn"] == ann.arn
    session.client().describe_key(KeyId=key.id)
    # A session without MFA calls nothing of IAM, and of STS little, as in AWS.
    refused_by_query(session.client(service="iam").list_users, 403, ("AccessDenied", "InvalidClientTokenId"))
    refused_by_query(session.client(service="sts").get_session_token, 403, "AccessDenied")


def test_a_session_ends_with_its_user_or_role(account, iam):
    ann = account.user("ann", allow("sts:AssumeRole"))
    role = account.role("r", trust({"AWS": account.id}), allow("kms:ListKeys"))
    as_role, as_user = ann.assume(role), account.session(ann.client(service="sts").get_session_token())
    as_role.client().list_keys()
    iam.delete_role_policy(RoleName="r", PolicyName="inline")
    refused(as_role.client().list_keys, "AccessDeniedException")
    iam.put_role_policy(RoleName="r", PolicyName="inline", PolicyDocument=document(allow("kms:ListKeys")))
    as_role.client().list_keys()
    old = document(deny("*", condition={"DateLessThan": {"aws:TokenIssueTime": "2099-01-01T00:00:00Z"}}))
    iam.put_role_policy(RoleName="r", PolicyName="AWSRevokeOlderSessions", PolicyDocument=old)
    refused(as_role.client().list_keys, "AccessDeniedException")
    for name in ("inline", "AWSRevokeOlderSessions"):
        iam.delete_role_policy(RoleName="r", PolicyName=name)
    iam.delete_role(RoleName="r")
    account.role("r", trust({"AWS": account.id}), allow("kms:ListKeys"))
    refused(as_role.client().list_keys, "UnrecognizedClientException")  # the new role is another
    iam.delete_access_key(UserName="ann", AccessKeyId=ann.access_key)
    iam.delete_user_policy(UserName="ann", PolicyName="inline")
    iam.delete_user(UserName="ann")
    refused(as_user.client().list_keys, "UnrecognizedClientException")


@pytest.mark.parametrize("change", ["none", "cut", "turned", "swapped", "another's"])
def test_tokens_that_are_not_the_sessions_own(account, change):
    role = account.role("r", trust({"AWS": account.id}), allow("kms:ListKeys"))
    ann = account.user("ann", allow("sts:AssumeRole"))
    session, other = ann.assume(role), ann.assume(role)
    session.client().list_keys()
    token = {
        "none": None,
        "cut": session.token[:-4],
        "turned": session.token[:-9] + ("A" if session.token[-9] != "A" else "B") + session.token[-8:],
        "swapped": session.token.swapcase(),
        "another's": other.token,
    }[change]
    refused(session.client(aws_session_token=token).list_keys, "UnrecognizedClientException")
    sts = session.client(service="sts", aws_session_token=token)
    refused_by_query(sts.get_caller_identity, 403, "InvalidClientTokenId")


def test_a_session_of_one_account_is_nothing_in_another(account, other_account, key):
    """The same names on both sides change nothing: only who it is counts."""
    sessions = []
    for owner in (account, other_account):
        role = owner.role("same", trust({"AWS": owner.id}), allow("kms:DescribeKey"))
        sessions.append(owner.user("ann", allow("sts:AssumeRole")).assume(role))
    own, foreign = sessions
    own.client().describe_key(KeyId=key.arn)
    refused(foreign.client().describe_key, "AccessDeniedException", KeyId=key.arn)
    mixed = own.client(aws_session_token=foreign.token)
    refused(mixed.describe_key, "UnrecognizedClientException", KeyId=key.arn)


def test_a_role_of_a_service_is_not_for_others(account):
    role = account.role("r", trust({"Service": "s3.amazonaws.com"}))
    denies(account.user("ann", allow("*")), role)


def test_the_trust_policy_names_ids_not_names(account, iam):
    """A new user of the old name does not get in."""
    ann = account.user("ann")
    role = account.role("r", trust({"AWS": ann.arn}))
    ann.assume(role)
    first = iam.get_user(UserName="ann")["User"]["UserId"]
    iam.delete_access_key(UserName="ann", AccessKeyId=ann.access_key)
    iam.delete_user(UserName="ann")
    denies(account.user("ann"), role)
    shown = iam.get_role(RoleName="r")["Role"]["AssumeRolePolicyDocument"]
    assert shown["Statement"][0]["Principal"] == {"AWS": first}
