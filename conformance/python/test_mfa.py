"""Virtual MFA devices: made, enabled with two codes, used for sessions, and asked for by policies."""

import base64
import json
import re

import pytest
from authenticator import Authenticator
from callers import allow, deny, trust
from expect import payload, refused, refused_by_query

pytestmark = pytest.mark.many_accounts

WITHOUT_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}


@pytest.fixture
def device(iam):
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone", Path="/x/")["VirtualMFADevice"]
    assert made["QRCodePNG"].startswith(b"\x89PNG")
    return Authenticator(made)


def test_a_devices_life(account, iam, device):
    account.user("ann")
    assert device.serial == f"arn:aws:iam::{account.id}:mfa/x/phone"
    first, second = device.pair
    codes = {"AuthenticationCode1": second, "AuthenticationCode2": first}
    call = {"UserName": "ann", "SerialNumber": device.serial}
    refused_by_query(iam.enable_mfa_device, 403, "InvalidAuthenticationCode", **call, **codes)
    device.enable(iam, "ann")
    assert [d["SerialNumber"] for d in iam.list_mfa_devices(UserName="ann")["MFADevices"]] == [device.serial]
    assert iam.get_mfa_device(**call)["UserName"] == "ann"
    (assigned,) = iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]
    assert assigned["User"]["UserName"] == "ann" and "Base32StringSeed" not in assigned
    assert iam.list_virtual_mfa_devices(AssignmentStatus="Unassigned")["VirtualMFADevices"] == []
    refused_by_query(iam.delete_virtual_mfa_device, 409, "DeleteConflict", SerialNumber=device.serial)
    refused_by_query(iam.delete_user, 409, "DeleteConflict", UserName="ann")
    iam.deactivate_mfa_device(**call)
    iam.delete_virtual_mfa_device(SerialNumber=device.serial)
    assert iam.list_virtual_mfa_devices()["VirtualMFADevices"] == []


def test_a_session_with_mfa_may_what_one_without_may_not(account, iam, key, device):
    """AWS's policy for dangerous operations, in the key policy; each code counts once."""
    ann = account.user("ann", allow(["kms:*", "iam:ListUsers"]))
    device.enable(iam, "ann")
    guarded = ["kms:ScheduleKeyDeletion", "kms:PutKeyPolicy"]
    statement = deny(guarded, condition=WITHOUT_MFA, Principal={"AWS": "*"}, Sid="WithoutMfa")
    policy = {"Version": "2012-10-17", "Statement": [allow("kms:*", Principal={"AWS": account.root_arn}), statement]}
    key.client.put_key_policy(KeyId=key.id, Policy=json.dumps(policy), BypassPolicyLockoutSafetyCheck=True)
    text = (
        f"User: {ann.arn} is not authorized to perform: kms:ScheduleKeyDeletion on resource: {key.arn} with an explicit "
        "deny in a resource-based policy"
    )
    refused(ann.client().schedule_key_deletion, "AccessDeniedException", text, KeyId=key.id)
    sts = ann.client(service="sts")
    plain = account.session(sts.get_session_token())
    refused(plain.client().schedule_key_deletion, "AccessDeniedException", text, KeyId=key.id)

    code = device.code
    with_code = {"SerialNumber": device.serial, "TokenCode": code}
    strong = account.session(sts.get_session_token(**with_code))
    text = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
    refused_by_query(sts.get_session_token, 403, "AccessDenied", text, **with_code)
    strong.client(service="iam").list_users()
    strong.client().schedule_key_deletion(KeyId=key.id)


def test_a_role_that_wants_mfa(account, iam, device):
    role = account.role(
        "admin",
        trust({"AWS": account.id}, {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}),
        allow("kms:ListKeys"),
    )
    ann = account.user("ann", allow("sts:AssumeRole", role))
    device.enable(iam, "ann")
    sts, named = ann.client(service="sts"), {"RoleArn": role, "RoleSessionName": "session"}
    refused_by_query(sts.assume_role, 403, "AccessDenied", **named)
    refused_by_query(sts.assume_role, 403, "AccessDenied", **named, SerialNumber=device.serial)
    code = device.code
    wrong = f"{(int(code) + 1) % 10**6:06}"
    refused_by_query(sts.assume_role, 403, "AccessDenied", **named, SerialNumber=device.serial, TokenCode=wrong)
    session = ann.assume(role, SerialNumber=device.serial, TokenCode=code)
    session.client().list_keys()


def test_somebody_elses_device(account, iam, device):
    account.user("ann")
    ben = account.user("ben")
    device.enable(iam, "ann")
    text = re.compile("MultiFactorAuthentication failed, unable to validate MFA code. .*")
    refused_by_query(
        ben.client(service="sts").get_session_token,
        403,
        "AccessDenied",
        text,
        SerialNumber=device.serial,
        TokenCode=device.code,
    )
    text = "MFA Device is already in use."
    first, second = device.pair
    codes = {"AuthenticationCode1": first, "AuthenticationCode2": second}
    refused_by_query(
        iam.enable_mfa_device, 409, "EntityAlreadyExists", text, UserName="ben", SerialNumber=device.serial, **codes
    )


def test_the_seed_is_shown_once(iam):
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="once")["VirtualMFADevice"]
    seed = base64.b32decode(made["Base32StringSeed"])
    assert len(seed) >= 20
    (listed,) = iam.list_virtual_mfa_devices()["VirtualMFADevices"]
    assert payload(listed) == {"SerialNumber": made["SerialNumber"]}
    refused_by_query(iam.create_virtual_mfa_device, 409, "EntityAlreadyExists", VirtualMFADeviceName="once")
