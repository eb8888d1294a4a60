//! The world of these scenarios is as they need it.

use crate::support::{PRODUCTION_ROOT_KEY, World};

/// Each kind of world knows its roots and nobody else; what an operation is comes before who asks for it.
#[tokio::test]
async fn roots_are_known() {
    let (development, production) = (World::new().await, World::production().await);
    for (world, id, secret, expected) in [
        (&development, "111122223333", "test", "ok"),
        (&development, "test", "test", "ok"),
        (&development, "111122223333", "tess", "SignatureDoesNotMatch"),
        (&development, PRODUCTION_ROOT_KEY, "test", "InvalidClientTokenId"),
        (&production, PRODUCTION_ROOT_KEY, &"s".repeat(40), "ok"),
        (&production, PRODUCTION_ROOT_KEY, "test", "SignatureDoesNotMatch"),
        (&production, "111122223333", "test", "InvalidClientTokenId"),
        (&production, "test", "test", "InvalidClientTokenId"),
    ] {
        let client = world.client(id, secret, None);
        let answer = client.iam("GetAccountSummary", &[]).await;
        assert_eq!(answer.err().map_or("ok".to_owned(), |refused| refused.code), expected, "{id}");
        assert_eq!(client.iam("NoSuchOperation", &[]).await.unwrap_err().code, "InvalidAction");
    }
}
