//! The four listings: pages of every size, markers that are another's, and what changes while somebody turns the pages.

use kagiban_testkit::{AwsError, Client};
use serde_json::{Value, json};

use crate::support::{
    ACCOUNT, OTHER_ACCOUNT, REGION, Scene, assert_refused, create_key, key_id_of, refusal, text, texts_of, violation,
    with,
};

/// One listing: operation, the member with its entries, and what names an entry (nothing if entries are texts).
struct Listing {
    operation: &'static str,
    member: &'static str,
    name: &'static str,
    input: Value,
}

impl Listing {
    fn keys() -> Self {
        Self { operation: "ListKeys", member: "Keys", name: "KeyId", input: json!({}) }
    }

    fn aliases() -> Self {
        Self { operation: "ListAliases", member: "Aliases", name: "AliasName", input: json!({}) }
    }

    fn aliases_of(key: &str) -> Self {
        Self { input: json!({"KeyId": key}), ..Self::aliases() }
    }

    fn tags_of(key: &str) -> Self {
        Self { operation: "ListResourceTags", member: "Tags", name: "TagKey", input: json!({"KeyId": key}) }
    }

    fn policies_of(key: &str) -> Self {
        Self { operation: "ListKeyPolicies", member: "PolicyNames", name: "", input: json!({"KeyId": key}) }
    }

    async fn page(&self, client: &Client<'_>, more: Value) -> Result<Page, AwsError> {
        let answer = client.call(self.operation, with(&self.input, more)).await?;
        let names = match self.name {
            "" => answer[self.member].as_array().unwrap().iter().map(text).collect(),
            name => texts_of(&answer[self.member], name),
        };
        let marker = answer.get("NextMarker").map(text);
        assert_eq!(
            answer["Truncated"],
            marker.is_some(),
            "{}: a marker belongs to a page that is not the last",
            answer
        );
        Ok(Page { names, marker })
    }

    /// All pages of this size.
    async fn pages(&self, client: &Client<'_>, limit: usize) -> Vec<Vec<String>> {
        let mut pages = Vec::new();
        let mut marker = Value::Null;
        loop {
            let page = self.page(client, json!({"Limit": limit, "Marker": marker})).await.unwrap();
            pages.push(page.names);
            assert!(pages.len() < 1000, "{} does not end", self.operation);
            let Some(next) = page.marker else { return pages };
            marker = json!(next);
        }
    }
}

struct Page {
    names: Vec<String>,
    marker: Option<String>,
}

/// A key with seven tags and five of the account's twelve aliases, among nine keys.
async fn populate(client: &Client<'_>) -> String {
    let mut keys = Vec::new();
    for _ in 0..9 {
        keys.push(create_key(client).await);
    }
    for n in 0..12 {
        let target = if n % 5 < 2 { &keys[0] } else { &keys[1 + n % 5] };
        let input = json!({"AliasName": format!("alias/{n:02}"), "TargetKeyId": target});
        client.call("CreateAlias", input).await.unwrap();
    }
    let tags: Vec<Value> = (0..7).map(|n| json!({"TagKey": format!("tag {n}"), "TagValue": ""})).collect();
    client.call("TagResource", json!({"KeyId": keys[0], "Tags": tags})).await.unwrap();
    keys.swap_remove(0)
}

fn listings(key: &str) -> Vec<(Listing, usize)> {
    vec![
        (Listing::keys(), 9),
        (Listing::aliases(), 12),
        (Listing::aliases_of(key), 6),
        (Listing::tags_of(key), 7),
        (Listing::policies_of(key), 1),
    ]
}

#[tokio::test]
async fn pages_of_every_size_give_every_entry_once_and_in_order() {
    let scene = Scene::new().await;
    // Others' entries before, between and after ours.
    for (account, region) in [(OTHER_ACCOUNT, REGION), (ACCOUNT, "ap-south-1"), (ACCOUNT, "us-west-2")] {
        populate(&scene.world.client(account, region)).await;
    }
    let client = scene.client();
    let key = populate(&client).await;
    for (listing, count) in listings(&key) {
        let operation = listing.operation;
        let whole = listing.page(&client, json!({})).await.unwrap();
        assert_eq!((whole.names.len(), &whole.marker), (count, &None), "{operation}");
        let mut sorted = whole.names.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted, whole.names, "{operation}");
        for limit in 1..=count + 2 {
            let pages = listing.pages(&client, limit).await;
            assert_eq!(pages.concat(), whole.names, "{operation} by {limit}");
            // Every page but the last is full, and the last is not empty.
            assert_eq!(pages.len(), count.div_ceil(limit), "{operation} by {limit}");
            assert!(pages.iter().all(|page| page.len() <= limit), "{operation} by {limit}");
        }
    }
}

#[tokio::test]
async fn empty_listings_are_one_empty_page() {
    let scene = Scene::new().await;
    let client = scene.client();
    for (operation, input, member) in [("ListKeys", json!({}), "Keys"), ("ListAliases", json!({}), "Aliases")] {
        let answer = client.call(operation, with(&input, json!({"Limit": 1}))).await.unwrap();
        assert_eq!(answer, json!({member: [], "Truncated": false}), "{operation}");
    }
    let key = create_key(&client).await;
    let answer = client.call("ListKeyPolicies", json!({"KeyId": key})).await.unwrap();
    assert_eq!(answer, json!({"PolicyNames": ["default"], "Truncated": false}));
    let answer = client.call("ListKeys", json!({})).await.unwrap();
    assert_eq!(answer, json!({"Keys": [{"KeyId": key_id_of(&key), "KeyArn": key}], "Truncated": false}));
}

#[tokio::test]
async fn default_and_greatest_page_sizes_are_the_listings_own() {
    let scene = Scene::new().await;
    let client = scene.client();
    let mut keys = Vec::new();
    for _ in 0..103 {
        keys.push(create_key(&client).await);
    }
    for (n, key) in keys.iter().enumerate() {
        let input = json!({"AliasName": format!("alias/{n:03}"), "TargetKeyId": key});
        client.call("CreateAlias", input).await.unwrap();
    }
    for (listing, limit, expected) in [
        (Listing::keys(), Value::Null, 100),
        (Listing::keys(), json!(101), 101),
        (Listing::keys(), json!(1000), 103),
        (Listing::aliases(), Value::Null, 50),
        (Listing::aliases(), json!(51), 51),
        (Listing::aliases(), json!(100), 100),
        (Listing::aliases(), json!(1000), 100),
    ] {
        let page = listing.page(&client, json!({"Limit": limit})).await.unwrap();
        assert_eq!(page.names.len(), expected, "{} by {limit}", listing.operation);
        assert_eq!(page.marker.is_some(), expected < 103, "{} by {limit}", listing.operation);
    }
    let tags: Vec<Value> = (0..50).map(|n| json!({"TagKey": format!("{n:02}"), "TagValue": ""})).collect();
    client.call("TagResource", json!({"KeyId": keys[0], "Tags": tags})).await.unwrap();
    for limit in [Value::Null, json!(50), json!(1000)] {
        let page = Listing::tags_of(&keys[0]).page(&client, json!({"Limit": limit})).await.unwrap();
        assert_eq!((page.names.len(), page.marker), (50, None), "{limit}");
    }
}

#[tokio::test]
async fn limits_outside_1_to_1000_are_refused() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = populate(&client).await;
    let mut table = Vec::new();
    for (listing, _) in listings(&key) {
        for (limit, bound) in [
            (0, "greater than or equal to 1"),
            (-1, "greater than or equal to 1"),
            (1001, "less than or equal to 1000"),
        ] {
            let text =
                format!("Value '{limit}' at 'limit' failed to satisfy constraint: Member must have value {bound}");
            let input = with(&listing.input, json!({"Limit": limit}));
            table.push(refusal(listing.operation, input, "ValidationException", violation(&text)));
        }
    }
    assert_refused(&scene, &client, table).await;
}

#[tokio::test]
async fn what_comes_and_goes_between_pages_disturbs_nobody_else() {
    let scene = Scene::new().await;
    let client = scene.client();
    populate(&client).await;
    for limit in 1..5 {
        for listing in [Listing::keys(), Listing::aliases()] {
            let before = listing.pages(&client, 100).await.concat();
            let (mut seen, mut marker) = (Vec::new(), Value::Null);
            loop {
                let page = listing.page(&client, json!({"Limit": limit, "Marker": marker})).await.unwrap();
                seen.extend(page.names);
                let Some(next) = page.marker else { break };
                marker = json!(next);
                // A key and an alias more between any two pages, at places that chance chooses, and the last seen
                // alias less: its marker still stands.
                let key = create_key(&client).await;
                let name = format!("alias/{}", key_id_of(&key));
                client.call("CreateAlias", json!({"AliasName": name, "TargetKeyId": key})).await.unwrap();
                if let Some(last) = seen.last().filter(|last| last.starts_with("alias/0")) {
                    client.call("DeleteAlias", json!({"AliasName": last})).await.unwrap();
                }
            }
            let mut once = seen.clone();
            once.sort_unstable();
            once.dedup();
            assert_eq!(once, seen, "{} by {limit}: twice, or out of order", listing.operation);
            for name in before {
                assert!(seen.contains(&name), "{} by {limit}: {name} was passed over", listing.operation);
            }
        }
    }
}

/// The marker after the first entry.
async fn marker_of(listing: &Listing, client: &Client<'_>) -> String {
    listing.page(client, json!({"Limit": 1})).await.unwrap().marker.unwrap()
}

#[tokio::test]
async fn markers_of_other_listings_keys_accounts_and_regions_are_refused() {
    let scene = Scene::new().await;
    let client = scene.client();
    let (key, other) = (populate(&client).await, populate_as(&client, "other").await);
    let stranger = scene.world.client(OTHER_ACCOUNT, REGION);
    let far = scene.world.client(ACCOUNT, "eu-west-1");
    populate(&stranger).await;
    populate(&far).await;
    let mut markers = vec![
        ("keys", marker_of(&Listing::keys(), &client).await),
        ("aliases", marker_of(&Listing::aliases(), &client).await),
        ("aliases of the key", marker_of(&Listing::aliases_of(&key), &client).await),
        ("tags of the key", marker_of(&Listing::tags_of(&key), &client).await),
        ("aliases of another key", marker_of(&Listing::aliases_of(&other), &client).await),
        ("tags of another key", marker_of(&Listing::tags_of(&other), &client).await),
    ];
    for (whose, client) in [("another account's", &stranger), ("another Region's", &far)] {
        markers.push((whose, marker_of(&Listing::keys(), client).await));
        markers.push((whose, marker_of(&Listing::aliases(), client).await));
    }
    let text = "The marker is not one that this listing gave out.";
    let mut table = Vec::new();
    for (own, listing) in [
        ("keys", Listing::keys()),
        ("aliases", Listing::aliases()),
        ("aliases of the key", Listing::aliases_of(&key)),
        ("tags of the key", Listing::tags_of(&key)),
        ("", Listing::policies_of(&key)),
    ] {
        for (of, marker) in &markers {
            let more = json!({"Marker": marker, "Limit": 1});
            if *of == own {
                assert_eq!(listing.page(&client, more).await.unwrap().names.len(), 1, "{of}");
            } else {
                let input = with(&listing.input, more);
                table.push(refusal(listing.operation, input, "InvalidMarkerException", text));
            }
        }
    }
    assert_refused(&scene, &client, table).await;
}

/// Another key with a tag, and with aliases that begin with `prefix`.
async fn populate_as(client: &Client<'_>, prefix: &str) -> String {
    let key = create_key(client).await;
    for n in 0..3 {
        let input = json!({"AliasName": format!("alias/{prefix}-{n}"), "TargetKeyId": key});
        client.call("CreateAlias", input).await.unwrap();
        let tags = json!([{"TagKey": format!("{prefix} {n}"), "TagValue": ""}]);
        client.call("TagResource", json!({"KeyId": key, "Tags": tags})).await.unwrap();
    }
    key
}

#[tokio::test]
async fn garbled_markers_are_refused() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = populate(&client).await;
    let text = "The marker is not one that this listing gave out.";
    let mut table = Vec::new();
    for (listing, _) in listings(&key) {
        let mut markers = vec![" ".to_owned(), "x".to_owned(), "AAAA".to_owned(), "a".repeat(1024), "ÿ".to_owned()];
        if listing.operation != "ListKeyPolicies" {
            let good = marker_of(&listing, &client).await;
            // Changed anywhere but in the name of the entry, which may be any name of its form.
            for at in 0..8 {
                markers.push(format!("{}A{}", &good[..at], &good[at + 1..]));
            }
            markers.push(good[..12].to_owned());
            markers.push(format!("{good}="));
            markers.push(format!(" {good}"));
        }
        for marker in markers {
            let input = with(&listing.input, json!({"Marker": marker}));
            table.push(refusal(listing.operation, input, "InvalidMarkerException", text));
        }
        let too_long = "m".repeat(1025);
        let long_text = format!(
            "Value '{}...' at 'marker' failed to satisfy constraint: Member must have length less than or equal to 1024",
            &too_long[..1024]
        );
        let input = with(&listing.input, json!({"Marker": too_long}));
        table.push(refusal(listing.operation, input, "ValidationException", violation(&long_text)));
        let not_latin = "Value '鍵' at 'marker' failed to satisfy constraint: Member must satisfy regular expression \
                         pattern: [\\u0020-\\u00FF]*";
        let input = with(&listing.input, json!({"Marker": "鍵"}));
        table.push(refusal(listing.operation, input, "ValidationException", violation(not_latin)));
    }
    assert_refused(&scene, &client, table).await;
}

/// Markers of the longest names are still within what the API lets a marker be.
#[tokio::test]
async fn markers_of_the_longest_names_can_be_given_back() {
    let scene = Scene::new().await;
    let client = scene.world.client(ACCOUNT, "us-gov-northeast-1");
    let key = create_key(&client).await;
    for letter in ["a", "b"] {
        let name = format!("alias/{}", letter.repeat(250));
        client.call("CreateAlias", json!({"AliasName": name, "TargetKeyId": key})).await.unwrap();
    }
    let tags = ["鍵", "鍶"].map(|letter| json!({"TagKey": letter.repeat(128), "TagValue": ""}));
    client.call("TagResource", json!({"KeyId": key, "Tags": tags})).await.unwrap();
    for listing in [Listing::aliases(), Listing::aliases_of(&key), Listing::tags_of(&key)] {
        assert_eq!(listing.pages(&client, 1).await.len(), 2, "{}", listing.operation);
    }
}

#[tokio::test]
async fn keys_shared_by_others_are_none_and_ones_own_are_all() {
    let scene = Scene::new().await;
    let client = scene.client();
    populate(&client).await;
    for (owners, count) in [
        (Value::Null, 9),
        (json!(["SELF"]), 9),
        (json!(["OTHER_ACCOUNTS_VIA_RAM"]), 0),
        (json!(["SELF", "OTHER_ACCOUNTS_VIA_RAM"]), 9),
        (json!(["OTHER_ACCOUNTS_VIA_RAM", "SELF"]), 9),
    ] {
        let page = Listing::keys().page(&client, json!({"ResourceOwners": owners})).await.unwrap();
        assert_eq!(page.names.len(), count, "{owners}");
    }
    let marker = marker_of(&Listing::keys(), &client).await;
    let value_set = "Member must satisfy enum value set: [SELF, OTHER_ACCOUNTS_VIA_RAM]";
    let size = |shown: &str, bound: &str| {
        violation(&format!(
            "Value '{shown}' at 'resourceOwners' failed to satisfy constraint: Member must have length {bound}"
        ))
    };
    let table = vec![
        refusal(
            "ListKeys",
            json!({"ResourceOwners": ["OTHER_ACCOUNTS_VIA_RAM"], "Marker": marker}),
            "InvalidMarkerException",
            "The marker is not one that this listing gave out.",
        ),
        refusal(
            "ListKeys",
            json!({"ResourceOwners": []}),
            "ValidationException",
            size("[]", "greater than or equal to 1"),
        ),
        refusal(
            "ListKeys",
            json!({"ResourceOwners": ["SELF", "SELF", "SELF"]}),
            "ValidationException",
            size("[SELF, SELF, SELF]", "less than or equal to 2"),
        ),
        refusal("ListKeys", json!({"ResourceOwners": ["ME"]}), "ValidationException", {
            violation(&format!(
                "Value '[ME]' at 'resourceOwners' failed to satisfy constraint: Member must satisfy constraint: \
                 [{value_set}]"
            ))
        }),
    ];
    assert_refused(&scene, &client, table).await;
}
