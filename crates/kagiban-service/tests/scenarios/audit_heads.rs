//! The heads of audit journals in the store: one for each journal, forwards only, shown to the operator.

use kagiban_audit::Sequence;
use kagiban_audit::journal::JournalId;
use kagiban_audit::journal::blocks::ChainPoint;
use kagiban_audit::journal::head::{Head, SignedHead};
use kagiban_base::time::Clock as _;
use kagiban_service::audit_head::KeepHeadError;
use kagiban_testkit::World;
use serde_json::json;

use crate::support::{ACCOUNT, REGION};

async fn head(world: &World, journal: u8, blocks: u64, chain: u8) -> SignedHead {
    let at = ChainPoint { sequence: Sequence(blocks * 10), blocks, chain: [chain; 32] };
    let head = Head { journal: JournalId([journal; 16]), at, forgotten: Sequence(0), time: world.clock.now() };
    head.sign(&*world.service.audit_signer().await.unwrap()).unwrap()
}

#[tokio::test]
async fn a_head_goes_forwards_only_and_each_journal_has_its_own() {
    let world = World::new().await;
    // Journal, blocks, chain; and whether it is kept.
    for (journal, blocks, chain, is_kept) in [
        (1, 5, 5, true),
        (1, 5, 5, true),
        (1, 4, 4, false),
        (1, 5, 9, false),
        (2, 1, 1, true),
        (1, 6, 6, true),
        (2, 2, 2, true),
        (2, 1, 1, false),
    ] {
        let head = head(&world, journal, blocks, chain).await;
        let kept = world.service.keep_audit_head(&head).await;
        assert_eq!(kept.is_ok(), is_kept, "{journal} {blocks} {chain}: {kept:?}");
        assert!(kept.is_ok() || matches!(kept, Err(KeepHeadError::Backwards)));
        world.clock.move_by_ms(1000);
    }
    let again = world.restarted().await;
    let operator = again.client("000000000000", REGION);
    let told = operator.operator("DescribeAuditDeliveries", json!({})).await.unwrap();
    let heads = told["Heads"].as_array().unwrap();
    let shown: Vec<_> = heads.iter().map(|head| (head["Journal"].as_str().unwrap(), &head["Record"])).collect();
    assert_eq!(shown, [(&*"01".repeat(16), &json!(60)), (&*"02".repeat(16), &json!(20))]);
    let text = heads[0]["Text"].as_str().unwrap();
    let keys = again.service.audit_public_keys().await.unwrap();
    assert_eq!(SignedHead::parse(text).unwrap().check(&keys), Ok(()));
    assert_eq!(heads[0]["Kept"], heads[0]["Signed"]);
    let denied = again.client(ACCOUNT, REGION).operator("DescribeAuditDeliveries", json!({})).await.unwrap_err();
    assert_eq!(denied.code, "AccessDeniedException");
}
