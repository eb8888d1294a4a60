//! The notes of a key at the key's own record, so that a request that has found the key need not look for them.
//!
//! With many keys in use each look-up is a walk through memory that no cache holds, and costs more than the note itself.
//! The map of [`KeyUses`](super::KeyUses) says which notes are a key's; what stands here is a copy of its answer, which is
//! taken away when the map's changes, and is not asked while another request holds it.

use std::sync::{Arc, Mutex, PoisonError};

use super::notes::{Notes, free};
use crate::month::Month;

/// The notes of a key, once it was used. Sixteen bytes, as there may be a million.
#[derive(Debug, Default)]
pub(crate) struct NotesAtHand(Mutex<Option<Arc<Notes>>>);

impl Clone for NotesAtHand {
    /// Another record of the key, which finds its notes at its first use.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl NotesAtHand {
    /// Notes something, if there are notes of this month or a later one; whether there were.
    pub(super) fn note(&self, month: Month, note: &impl Fn(&Notes)) -> bool {
        let Some(held) = free(&self.0) else { return false };
        let of_month = held.as_ref().filter(|notes| notes.month >= month);
        if let Some(notes) = of_month {
            note(notes);
        }
        of_month.is_some()
    }

    /// Takes the notes that the map has.
    pub(super) fn keep(&self, notes: &Arc<Notes>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(notes));
    }

    /// Drops these notes; others stay.
    pub(super) fn forget(&self, notes: &Arc<Notes>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.as_ref().is_some_and(|held| Arc::ptr_eq(held, notes)) {
            *held = None;
        }
    }
}
