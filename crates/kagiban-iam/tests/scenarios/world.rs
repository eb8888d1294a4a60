//! The world of these scenarios is as they need it.

use crate::support::{PRODUCTION_ROOT_KEY, World};

/// Both kinds of world answer their roots, and nobody else.
#[tokio::test]
async fn roots_are_known() {
    for world in [World::new().await, World::production().await] {
        for (client, code) in [
            (world.root(), "InvalidAction"),
            (
                world.client(PRODUCTION_ROOT_KEY, "not its secret", None),
                "SignatureDoesNotMatch or InvalidClientTokenId",
            ),
            (world.client("AKIAUNKNOWNUNKNOWN00", "test", None), "InvalidClientTokenId"),
        ] {
            let refused = client.iam("NoSuchOperation", &[]).await.unwrap_err();
            assert_eq!(refused.code, "InvalidAction", "the operation comes first");
            let refused = client.iam("GetAccountSummary", &[]).await.err().map(|refused| refused.code);
            let refused = refused.unwrap_or_else(|| "InvalidAction".to_owned());
            assert!(code.contains(&refused), "{refused}");
        }
    }
}
