//! An event pattern and an event: two lines, the pattern first.
//!
//! Property: nothing panics; what is taken as a pattern is JSON, and is read again to the same decision; a refusal has a text
//! of bounded length; a field that the pattern does not name changes nothing; what the pattern matches passes its prefilter.
#![no_main]

use kagiban_events::Pattern;
use kagiban_events::pattern::{Hints, Prefilter};
use kagiban_fuzz::is_json;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

/// A refusal names a place and repeats at most one name from there.
const MESSAGE_LEN_MAX: usize = 8 * 1024;
/// A name that no pattern here has.
const ELSEWHERE: &str = "\u{10fffd}";

fuzz_target!(|text: &str| {
    let (pattern, event) = text.split_once('\n').unwrap_or((text, "{}"));
    let pattern = match Pattern::parse(pattern) {
        Ok(pattern) => pattern,
        Err(error) => return assert!(error.to_string().len() < MESSAGE_LEN_MAX),
    };
    assert!(is_json(pattern.text().as_bytes()), "takes what is no JSON");
    let Ok(mut event) = serde_json::from_str::<Value>(event) else { return };
    let matches = pattern.matches(&event);
    let again = Pattern::parse(pattern.text()).expect("it was read before");
    assert_eq!(again.matches(&event), matches);
    if matches {
        assert!(Prefilter::of(&pattern).may_match(&Hints::of(&event)), "keeps away what the pattern matches");
    }
    if let Some(members) = event.as_object_mut()
        && !pattern.text().contains(ELSEWHERE)
        && !pattern.text().contains('\\')
    {
        members.insert(ELSEWHERE.to_owned(), Value::Bool(true));
        assert_eq!(pattern.matches(&event), matches, "decides by what it does not name");
    }
});
