//! The certificate by which peers know this deployment: made once, kept in the store with its private key wrapped, so that all
//! nodes show the same.

use kagiban_base::time::Timestamp;
use kagiban_keycore::hierarchy::WrappedSecret;
use kagiban_storage::Transaction;

use super::error::IdentityError;
use super::transport::{ChannelIdentity, PeerTransport};
use crate::Service;
use crate::records::peer::{ChannelRecord, ChannelRowKey};

impl Service {
    /// The certificate and key of this deployment's channel; made at the first call.
    ///
    /// # Errors
    /// [`IdentityError`]
    pub async fn channel_identity(&self, transport: &dyn PeerTransport) -> Result<ChannelIdentity, IdentityError> {
        let stored = self.store.snapshot().await?.read::<ChannelRecord>(&ChannelRowKey).await?;
        let record = match stored {
            Some(record) => record,
            None => self.store_identity(&transport.new_identity()?, self.clock.now()).await?,
        };
        let stored = |error: Box<dyn std::error::Error + Send + Sync>| IdentityError::Stored(error);
        let wrapped = WrappedSecret::decode(&record.wrapped_private_key).map_err(|error| stored(Box::new(error)))?;
        let binding = ChannelRowKey.binding(&record.certificate);
        let private_key = self.domain_keys.unwrap_key(&wrapped, &binding).map_err(|error| stored(Box::new(error)))?;
        Ok(ChannelIdentity { certificate: record.certificate, private_key })
    }

    /// Writes a new identity down, unless another node was faster; gives the one that counts.
    async fn store_identity(&self, new: &ChannelIdentity, now: Timestamp) -> Result<ChannelRecord, IdentityError> {
        let binding = ChannelRowKey.binding(&new.certificate);
        let wrapped = self.domain_keys.wrap(new.private_key.expose(), &binding, &*self.random);
        let wrapped = wrapped.map_err(|error| IdentityError::Stored(Box::new(error)))?;
        let record =
            ChannelRecord { created: now, certificate: new.certificate.clone(), wrapped_private_key: wrapped.encode() };
        let record = &record;
        let write = |tx: Transaction| async move {
            if let Some(faster) = tx.read::<ChannelRecord>(&ChannelRowKey).await? {
                return Ok(faster);
            }
            tx.insert(&ChannelRowKey, record).await?;
            Ok::<_, kagiban_storage::StoreError>(record.clone())
        };
        Ok(self.store.transact("MakeChannel", write).await?.0)
    }
}
