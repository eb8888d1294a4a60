//! Typed rows and transactions, over a memory engine that fails where the test says so.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kagiban_storage::batch::{BatchError, CONDITIONS_MAX, WRITES_MAX};
use kagiban_storage::engine::faulty::{Call, Fault, FaultyEngine, Gate};
use kagiban_storage::store::ATTEMPTS_MAX;
use kagiban_storage::{
    EngineError, KeyError, KeyReader, KeyWriter, MemoryEngine, Prefix, Revision, Row, RowError, RowKey, Store,
    StoreError, Table, Transaction, row,
};

/// A balance of an account in a town: a key of two texts and a body of two versions.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Balance {
    amount: u64,
    /// Since version 2.
    note: String,
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct BalanceKey {
    town: String,
    account: String,
}

impl RowKey for BalanceKey {
    fn write(&self, key: &mut KeyWriter) {
        key.text(&self.town).text(&self.account);
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self { town: key.text()?.to_owned(), account: key.text()?.to_owned() })
    }
}

impl Row for Balance {
    const TABLE: Table = Table::new("balance");
    const VERSION: u8 = 2;
    type Key = BalanceKey;

    fn encode(&self, _version: u8) -> Result<Vec<u8>, RowError> {
        if self.note == "unspeakable" {
            return Err(RowError::malformed("no words for it"));
        }
        Ok([&self.amount.to_be_bytes(), self.note.as_bytes()].concat())
    }

    fn decode(version: u8, bytes: &[u8]) -> Result<Self, RowError> {
        let (amount, note) = bytes.split_first_chunk().ok_or_else(|| RowError::malformed("no amount"))?;
        let note = if version == 1 { "" } else { str::from_utf8(note).map_err(RowError::malformed)? };
        Ok(Self { amount: u64::from_be_bytes(*amount), note: note.to_owned() })
    }
}

fn key(town: &str, account: &str) -> BalanceKey {
    BalanceKey { town: town.to_owned(), account: account.to_owned() }
}

fn balance(amount: u64) -> Balance {
    Balance { amount, note: "n".to_owned() }
}

fn faulty() -> (FaultyEngine, Store) {
    let engine = FaultyEngine::new(Arc::new(MemoryEngine::new()));
    (engine.clone(), Store::new(Arc::new(engine)))
}

/// Writes rows of the town `t`, accounts 000, 001, ...
async fn fill(store: &Store, count: usize) {
    for start in (0..count).step_by(50) {
        let body = |tx: Transaction| async move {
            (start..count.min(start + 50)).try_for_each(|n| tx.put(&key("t", &format!("{n:03}")), &balance(n as u64)))
        };
        store.transact::<_, StoreError, _, _>("Fill", body).await.unwrap();
    }
}

async fn amount(store: &Store, key: &BalanceKey) -> Option<u64> {
    store.snapshot().await.unwrap().read::<Balance>(key).await.unwrap().map(|row| row.amount)
}

/// Moves one unit, from a future that must be `Send` and borrows all it uses, as a request handler does.
fn pay<'a>(
    store: &'a Store,
    from: &'a BalanceKey,
    to: &'a BalanceKey,
) -> Pin<Box<dyn Future<Output = Result<Option<Revision>, StoreError>> + Send + 'a>> {
    Box::pin(async move {
        let body = |tx: Transaction| async move {
            let mut payer = tx.read::<Balance>(from).await?.unwrap_or(balance(0));
            let mut payee = tx.read::<Balance>(to).await?.unwrap_or(balance(0));
            if payer.amount == 0 {
                return Ok(());
            }
            payer.amount -= 1;
            payee.amount += 1;
            tx.put(from, &payer)?;
            tx.put(to, &payee)
        };
        Ok(store.transact("Pay", body).await?.1)
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_transactions_keep_the_sum() {
    let (engine, store) = faulty();
    engine.randomly(7, 0);
    fill(&store, 4).await;
    let tasks = (0..8_usize).map(|worker| {
        let store = store.clone();
        tokio::spawn(async move {
            for n in 0..40 {
                let (from, to) = (format!("{:03}", (worker + n) % 4), format!("{:03}", (worker * 3 + n + 1) % 4));
                if from != to {
                    pay(&store, &key("t", &from), &key("t", &to)).await.unwrap();
                }
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    let page = store.snapshot().await.unwrap().scan(&Prefix::<Balance>::all(), None, 10).await.unwrap();
    assert_eq!(page.rows.iter().map(|(_, row)| row.amount).sum::<u64>(), 6);
}

#[tokio::test]
async fn a_transaction_sees_its_own_writes_and_reports_its_revision() {
    let (_, store) = faulty();
    let body = |tx: Transaction| async move {
        assert_eq!(tx.revision(), Revision::ZERO);
        tx.insert(&key("t", "a"), &balance(1)).await?;
        assert_eq!(tx.read::<Balance>(&key("t", "a")).await?, Some(balance(1)));
        tx.delete::<Balance>(&key("t", "a"))?;
        assert_eq!(tx.read::<Balance>(&key("t", "a")).await?, None);
        tx.insert(&key("t", "a"), &balance(2)).await?;
        tx.put(&key("t", "b"), &balance(3))
    };
    let (_, revision) = store.transact::<_, StoreError, _, _>("Both", body).await.unwrap();
    assert_eq!(revision, Some(Revision::new(1)));
    assert_eq!(amount(&store, &key("t", "a")).await, Some(2));
    assert_eq!(amount(&store, &key("t", "b")).await, Some(3));
}

#[tokio::test]
async fn nothing_is_committed_when_nothing_is_written_or_the_body_fails() {
    let (engine, store) = faulty();
    let read = |tx: Transaction| async move { tx.read::<Balance>(&key("t", "a")).await };
    assert_eq!(store.transact::<_, StoreError, _, _>("Read", read).await.unwrap(), (None, None));
    let fail = |tx: Transaction| async move {
        tx.put(&key("t", "a"), &balance(1))?;
        tx.insert(&key("t", "a"), &balance(1)).await
    };
    let error = store.transact::<_, StoreError, _, _>("Fail", fail).await.unwrap_err();
    assert!(matches!(error, StoreError::AlreadyExists { table: "balance" }), "{error}");
    assert_eq!(engine.calls(Call::Commit), 0);
    assert_eq!(amount(&store, &key("t", "a")).await, None);
}

/// What one transaction read, another changes before the first commits. The first must run again, and only then.
#[tokio::test]
async fn what_was_read_is_a_condition_of_the_commit() {
    type Change = fn(Transaction) -> Result<(), StoreError>;
    let cases: [(&str, Change, usize); 5] = [
        ("a row that was read is changed", |tx| tx.put(&key("t", "000"), &balance(9)), 2),
        ("a row that was read is written with the value it had", |tx| tx.put(&key("t", "000"), &balance(0)), 2),
        ("a row that was read is deleted", |tx| tx.delete::<Balance>(&key("t", "000")), 2),
        ("a row that was read as absent appears", |tx| tx.put(&key("t", "absent"), &balance(9)), 2),
        ("a row that was only scanned is changed", |tx| tx.put(&key("t", "001"), &balance(9)), 1),
    ];
    for (case, change, expected) in cases {
        let (_, store) = faulty();
        fill(&store, 3).await;
        let runs = &AtomicUsize::new(0);
        let other = &store;
        let body = |tx: Transaction| async move {
            tx.read::<Balance>(&key("t", "000")).await?;
            tx.read::<Balance>(&key("t", "absent")).await?;
            tx.scan(&Prefix::<Balance>::all(), None, 10).await?;
            if runs.fetch_add(1, Ordering::Relaxed) == 0 {
                other.transact("Other", |tx| async move { change(tx) }).await?;
            }
            tx.put(&key("t", "effect"), &balance(1))
        };
        store.transact::<_, StoreError, _, _>("First", body).await.unwrap();
        assert_eq!(runs.load(Ordering::Relaxed), expected, "{case}");
        assert_eq!(amount(&store, &key("t", "effect")).await, Some(1), "{case}");
    }
}

#[tokio::test]
async fn commits_that_fail_are_told_apart() {
    let put = |tx: Transaction| async move { tx.put(&key("t", "a"), &balance(1)) };
    type Expected = fn(&StoreError) -> bool;
    let cases: [(Fault, Option<Expected>, bool, u64); 4] = [
        (Fault::Conflict, None, true, 2),
        (Fault::Fail(EngineError::Unavailable), Some(|e| matches!(e, StoreError::Engine(_))), false, 1),
        (Fault::LoseRequest, Some(|e| matches!(e, StoreError::OutcomeUnknown { transaction: "Put", .. })), false, 1),
        (Fault::LoseAnswer, Some(|e| matches!(e, StoreError::OutcomeUnknown { transaction: "Put", .. })), true, 1),
    ];
    for (fault, expected, written, commits) in cases {
        let (engine, store) = faulty();
        engine.plan(Call::Commit, 1, fault.clone());
        let outcome = store.transact::<_, StoreError, _, _>("Put", put).await;
        match expected {
            Some(expected) => assert!(expected(&outcome.unwrap_err()), "{fault:?}"),
            None => assert!(outcome.is_ok(), "{fault:?}"),
        }
        assert_eq!(amount(&store, &key("t", "a")).await.is_some(), written, "{fault:?}");
        assert_eq!(engine.calls(Call::Commit), commits, "{fault:?}");
    }
}

/// What broke: somebody else's scrub ended the snapshots of running transactions, and with them requests.
#[tokio::test]
async fn a_transaction_whose_snapshot_is_gone_begins_again() {
    for (call, times, expected) in
        [(Call::Read, 1, true), (Call::Scan, 2, true), (Call::Read, ATTEMPTS_MAX as u64, false)]
    {
        let (engine, store) = faulty();
        (1..=times).for_each(|nth| engine.plan(call, nth, Fault::Fail(EngineError::SnapshotGone)));
        let body = |tx: Transaction| async move {
            tx.scan(&Prefix::<Balance>::all(), None, 10).await?;
            tx.read::<Balance>(&key("t", "a")).await?;
            tx.put(&key("t", "a"), &balance(1))
        };
        let outcome = store.transact::<_, StoreError, _, _>("Put", body).await;
        assert_eq!((outcome.is_ok(), amount(&store, &key("t", "a")).await.is_some()), (expected, expected), "{call:?}");
        assert_eq!(engine.calls(Call::Commit), u64::from(expected));
    }
}

#[tokio::test]
async fn contention_ends_after_a_bounded_number_of_attempts() {
    let (engine, store) = faulty();
    (1..=ATTEMPTS_MAX as u64).for_each(|nth| engine.plan(Call::Commit, nth, Fault::Conflict));
    let put = |tx: Transaction| async move { tx.put(&key("t", "a"), &balance(1)) };
    let error = store.transact::<_, StoreError, _, _>("Put", put).await.unwrap_err();
    assert!(matches!(error, StoreError::Contention { transaction: "Put", attempts: ATTEMPTS_MAX }), "{error}");
    assert_eq!(engine.calls(Call::Commit), ATTEMPTS_MAX as u64);
    store.transact::<_, StoreError, _, _>("Put", put).await.unwrap();
}

#[tokio::test]
async fn a_transaction_of_the_full_size_fits_and_a_larger_one_is_refused() {
    for (reads, writes, expected) in [
        // One condition is the store's format.
        (CONDITIONS_MAX - 1, WRITES_MAX, None),
        (CONDITIONS_MAX, 1, Some(BatchError::TooManyConditions { count: 102 })),
        (0, WRITES_MAX + 1, Some(BatchError::TooManyWrites { count: 101 })),
    ] {
        let (_, store) = faulty();
        let body = |tx: Transaction| async move {
            for n in 0..reads {
                tx.read::<Balance>(&key("read", &n.to_string())).await?;
            }
            (0..writes).try_for_each(|n| tx.put(&key("t", &n.to_string()), &balance(1)))
        };
        match (store.transact::<_, StoreError, _, _>("Large", body).await, expected) {
            (Ok(_), None) => {}
            (Err(StoreError::Batch(error)), Some(expected)) => assert_eq!(error, expected),
            (outcome, expected) => panic!("{expected:?}, but {outcome:?}"),
        }
        assert_eq!(amount(&store, &key("t", "0")).await.is_some(), expected.is_none());
    }
}

/// Each way to page through a town, with writes of the transaction over it, gives the rows a map would.
#[tokio::test]
async fn scans_show_stored_rows_under_own_writes() {
    let (_, store) = faulty();
    fill(&store, 250).await;
    let elsewhere = |tx: Transaction| async move { tx.put(&key("t2", "x"), &balance(0)) };
    store.transact::<_, StoreError, _, _>("Elsewhere", elsewhere).await.unwrap();
    for limit in [1, 7, 60, 500] {
        let body = |tx: Transaction| async move {
            (0..45).try_for_each(|n| tx.delete::<Balance>(&key("t", &format!("{:03}", n + 20))))?;
            (0..45).try_for_each(|n| tx.put(&key("t", &format!("{:03}+", n * 5)), &balance(1000)))?;
            tx.put(&key("t", "0"), &balance(1000))?;
            tx.put(&key("t", "zzz"), &balance(1000))?;
            let prefix = Prefix::<Balance>::of(|key| _ = key.text("t"))?;
            let (mut found, mut after) = (Vec::new(), None);
            loop {
                let page = tx.scan(&prefix, after.as_ref(), limit).await?;
                assert!(page.rows.len() <= limit);
                found.extend(page.rows.iter().map(|(key, _)| key.account.clone()));
                after = page.rows.last().map(|(key, _)| key.clone()).or(after);
                if !page.more {
                    return Ok::<_, StoreError>(found);
                }
            }
        };
        let (found, _) = store.transact("Scan", body).await.unwrap();
        let kept = (0..250).filter(|n| !(20..65).contains(n)).map(|n| format!("{n:03}"));
        let mut expected: Vec<_> = kept.chain((0..45).map(|n| format!("{:03}+", n * 5))).collect();
        expected.extend(["0".to_owned(), "zzz".to_owned()]);
        expected.sort();
        assert_eq!(found, expected, "limit {limit}");
        // The next limit starts over.
        fill(&store, 250).await;
        let undo = |tx: Transaction| async move {
            (0..45).try_for_each(|n| tx.delete::<Balance>(&key("t", &format!("{:03}+", n * 5))))
        };
        store.transact::<_, StoreError, _, _>("Undo", undo).await.unwrap();
    }
}

/// A page that ends early because its rows are large, all of which the transaction has deleted.
#[tokio::test]
async fn a_scan_goes_on_behind_a_page_of_deleted_rows() {
    let (_, store) = faulty();
    for n in 0..8 {
        let large = &Balance { amount: n, note: "x".repeat(1_000_000) };
        let body = |tx: Transaction| async move { tx.put(&key("t", &n.to_string()), large) };
        store.transact::<_, StoreError, _, _>("Large", body).await.unwrap();
    }
    let body = |tx: Transaction| async move {
        (0..6).try_for_each(|n| tx.delete::<Balance>(&key("t", &n.to_string())))?;
        tx.scan(&Prefix::<Balance>::all(), None, 10).await
    };
    let (page, _) = store.transact::<_, StoreError, _, _>("Scan", body).await.unwrap();
    assert_eq!(page.rows.iter().map(|(_, row)| row.amount).collect::<Vec<_>>(), [6, 7]);
}

#[tokio::test]
async fn snapshots_page_through_the_rows_of_a_prefix() {
    let (_, store) = faulty();
    fill(&store, 25).await;
    let snapshot = store.snapshot().await.unwrap();
    fill(&store, 50).await;
    let town = Prefix::<Balance>::of(|key| _ = key.text("t")).unwrap();
    let first = snapshot.scan(&town, None, 10).await.unwrap();
    assert!(first.more && first.rows.len() == 10);
    let rest = snapshot.scan(&town, first.rows.last().map(|(key, _)| key), 100).await.unwrap();
    assert!(!rest.more && rest.rows.len() == 15);
    let partial = Prefix::<Balance>::of(|key| _ = key.text("")).unwrap();
    assert!(snapshot.scan(&partial, None, 10).await.unwrap().rows.is_empty(), "a prefix is of whole parts");
}

#[tokio::test]
async fn rows_that_make_no_sense_are_clear_errors() {
    use kagiban_storage::Batch;
    let at = |account: &str| row::encode_key::<Balance>(&key("t", account)).unwrap();
    let cases: [(&[u8], &str); 5] = [
        (b"", "a row of table balance has no version"),
        (b"\0abc", "a row of table balance has no version"),
        (
            b"\x03abc",
            "a row of table balance has version 3, this Kagiban knows up to 2: a newer Kagiban wrote it; run that \
             version or restore a backup made before it ran",
        ),
        (b"\x02short", "a row is malformed"),
        (b"\x0212345678\xff", "a row is malformed"),
    ];
    for (stored, message) in cases {
        let (engine, store) = faulty();
        let raw: &dyn kagiban_storage::Engine = &engine;
        raw.commit(Batch::new().put(at("a"), stored)).await.unwrap();
        let error = store.snapshot().await.unwrap().read::<Balance>(&key("t", "a")).await.unwrap_err();
        assert_eq!(error.to_string(), message);
        assert!(store.snapshot().await.unwrap().scan(&Prefix::<Balance>::all(), None, 1).await.is_err());
    }
    let old = row::decode::<Balance>(b"\x01\0\0\0\0\0\0\0\x05ignored").unwrap();
    assert_eq!(old, Balance { amount: 5, note: String::new() });
}

#[tokio::test]
async fn keys_and_rows_without_an_encoding_are_refused() {
    let (engine, store) = faulty();
    let zero = |tx: Transaction| async move { tx.put(&key("a\0b", "c"), &balance(1)) };
    let error = store.transact::<_, StoreError, _, _>("Zero", zero).await.unwrap_err();
    assert!(matches!(error, StoreError::Key(KeyError::ZeroInText)), "{error}");
    let row =
        |tx: Transaction| async move { tx.put(&key("a", "c"), &Balance { amount: 0, note: "unspeakable".to_owned() }) };
    let error = store.transact::<_, StoreError, _, _>("Row", row).await.unwrap_err();
    assert!(matches!(error, StoreError::Row(RowError::Malformed(_))), "{error}");
    assert_eq!(engine.calls(Call::Commit), 0);
}

/// Two transactions meet at a gate between their reads and their commits; one of them must run twice.
#[tokio::test]
async fn a_gate_holds_a_commit_until_the_test_opens_it() {
    let (engine, store) = faulty();
    fill(&store, 2).await;
    let gate = Gate::new();
    engine.plan(Call::Commit, 1, Fault::Gate(gate.clone()));
    let (from, to) = (key("t", "001"), key("t", "000"));
    let first = tokio::spawn({
        let (store, from, to) = (store.clone(), from.clone(), to.clone());
        async move { pay(&store, &from, &to).await }
    });
    gate.reached(1).await;
    assert!(pay(&store, &from, &to).await.unwrap().is_some());
    gate.open();
    // The unit is gone, so the second run of the first transaction wrote nothing.
    assert_eq!(first.await.unwrap().unwrap(), None);
    assert_eq!(amount(&store, &to).await, Some(1));
}

/// With one call in ten failing, each acknowledged payment happened once and each refused one not at all.
#[tokio::test]
async fn random_faults_never_break_a_transaction_apart() {
    let (mut all_paid, mut all_unknown) = (0, 0);
    for seed in 1..=20 {
        let (engine, store) = faulty();
        fill(&store, 10).await;
        let rich = |tx: Transaction| async move { tx.put(&key("t", "009"), &balance(1000)) };
        store.transact::<_, StoreError, _, _>("Rich", rich).await.unwrap();
        engine.randomly(seed, 100);
        let (mut paid, mut unknown) = (0, 0);
        for _ in 0..200 {
            match pay(&store, &key("t", "009"), &key("t", "000")).await {
                Ok(revision) => paid += u64::from(revision.is_some()),
                Err(StoreError::OutcomeUnknown { .. }) => unknown += 1,
                Err(StoreError::Engine(EngineError::Unavailable)) => {}
                Err(other) => panic!("seed {seed}: {other}"),
            }
        }
        engine.randomly(seed, 0);
        let arrived = amount(&store, &key("t", "000")).await.unwrap();
        assert_eq!(arrived + amount(&store, &key("t", "009")).await.unwrap(), 1000, "seed {seed}");
        assert!((paid..=paid + unknown).contains(&arrived), "seed {seed}: {paid} {unknown} {arrived}");
        (all_paid, all_unknown) = (all_paid + paid, all_unknown + unknown);
    }
    assert!(all_paid > 1000 && all_unknown > 50, "the faults must leave both");
}
