//! `*` and `?` wherever a policy may have them, against the regex crate.
//!
//! The daily run takes every short pattern with every short text, and some random longer ones. The long run takes longer
//! ones, and as many random pairs as the environment says:
//!
//!     KAGIBAN_DIFFERENTIAL_CASES=2000000 cargo test --release -p kagiban-policy --test wildcards

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::borrow::Cow;

use kagiban_policy::{
    CompiledPolicy, ConditionKey, ConditionValue, ConditionValues, Identity, NamedPolicy, Policies, Question,
    Requester, decide, parse_identity_policy,
};
use regex::Regex;

/// Random pairs of a daily run.
const PAIRS: u64 = 20_000;

/// Texts that each random pattern is held against.
const TEXTS_PER_PATTERN: u64 = 20;

/// A place in policies that takes wildcards. Before and after the pattern stands what the place needs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Place {
    Action,
    ArnMiddle,
    ArnRest,
    Resource,
    /// A condition with StringLike.
    Text,
    /// The same, and `${x:variable}` in the pattern, which has the value `*?`.
    TextWithVariable,
}

impl Place {
    const ALL: [Self; 6] =
        [Self::Action, Self::ArnMiddle, Self::ArnRest, Self::Resource, Self::Text, Self::TextWithVariable];

    fn around(self) -> (&'static str, &'static str) {
        match self {
            Self::Action => ("kms:a", ""),
            Self::ArnMiddle => ("arn:aws:", ":r:111122223333:x"),
            Self::ArnRest | Self::Resource => ("arn:aws:kms:r:111122223333:", ""),
            Self::Text | Self::TextWithVariable => ("", ""),
        }
    }

    fn statement(self, pattern: &str) -> String {
        let quoted = serde_json::to_string(pattern).unwrap();
        match self {
            Self::Action => format!(r#""Action": {quoted}, "Resource": "*""#),
            Self::Resource => format!(r#""Action": "*", "Resource": {quoted}"#),
            Self::ArnMiddle | Self::ArnRest => {
                format!(r#""Action": "*", "Resource": "*", "Condition": {{"ArnLike": {{"x:text": {quoted}}}}}"#)
            }
            Self::Text | Self::TextWithVariable => {
                format!(r#""Action": "*", "Resource": "*", "Condition": {{"StringLike": {{"x:text": {quoted}}}}}"#)
            }
        }
    }
}

/// A pattern in its place: what the engine and what the regex crate say of a text.
struct Both {
    place: Place,
    policy: CompiledPolicy,
    regex: Regex,
}

impl Both {
    fn new(place: Place, pattern: &str) -> Self {
        let (before, after) = place.around();
        let pattern = format!("{before}{pattern}{after}");
        let version = if place == Place::TextWithVariable { "2012-10-17" } else { "2008-10-17" };
        let statement = place.statement(&pattern);
        let text = format!(r#"{{"Version": "{version}", "Statement": {{"Effect": "Allow", {statement}}}}}"#);
        let policy = CompiledPolicy::compile(&parse_identity_policy(&text).unwrap(), &|_| None);
        Self { place, policy, regex: regex(place, &pattern) }
    }

    fn check(&self, text: &str) -> bool {
        let (before, after) = self.place.around();
        let text = format!("{before}{text}{after}");
        let engine = self.engine_matches(&text);
        assert_eq!(engine, self.regex.is_match(&text), "{:?}: {} against {text:?}", self.place, self.regex);
        engine
    }

    fn engine_matches(&self, text: &str) -> bool {
        let (action, resource) = match self.place {
            Place::Action => (text, "*"),
            Place::Resource => ("kms:Decrypt", text),
            _ => ("kms:Decrypt", "*"),
        };
        let account = "111122223333".parse().unwrap();
        let requester = Requester { account, identity: Identity::User { unique_id: "AIDAALICEALICEALICE1" } };
        let question = Question { action, resource, requester: &requester, values: &Values(text) };
        let identity = [NamedPolicy { name: "", policy: &self.policy }];
        let policies = Policies { resource: None, identity: &identity, boundary: None, session: &[] };
        decide(&question, &policies, &|| None).is_allowed()
    }
}

struct Values<'a>(&'a str);

impl ConditionValues for Values<'_> {
    fn value(&self, key: &ConditionKey) -> ConditionValue<'_> {
        match key.lower() {
            "x:text" => ConditionValue::One(Cow::Borrowed(self.0)),
            "x:variable" => ConditionValue::One(Cow::Borrowed("*?")),
            _ => ConditionValue::Absent,
        }
    }
}

/// Only actions compare without regard to case.
fn regex(place: Place, pattern: &str) -> Regex {
    let flags = if place == Place::Action { "(?is)" } else { "(?s)" };
    let plain = regex::escape(pattern).replace(r"\*", ".*").replace(r"\?", ".");
    let whole = plain.replace(r"\$\{x:variable\}", r"\*\?");
    Regex::new(&format!(r"{flags}\A{whole}\z")).unwrap()
}

/// Every text of these letters up to a length.
fn every(letters: &[&str], len_max: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut longest = all.clone();
    for _ in 0..len_max {
        longest = longest.iter().flat_map(|text| letters.iter().map(move |letter| format!("{text}{letter}"))).collect();
        all.extend(longest.iter().cloned());
    }
    all
}

#[expect(clippy::disallowed_methods, reason = "how long to run is the runner's choice")]
fn pairs_wanted() -> u64 {
    std::env::var("KAGIBAN_DIFFERENTIAL_CASES").ok().map_or(PAIRS, |text| text.parse().unwrap())
}

#[test]
fn every_short_pattern_matches_what_the_regex_does() {
    let is_long = pairs_wanted() > PAIRS;
    let (pattern_len, text_len) = if is_long { (6, 6) } else { (4, 4) };
    let texts = every(&["a", "b"], text_len);
    let mut matched = 0u64;
    for pattern in every(&["a", "b", "*", "?"], pattern_len) {
        let both = Both::new(Place::Text, &pattern);
        matched += texts.iter().map(|text| u64::from(both.check(text))).sum::<u64>();
    }
    assert!(matched > 1000, "{matched} matches are too few to prove anything");
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }

    fn text(&mut self, letters: &[&str], len_max: usize) -> String {
        let len = self.below(len_max + 1);
        (0..len).map(|_| letters[self.below(letters.len())]).collect()
    }
}

/// What patterns and texts are made of. Texts have wildcards in them, too, and what a regex would take amiss.
fn letters(place: Place) -> (&'static [&'static str], &'static [&'static str]) {
    match place {
        Place::Action => (&["a", "b", "B", "*", "?", "-"], &["a", "b", "A", "-"]),
        Place::ArnMiddle => (&["a", "b", "*", "?"], &["a", "b", "B", "*", "?"]),
        Place::ArnRest | Place::Resource => (&["a", ":", "/", "*", "?", "."], &["a", "A", ":", "/", "*", "."]),
        Place::Text => (&["a", "b", "ä", "*", "*", "?", "[", "\n"], &["a", "b", "ä", "€", "*", "?", "[", "\n"]),
        Place::TextWithVariable => (&["a", "*", "?", "${x:variable}"], &["a", "b", "*", "?", "*?"]),
    }
}

#[test]
fn random_patterns_match_what_the_regex_does() {
    let mut random = Random(1);
    let mut matched = [0u64; Place::ALL.len()];
    let patterns_per_place = pairs_wanted() / TEXTS_PER_PATTERN / Place::ALL.len() as u64;
    for (at, place) in Place::ALL.into_iter().enumerate() {
        let (of_patterns, of_texts) = letters(place);
        for _ in 0..patterns_per_place {
            let both = Both::new(place, &random.text(of_patterns, 8));
            for _ in 0..TEXTS_PER_PATTERN {
                matched[at] += u64::from(both.check(&random.text(of_texts, 10)));
            }
        }
    }
    let pairs_per_place = patterns_per_place * TEXTS_PER_PATTERN;
    let is_mixed = |matched: &u64| (pairs_per_place / 100..pairs_per_place / 2).contains(matched);
    assert!(matched.iter().all(is_mixed), "{matched:?} of {pairs_per_place} matched: too few or too many");
}

/// Patterns that take a backtracking matcher for ever.
#[test]
fn many_stars_take_no_exponential_time() {
    for (pattern, text) in [
        ("*a".repeat(500), "a".repeat(5000)),
        (format!("{}b", "a*".repeat(500)), "a".repeat(5000)),
        (format!("{}b", "*?".repeat(500)), "a".repeat(5000)),
        ("*".repeat(5000), "a".repeat(5000)),
        (format!("*{}*", "a".repeat(1000)), format!("{}b", "a".repeat(999)).repeat(5)),
    ] {
        for place in [Place::Resource, Place::Text, Place::ArnRest] {
            Both::new(place, &pattern).check(&text);
        }
    }
}
