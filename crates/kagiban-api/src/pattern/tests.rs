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
    ("account_alias", account_alias),
    ("account_id", account_id),
    ("any_arn", any_arn),
    ("base32", base32),
    ("base64", base64),
    ("cluster_id", cluster_id),
    ("digits", digits),
    ("digits_or_empty", digits_or_empty),
    ("endpoint_service_name", endpoint_service_name),
    ("external_id", external_id),
    ("external_key_id", external_key_id),
    ("https_endpoint", https_endpoint),
    ("identity_name", identity_name),
    ("identity_name_or_empty", identity_name_or_empty),
    ("latin", latin),
    ("latin_not_empty", latin_not_empty),
    ("latin_with_breaks", latin_with_breaks),
    ("lower_hex", lower_hex),
    ("material_description", material_description),
    ("name_with_path", name_with_path),
    ("path", path),
    ("path_prefix", path_prefix),
    ("policy_path", policy_path),
    ("policy_version_id", policy_version_id),
    ("principal", principal),
    ("proxy_path", proxy_path),
    ("region", region),
    ("role_description", role_description),
    ("serial_number", serial_number),
    ("serial_number_or_empty", serial_number_or_empty),
    ("service_principal", service_principal),
    ("source_arn", source_arn),
    ("tag_key", tag_key),
    ("tag_value", tag_value),
    ("word", word),
    ("word_or_empty", word_or_empty),
];

/// An expression as the engine has it.
struct Expression {
    regex: Regex,
    /// The engine does not know a look ahead; the only one in the models says that this does not occur.
    forbidden: Option<&'static str>,
}

impl Expression {
    fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text) && self.forbidden.is_none_or(|forbidden| !text.contains(forbidden))
    }
}

/// All expressions with their function.
fn pairs() -> Vec<(Expression, Matcher)> {
    let by_text: BTreeMap<String, String> = serde_json::from_str(include_str!("../../model/patterns.json")).unwrap();
    assert_eq!(by_text.len(), MATCHERS.len(), "each function stands for one expression");
    let matcher = |name: &str| MATCHERS.iter().find(|(known, _)| *known == name).unwrap().1;
    by_text.iter().map(|(text, name)| (whole(text), matcher(name))).collect()
}

/// The expression in the engine's dialect: whole match, classes of Java.
fn whole(text: &str) -> Expression {
    let ascii = text.replace("\\w", "[a-zA-Z0-9_]").replace("\\d", "[0-9]").replace("\\s", "[ \\t\\n\\x0B\\f\\r]");
    let dialect = ascii.replace(":.+$", ":[^\\n\\r\\u0085\\u2028\\u2029]+$").replace("0-9-_", "0-9\\-_");
    let (dialect, forbidden) = match dialect.replace("-(?!-)", "-") {
        plain if plain == dialect => (plain, None),
        plain => (plain, Some("--")),
    };
    Expression { regex: Regex::new(&format!("\\A(?:{dialect})\\z")).unwrap(), forbidden }
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
        "a-b",
        "a--b",
        "-ab",
        "ab-",
        "1-2-3",
        "a1b2",
        "Ab1",
        "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabc",
        "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcd",
        "//",
        "/a/",
        "/a",
        "/a b/",
        "/a/b/",
        "/a//b/",
        "/a/b",
        "a/",
        "/é/",
        "/\u{7f}/",
        "/a!/",
        "v1",
        "v0",
        "v10",
        "v01",
        "v1.",
        "v1.a-Z",
        "v1.a_",
        "v1.a.b",
        "v",
        "V1",
        "123456",
        "12345a",
        "a.b+c=d,e@f-g_h",
        "a/b:c",
        "a;b",
        "\u{a0}",
        "\u{a1}",
        "\u{2003}",
        "\u{200b}",
        "\u{2028}",
        "\u{2167}",
        "\u{301}",
        "²",
        "½",
        "漢字",
        "हि",
        "Ⓐ",
        "\u{1d7d8}",
        "\u{d7ff}",
        "\u{e000}",
        "\u{fffd}",
        "\u{fffe}",
        "\u{ffff}",
        "\u{10000}",
        "\u{10ffff}",
    ];
    for (expression, matches) in pairs() {
        for text in TEXTS {
            assert_eq!(matches(text), expression.is_match(text), "{} {text:?}", expression.regex);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn functions_agree_with_the_engine(
        text in "(.|[a-z]|[A-Z]|[0-9]{1,12}|[-_:/.+=,@ \n]|cluster-|arn:aws|https://|/kms/xks/v|com|\\.amazonaws\\.vpce\\.|\\.vpce-svc-|us-east-1){0,14}"
    ) {
        // The engine's Unicode may be older than ours, and then lacks letters that ours has.
        let text = Regex::new("\\p{Cn}").unwrap().replace_all(&text, "");
        for (expression, matches) in pairs() {
            prop_assert_eq!(matches(&text), expression.is_match(&text), "{} {:?}", expression.regex, text);
        }
    }
}

/// Without this, a function that refuses everything could pass.
#[test]
fn functions_accept_what_the_expressions_generate() {
    let mut runner = TestRunner::deterministic();
    for (expression, matches) in pairs() {
        let inner =
            expression.regex.as_str().strip_prefix("\\A(?:").unwrap().strip_suffix(")\\z").unwrap().replace("$|^", "|");
        let strategy = string_regex(inner.trim_start_matches('^').trim_end_matches('$')).unwrap();
        for _ in 0..300 {
            let text = strategy.new_tree(&mut runner).unwrap().current();
            let is_forbidden = expression.forbidden.is_some_and(|forbidden| text.contains(forbidden));
            assert!(is_forbidden || expression.is_match(&text) && matches(&text), "{} {text:?}", expression.regex);
        }
    }
}
