//! Any bytes as a stored row, before the byte 0xFF its key, behind it its value; as a torn or foreign store would hand
//! them to the view that requests are served from. The value is read as a wrapped secret, too.
//!
//! Property: nothing panics; a wrapped secret that is taken is written down as the same bytes, and opens nowhere.
#![no_main]

use kagiban_base::secret::SecretArray;
use kagiban_keycore::hierarchy::{DomainKey, DomainKeyRing, WrappedSecret};
use kagiban_keycore::row_binding::RowBinding;
use kagiban_service::bootstrap::ServiceView;
use kagiban_storage::follower::Apply;
use libfuzzer_sys::fuzz_target;

fn check_wrapped(bytes: &[u8]) {
    let Ok(wrapped) = WrappedSecret::decode(bytes) else { return };
    assert_eq!(wrapped.encode(), bytes);
    let domain_key = DomainKey::new(wrapped.domain_key_id(), SecretArray::new([0xA5; 32]));
    let ring = DomainKeyRing::new(domain_key, []).expect("a ring");
    assert!(ring.unwrap_key(&wrapped, &RowBinding::new("material")).is_err(), "a forged secret opens");
}

fuzz_target!(|data: &[u8]| {
    let mut halves = data.splitn(2, |byte| *byte == 0xFF);
    let (key, value) = (halves.next().unwrap_or_default(), halves.next());
    let view = ServiceView::default();
    // Refusing is right; refusing or not, the view must stay usable.
    let _refused = view.apply(key, value);
    view.keep_only(&|_| true);
    let _refused = view.apply(key, None);
    view.keep_only(&|_| false);
    check_wrapped(value.unwrap_or(key));
});
