//! Files of every store format that there was, as the program of their time wrote them, must open for ever.

use kagiban_storage::engine::{Entry, KeyRange};
use kagiban_storage::{Batch, EmbeddedEngine, Engine, Revision};

/// Format 1, redb 4.5: a first batch with the rows `first` and `empty`, a second that wrote `second` and deleted
/// `empty`, closed.
#[tokio::test]
async fn a_store_of_format_1_opens() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    std::fs::write(&path, include_bytes!("fixtures/format-1.store")).unwrap();
    let engine = EmbeddedEngine::open(&path).unwrap();
    let page = engine.snapshot().await.unwrap().scan(&KeyRange::all(), 10).await.unwrap();
    let entry = |key: &str, value: &[u8], revision| Entry {
        key: key.into(),
        value: value.to_vec(),
        revision: Revision::new(revision),
    };
    assert_eq!(page.entries, [entry("first", b"one", 1), entry("second", &[2; 5000], 2)]);
    assert_eq!(engine.commit(Batch::new().put("third", "3")).await.unwrap(), Revision::new(3));
}
