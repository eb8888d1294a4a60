"""CreateAlias, UpdateAlias, DeleteAlias."""

import re

import pytest
from expect import UNKNOWN_ID, payload, refused
from operations import Key, alias_name


def entry_of(kms, name):
    return next((e for e in kms.list_aliases(Limit=100)["Aliases"] if e["AliasName"] == name), None)


def test_the_life_of_an_alias(account, kms, key):
    name = alias_name()
    assert payload(kms.create_alias(AliasName=name, TargetKeyId=key.id)) == {}
    created = entry_of(kms, name)
    assert (created["AliasArn"], created["TargetKeyId"]) == (account.alias_arn(name), key.id)
    assert created["CreationDate"] == created["LastUpdatedDate"]

    assert payload(kms.update_alias(AliasName=name, TargetKeyId=key.partner.arn)) == {}
    moved = entry_of(kms, name)
    assert (moved["TargetKeyId"], moved["CreationDate"]) == (key.partner.id, created["CreationDate"])
    assert moved["LastUpdatedDate"] >= created["LastUpdatedDate"]
    assert kms.describe_key(KeyId=name)["KeyMetadata"]["KeyId"] == key.partner.id

    assert payload(kms.delete_alias(AliasName=name)) == {}
    assert entry_of(kms, name) is None
    refused(kms.describe_key, "NotFoundException", f"Alias {account.alias_arn(name)} is not found.", KeyId=name)
    assert key.partner.state == "Enabled"


@pytest.mark.parametrize(
    "name", ["alias/a", "alias/A", "alias/a/b/c", "alias/_-/0", "alias//", "alias/" + "a" * 250, "alias/awsome"]
)
def test_good_names(kms, key, name):
    kms.create_alias(AliasName=name, TargetKeyId=key.id)
    assert kms.describe_key(KeyId=name)["KeyMetadata"]["KeyId"] == key.id
    kms.delete_alias(AliasName=name)


def test_names_are_case_sensitive(kms, key):
    kms.create_alias(AliasName="alias/case", TargetKeyId=key.id)
    kms.create_alias(AliasName="alias/Case", TargetKeyId=key.partner.id)
    assert kms.describe_key(KeyId="alias/case")["KeyMetadata"]["KeyId"] == key.id
    assert kms.describe_key(KeyId="alias/Case")["KeyMetadata"]["KeyId"] == key.partner.id


PREFIX_TEXT = re.compile(r'Alias must start with the prefix "alias/"\. Please see \S+')


@pytest.mark.parametrize("name", ["noprefix", "Alias/a", "aliases/a", "alias", "a/alias/b"])
def test_names_without_the_prefix(kms, key, name):
    refused(kms.create_alias, "ValidationException", PREFIX_TEXT, AliasName=name, TargetKeyId=key.id)


def test_a_name_that_is_only_the_prefix(kms, key):
    refused(
        kms.create_alias, ("ValidationException", "InvalidAliasNameException"), AliasName="alias/", TargetKeyId=key.id
    )


def test_a_colon_is_in_the_models_pattern_but_in_no_name(kms, key):
    text = "alias/a:b contains invalid characters for an alias"
    refused(kms.create_alias, "ValidationException", text, AliasName="alias/a:b", TargetKeyId=key.id)


@pytest.mark.parametrize("name", ["alias/aws/s3", "alias/aws/mine", "alias/aws/"])
def test_reserved_names(kms, key, name):
    refused(kms.create_alias, "InvalidAliasNameException", AliasName=name, TargetKeyId=key.id)
    refused(
        kms.delete_alias,
        ("NotFoundException", "AccessDeniedException", "ValidationException", "InvalidAliasNameException"),
        AliasName=name,
    )
    refused(
        kms.update_alias,
        ("NotFoundException", "AccessDeniedException", "ValidationException", "InvalidAliasNameException"),
        AliasName=name,
        TargetKeyId=key.id,
    )


def test_a_name_is_taken_once(account, kms, key):
    text = f"An alias with the name {key.alias_arn} already exists"
    for target in (key.id, key.partner.id):
        refused(kms.create_alias, "AlreadyExistsException", text, AliasName=key.alias, TargetKeyId=target)
    assert kms.describe_key(KeyId=key.alias)["KeyMetadata"]["KeyId"] == key.id


def test_the_same_name_in_another_region(account, kms, key):
    there = account.client(region="ap-southeast-2")
    target = there.create_key()["KeyMetadata"]["KeyId"]
    there.create_alias(AliasName=key.alias, TargetKeyId=target)
    assert there.describe_key(KeyId=key.alias)["KeyMetadata"]["KeyId"] == target
    assert kms.describe_key(KeyId=key.alias)["KeyMetadata"]["KeyId"] == key.id


def test_unknown_aliases(account, kms, key):
    text = f"Alias {account.alias_arn('alias/nobody')} is not found."
    refused(kms.delete_alias, "NotFoundException", text, AliasName="alias/nobody")
    refused(kms.update_alias, "NotFoundException", text, AliasName="alias/nobody", TargetKeyId=key.id)


def test_unknown_targets(account, kms, key):
    text = f"Key '{account.key_arn(UNKNOWN_ID)}' does not exist"
    refused(kms.create_alias, "NotFoundException", text, AliasName=alias_name(), TargetKeyId=UNKNOWN_ID)
    refused(kms.update_alias, "NotFoundException", text, AliasName=key.alias, TargetKeyId=UNKNOWN_ID)
    assert kms.describe_key(KeyId=key.alias)["KeyMetadata"]["KeyId"] == key.id


def test_fifty_aliases_a_key(kms, key):
    for number in range(49):
        kms.create_alias(AliasName=f"alias/n{number}", TargetKeyId=key.id)
    text = re.compile(r"Aliases per key quota for this account in this region is 50, current usage is \d+\.")
    refused(kms.create_alias, "LimitExceededException", text, AliasName="alias/one-more", TargetKeyId=key.id)
    refused(kms.update_alias, "LimitExceededException", text, AliasName=key.partner.alias, TargetKeyId=key.id)
    kms.update_alias(AliasName="alias/n1", TargetKeyId=key.id)
    kms.delete_alias(AliasName="alias/n0")
    kms.create_alias(AliasName="alias/one-more", TargetKeyId=key.id)


def test_a_name_is_free_again_after_deletion(account, kms, key):
    for _ in range(3):
        kms.delete_alias(AliasName=key.alias)
        kms.create_alias(AliasName=key.alias, TargetKeyId=key.id)
    assert Key.create(account, kms).alias != key.alias
