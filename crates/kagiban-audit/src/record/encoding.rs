//! The compact forms of a record.
//!
//! All begin with 43 bytes: form (1), kind (1), flags (1), time (8), number (16), account (8), another account (8),
//! little-endian. Texts follow, each with its length before it (LEB128):
//!
//! | Form | Where | After the 43 bytes |
//! |---|---|---|
//! | 1 | anywhere | all texts |
//! | 2, by reference | a segment | where in the segment a record of form 1 begins that has the same caller (4), the SHA-256 of that caller's texts (32), the record's own texts |
//! | 3, whole | archives and readers | as 2, and the caller's texts |
//!
//! A whole record is what readers are given of one by reference: [`Record::decode`] needs nothing else then. It counts for the
//! chain as what it was in the segment, provided that its caller is the one whose hash is there ([`hashed_form`]).

use kagiban_base::id::{AccountId, RequestId};
use kagiban_base::time::Timestamp;

use super::caller::Caller;
use super::{Record, RecordDamaged, RecordKind, texts};

/// The first byte of a record with all its texts.
const ALL: u8 = 1;
/// The first byte of a record by reference.
pub(crate) const BY_REFERENCE: u8 = 2;
/// The first byte of a record that was one by reference.
const WHOLE: u8 = 3;
/// Bytes that all forms begin with.
const HEAD_LEN: usize = 43;
/// Bytes of a reference.
const REFERENCE_LEN: usize = 36;
/// Texts of a record besides its caller's.
const OWN_TEXTS: usize = 8;
/// Bytes of user agent, error code and error message at most; more is cut off (CloudTrail's record contents).
const SHORT_MAX: usize = 1024;
/// Bytes of requestParameters and of responseElements at most; more is left out.
const ELEMENTS_MAX: usize = 100 << 10;
/// Bytes of additionalEventData at most; more is left out.
const ADDITIONAL_MAX: usize = 28 << 10;
/// Stands for "no other account".
const NO_ACCOUNT: u64 = u64::MAX;

/// Where a caller's texts are, and what they hash to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Reference {
    /// Where the frame of a record of form 1 begins in the same segment.
    pub(crate) offset: u32,
    /// [`Caller::digest`]
    pub(crate) digest: [u8; 32],
}

/// What a record by reference refers to; `None` for other forms.
pub(crate) fn reference(bytes: &[u8]) -> Option<Reference> {
    let [BY_REFERENCE, ..] = bytes else { return None };
    reference_of(bytes)
}

fn reference_of(bytes: &[u8]) -> Option<Reference> {
    let (offset, rest) = bytes.get(HEAD_LEN..)?.split_first_chunk()?;
    Some(Reference { offset: u32::from_le_bytes(*offset), digest: *rest.first_chunk()? })
}

/// A record by reference with its caller's texts.
pub(crate) fn whole(by_reference: &[u8], caller: &[u8]) -> Vec<u8> {
    let body = by_reference.get(1..).unwrap_or_default();
    [&[WHOLE], body, caller].concat()
}

/// What the chain hashes of a record: its bytes as a segment had them, in two parts. A whole record whose caller is not the one
/// that it names is taken as it is, and so is none of the chain's.
pub(crate) fn hashed_form(bytes: &[u8]) -> [&[u8]; 2] {
    match recorded_body(bytes) {
        Some(body) => [&[BY_REFERENCE], body],
        None => [&[], bytes],
    }
}

fn recorded_body(bytes: &[u8]) -> Option<&[u8]> {
    let [WHOLE, after @ ..] = bytes else { return None };
    let mut caller = bytes.get(HEAD_LEN + REFERENCE_LEN..)?;
    texts::skip(OWN_TEXTS, &mut caller).ok()?;
    let is_the_one = reference_of(bytes)?.digest == Caller::digest(caller);
    after.get(..after.len().checked_sub(caller.len())?).filter(|_| is_the_one)
}

impl<'a> Record<'a> {
    /// Appends the form that stands by itself to `out`. Fields longer than CloudTrail's limits are cut off or left out.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let Caller([region, source, identity, principal, principal_id, access_key_id, address, agent, tls @ ..]) =
            Caller::of(self);
        let [name, own @ ..] = self.own_texts();
        self.put_head(ALL, out);
        for text in [region, source, name, identity, principal, principal_id, access_key_id, address, agent] {
            texts::put(text, out);
        }
        own.iter().chain(&tls).for_each(|text| texts::put(text, out));
    }

    /// Appends the form that refers to another record of the same caller, earlier in the same segment.
    pub(crate) fn encode_by_reference(&self, to: &Reference, out: &mut Vec<u8>) {
        self.put_head(BY_REFERENCE, out);
        out.extend_from_slice(&to.offset.to_le_bytes());
        out.extend_from_slice(&to.digest);
        self.own_texts().iter().for_each(|text| texts::put(text, out));
    }

    fn put_head(&self, form: u8, out: &mut Vec<u8>) {
        let kind = match self.kind {
            RecordKind::ApiCall => 0,
            RecordKind::ServiceEvent => 1,
            RecordKind::ConsoleSignIn => 2,
        };
        out.extend_from_slice(&[form, kind, u8::from(self.read_only) | u8::from(self.tls.is_some()) << 1]);
        out.extend_from_slice(&self.time.unix_ms().to_le_bytes());
        out.extend_from_slice(&self.number.bytes());
        out.extend_from_slice(&self.account.number().to_le_bytes());
        out.extend_from_slice(&self.other_account.map_or(NO_ACCOUNT, |account| account.number()).to_le_bytes());
    }

    fn own_texts(&self) -> [&'a str; OWN_TEXTS] {
        [
            self.event_name,
            cut(self.error_code),
            cut(self.error_message),
            within(self.request_parameters, ELEMENTS_MAX),
            within(self.response_elements, ELEMENTS_MAX),
            within(self.additional_event_data, ADDITIONAL_MAX),
            self.service_event_details,
            self.resources,
        ]
    }

    /// Reads what a record of any form begins with: kind, time, number, accounts and whether it only read. All texts are empty.
    ///
    /// # Errors
    /// [`RecordDamaged`]
    pub(crate) fn decode_head(bytes: &[u8]) -> Result<Self, RecordDamaged> {
        take_head(&mut &*bytes).map(|(_, _, record)| record)
    }

    /// Reads a record that stands by itself, borrowing from it: what [`Record::encode`] wrote, or what readers were given.
    ///
    /// # Errors
    /// [`RecordDamaged`] for anything else; trailing bytes too.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, RecordDamaged> {
        let mut rest = bytes;
        let (form, is_tls, mut record) = take_head(&mut rest)?;
        match form {
            ALL => record.take_all(&mut rest, is_tls)?,
            WHOLE => {
                let _reference: [u8; REFERENCE_LEN] = take(&mut rest)?;
                record.set_own(texts::take(&mut rest)?);
                Caller::decode(rest)?.give_to(&mut record, is_tls);
                rest = &[];
            }
            _ => return Err(RecordDamaged),
        }
        if rest.is_empty() { Ok(record) } else { Err(RecordDamaged) }
    }

    fn take_all(&mut self, rest: &mut &'a [u8], is_tls: bool) -> Result<(), RecordDamaged> {
        let [region, source, name, identity, principal, principal_id, access_key_id, address, agent] =
            texts::take(rest)?;
        let [code, message, parameters, elements, additional, details, resources] = texts::take(rest)?;
        let [version, suite, host, exchange] = texts::take(rest)?;
        self.set_own([name, code, message, parameters, elements, additional, details, resources]);
        Caller([
            region,
            source,
            identity,
            principal,
            principal_id,
            access_key_id,
            address,
            agent,
            version,
            suite,
            host,
            exchange,
        ])
        .give_to(self, is_tls);
        Ok(())
    }

    fn set_own(&mut self, texts: [&'a str; OWN_TEXTS]) {
        let [name, code, message, parameters, elements, additional, details, resources] = texts;
        (self.event_name, self.error_code, self.error_message) = (name, code, message);
        (self.request_parameters, self.response_elements) = (parameters, elements);
        (self.additional_event_data, self.service_event_details, self.resources) = (additional, details, resources);
    }
}

/// The form, whether the request came over TLS, and a record with what all forms begin with.
fn take_head<'a>(rest: &mut &[u8]) -> Result<(u8, bool, Record<'a>), RecordDamaged> {
    let [form, kind, flags] = take(rest)?;
    let kind = match kind {
        0 => RecordKind::ApiCall,
        1 => RecordKind::ServiceEvent,
        2 => RecordKind::ConsoleSignIn,
        _ => return Err(RecordDamaged),
    };
    let time = Timestamp::from_unix_ms(i64::from_le_bytes(take(rest)?));
    let number = RequestId::from_bytes(take(rest)?);
    let account = account(u64::from_le_bytes(take(rest)?))?.ok_or(RecordDamaged)?;
    let other_account = self::account(u64::from_le_bytes(take(rest)?))?;
    let record = Record { kind, read_only: flags & 1 != 0, other_account, ..Record::new(time, number, account, "") };
    Ok((form, flags & 2 != 0, record))
}

fn account(number: u64) -> Result<Option<AccountId>, RecordDamaged> {
    if number == NO_ACCOUNT {
        return Ok(None);
    }
    AccountId::from_number(number).map(Some).ok_or(RecordDamaged)
}

/// The longest beginning of `text` that is within the limit and whole characters.
pub(super) fn cut(text: &str) -> &str {
    let end = text.floor_char_boundary(SHORT_MAX);
    text.get(..end).unwrap_or_default()
}

fn within(text: &str, bytes_max: usize) -> &str {
    if text.len() <= bytes_max { text } else { "" }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], RecordDamaged> {
    let (taken, left) = rest.split_first_chunk::<N>().ok_or(RecordDamaged)?;
    *rest = left;
    Ok(*taken)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::sample;

    fn encoded(record: &Record<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        record.encode(&mut out);
        out
    }

    /// A record by reference, and its caller's texts.
    fn split(record: &Record<'_>) -> (Vec<u8>, Vec<u8>) {
        let (mut caller, mut out) = (Vec::new(), Vec::new());
        Caller::of(record).encode(&mut caller);
        let to = Reference { offset: 64, digest: Caller::digest(&caller) };
        record.encode_by_reference(&to, &mut out);
        assert_eq!(reference(&out), Some(to));
        (out, caller)
    }

    fn whole_of(record: &Record<'_>) -> Vec<u8> {
        let (by_reference, caller) = split(record);
        whole(&by_reference, &caller)
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let plain = Record { tls: None, other_account: None, kind: RecordKind::ServiceEvent, ..sample() };
        for record in [sample(), plain] {
            assert_eq!(Record::decode(&encoded(&record)), Ok(record.clone()));
            assert_eq!(Record::decode(&whole_of(&record)), Ok(record.clone()));
            // Without its caller's texts it says too little.
            assert_eq!(Record::decode(&split(&record).0), Err(RecordDamaged));
        }
    }

    #[test]
    fn nothing_shorter_or_longer_is_a_record() {
        for whole in [encoded(&sample()), whole_of(&sample())] {
            for length in 0..whole.len() {
                assert_eq!(Record::decode(&whole[..length]), Err(RecordDamaged), "{length}");
            }
            assert_eq!(Record::decode(&[&whole[..], b"x"].concat()), Err(RecordDamaged));
        }
    }

    #[test]
    fn the_chain_takes_a_whole_record_for_what_it_was_and_no_other() {
        let (by_reference, caller) = split(&sample());
        let whole = whole(&by_reference, &caller);
        assert_eq!(hashed_form(&whole).concat(), by_reference);
        let all = encoded(&sample());
        for itself in [&all, &by_reference] {
            assert_eq!(hashed_form(itself).concat(), **itself);
        }
        for bit in 0..whole.len() * 8 {
            let mut changed = whole.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(hashed_form(&changed).concat(), by_reference, "bit {bit}");
        }
        for length in 0..whole.len() {
            assert_ne!(hashed_form(&whole[..length]).concat(), by_reference, "{length}");
        }
    }

    #[test]
    fn what_is_too_long_is_cut_off_or_left_out() {
        let (short, elements) = ("\u{e4}".repeat(SHORT_MAX), "x".repeat(ELEMENTS_MAX + 1));
        let record = Record { user_agent: &short, request_parameters: &elements, ..sample() };
        let bytes = encoded(&record);
        let read = Record::decode(&bytes).unwrap();
        assert_eq!((read.user_agent.len(), read.request_parameters), (SHORT_MAX, ""));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = (Record::decode(&bytes), hashed_form(&bytes), reference(&bytes));
            for mut damaged in [encoded(&sample()), whole_of(&sample()), split(&sample()).0] {
                for (at, byte) in bytes.iter().enumerate() {
                    let place = usize::from(*byte).wrapping_mul(at) % damaged.len();
                    damaged[place] ^= byte;
                }
                let _ = (Record::decode(&damaged), hashed_form(&damaged), reference(&damaged));
            }
        }
    }
}
