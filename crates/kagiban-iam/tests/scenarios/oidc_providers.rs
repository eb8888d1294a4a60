//! OpenID Connect providers.

use crate::support::{World, allow};

const ARN: &str = "arn:aws:iam::111122223333:oidc-provider/id.example/realms/a";
const THUMBPRINT: &str = "0123456789ABCDEF0123456789abcdef01234567";

#[tokio::test]
async fn a_provider_goes_through_its_life() {
    let world = World::new().await;
    let admin = world.user("admin", &allow("iam:*", "*")).await;
    let parameters = [
        ("Url", "https://id.example/realms/a"),
        ("ClientIDList.member.1", "one"),
        ("ClientIDList.member.2", "two"),
        ("ClientIDList.member.3", "one"),
        ("ThumbprintList.member.1", THUMBPRINT),
        ("Tags.member.1.Key", "k"),
        ("Tags.member.1.Value", "v"),
    ];
    let made = admin.iam("CreateOpenIDConnectProvider", &parameters).await.unwrap();
    assert_eq!((made.text("OpenIDConnectProviderArn"), made.text("Tags/member/Key")), (ARN.to_owned(), "k".to_owned()));
    let arn = ("OpenIDConnectProviderArn", ARN);
    let shown = async || admin.iam("GetOpenIDConnectProvider", &[arn]).await.unwrap();
    let provider = shown().await;
    assert_eq!(provider.text("Url"), "id.example/realms/a");
    assert_eq!(provider.texts("ClientIDList/member"), ["one", "two"]);
    assert_eq!(provider.texts("ThumbprintList/member"), [THUMBPRINT.to_lowercase()]);
    assert_eq!(provider.text("CreateDate"), "2026-11-21T12:00:00Z");
    for (operation, id, expected) in [
        ("AddClientIDToOpenIDConnectProvider", "three", &["one", "two", "three"][..]),
        ("AddClientIDToOpenIDConnectProvider", "one", &["one", "two", "three"]),
        ("RemoveClientIDFromOpenIDConnectProvider", "two", &["one", "three"]),
        ("RemoveClientIDFromOpenIDConnectProvider", "none", &["one", "three"]),
    ] {
        admin.iam(operation, &[arn, ("ClientID", id)]).await.unwrap();
        assert_eq!(shown().await.texts("ClientIDList/member"), expected, "{operation} {id}");
    }
    let other = "f".repeat(40);
    let update = [arn, ("ThumbprintList.member.1", other.as_str())];
    admin.iam("UpdateOpenIDConnectProviderThumbprint", &update).await.unwrap();
    assert_eq!(shown().await.texts("ThumbprintList/member"), [other]);
    let tag = [arn, ("Tags.member.1.Key", "K"), ("Tags.member.1.Value", "w")];
    admin.iam("TagOpenIDConnectProvider", &tag).await.unwrap();
    let tags = admin.iam("ListOpenIDConnectProviderTags", &[arn]).await.unwrap();
    assert_eq!((tags.texts("Tags/member/Key"), tags.texts("Tags/member/Value")), (vec!["K".into()], vec!["w".into()]));
    admin.iam("UntagOpenIDConnectProvider", &[arn, ("TagKeys.member.1", "k")]).await.unwrap();
    assert!(!shown().await.has("Tags/member"));
    let list = async || {
        let answer = admin.iam("ListOpenIDConnectProviders", &[]).await.unwrap();
        answer.texts("OpenIDConnectProviderList/member/Arn")
    };
    assert_eq!(list().await, [ARN]);
    admin.iam("DeleteOpenIDConnectProvider", &[arn]).await.unwrap();
    assert_eq!(list().await, [""; 0]);
}

#[tokio::test]
async fn what_is_wrong_is_refused() {
    let world = World::new().await;
    let admin = world.user("admin", &allow("iam:*", "*")).await;
    admin.iam("CreateOpenIDConnectProvider", &[("Url", "https://id.example/realms/a")]).await.unwrap();
    for url in [
        "http://id.example",
        "id.example",
        "https://",
        "https:///a",
        "https://user@id.example",
        "https://id.example/?a=b",
        "https://id.example/#a",
        "https://id.example/a b",
        "https://id.example/*",
        "https://https://id.example",
        "HTTPS://id.example",
        "https://idé.example",
    ] {
        admin.refused(&[("CreateOpenIDConnectProvider", &[("Url", url)], "ValidationError", "...")]).await;
    }
    let none = "arn:aws:iam::111122223333:oidc-provider/none.example";
    let missing = format!("OpenIDConnect Provider not found for arn {none}");
    let url = ("Url", "https://id.example/realms/a");
    let twice = "Provider with url https://id.example/realms/a already exists.";
    let names: Vec<(String, String)> = (1..=101).map(|n| (format!("ClientIDList.member.{n}"), n.to_string())).collect();
    let names = names.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let many: Vec<(&str, &str)> = [("Url", "https://many.example")].into_iter().chain(names).collect();
    let members: Vec<String> = (1..=6).map(|n| format!("ThumbprintList.member.{n}")).collect();
    let six: Vec<(&str, &str)> = members.iter().map(|name| (name.as_str(), THUMBPRINT)).collect();
    let short = [("OpenIDConnectProviderArn", ARN), ("ThumbprintList.member.1", "0123")];
    let letters = "g".repeat(40);
    let letters = [("OpenIDConnectProviderArn", ARN), ("ThumbprintList.member.1", letters.as_str())];
    let six = [&[("OpenIDConnectProviderArn", ARN)], &six[..]].concat();
    let limit = "Cannot exceed quota for ThumbprintsPerOpenIdConnectProvider: 5";
    admin
        .refused(&[
            ("CreateOpenIDConnectProvider", &[url], "EntityAlreadyExists", twice),
            (
                "CreateOpenIDConnectProvider",
                &many,
                "LimitExceeded",
                "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100",
            ),
            ("UpdateOpenIDConnectProviderThumbprint", &six, "LimitExceeded", limit),
            ("UpdateOpenIDConnectProviderThumbprint", &short, "ValidationError", "..."),
            ("UpdateOpenIDConnectProviderThumbprint", &letters, "ValidationError", "..."),
            ("GetOpenIDConnectProvider", &[("OpenIDConnectProviderArn", none)], "NoSuchEntity", &missing),
            ("DeleteOpenIDConnectProvider", &[("OpenIDConnectProviderArn", none)], "NoSuchEntity", &missing),
            (
                "GetOpenIDConnectProvider",
                &[("OpenIDConnectProviderArn", "arn:aws:iam::111122223333:user/ann")],
                "InvalidInput",
                "...",
            ),
            (
                "GetOpenIDConnectProvider",
                &[("OpenIDConnectProviderArn", "arn:aws:iam::444455556666:oidc-provider/id.example/realms/a")],
                "NoSuchEntity",
                "...",
            ),
            (
                "GetOpenIDConnectProvider",
                &[("OpenIDConnectProviderArn", "arn:aws-cn:iam::111122223333:oidc-provider/id.example/realms/a")],
                "NoSuchEntity",
                "...",
            ),
            (
                "GetOpenIDConnectProvider",
                &[("OpenIDConnectProviderArn", "arn:aws:iam::111122223333:oidc-provider/id.example/realms/A")],
                "NoSuchEntity",
                "...",
            ),
        ])
        .await;
}

#[tokio::test]
async fn an_account_has_a_hundred_providers_at_most() {
    let world = World::new().await;
    for number in 0..100 {
        let url = format!("https://id{number}.example");
        world.root().iam("CreateOpenIDConnectProvider", &[("Url", &url)]).await.unwrap();
    }
    let limit = "Cannot exceed quota for OpenIdConnectProvidersPerAccount: 100";
    let more = [("Url", "https://more.example")];
    world.root().refused(&[("CreateOpenIDConnectProvider", &more, "LimitExceeded", limit)]).await;
    let list = world.root().iam("ListOpenIDConnectProviders", &[]).await.unwrap();
    assert_eq!(list.texts("OpenIDConnectProviderList/member/Arn").len(), 100);
}
