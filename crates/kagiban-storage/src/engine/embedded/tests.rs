//! The embedded engine beyond the suite: its file, its failures, its crashes.

use super::*;
use crate::suite::{Subject, engine_suite};

async fn fresh() -> Subject {
    let directory = tempfile::tempdir().unwrap();
    let engine = Arc::new(EmbeddedEngine::create(&directory.path().join("store")).unwrap());
    let forgetful = Arc::downgrade(&engine);
    let forget = move |through| forgetful.upgrade().unwrap().forget_changes(through);
    Subject::new(engine, forget).keeping(directory)
}

engine_suite!(fresh);
