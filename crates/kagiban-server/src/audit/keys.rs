//! The public keys of the audit as files: `DATA/audit/keys/FINGERPRINT.pem`.
//!
//! They are a copy of what the store has, for verification on a machine without it. Whoever verifies should have them from a
//! safe place, not from the directory that is in doubt; `docs/audit.md` says so.

use kagiban_service::Service;

use super::AuditError;
use crate::data_directory::{DataDirectory, make_directory, write_private};

/// Writes the files that are not there yet.
pub(super) async fn publish(directory: &DataDirectory, service: &Service) -> Result<(), AuditError> {
    let below = directory.audit_directory().join("keys");
    make_directory(&below)?;
    for key in service.audit_public_keys().await? {
        let (path, text) = (below.join(key.file_name()), key.to_file());
        if std::fs::read(&path).ok().as_deref() != Some(text.as_bytes()) {
            write_private(&path, text.as_bytes(), &mut |_| Ok(()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use kagiban_audit::signing::{PublicKey, Signer};
    use kagiban_service::DeploymentKind;
    use kagiban_testkit::World;

    use super::*;
    use crate::audit::open_signer;

    #[tokio::test]
    async fn every_key_there_ever_was_is_in_a_file() {
        let (world, place) = (World::new().await, tempfile::tempdir().unwrap());
        let directory = DataDirectory::new(place.path().to_owned(), DeploymentKind::Development);
        let first = open_signer(&directory, &world.service).await.unwrap();
        world.clock.move_by_ms(366 * 86_400_000);
        let second = open_signer(&directory, &world.service).await.unwrap();
        for key in [first.public_key(), second.public_key()] {
            let path = directory.audit_directory().join("keys").join(key.file_name());
            let read = PublicKey::parse_file(&std::fs::read_to_string(&path).unwrap()).unwrap();
            assert_eq!(read.pkcs1, key.pkcs1);
            // What was changed is put right.
            std::fs::write(&path, "something else").unwrap();
            publish(&directory, &world.service).await.unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), key.to_file());
        }
    }
}
