//! What is in the journal and in no archive yet is found as by who reads everything, in the open journal and in its files.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use kagiban_audit::archive::History;
use kagiban_audit::journal::Journal;
use kagiban_audit::offline::OfflineJournal;
use kagiban_audit::search::{Bounds, Field, Order, Query, Scan, Search, Term};
use kagiban_audit::{Entry, Follower, Record, Recorder as _, Sequence, TlsDetails};
use kagiban_base::id::RequestId;
use kagiban_base::time::Timestamp;
use proptest::prelude::*;

use crate::support::{Place, wait};

const RECORDS: u64 = 6000;
const ACCOUNT: &str = "111122223333";
const OTHER: &str = "444455556666";

/// A journal of several segments, with callers that come again and records of every kind.
struct Filled {
    journal: Arc<Journal>,
    entries: Vec<Entry>,
    place: Place,
}

static FILLED: LazyLock<Filled> = LazyLock::new(|| {
    let mut place = Place::new();
    place.options.segment_bytes = 1;
    let journal = Arc::new(place.open().unwrap());
    (1..=RECORDS).for_each(|at| append(&journal, at));
    wait(journal.durable(Sequence(RECORDS))).unwrap();
    let entries = journal.read(Sequence(1), usize::MAX).unwrap();
    assert_eq!(entries.len() as u64, RECORDS);
    assert!(place.files("records").len() > 4);
    Filled { journal, entries, place }
});

fn number(at: u64) -> RequestId {
    let spread = u128::from(at).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    RequestId::from_bytes((spread & !0xf000_c000_0000_0000_0000 | 0x4000_8000_0000_0000_0000).to_be_bytes())
}

fn key(at: u64) -> String {
    format!("arn:aws:kms:eu-west-1:{ACCOUNT}:key/{:08}-12ab-34cd-56ef-1234567890ab", at % 40)
}

/// Of the same caller each tenth, of no caller that has been there each 99th.
fn append(journal: &Journal, at: u64) {
    let (name, key) = (if at.is_multiple_of(99) { format!("once-{at}") } else { format!("user-{}", at % 10) }, key(at));
    let (principal, id) =
        (format!("arn:aws:sts::{ACCOUNT}:assumed-role/Payments/{name}"), format!("AROAEXAMPLE:{name}"));
    let identity = format!(
        r#"{{"arn":"{principal}","sessionContext":{{"sessionIssuer":{{"arn":"arn:aws:iam::{ACCOUNT}:role/R{}","userName":"R{}"}}}}}}"#,
        at % 10,
        at % 10
    );
    let parameters = format!(
        r#"{{"keyId":"alias/pay-{}","encryptionContext":{{"row":"{at}","a \"quoted\" name":"t{}"}},"note":"{}"}}"#,
        at % 7,
        at % 9,
        // Segments are not smaller than two of the longest records.
        "-".repeat(2000)
    );
    let record = Record {
        read_only: at.is_multiple_of(3),
        other_account: at.is_multiple_of(4).then(|| OTHER.parse().unwrap()),
        event_source: if at.is_multiple_of(50) { "sts.amazonaws.com" } else { "kms.amazonaws.com" },
        event_name: ["Decrypt", "Encrypt", "GenerateDataKey"][at as usize % 3],
        identity: &identity,
        principal: &principal,
        principal_id: &id,
        access_key_id: if at.is_multiple_of(2) { "AKIAIOSFODNN7EXAMPLE" } else { "AKIAIOSFODNN7OTHERS1" },
        source_address: if at.is_multiple_of(5) { "10.0.0.1" } else { "10.0.0.12" },
        error_code: if at.is_multiple_of(11) { "AccessDenied" } else { "" },
        request_parameters: &parameters,
        resources: &key,
        tls: Some(TlsDetails { version: "TLSv1.3", ..TlsDetails::default() }),
        ..Record::new(Timestamp::from_unix_ms(at as i64 * 10), number(at), ACCOUNT.parse().unwrap(), "eu-west-1")
    };
    journal.append(&record).unwrap();
}

/// Each field, with values that some records have, that one has, and that none has.
fn terms() -> Vec<Term> {
    let of = |at: u64| Record::new(Timestamp::from_unix_ms(0), number(at), ACCOUNT.parse().unwrap(), "");
    let events =
        [of(77).event_id(ACCOUNT.parse().unwrap()), of(80).event_id(OTHER.parse().unwrap()), of(81).shared_event_id()];
    let mut terms = vec![
        Term::encryption_context("row", "777"),
        Term::encryption_context("row", "nothing"),
        Term::encryption_context("a \"quoted\" name", "t3"),
        Term::new(Field::EncryptionContext, "no pair"),
        Term::new(Field::RequestId, number(4242).as_str()),
        Term::new(Field::Key, key(7)),
    ];
    terms.extend(events.map(|event| Term::new(Field::EventId, event.as_str())));
    let texts: [(Field, &[&str]); 15] = [
        (Field::AccessKeyId, &["AKIAIOSFODNN7EXAMPLE", "AKIA"]),
        (Field::Account, &[ACCOUNT, OTHER, "777788889999"]),
        (Field::ErrorCode, &["AccessDenied", "Denied"]),
        (Field::EventId, &["nothing"]),
        (Field::EventSource, &["sts.amazonaws.com", "iam.amazonaws.com"]),
        (Field::EventType, &["AwsApiCall", "AwsServiceEvent"]),
        (Field::Key, &["00000013-12ab-34cd-56ef-1234567890ab", "alias/pay-3", "alias/pay-9"]),
        (Field::Operation, &["Encrypt", "crypt"]),
        (Field::Outcome, &["failure", "success"]),
        (
            Field::Principal,
            &["once-1980", "user-3", "R4", "arn:aws:iam::111122223333:role/R5", "AROAEXAMPLE:user-6", "nobody"],
        ),
        (Field::ReadOnly, &["true", "false"]),
        (Field::Region, &["eu-west-1", "eu-west-2"]),
        (Field::ResourceType, &["AWS::KMS::Key", "AWS::S3::Bucket"]),
        (Field::SourceAddress, &["10.0.0.1", "10.0.0.12", "10.0.0.2"]),
        (Field::UserName, &["user-1", "once-99", "Payments"]),
    ];
    terms.extend(texts.iter().flat_map(|(field, values)| values.iter().map(|value| Term::new(*field, *value))));
    terms
}

/// What is found by reading every record.
fn plainly(query: &Query) -> Vec<u64> {
    let wanted = FILLED.entries.iter().filter(|entry| query.matches(&Record::decode(&entry.bytes).unwrap()));
    let mut found: Vec<u64> = wanted.map(|entry| entry.sequence.0).collect();
    if query.order == Order::NewestFirst {
        found.reverse();
    }
    found
}

/// What a search finds on all its pages.
fn found(search: &dyn Search, query: &Query, bounds: Bounds) -> Vec<u64> {
    let (mut found, mut token) = (Vec::new(), None);
    loop {
        let page = search.page(query, token.as_ref(), bounds).unwrap();
        found.extend(page.entries.iter().map(|entry| {
            assert_eq!(*entry, FILLED.entries[entry.sequence.0 as usize - 1]);
            entry.sequence.0
        }));
        let Some(next) = page.next else { return found };
        token = Some(next);
    }
}

fn searches() -> [Box<dyn Search>; 3] {
    let offline = || Arc::new(OfflineJournal::open(&FILLED.place.options.directory).unwrap());
    let history = History::open(&FILLED.place.options.directory).unwrap();
    [Box::new(Scan::new(Arc::clone(&FILLED.journal) as _)), Box::new(Scan::new(offline())), Box::new(history)]
}

#[test]
fn every_field_is_found_as_by_reading_everything() {
    let (searches, mut kinds) = (searches(), BTreeSet::new());
    for term in terms() {
        for order in [Order::NewestFirst, Order::OldestFirst] {
            let query = Query { terms: vec![term.clone()], order, ..Query::default() };
            let expected = plainly(&query);
            kinds.insert((term.field, !expected.is_empty()));
            for search in &searches {
                assert_eq!(found(&**search, &query, Bounds::records(RECORDS as usize)), expected, "{query:?}");
            }
        }
    }
    let mut fields = Field::INDEXED.iter().chain(&[Field::EventId, Field::RequestId]);
    assert!(fields.all(|field| kinds.contains(&(*field, true))), "{kinds:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn any_conditions_find_what_reading_everything_finds(
        picked in proptest::sample::subsequence(terms(), 0..=2),
        account in proptest::sample::select(vec![None, Some(ACCOUNT), Some(OTHER)]),
        times in (0..RECORDS as i64 * 12, 0..RECORDS as i64 * 12),
        is_timed: bool,
        order in proptest::sample::select(vec![Order::NewestFirst, Order::OldestFirst]),
        records_max in 1..3000usize,
        bytes_max in 20_000..3_000_000u64,
    ) {
        let at = |ms: i64| is_timed.then(|| Timestamp::from_unix_ms(ms));
        let (from, until) = (at(times.0.min(times.1)), at(times.0.max(times.1)));
        let account = account.map(|account| account.parse().unwrap());
        let query = Query { account, terms: picked, from, until, order };
        let expected = plainly(&query);
        for search in searches() {
            prop_assert_eq!(&found(&*search, &query, Bounds { records_max: records_max.max(expected.len() / 20), bytes_max }), &expected);
        }
    }
}
