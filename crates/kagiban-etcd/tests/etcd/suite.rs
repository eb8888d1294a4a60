//! The suite that every engine passes, on three members.

use std::sync::{Arc, LazyLock};

use kagiban_storage::Revision;
use kagiban_storage::engine_suite;
use kagiban_storage::suite::Subject;
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio::task::block_in_place;

use crate::cluster::Cluster;

/// One case at a time: some compact, which concerns the whole cluster. It ends with this process.
static SHARED: LazyLock<Arc<Mutex<Shared>>> = LazyLock::new(Arc::default);

#[derive(Default)]
struct Shared {
    cluster: Option<Cluster>,
    cases: usize,
}

async fn fresh() -> Subject {
    let mut shared = Arc::clone(&SHARED).lock_owned().await;
    if shared.cluster.is_none() {
        shared.cluster = Some(Cluster::start(3).await);
    }
    shared.cases += 1;
    let prefix = format!("case{}", shared.cases);
    let engine = Arc::new(shared.cluster.as_ref().unwrap().engine(&prefix));
    let forgetful = Arc::clone(&engine);
    let forget = move |through: Revision| {
        block_in_place(|| Handle::current().block_on(forgetful.forget_changes(through))).unwrap();
    };
    Subject::new(engine, forget).shared().keeping(shared)
}

engine_suite!(fresh);
