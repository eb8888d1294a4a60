//! What identities bring along: a web identity token and a key set, split at the first empty line; the claims of a session;
//! ARNs.
//!
//! Property: nothing panics; nothing that a fuzzer makes is vouched for; claims that are read are written again to the same
//! bytes; an ARN that is read is written again to the same text.
#![no_main]

use kagiban_fuzz::now;
use kagiban_identity::names::IamArn;
use kagiban_identity::session::SessionClaims;
use kagiban_identity::web_identity::{self, Expected, KeySet};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(claims) = SessionClaims::decode(data) {
        assert_eq!(claims.encode().expect("what was read can be written").expose(), data);
    }
    let (token, keys) = match data.windows(2).position(|pair| pair == b"\n\n") {
        Some(end) => (&data[..end], &data[end + 2..]),
        None => (data, &[][..]),
    };
    let keys = KeySet::parse(keys);
    let Ok(text) = str::from_utf8(token) else { return };
    if let Ok(arn) = IamArn::parse(text) {
        assert_eq!(arn.to_string(), text);
    }
    if let (Ok(token), Ok(keys)) = (web_identity::parse(text), keys) {
        let audiences = ["client".to_owned()];
        let expected = Expected { issuer: token.issuer(), audiences: &audiences, now: now() };
        assert!(token.verify(&keys, &expected).is_err(), "a forged token is taken");
    }
});
