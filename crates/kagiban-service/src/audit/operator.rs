//! What records show of the operator's operations: the listed members of a body, and no other.

use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::operator::Operation;

/// The members of an operation's input that records show.
pub(crate) const fn shown_input(operation: Operation) -> &'static [&'static str] {
    use Operation as O;
    match operation {
        // Not the invitation, which is a secret.
        O::AcceptPeerInvitation | O::CreatePeerInvitation => &["PeerName", "Accounts"],
        O::AdvanceClock => &["Seconds"],
        O::CheckPeer => &["PeerName"],
        O::CloseAccount | O::ReopenAccount => &["AccountId"],
        O::CreateAccount => &["Name", "AccountId"],
        O::CreateServiceAccessKey => &["ServicePrincipal"],
        O::DeletePeer => &["PeerName", "Force"],
        O::DeleteServiceAccessKey => &["AccessKeyId"],
        O::DescribeCompliance => &["RuleName", "AccountId"],
        O::CreateRecoveryKey | O::ReplaceRecoveryKey => &["Recipient", "SharesNeeded", "Shares"],
        O::CreateBackup
        | O::DescribeAuditDeliveries
        | O::DescribeBackups
        | O::DescribeClock
        | O::DescribeDomainKeys
        | O::DescribeRecoveryKey
        | O::DescribeUpgrade
        | O::FinishUpgrade
        | O::ListNodes
        | O::ListPeers
        | O::RevertUpgrade
        | O::StartUpgrade => &[],
        O::RotateDomainKey => &["EndSessions"],
        O::Seal => &["AllNodes"],
        O::DescribeKeyUsage => &["KeyId"],
        O::ExplainRequest => &["RequestId"],
        O::FindKeys => &["AccountId", "Filters", "Limit", "Marker"],
        O::ListAccounts => &["Limit", "Marker"],
        O::ListKeyTimes | O::ListUsage => &["Month", "AccountId", "Limit", "Marker"],
        O::ListServiceAccessKeys => &["ServicePrincipal", "Limit", "Marker"],
    }
}

/// The members of its output that records show: of what changes something, and never a secret.
pub(crate) const fn shown_output(operation: Operation) -> &'static [&'static str] {
    use Operation as O;
    match operation {
        O::AcceptPeerInvitation => &["Regions"],
        O::AdvanceClock => &["Now"],
        O::CreateAccount => &["AccountId", "AccessKeyId"],
        O::CreateBackup => &["FileName"],
        O::CreatePeerInvitation => &["ExpirationDate"],
        O::CreateServiceAccessKey => &["ServicePrincipal", "AccessKeyId"],
        O::RotateDomainKey => &["DomainKeyId"],
        O::FinishUpgrade | O::RevertUpgrade | O::StartUpgrade => &["Format", "State"],
        O::CheckPeer
        | O::CloseAccount
        | O::CreateRecoveryKey
        | O::DeletePeer
        | O::DeleteServiceAccessKey
        | O::DescribeAuditDeliveries
        | O::DescribeBackups
        | O::DescribeClock
        | O::DescribeCompliance
        | O::DescribeDomainKeys
        | O::DescribeKeyUsage
        | O::DescribeRecoveryKey
        | O::DescribeUpgrade
        | O::ExplainRequest
        | O::FindKeys
        | O::ListAccounts
        | O::ListKeyTimes
        | O::ListNodes
        | O::ListPeers
        | O::ListServiceAccessKeys
        | O::ListUsage
        | O::ReopenAccount
        | O::ReplaceRecoveryKey
        | O::Seal => &[],
    }
}

/// The listed members of a JSON object, with names that begin in lower case; empty when there is none. What is not listed is
/// passed over and never in memory as a value.
pub(crate) fn picked(body: &[u8], listed: &[&str]) -> String {
    let mut reader = serde_json::Deserializer::from_slice(body);
    match reader.deserialize_map(Picker(listed)) {
        Ok(found) if !found.is_empty() => Value::Object(found).to_string(),
        _ => String::new(),
    }
}

struct Picker<'l>(&'l [&'l str]);

impl<'de> Visitor<'de> for Picker<'_> {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            match self.0.iter().find(|listed| **listed == name) {
                Some(listed) => _ = found.insert(in_lower_case(listed), members.next_value()?),
                None => _ = members.next_value::<IgnoredAny>()?,
            }
        }
        Ok(found)
    }
}

fn in_lower_case(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    first.into_iter().collect::<String>() + letters.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listed_members_pass_and_no_other() {
        let body = br#"{"PeerName":"north","Invitation":"kagiban-peer-secret","Accounts":["111122223333"]}"#;
        let shown = picked(body, shown_input(Operation::AcceptPeerInvitation));
        assert_eq!(shown, r#"{"accounts":["111122223333"],"peerName":"north"}"#);
        for none in [&b"{}"[..], b"[]", b"", br#"{"Invitation":{"PeerName":1}}"#, b"{\"PeerName\":"] {
            assert_eq!(picked(none, &["PeerName"]), "", "{none:?}");
        }
    }

    #[test]
    fn no_secret_is_listed() {
        for operation in Operation::ALL {
            for name in shown_input(operation).iter().chain(shown_output(operation)) {
                assert!(!["Invitation", "PresentShares", "SecretAccessKey"].contains(name), "{operation:?} {name}");
            }
        }
    }
}
