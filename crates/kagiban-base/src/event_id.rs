//! The numbers of audit events.
//!
//! An event is made of a request, and its number follows from the request's: whoever tells of a request before, beside or
//! without the audit journal (GetKeyLastUsage does) names the same event as the journal. Nothing is kept secret by it.

use std::fmt;

use arrayvec::ArrayString;

use crate::id::{AccountId, RequestId, uuid_text};

/// The bits of a UUID that are not its version and variant (RFC 9562, section 4).
const FREE_BITS: u128 = !0x0000_0000_0000_f000_c000_0000_0000_0000;
/// Spreads an account's number over the bits of an event's.
const SPREAD: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;

/// The number of the event that a request leaves in the audit of one account: CloudTrail's `eventID`, a UUID.
///
/// Each account that a request concerns has an event of its own with a number of its own, as in CloudTrail.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct EventId(ArrayString<36>);

impl EventId {
    /// The number of the event of `request` for `account`: the request's with bits turned over that depend on the account.
    /// Different requests have different numbers; version and variant stay as they are.
    pub fn of(request: RequestId, account: AccountId) -> Self {
        Self::turned(request, account.number())
    }

    /// The number that the events of `request` in two accounts have in common: CloudTrail's `sharedEventID`.
    pub fn shared(request: RequestId) -> Self {
        // No account's number is as high.
        Self::turned(request, u64::MAX)
    }

    fn turned(request: RequestId, number: u64) -> Self {
        let turned = u128::from(number).wrapping_add(1).wrapping_mul(SPREAD) & FREE_BITS;
        Self(uuid_text((u128::from_be_bytes(request.bytes()) ^ turned).to_be_bytes()))
    }

    /// The number as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventId({})", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::os::OsRandom;

    /// The journal must say the same for ever.
    #[test]
    fn the_number_of_an_event_is_fixed_by_request_and_account() {
        let request: RequestId = "8a5e1d5c-6a0b-4f0e-9c3b-1f2e3d4c5b6a".parse().unwrap();
        let of = |account: &str| EventId::of(request, account.parse().unwrap()).to_string();
        assert_eq!(of("000000000000"), "146964e5-1541-431b-afa7-df4e61a1935f");
        assert_eq!(of("111122223333"), "543e7177-f6f0-453c-a9a0-df041311f4f4");
    }

    #[test]
    fn events_are_version_4_uuids_that_differ_from_their_requests_and_from_each_other() {
        let accounts = ["000000000000", "111122223333", "999999999999"].map(|text| text.parse().unwrap());
        for _ in 0..100 {
            let request = RequestId::generate(&OsRandom).unwrap();
            let events = accounts.map(|account| EventId::of(request, account));
            for event in &events {
                let text = event.as_str();
                assert_eq!(text.as_bytes()[14], b'4');
                assert!(matches!(text.as_bytes()[19], b'8' | b'9' | b'a' | b'b'), "{text}");
                assert_ne!(text, request.as_str());
                // It can be read as the number of a request, which it is not: only its form is the same.
                assert!(text.parse::<RequestId>().is_ok());
            }
            assert!(events[0] != events[1] && events[1] != events[2] && events[0] != events[2]);
        }
    }
}
