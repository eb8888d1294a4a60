//! A small stock of fresh RSA key pairs, so that making a key rarely waits for one.
//!
//! Nothing is prepared until an RSA pair of that size has been asked for once. A pair leaves the stock once and is wiped with
//! it if it is never taken.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kagiban_base::random::Random;
use kagiban_keycore::material::KeyMaterial;
use kagiban_keycore::spec::KeySpec;

use crate::work::{Lane, Workers};

/// Pairs kept per size: some bursts' worth of the common one, few of those that are slow to make.
const fn stock_len(spec: KeySpec) -> usize {
    match spec {
        KeySpec::Rsa2048 => 8,
        KeySpec::Rsa3072 | KeySpec::Rsa4096 => 2,
        _ => 0,
    }
}

/// The stock.
#[derive(Default)]
pub(crate) struct RsaStock(Mutex<Shelves>);

#[derive(Default)]
struct Shelves {
    rsa_2048: Shelf,
    rsa_3072: Shelf,
    rsa_4096: Shelf,
}

#[derive(Default)]
struct Shelf {
    fresh: VecDeque<KeyMaterial>,
    /// Pairs being made.
    coming: usize,
}

impl RsaStock {
    /// A fresh pair, if there is one.
    pub(crate) fn take(&self, spec: KeySpec) -> Option<KeyMaterial> {
        self.shelf(spec, |shelf| shelf.fresh.pop_front()).flatten()
    }

    /// Orders what is missing. To be called after each [`Self::take`], and after a job that somebody waits for: the stock
    /// stands behind it in the line.
    pub(crate) fn restock(self: &Arc<Self>, spec: KeySpec, workers: &dyn Workers, random: &Arc<dyn Random>) {
        while self.orders_one(spec) {
            let (stock, random) = (Arc::clone(self), Arc::clone(random));
            let made = move || stock.put(spec, KeyMaterial::generate(spec, random.as_ref()).ok());
            if workers.submit(Lane::KeyGeneration, Box::new(made)).is_err() {
                self.shelf(spec, |shelf| shelf.coming = shelf.coming.saturating_sub(1));
                break;
            }
        }
    }

    /// Counts one more as coming, if one is missing.
    fn orders_one(&self, spec: KeySpec) -> bool {
        self.shelf(spec, |shelf| {
            let missing = shelf.fresh.len().saturating_add(shelf.coming) < stock_len(spec);
            shelf.coming = shelf.coming.saturating_add(usize::from(missing));
            missing
        })
        .unwrap_or_default()
    }

    /// Wipes the pairs that are there.
    pub(crate) fn forget(&self) {
        for spec in [KeySpec::Rsa2048, KeySpec::Rsa3072, KeySpec::Rsa4096] {
            self.shelf(spec, |shelf| shelf.fresh.clear());
        }
    }

    fn put(&self, spec: KeySpec, pair: Option<KeyMaterial>) {
        self.shelf(spec, |shelf| {
            shelf.coming = shelf.coming.saturating_sub(1);
            shelf.fresh.extend(pair);
        });
    }

    fn shelf<T>(&self, spec: KeySpec, change: impl FnOnce(&mut Shelf) -> T) -> Option<T> {
        let mut shelves: MutexGuard<'_, Shelves> = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let shelf = match spec {
            KeySpec::Rsa2048 => &mut shelves.rsa_2048,
            KeySpec::Rsa3072 => &mut shelves.rsa_3072,
            KeySpec::Rsa4096 => &mut shelves.rsa_4096,
            _ => return None,
        };
        Some(change(shelf))
    }
}
