//! Each function is compared with a real regular expression engine, on hand-made and on random texts.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::string::string_regex;
use proptest::test_runner::TestRunner;
use regex::Regex;

use super::*;

type Matcher = fn(&str) -> bool;

const MATCHERS: &[(&str, Matcher)] = &[
    ("account_id", account_id),
    ("base32", base32),
    ("base64", base64),
    ("cluster_id", cluster_id),
    ("endpoint_service_name", endpoint_service_name),
    ("external_key_id", external_key_id),
    ("https_endpoint", https_endpoint),
    ("latin", latin),
    ("latin_with_breaks", latin_with_breaks),
    ("lower_hex", lower_hex),
    ("material_description", material_description),
    ("name_with_path", name_with_path),
    ("principal", principal),
    ("proxy_path", proxy_path),
    ("region", region),
    ("service_principal", service_principal),
    ("source_arn", source_arn),
    ("word", word),
];

/// All expressions with their function.
fn pairs() -> Vec<(Regex, Matcher)> {
    let by_text: BTreeMap<String, String> = serde_json::from_str(include_str!("../../model/patterns.json")).unwrap();
    assert_eq!(by_text.len(), MATCHERS.len(), "each function stands for one expression");
    let matcher = |name: &str| MATCHERS.iter().find(|(known, _)| *known == name).unwrap().1;
    by_text.iter().map(|(text, name)| (whole(text), matcher(name))).collect()
}

/// The expression in the engine's dialect: whole match, classes of Java.
fn whole(text: &str) -> Regex {
    let ascii = text.replace("\\w", "[a-zA-Z0-9_]").replace("\\d", "[0-9]").replace("\\s", "[ \\t\\n\\x0B\\f\\r]");
    let dialect = ascii.replace(":.+$", ":[^\\n\\r\\u0085\\u2028\\u2029]+$").replace("0-9-_", "0-9\\-_");
    Regex::new(&format!("\\A(?:{dialect})\\z")).unwrap()
}

#[test]
fn functions_agree_with_the_engine_on_near_misses() {
    const TEXTS: &[&str] = &[
        "",
        "a",
        "A",
        "_",
        "-",
        ".",
        "/",
        ":",
        "=",
        "+",
        ",",
        "@",
        " ",
        "\t",
        "\n",
        "\u{b}",
        "\u{c}",
        "\r",
        "\u{1f}",
        "\u{7f}",
        "\u{80}",
        "é",
        "ÿ",
        "\u{100}",
        "٣",
        "ﬀ",
        "a\n",
        "0",
        "1",
        "2",
        "7",
        "8",
        "g",
        "012345678901",
        "01234567890",
        "0123456789012",
        "01234567890a",
        "cluster-2345672345a",
        "cluster-234567234a",
        "cluster-2345672345aZ2345",
        "cluster-2345672345aZ23456",
        "cluster-1345672345a",
        "Cluster-2345672345a",
        "arn:aws:s3:::x",
        "arn:aws:s3::111122223333:x",
        "arn:aws-cn:s3:eu-1:111122223333:x:y/z",
        "arn:aws:s3::111122223333:",
        "arn:aws::eu:111122223333:x",
        "arn:aws:s3::11112222333:x",
        "arn:AWS:s3::111122223333:x",
        "arn:aws:s3::111122223333:x\n",
        "arn:aws:s3::111122223333:\u{2028}",
        "arn:aws:s3::111122223333:é",
        "arn:awsx:s3:E:111122223333:x",
        "us-east-1",
        "us-gov-east-1",
        "a-b-c-d-1",
        "us-1",
        "us-east-",
        "us-east-1a",
        "us--1",
        "-us-1",
        "us-east-1-2",
        "us-east-123456",
        "a.b",
        "a.b.c",
        "a.b.c.d-e",
        ".b.c",
        "a..c",
        "a.b.",
        "a.b.c_",
        "https://a",
        "https://",
        "http://a",
        "https://a/b",
        "https://a.b-c",
        "https://a:1",
        "/kms/xks/v1",
        "/kms/xks/v12",
        "/kms/xks/v123",
        "/kms/xks/v",
        "/a/kms/xks/v1",
        "//kms/xks/v1",
        "///kms/xks/v1",
        "a/kms/xks/v1",
        "/a b/kms/xks/v1",
        "/kms/xks/v1/kms/xks/v2",
        "/x/kms/xks/v1/",
        "kms/xks/v1",
        "/a.b/kms/xks/v1",
        "com.amazonaws.vpce.us-east-1.vpce-svc-0a",
        "eu.amazonaws.vpce.us-gov-east-1.vpce-svc-0a",
        "com.amazonaws.vpce.us-east-1.vpce-svc-",
        "com.amazonaws.vpce.us-east-1.vpce-svc-A",
        "org.amazonaws.vpce.us-east-1.vpce-svc-0a",
        "comeu.amazonaws.vpce.us-east-1.vpce-svc-0a",
        "com.amazonaws.vpce.us-1.vpce-svc-0a",
        "com.amazonaws.vpce.us-east-1.vpce-svc-a.vpce-svc-b",
    ];
    for (regex, matches) in pairs() {
        for text in TEXTS {
            assert_eq!(matches(text), regex.is_match(text), "{regex} {text:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn functions_agree_with_the_engine(
        text in "(.|[a-z]|[A-Z]|[0-9]{1,12}|[-_:/.+=,@ \n]|cluster-|arn:aws|https://|/kms/xks/v|com|\\.amazonaws\\.vpce\\.|\\.vpce-svc-|us-east-1){0,14}"
    ) {
        for (regex, matches) in pairs() {
            prop_assert_eq!(matches(&text), regex.is_match(&text), "{} {:?}", regex, text);
        }
    }
}

/// Without this, a function that refuses everything could pass.
#[test]
fn functions_accept_what_the_expressions_generate() {
    let mut runner = TestRunner::deterministic();
    for (regex, matches) in pairs() {
        let inner = regex.as_str().strip_prefix("\\A(?:").unwrap().strip_suffix(")\\z").unwrap().replace("$|^", "|");
        let strategy = string_regex(inner.trim_start_matches('^').trim_end_matches('$')).unwrap();
        for _ in 0..300 {
            let text = strategy.new_tree(&mut runner).unwrap().current();
            assert!(regex.is_match(&text) && matches(&text), "{regex} {text:?}");
        }
    }
}
