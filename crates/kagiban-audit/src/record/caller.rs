//! What the records of one caller have in common, so that a segment of the journal needs it once.

use super::encoding::cut;
use super::texts;
use super::{Record, RecordDamaged, TlsDetails};
use crate::sha256;

/// Texts that a caller is.
pub(super) const TEXTS: usize = 12;
/// Bytes of an encoded caller at most, for others to refer to it: many times what callers have, and little enough that no small
/// record becomes a huge one.
pub(crate) const CALLER_MAX: usize = 4 << 10;

/// Who calls, from where and how; and where he calls.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Caller<'a>(pub(super) [&'a str; TEXTS]);

impl<'a> Caller<'a> {
    /// That of a record.
    pub(crate) fn of(record: &Record<'a>) -> Self {
        let tls = record.tls.unwrap_or_default();
        Self([
            record.region,
            record.event_source,
            record.identity,
            record.principal,
            record.principal_id,
            record.access_key_id,
            record.source_address,
            cut(record.user_agent),
            cut(tls.version),
            cut(tls.cipher_suite),
            cut(tls.host),
            cut(tls.key_exchange),
        ])
    }

    /// Appends the texts with their lengths.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        self.0.iter().for_each(|text| texts::put(text, out));
    }

    /// What tells callers from each other mostly.
    pub(crate) fn key(&self) -> [&'a str; 4] {
        let [_, _, _, principal, _, access_key_id, source_address, user_agent, ..] = self.0;
        [principal, access_key_id, source_address, user_agent]
    }

    /// Whether this is what [`Caller::encode`] made of it; nothing is copied.
    pub(crate) fn is_encoded_as(&self, encoded: &[u8]) -> bool {
        let mut rest = encoded;
        self.0.iter().all(|text| texts::take_bytes(&mut rest) == Ok(text.as_bytes())) && rest.is_empty()
    }

    /// What a whole record ends with.
    pub(super) fn decode(mut bytes: &'a [u8]) -> Result<Self, RecordDamaged> {
        let texts = texts::take(&mut bytes)?;
        if bytes.is_empty() { Ok(Self(texts)) } else { Err(RecordDamaged) }
    }

    /// The hash that records name an encoded caller by: SHA-256.
    pub(crate) fn digest(encoded: &[u8]) -> [u8; 32] {
        sha256::hash(&[encoded])
    }

    /// Sets a record's fields.
    pub(super) fn give_to(self, record: &mut Record<'a>, is_tls: bool) {
        let [region, event_source, identity, principal, principal_id, access_key_id, source_address, user_agent, ..] =
            self.0;
        let [.., version, cipher_suite, host, key_exchange] = self.0;
        *record = Record {
            region,
            event_source,
            identity,
            principal,
            principal_id,
            access_key_id,
            source_address,
            user_agent,
            tls: is_tls.then_some(TlsDetails { version, cipher_suite, host, key_exchange }),
            ..*record
        };
    }
}
