"""ListKeys, ListAliases, ListResourceTags, ListKeyPolicies: pages and markers."""

import pytest
from expect import payload, refused
from operations import Key, alias_name


def keys_of(kms, count):
    return [kms.create_key()["KeyMetadata"] for _ in range(count)]


def pages(call, member, **request):
    """All items, page by page, as a client reads them; a bound keeps a marker that leads nowhere from hanging the test."""
    collected, marker = [], {}
    for _ in range(200):
        page = payload(call(**request, **marker))
        assert page["Truncated"] == ("NextMarker" in page)
        collected.append(page[member])
        if not page["Truncated"]:
            return collected
        marker = {"Marker": page["NextMarker"]}
    raise AssertionError("no end of pages")


def test_an_empty_account(kms):
    assert payload(kms.list_keys()) == {"Keys": [], "Truncated": False}
    assert payload(kms.list_aliases()) == {"Aliases": [], "Truncated": False}


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 1000])
def test_list_keys_in_pages(kms, limit):
    keys = keys_of(kms, 6)
    found = pages(kms.list_keys, "Keys", Limit=limit)
    assert all(len(page) <= limit for page in found)
    listed = [entry for page in found for entry in page]
    assert sorted(listed, key=str) == sorted(({"KeyId": k["KeyId"], "KeyArn": k["Arn"]} for k in keys), key=str)


def test_list_keys_shows_every_state(account, kms):
    keys = {Key.create(account, kms, state).id for state in ("Enabled", "Disabled", "PendingDeletion")}
    assert {entry["KeyId"] for entry in kms.list_keys()["Keys"]} == keys


def test_default_page_of_list_keys_is_a_hundred(kms):
    keys_of(kms, 101)
    first = kms.list_keys()
    assert (len(first["Keys"]), first["Truncated"]) == (100, True)
    assert len(kms.list_keys(Marker=first["NextMarker"])["Keys"]) == 1
    assert len(kms.list_keys(Limit=1000)["Keys"]) == 101


def test_the_clients_own_paginators(kms):
    keys = {k["KeyId"] for k in keys_of(kms, 5)}
    listed = kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 2})
    assert {entry["KeyId"] for page in listed for entry in page["Keys"]} == keys
    names = {alias_name() for _ in range(5)}
    for name in names:
        kms.create_alias(AliasName=name, TargetKeyId=next(iter(keys)))
    listed = kms.get_paginator("list_aliases").paginate(PaginationConfig={"PageSize": 2})
    assert {entry["AliasName"] for page in listed for entry in page["Aliases"]} == names


def test_resource_owners(kms):
    (key,) = keys_of(kms, 1)
    assert [k["KeyId"] for k in kms.list_keys(ResourceOwners=["SELF"])["Keys"]] == [key["KeyId"]]
    assert kms.list_keys(ResourceOwners=["OTHER_ACCOUNTS_VIA_RAM"])["Keys"] == []
    assert len(kms.list_keys(ResourceOwners=["SELF", "OTHER_ACCOUNTS_VIA_RAM"])["Keys"]) == 1


def test_a_listing_goes_on_when_its_items_change(kms):
    """Keys that are created between two pages may show or not; those that were there before show exactly once."""
    before = {k["KeyId"] for k in keys_of(kms, 6)}
    first = kms.list_keys(Limit=3)
    keys_of(kms, 3)
    rest = pages(lambda **r: kms.list_keys(**{"Marker": first["NextMarker"], "Limit": 2, **r}), "Keys")
    listed = [k["KeyId"] for k in first["Keys"]] + [k["KeyId"] for page in rest for k in page]
    assert len(listed) == len(set(listed))
    assert before <= set(listed)


def test_a_listing_goes_on_when_the_item_at_the_marker_is_gone(kms, key):
    names = sorted(alias_name() for _ in range(6))
    kms.delete_alias(AliasName=key.alias)
    for name in names:
        kms.create_alias(AliasName=name, TargetKeyId=key.id)
    first = kms.list_aliases(Limit=3)
    shown = [entry["AliasName"] for entry in first["Aliases"]]
    kms.delete_alias(AliasName=shown[-1])
    (gone,) = [n for n in names if n == shown[-1]]
    second = kms.list_aliases(Marker=first["NextMarker"])
    assert {entry["AliasName"] for entry in second["Aliases"]} == set(names) - set(shown)
    refused(kms.delete_alias, "NotFoundException", AliasName=gone)


@pytest.mark.parametrize("limit", [1, 2, 5, 6, 100])
def test_list_aliases_in_pages(account, kms, limit):
    keys = [Key.create(account, kms) for _ in range(5)]
    listed = [entry for page in pages(kms.list_aliases, "Aliases", Limit=limit) for entry in page]
    assert sorted(e["AliasName"] for e in listed) == sorted(k.alias for k in keys)
    assert {e["AliasName"]: e["TargetKeyId"] for e in listed} == {k.alias: k.id for k in keys}


def test_list_aliases_of_one_key(account, kms, key):
    Key.create(account, kms)
    for identifier in (key.id, key.arn):
        (entry,) = kms.list_aliases(KeyId=identifier)["Aliases"]
        assert entry == {
            "AliasName": key.alias,
            "AliasArn": key.alias_arn,
            "TargetKeyId": key.id,
            "CreationDate": entry["CreationDate"],
            "LastUpdatedDate": entry["CreationDate"],
        }


def test_default_page_of_list_aliases_is_fifty(account, kms):
    keys = [kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2)]
    for number in range(51):
        kms.create_alias(AliasName=f"alias/{number:03}", TargetKeyId=keys[number % 2])
    first = kms.list_aliases()
    assert (len(first["Aliases"]), first["Truncated"]) == (50, True)
    assert len(kms.list_aliases(Marker=first["NextMarker"])["Aliases"]) == 1
    assert len(kms.list_aliases(Limit=100)["Aliases"]) == 51
    assert [len(p) for p in pages(kms.list_aliases, "Aliases", KeyId=keys[0], Limit=20)] == [20, 6]


@pytest.mark.parametrize("limit", [1, 7, 49, 50])
def test_list_resource_tags_in_pages(kms, key, limit):
    tags = [{"TagKey": f"k{n}", "TagValue": f"v{n}"} for n in range(50)]
    kms.tag_resource(KeyId=key.id, Tags=tags)
    found = pages(kms.list_resource_tags, "Tags", KeyId=key.id, Limit=limit)
    assert all(len(page) <= limit for page in found)
    assert sorted((t for page in found for t in page), key=str) == sorted(tags, key=str)


def test_list_key_policies(kms, key):
    for request in ({}, {"Limit": 1}, {"Limit": 1000}):
        assert payload(kms.list_key_policies(KeyId=key.id, **request)) == {
            "PolicyNames": ["default"],
            "Truncated": False,
        }


LISTINGS = ["list_keys", "list_aliases", "list_key_policies", "list_resource_tags"]


@pytest.fixture
def first_pages(kms, key):
    """The answers of each listing with more than one item, one to a page."""
    kms.create_key()
    kms.create_alias(AliasName=alias_name(), TargetKeyId=key.id)
    kms.tag_resource(KeyId=key.id, Tags=[{"TagKey": k, "TagValue": k} for k in "ab"])
    of_key = {"KeyId": key.id}
    return {
        "list_keys": ({}, kms.list_keys(Limit=1)),
        "list_aliases": ({}, kms.list_aliases(Limit=1)),
        "list_resource_tags": (of_key, kms.list_resource_tags(Limit=1, **of_key)),
        "list_key_policies": (of_key, kms.list_key_policies(**of_key)),
    }


@pytest.mark.parametrize("listing", LISTINGS)
@pytest.mark.parametrize("marker", ["nonsense", "AAAA", "=", "é", "a" * 1024])
def test_a_marker_that_is_none(kms, first_pages, listing, marker):
    request, _ = first_pages[listing]
    refused(getattr(kms, listing), "InvalidMarkerException", Marker=marker, **request)


@pytest.mark.parametrize("listing", LISTINGS)
@pytest.mark.parametrize("source", ["list_keys", "list_aliases", "list_resource_tags"])
def test_a_marker_of_another_listing(kms, first_pages, listing, source):
    request, _ = first_pages[listing]
    marker = first_pages[source][1]["NextMarker"]
    if source == listing:
        assert payload(getattr(kms, listing)(Marker=marker, **request))
    else:
        refused(getattr(kms, listing), "InvalidMarkerException", Marker=marker, **request)


def test_a_marker_that_was_changed(kms, first_pages):
    marker = first_pages["list_keys"][1]["NextMarker"]
    for changed in (marker[:-1], marker + "A", marker[1:]):
        refused(kms.list_keys, "InvalidMarkerException", Marker=changed)


def test_a_marker_is_bound_to_what_is_listed(account, kms, first_pages, key):
    other = Key.create(account, kms)
    kms.tag_resource(KeyId=other.id, Tags=[{"TagKey": k, "TagValue": k} for k in "ab"])
    marker = first_pages["list_resource_tags"][1]["NextMarker"]
    refused(kms.list_resource_tags, "InvalidMarkerException", KeyId=other.id, Marker=marker)
    marker = first_pages["list_keys"][1]["NextMarker"]
    refused(kms.list_keys, "InvalidMarkerException", Marker=marker, ResourceOwners=["OTHER_ACCOUNTS_VIA_RAM"])


@pytest.mark.many_accounts
def test_a_marker_shows_nothing_of_another_account(other_account, kms, first_pages):
    """Whether such a marker is refused or read as one of the caller's own is left open."""
    theirs = other_account.client()
    own = theirs.create_key()["KeyMetadata"]["KeyId"]
    marker = first_pages["list_keys"][1]["NextMarker"]
    try:
        listed = {k["KeyId"] for k in theirs.list_keys(Marker=marker)["Keys"]}
    except theirs.exceptions.InvalidMarkerException:
        return
    assert listed <= {own}
