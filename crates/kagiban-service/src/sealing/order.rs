//! The order that all nodes be sealed, as this process sees it and obeys it.
//!
//! The order is a row that the view takes, so that it reaches a node as fast as a disabled key does; a node that it does not reach is
//! beyond the bound of freshness and refuses anyway. From the moment in which the view has it every request is refused; the keys are wiped
//! right after. A sealed node goes on following the store, which needs no keys, and so learns when the order is lifted.
//!
//! - While the order stands, a process starts sealed, although it could open its root key: whoever seals all nodes in an emergency
//!   does not want the next restart of a machine to undo that.
//! - Shares open one process and leave the order standing for the others, and for that process's next start.
//! - Shares given to any process can lift the order that stood when they came, and none that came since. Then each node that has a root key opens it again by itself; one that has none
//!   needs shares as ever. No share and no key goes from one node to another.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Mutex, MutexGuard, PoisonError};

use kagiban_base::id::RequestId;
use kagiban_base::time::Timestamp;
use kagiban_storage::{RowError, Transaction, row};
use tokio::sync::Notify;

use crate::Service;
use crate::error::ServiceError;
use crate::records::seal_order::{SealOrderRecord, SealOrderRowKey};

/// What the view knows of the order.
#[derive(Debug, Default)]
pub(crate) struct SealOrder {
    orders: Mutex<Orders>,
    /// Whether an order stands that this process has not been opened in spite of. Looked at by every request.
    is_in_force: AtomicBool,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Orders {
    standing: Option<RequestId>,
    /// In spite of which this process was opened by shares.
    set_aside: Option<RequestId>,
}

impl SealOrder {
    /// Takes the row, or its end.
    pub(crate) fn apply(&self, value: Option<&[u8]>) -> Result<(), RowError> {
        let order = value.map(row::decode::<SealOrderRecord>).transpose()?;
        self.change(|orders| orders.standing = order.map(|order| order.number));
        Ok(())
    }

    /// Whether this process has to be sealed.
    pub(crate) fn is_in_force(&self) -> bool {
        self.is_in_force.load(SeqCst)
    }

    /// The order that stands, for others at least.
    pub(crate) fn standing(&self) -> Option<RequestId> {
        self.lock().standing
    }

    /// Lets this process be open in spite of the order.
    fn set_aside(&self, number: RequestId) {
        self.change(|orders| orders.set_aside = Some(number));
    }

    fn change(&self, change: impl FnOnce(&mut Orders)) {
        let mut orders = self.lock();
        change(&mut orders);
        let is_in_force = orders.standing.is_some() && orders.standing != orders.set_aside;
        self.is_in_force.store(is_in_force, SeqCst);
        self.changed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Orders> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Service {
    /// Does what the order to all nodes demands: wipes the domain keys while it is in force, and opens them again by the root key, if there is
    /// one, when it has been lifted. Whether it could; if not, it shall be called again soon.
    pub async fn obey_seal_order(&self) -> bool {
        if self.view.seal_order().is_in_force() {
            if !self.domain_keys.is_sealed() {
                self.sealing.is_ordered.store(true, SeqCst);
                self.seal();
            }
            return true;
        }
        if !self.domain_keys.is_sealed() || !self.sealing.is_ordered.load(SeqCst) || !self.sealing.has_root_key() {
            return true;
        }
        match self.open_again().await {
            Ok(()) => true,
            Err(error) => {
                tracing::error!(
                    ?error,
                    "the order to be sealed is lifted, and the root key does not open; it is tried again"
                );
                false
            }
        }
    }

    /// Returns when [`Self::obey_seal_order`] has something to do; at once if that was so since the last call.
    pub async fn seal_order_changed(&self) {
        self.view.seal_order().changed.notified().await;
    }

    async fn open_again(&self) -> Result<(), ServiceError> {
        let root_key = self.root_key_again().await?;
        let ring = self.stored_domain_keys().await?.open_by_root_key(&*root_key)?;
        let mut collected = self.sealing.collected();
        // Opening takes its time: shares may have opened this one meanwhile, and somebody sealed it by itself; or another order came.
        if self.sealing.is_ordered.load(SeqCst) && !self.view.seal_order().is_in_force() {
            self.install(ring, &mut collected);
            tracing::warn!("the order to be sealed is lifted: the domain keys were opened by the root key");
        }
        Ok(())
    }

    /// Orders all nodes to be sealed. Returns when this one knows it.
    pub(crate) async fn order_seal(&self, number: RequestId, since: Timestamp) -> Result<(), ServiceError> {
        let order = &SealOrderRecord { number, since };
        self.transact("OrderSeal", |tx: Transaction| async move { Ok(tx.put(&SealOrderRowKey, order)?) }).await?;
        tracing::warn!("all nodes are ordered to be sealed");
        self.obey_seal_order().await;
        Ok(())
    }

    /// Lifts the order, for who has given enough shares, if it is the one that was `seen` then; or sets it aside for this process.
    pub(super) async fn answer_seal_order(&self, is_lifted: bool, seen: Option<RequestId>) -> Result<(), ServiceError> {
        if is_lifted {
            let lift = |tx: Transaction| async move {
                let standing = tx.read::<SealOrderRecord>(&SealOrderRowKey).await?;
                let is_seen = standing.is_some_and(|order| Some(order.number) == seen);
                if is_seen {
                    tx.delete::<SealOrderRecord>(&SealOrderRowKey)?;
                }
                Ok(is_seen)
            };
            if self.transact_unasked("LiftSealOrder", lift).await? {
                tracing::warn!("the order that all nodes be sealed is lifted");
            }
        } else if let Some(order) = self.store.snapshot().await?.read::<SealOrderRecord>(&SealOrderRowKey).await? {
            // It is shares that open this one now, and not its root key.
            self.sealing.is_ordered.store(false, SeqCst);
            self.view.seal_order().set_aside(order.number);
        }
        Ok(())
    }
}
