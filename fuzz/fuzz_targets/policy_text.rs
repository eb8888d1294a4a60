//! Any text as a policy of a key, of an identity and of a role.
//!
//! Property: nothing panics; a text that is no JSON is never taken; what is taken has statements, those of keys and roles
//! each about somebody, those of identities about nobody else; its statements are found in the text; replacing no
//! principal leaves the text as it is; a refusal has a text of bounded length.
#![no_main]

use kagiban_fuzz::is_json;
use kagiban_policy::tree::Policy;
use kagiban_policy::{
    MalformedPolicy, parse_identity_policy, parse_key_policy, parse_trust_policy, replace_principals,
    statement_positions,
};
use libfuzzer_sys::fuzz_target;

/// A refusal names a place and repeats at most one name from there.
const MESSAGE_LEN_MAX: usize = 256 * 1024;

fn check(text: &str, read: Result<Policy, MalformedPolicy>, is_about_somebody: bool) {
    match read {
        Ok(policy) => {
            assert!(is_json(text.as_bytes()), "takes what is no JSON");
            assert!(!policy.statements.is_empty(), "takes a policy that says nothing");
            for (index, statement) in policy.statements.iter().enumerate() {
                assert_eq!(statement.index, index);
                let principals = statement.principals.as_ref().map(|named| named.list.len());
                assert_eq!(principals.is_some(), is_about_somebody, "principals in the wrong kind of policy");
                assert_ne!(principals, Some(0), "takes a statement about nobody");
            }
            assert_eq!(statement_positions(text).len(), policy.statements.len(), "loses a statement");
            assert_eq!(replace_principals(text, &|_| None), text, "changes what it need not");
        }
        Err(malformed) => {
            assert!(malformed.message().len() < MESSAGE_LEN_MAX);
            let _ = (malformed.reason(), malformed.path(), malformed.statement_index(), malformed.sid());
        }
    }
}

fuzz_target!(|text: &str| {
    check(text, parse_key_policy(text), true);
    check(text, parse_identity_policy(text), false);
    check(text, parse_trust_policy(text), true);
});
