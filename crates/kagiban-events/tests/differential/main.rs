//! Random patterns and events over a small alphabet, so that they often match, through both evaluators.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod oracle;

use kagiban_events::Pattern;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["a", "b", "c"])
}

fn text() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "",
        "x",
        "X",
        "xy",
        "xyx",
        "Yx",
        "*",
        "\\",
        "10.0.0.1",
        "10.0.0.200",
        "::1",
        "5",
        "\u{df}",
    ])
}

fn number() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![json!(-1), json!(0), json!(5), json!(5.0), json!(5.5), json!(7)])
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => text().prop_map(Value::from),
        2 => number(),
        1 => prop::sample::select(vec![json!(true), json!(false), Value::Null]),
    ]
}

fn object(
    member: impl Strategy<Value = Value> + 'static,
    sizes: std::ops::Range<usize>,
) -> impl Strategy<Value = Value> {
    prop::collection::vec((name(), member), sizes)
        .prop_map(|members| Value::Object(members.into_iter().map(|(n, v)| (n.to_owned(), v)).collect()))
}

/// An event: an object, with arrays of everything in it.
fn event() -> impl Strategy<Value = Value> {
    let value = scalar().boxed().prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            2 => object(inner.clone(), 0..6),
            1 => prop::collection::vec(inner, 0..4).prop_map(Value::Array),
        ]
    });
    object(value, 3..9)
}

fn wildcard() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["*", "x*", "*x", "x*x", "*y*", "\\*", "\\\\", "x", "", "10.*.1"])
}

fn numeric() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!(["=", 5]),
        json!(["<", 5]),
        json!([">=", 5]),
        json!([">", 0, "<=", 5]),
        json!([">=", -1, "<", 5.5]),
    ])
}

fn nonempty() -> impl Strategy<Value = &'static str> {
    text().prop_filter("not empty", |text| !text.is_empty())
}

fn anything_but() -> impl Strategy<Value = Value> {
    let one_or_more = |operator: &'static str| {
        prop_oneof![
            nonempty().prop_map(Value::from),
            prop::collection::vec(nonempty().prop_map(Value::from), 1..3).prop_map(Value::Array)
        ]
        .prop_map(move |operand| json!({ operator: operand }))
    };
    prop_oneof![
        text().prop_map(Value::from),
        number(),
        prop::collection::vec(text().prop_map(Value::from), 1..3).prop_map(Value::Array),
        prop::collection::vec(number(), 1..3).prop_map(Value::Array),
        one_or_more("prefix"),
        one_or_more("suffix"),
        one_or_more("equals-ignore-case"),
        wildcard().prop_map(|text| json!({ "wildcard": text })),
    ]
}

fn entry() -> impl Strategy<Value = Value> {
    let cidr = prop::sample::select(vec!["10.0.0.0/24", "10.0.0.0/25", "0.0.0.0/0", "::/0", "::/127"]);
    prop_oneof![
        6 => scalar(),
        1 => text().prop_map(|text| json!({ "prefix": text })),
        1 => text().prop_map(|text| json!({ "prefix": { "equals-ignore-case": text } })),
        1 => text().prop_map(|text| json!({ "suffix": text })),
        1 => text().prop_map(|text| json!({ "suffix": { "equals-ignore-case": text } })),
        1 => text().prop_map(|text| json!({ "equals-ignore-case": text })),
        1 => wildcard().prop_map(|text| json!({ "wildcard": text })),
        2 => anything_but().prop_map(|operand| json!({ "anything-but": operand })),
        1 => numeric().prop_map(|operand| json!({ "numeric": operand })),
        1 => cidr.prop_map(|operand| json!({ "cidr": operand })),
        3 => any::<bool>().prop_map(|exists| json!({ "exists": exists })),
    ]
}

/// A pattern: an object with lists, nested, with alternatives.
fn pattern() -> impl Strategy<Value = Value> {
    let list = prop::collection::vec(entry(), 1..5).prop_map(Value::Array).boxed();
    let leaf = object(list.clone(), 1..3).boxed();
    leaf.prop_recursive(3, 16, 3, move |inner| {
        let member = prop_oneof![2 => inner.clone(), 3 => list.clone()];
        (object(member, 1..3), prop::option::of(prop::collection::vec(inner, 2..3))).prop_map(
            |(object, alternatives)| {
                let mut members: Map<String, Value> = object.as_object().unwrap().clone();
                members.extend(alternatives.map(|list| ("$or".to_owned(), Value::Array(list))));
                Value::Object(members)
            },
        )
    })
}

fn read(pattern: &Value) -> Option<Pattern> {
    match Pattern::parse(&pattern.to_string()) {
        Ok(read) => Some(read),
        // A few are too long or have too many combinations.
        Err(error) if error.to_string().contains("at most") || error.to_string().contains("more than") => None,
        Err(error) => panic!("{pattern}: {error}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn both_evaluators_agree(pattern in pattern(), event in event()) {
        if let Some(read) = read(&pattern) {
            prop_assert_eq!(read.matches(&event), oracle::matches(&pattern, &event), "{} on {}", pattern, event);
        }
    }
}

/// Both answers must be frequent, or the comparison would show little.
#[test]
fn the_random_cases_match_often_and_fail_often() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut matched = 0;
    for _ in 0..1000 {
        let (pattern, event) = (pattern(), event()).new_tree(&mut runner).unwrap().current();
        matched += usize::from(read(&pattern).is_some_and(|read| read.matches(&event)));
    }
    assert!((100..900).contains(&matched), "{matched} of 1000");
}
