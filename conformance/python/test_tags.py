"""TagResource, UntagResource, ListResourceTags, and tags at creation."""

import pytest
from expect import payload, refused


def tags_of(kms, key):
    return {t["TagKey"]: t["TagValue"] for t in kms.list_resource_tags(KeyId=key.id)["Tags"]}


def as_tags(pairs):
    return [{"TagKey": k, "TagValue": v} for k, v in pairs.items()]


def test_the_life_of_tags(kms, key):
    assert payload(kms.list_resource_tags(KeyId=key.id)) == {"Tags": [], "Truncated": False}
    assert payload(kms.tag_resource(KeyId=key.id, Tags=as_tags({"a": "1", "b": ""}))) == {}
    assert tags_of(kms, key) == {"a": "1", "b": ""}
    kms.tag_resource(KeyId=key.arn, Tags=as_tags({"a": "2", "c": "3"}))
    assert tags_of(kms, key) == {"a": "2", "b": "", "c": "3"}
    assert payload(kms.untag_resource(KeyId=key.id, TagKeys=["a", "nobody", "c"])) == {}
    assert tags_of(kms, key) == {"b": ""}


@pytest.mark.parametrize(
    "tags",
    [
        {"Key": "1", "key": "2", "KEY": "3"},
        {"k" * 128: "v" * 256},
        {"a b": "c d", "cost/center": "x@y=z+1:2._-"},
        {"Straße": "größe"},
    ],
    ids=["case-sensitive", "longest", "characters", "letters"],
)
def test_good_tags(kms, key, tags):
    kms.tag_resource(KeyId=key.id, Tags=as_tags(tags))
    assert tags_of(kms, key) == tags


BAD = {
    "a key twice": [{"TagKey": "a", "TagValue": "1"}, {"TagKey": "a", "TagValue": "2"}],
    "reserved prefix": [{"TagKey": "aws:mine", "TagValue": "1"}],
}


@pytest.mark.parametrize("tags", BAD.values(), ids=BAD)
def test_bad_tags(kms, key, tags):
    refused(kms.tag_resource, "TagException", KeyId=key.id, Tags=tags)
    refused(kms.create_key, "TagException", Tags=tags)
    assert tags_of(kms, key) == {}
    assert len(kms.list_keys()["Keys"]) == 1


def test_fifty_tags_a_key(kms, key):
    kms.tag_resource(KeyId=key.id, Tags=as_tags({f"k{n}": "v" for n in range(50)}))
    refused(kms.tag_resource, ("LimitExceededException", "TagException"), KeyId=key.id, Tags=as_tags({"one more": "v"}))
    kms.tag_resource(KeyId=key.id, Tags=as_tags({"k0": "changed"}))
    kms.untag_resource(KeyId=key.id, TagKeys=["k1"])
    kms.tag_resource(KeyId=key.id, Tags=as_tags({"one more": "v"}))
    assert len(tags_of(kms, key)) == 50


def test_more_than_fifty_tags_in_one_request(kms, key):
    tags = as_tags({f"k{n}": "v" for n in range(51)})
    refused(kms.tag_resource, ("TagException", "LimitExceededException"), KeyId=key.id, Tags=tags)
    refused(kms.create_key, ("TagException", "LimitExceededException"), Tags=tags)
    assert tags_of(kms, key) == {}
