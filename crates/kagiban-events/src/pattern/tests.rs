//! Patterns and events, in tables. The facts are EventBridge's (user guide, comparison operators) and Event Ruler's.

use serde_json::{Value, json};

use super::*;

/// The event that the table is about.
fn event() -> Value {
    json!({
        "version": "0",
        "detail-type": "EC2 Instance State-change Notification",
        "source": "aws.ec2",
        "account": "111122223333",
        "time": "2026-11-22T09:00:00Z",
        "region": "us-east-1",
        "resources": ["arn:one", "arn:two"],
        "detail": {
            "count": 5,
            "limit": 301.8,
            "negative": -3,
            "big": 9_007_199_254_740_993_u64,
            "address": "10.0.0.33",
            "address6": "2001:db8::1",
            "state": "Running",
            "star": "a*b",
            "slash": "a\\b",
            "empty": "",
            "nothing": null,
            "yes": true,
            "none": [],
            "a.b": "dotted",
            "nested": { "inner": { "leaf": "x" } },
            "$or": "dollar",
            "people": [
                { "first": "Anna", "last": "Smith", "age": 30 },
                [{ "first": "Peter", "last": "Jones" }],
                "odd"
            ]
        }
    })
}

/// Patterns of `detail`, without its name.
const MATCH: [&str; 79] = [
    // Values.
    r#"{"state":["Running"]}"#,
    r#"{"state":["stopped","Running"]}"#,
    r#"{"count":[5]}"#,
    r#"{"count":[5.0]}"#,
    r#"{"count":[5e0]}"#,
    r#"{"limit":[3.018e2]}"#,
    r#"{"big":[9007199254740993]}"#,
    r#"{"yes":[true]}"#,
    r#"{"nothing":[null]}"#,
    r#"{"empty":[""]}"#,
    r#"{"a.b":["dotted"]}"#,
    r#"{"nested":{"inner":{"leaf":["x"]}}}"#,
    r#"{"state":["Running"],"count":[5],"yes":[true]}"#,
    // Texts.
    r#"{"state":[{"prefix":"Run"}]}"#,
    r#"{"state":[{"prefix":""}]}"#,
    r#"{"state":[{"prefix":{"equals-ignore-case":"rUN"}}]}"#,
    r#"{"state":[{"suffix":"ning"}]}"#,
    r#"{"state":[{"suffix":{"equals-ignore-case":"NING"}}]}"#,
    r#"{"state":[{"equals-ignore-case":"RUNNING"}]}"#,
    r#"{"state":[{"wildcard":"R*n*g"}]}"#,
    r#"{"state":[{"wildcard":"*"}]}"#,
    r#"{"state":[{"wildcard":"Running"}]}"#,
    r#"{"state":[{"wildcard":"*Running*"}]}"#,
    r#"{"star":[{"wildcard":"a\\*b"}]}"#,
    r#"{"slash":[{"wildcard":"a\\\\b"}]}"#,
    r#"{"slash":[{"wildcard":"*\\\\*"}]}"#,
    // Anything but.
    r#"{"state":[{"anything-but":"stopped"}]}"#,
    r#"{"state":[{"anything-but":"running"}]}"#,
    r#"{"state":[{"anything-but":["a","b"]}]}"#,
    r#"{"state":[{"anything-but":5}]}"#,
    r#"{"count":[{"anything-but":[1,2]}]}"#,
    r#"{"count":[{"anything-but":"5"}]}"#,
    r#"{"nothing":[{"anything-but":"x"}]}"#,
    r#"{"count":[{"anything-but":{"prefix":"5"}}]}"#,
    r#"{"state":[{"anything-but":{"prefix":"init"}}]}"#,
    r#"{"state":[{"anything-but":{"prefix":["a","b"]}}]}"#,
    r#"{"state":[{"anything-but":{"suffix":".png"}}]}"#,
    r#"{"state":[{"anything-but":{"suffix":[".png",".jpg"]}}]}"#,
    r#"{"state":[{"anything-but":{"equals-ignore-case":"stopped"}}]}"#,
    r#"{"state":[{"anything-but":{"equals-ignore-case":["stopped","ended"]}}]}"#,
    r#"{"state":[{"anything-but":{"wildcard":"*/lib/*"}}]}"#,
    r#"{"state":[{"anything-but":{"wildcard":["*a","b*"]}}]}"#,
    // Numbers.
    r#"{"count":[{"numeric":["=",5]}]}"#,
    r#"{"count":[{"numeric":[">",0,"<=",5]}]}"#,
    r#"{"count":[{"numeric":[">=",5,"<",6]}]}"#,
    r#"{"count":[{"numeric":["<",10]}]}"#,
    r#"{"count":[{"numeric":[">",4.9]}]}"#,
    r#"{"negative":[{"numeric":["<=",-3]}]}"#,
    r#"{"limit":[{"numeric":["=",3.018e2]}]}"#,
    // Networks.
    r#"{"address":[{"cidr":"10.0.0.0/24"}]}"#,
    r#"{"address":[{"cidr":"10.0.0.99/24"}]}"#,
    r#"{"address":[{"cidr":"0.0.0.0/0"}]}"#,
    r#"{"address":[{"cidr":"10.0.0.33/32"}]}"#,
    r#"{"address6":[{"cidr":"2001:db8::/32"}]}"#,
    r#"{"address6":[{"cidr":"::/0"}]}"#,
    // Existence.
    r#"{"count":[{"exists":true}]}"#,
    r#"{"nothing":[{"exists":true}]}"#,
    r#"{"absent":[{"exists":false}]}"#,
    r#"{"nested":[{"exists":false}]}"#,
    r#"{"none":[{"exists":false}]}"#,
    r#"{"absent":{"deeper":[{"exists":false}]}}"#,
    r#"{"state":{"deeper":[{"exists":false}]}}"#,
    r#"{"absent":[{"exists":false},"x"]}"#,
    r#"{"state":[{"exists":false},"Running"]}"#,
    r#"{"people":{"middle":[{"exists":false}]}}"#,
    r#"{"people":{"last":["Jones"],"age":[{"exists":false}]}}"#,
    // Arrays.
    r#"{"people":{"first":["Anna"]}}"#,
    r#"{"people":{"first":["Anna"],"last":["Smith"]}}"#,
    r#"{"people":{"first":["Peter"],"last":[{"anything-but":"Smith"}]}}"#,
    r#"{"people":["odd"]}"#,
    // Alternatives.
    r#"{"$or":[{"state":["stopped"]},{"count":[5]}]}"#,
    r#"{"$or":[{"state":["Running"]},{"count":[6]}],"yes":[true]}"#,
    r#"{"$or":[{"state":["x"]},{"$or":[{"count":[1]},{"count":[5]}]}]}"#,
    r#"{"nested":{"$or":[{"inner":{"leaf":["y"]}},{"inner":{"leaf":["x"]}}]}}"#,
    r#"{"people":{"$or":[{"first":["Anna"],"last":["Jones"]},{"last":["Smith"]}]}}"#,
    r#"{"$or":[{"state":["x"]},{"people":{"first":["Anna"]}}],"people":{"last":["Smith"]}}"#,
    r#"{"$or":["dollar"]}"#,
    r#"{"$or":[{"prefix":"dol"},{"prefix":"x"}]}"#,
    r#"{"$or":[{"wildcard":"d*r"}]}"#,
];

const NO_MATCH: [&str; 51] = [
    r#"{"state":["running"]}"#,
    r#"{"state":["Running"],"count":[6]}"#,
    r#"{"count":["5"]}"#,
    r#"{"count":[6]}"#,
    r#"{"big":[9007199254740992]}"#,
    r#"{"yes":["true"]}"#,
    r#"{"nothing":["null"]}"#,
    r#"{"nothing":[""]}"#,
    r#"{"empty":[null]}"#,
    r#"{"absent":[null]}"#,
    r#"{"a":{"b":["dotted"]}}"#,
    r#"{"nested":["x"]}"#,
    r#"{"state":[{"prefix":"run"}]}"#,
    r#"{"count":[{"prefix":"5"}]}"#,
    r#"{"state":[{"suffix":"Ning"}]}"#,
    r#"{"state":[{"suffix":{"equals-ignore-case":"nin"}}]}"#,
    r#"{"state":[{"equals-ignore-case":"runnin"}]}"#,
    r#"{"state":[{"wildcard":"r*"}]}"#,
    r#"{"state":[{"wildcard":"R*g*g"}]}"#,
    r#"{"state":[{"wildcard":"Runnin"}]}"#,
    r#"{"state":[{"wildcard":"Running*ning"}]}"#,
    r#"{"star":[{"wildcard":"\\**"}]}"#,
    r#"{"state":[{"anything-but":"Running"}]}"#,
    r#"{"state":[{"anything-but":["x","Running"]}]}"#,
    r#"{"count":[{"anything-but":5}]}"#,
    r#"{"count":[{"anything-but":5.0}]}"#,
    r#"{"state":[{"anything-but":{"prefix":"Run"}}]}"#,
    r#"{"state":[{"anything-but":{"prefix":["x","R"]}}]}"#,
    r#"{"state":[{"anything-but":{"suffix":"g"}}]}"#,
    r#"{"state":[{"anything-but":{"equals-ignore-case":"RUNNING"}}]}"#,
    r#"{"state":[{"anything-but":{"wildcard":"R*"}}]}"#,
    r#"{"absent":[{"anything-but":"x"}]}"#,
    r#"{"none":[{"anything-but":"x"}]}"#,
    r#"{"count":[{"numeric":[">",5]}]}"#,
    r#"{"count":[{"numeric":[">",0,"<",5]}]}"#,
    r#"{"state":[{"numeric":["=",5]}]}"#,
    r#"{"nothing":[{"numeric":["<",5]}]}"#,
    r#"{"address":[{"cidr":"10.0.1.0/24"}]}"#,
    r#"{"address":[{"cidr":"::/0"}]}"#,
    r#"{"state":[{"cidr":"0.0.0.0/0"}]}"#,
    r#"{"absent":[{"exists":true}]}"#,
    r#"{"nested":[{"exists":true}]}"#,
    r#"{"none":[{"exists":true}]}"#,
    r#"{"count":[{"exists":false}]}"#,
    r#"{"people":{"age":[{"exists":false}]}}"#,
    r#"{"people":{"first":["Anna"],"age":[{"exists":false}]}}"#,
    r#"{"people":{"first":["Anna"],"last":["Jones"]}}"#,
    r#"{"$or":[{"state":["stopped"]},{"count":[6]}]}"#,
    r#"{"$or":[{"state":["Running"]},{"count":[5]}],"yes":[false]}"#,
    r#"{"people":{"$or":[{"first":["Anna"],"last":["Jones"]},{"last":["Smythe"]}]}}"#,
    r#"{"$or":[{"people":{"first":["Peter"]}},{"absent":[1]}],"people":{"last":["Smith"]}}"#,
];

#[test]
fn values_and_comparisons() {
    for (patterns, expected) in [(&MATCH[..], true), (&NO_MATCH[..], false)] {
        for detail in patterns {
            let pattern = Pattern::parse(&format!(r#"{{"detail":{detail}}}"#));
            let pattern = pattern.unwrap_or_else(|error| panic!("{detail}: {error}"));
            assert_eq!(pattern.matches(&event()), expected, "{detail}");
        }
    }
}

#[test]
fn the_envelope_is_matched_like_any_object() {
    for (text, expected) in [
        (r#"{"source":["aws.ec2"],"region":[{"prefix":"us-"}],"resources":["arn:two"]}"#, true),
        (r#"{"resources":[{"suffix":":one"}],"time":[{"prefix":"2026-11-22"}]}"#, true),
        (r#"{"resources":[{"anything-but":"arn:one"}]}"#, true),
        (r#"{"resources":[{"anything-but":["arn:one","arn:two"]}]}"#, false),
        (r#"{"source":["aws.kms"]}"#, false),
    ] {
        assert_eq!(Pattern::parse(text).unwrap().matches(&event()), expected, "{text}");
    }
}

#[test]
fn what_is_no_object_matches_only_absences() {
    let (absent, present) = (r#"{"a":[{"exists":false}]}"#, r#"{"a":[{"exists":true}]}"#);
    for event in [Value::Null, json!([]), json!("a"), json!(1)] {
        assert!(Pattern::parse(absent).unwrap().matches(&event));
        assert!(!Pattern::parse(present).unwrap().matches(&event));
    }
}

#[test]
fn a_pattern_that_cannot_be_taken_says_where_and_why() {
    use PatternFault as F;
    for (text, path, fault) in [
        ("[]", "", F::NotObject),
        ("{}", "", F::EmptyObject),
        (r#"{"a":{}}"#, "a", F::EmptyObject),
        (r#"{"a":[]}"#, "a", F::EmptyList),
        (r#"{"a":"x"}"#, "a", F::NoList("\"...\"")),
        (r#"{"a":{"b":5}}"#, "a.b", F::NoList("5")),
        (r#"{"a":null}"#, "a", F::NoList("true")),
        (r#"{"a":[["x"]]}"#, "a", F::NestedList),
        (r#"{"a":[{}]}"#, "a", F::OneOperator),
        (r#"{"a":[{"prefix":"x","suffix":"y"}]}"#, "a", F::OneOperator),
        (r#"{"a":[{"contains":"x"}]}"#, "a", F::UnknownOperator("contains".to_owned())),
        (r#"{"a":[{"prefix":{"suffix":"x"}}]}"#, "a", F::UnknownOperator("suffix".to_owned())),
        (r#"{"a":[{"prefix":5}]}"#, "a", F::Text("prefix")),
        (r#"{"a":[{"suffix":null}]}"#, "a", F::Text("suffix")),
        (r#"{"a":[{"equals-ignore-case":["x"]}]}"#, "a", F::Text("equals-ignore-case")),
        (r#"{"a":[{"exists":"true"}]}"#, "a", F::Exists),
        (r#"{"a":[{"anything-but":[]}]}"#, "a", F::EmptyList),
        (r#"{"a":[{"anything-but":["x",1]}]}"#, "a", F::AnythingBut),
        (r#"{"a":[{"anything-but":true}]}"#, "a", F::AnythingBut),
        (r#"{"a":[{"anything-but":{"exists":true}}]}"#, "a", F::AnythingBut),
        (r#"{"a":[{"anything-but":{"prefix":{"equals-ignore-case":"x"}}}]}"#, "a", F::AnythingBut),
        (r#"{"a":[{"anything-but":{"prefix":""}}]}"#, "a", F::EmptyText),
        (r#"{"a":[{"anything-but":{"suffix":["x",""]}}]}"#, "a", F::EmptyText),
        (r#"{"a":[{"cidr":"10.0.0.1"}]}"#, "a", F::Cidr),
        (r#"{"a":[{"cidr":"10.0.0.0/33"}]}"#, "a", F::Cidr),
        (r#"{"a":[{"cidr":"10.0.0/8"}]}"#, "a", F::Cidr),
        (r#"{"a":[{"cidr":"::/+8"}]}"#, "a", F::Cidr),
        (r#"{"a":[{"numeric":[]}]}"#, "a", F::Numeric),
        (r#"{"a":[{"numeric":["=","5"]}]}"#, "a", F::Numeric),
        (r#"{"a":[{"numeric":["!",5]}]}"#, "a", F::Numeric),
        (r#"{"a":[{"numeric":[">",5,"<",5]}]}"#, "a", F::Numeric),
        (r#"{"a":[{"numeric":["<",5,">",1]}]}"#, "a", F::Numeric),
        (r#"{"a":[{"numeric":["=",5,"<",9]}]}"#, "a", F::Numeric),
        (r#"{"a":[{"numeric":[">",6e9]}]}"#, "a", F::Numeric),
        (r#"{"a":[{"wildcard":"x**"}]}"#, "a", F::Wildcard),
        (r#"{"a":[{"wildcard":"x\\y"}]}"#, "a", F::Wildcard),
        (r#"{"a":[{"wildcard":"x\\"}]}"#, "a", F::Wildcard),
        (r#"{"a":[{"wildcard":7}]}"#, "a", F::Wildcard),
        (r#"{"$or":[{"a":["x"]}]}"#, "$or", F::UnknownOperator("a".to_owned())),
        (r#"{"$or":[{"a":["x"]},{"b":"y"}]}"#, "$or.b", F::NoList("\"...\"")),
        (r#"{"$or":[{"a":["x"]},{}]}"#, "$or", F::EmptyObject),
    ] {
        let error = Pattern::parse(text).unwrap_err();
        assert_eq!((error.path.as_str(), &error.fault), (path, &fault), "{text}");
        assert!(!error.to_string().is_empty());
    }
    for text in ["", "{", r#"{"a":["x"]} {}"#, r#"{"a":["x"],"a":["y"]}"#, r#"{"a":[{"prefix":"x","prefix":"y"}]}"#] {
        let error = Pattern::parse(text).unwrap_err();
        assert!(matches!(error.fault, PatternFault::NotJson(_)), "{text}: {error}");
    }
}

#[test]
fn the_size_of_a_pattern_is_limited() {
    let filled = |length: usize| format!(r#"{{"a":["{}"]}}"#, "x".repeat(length - 10));
    assert!(Pattern::parse(&filled(PATTERN_LEN_MAX)).is_ok());
    assert_eq!(Pattern::parse(&filled(PATTERN_LEN_MAX + 1)).unwrap_err().fault, PatternFault::TooLong);
    let tens = |count: usize| {
        let ten: Vec<String> = (0..10).map(|n| format!(r#"{{"a":[{n}]}}"#)).collect();
        let one = format!(r#"{{"$or":[{}]}}"#, ten.join(","));
        let fields: Vec<String> = (0..count).map(|n| format!(r#""f{n}":{one}"#)).collect();
        format!("{{{}}}", fields.join(","))
    };
    assert!(Pattern::parse(&tens(3)).is_ok());
    assert_eq!(Pattern::parse(&tens(4)).unwrap_err().fault, PatternFault::TooManyWays);
    let deep = format!("{}{}{}", r#"{"a":"#.repeat(600), "[1]", "}".repeat(600));
    assert!(matches!(Pattern::parse(&deep).unwrap_err().fault, PatternFault::NotJson(_)));
}
