//! Any text as a key policy.
//!
//! Property: nothing panics; a text that is no JSON is never taken; what is taken has statements, each about somebody; a
//! refusal has a text of bounded length.
#![no_main]

use kagiban_fuzz::is_json;
use kagiban_policy::parse_key_policy;
use libfuzzer_sys::fuzz_target;

/// A refusal names a place and repeats at most one name from there.
const MESSAGE_LEN_MAX: usize = 256 * 1024;

fuzz_target!(|text: &str| {
    match parse_key_policy(text) {
        Ok(policy) => {
            assert!(is_json(text.as_bytes()), "takes what is no JSON");
            assert!(!policy.statements.is_empty(), "takes a policy that says nothing");
            for (index, statement) in policy.statements.iter().enumerate() {
                assert_eq!(statement.index, index);
                assert!(!statement.principals.list.is_empty(), "takes a key policy's statement about nobody");
            }
        }
        Err(malformed) => {
            assert!(malformed.message().len() < MESSAGE_LEN_MAX);
            let _ = (malformed.reason(), malformed.path(), malformed.statement_index(), malformed.sid());
        }
    }
});
