//! The sheet that shows shares, once: what `init` and `recovery create` print.

use kagiban_base::secret::SecretBytes;

use crate::identity::RecoveryRecipient;
use crate::share::Share;

/// The shares as lines of text, with what whoever reads them has to know.
pub fn sheet(recipient: &RecoveryRecipient, shares: &[Share]) -> SecretBytes {
    let threshold = shares.first().map_or(0, Share::threshold);
    let count = shares.len();
    let head = format!(
        "The recovery key is {recipient}.\n\
         Any {threshold} of these {count} shares open everything that this deployment keeps; fewer say nothing about it. They are\n\
         shown now and never again. Give each to somebody else, and to nobody two:\n\n"
    );
    // Of full size at once: a growing buffer would leave copies of secrets behind.
    let mut text = SecretBytes::new(Vec::with_capacity(head.len() + count.saturating_mul(100) + 1));
    text.append(head.as_bytes());
    for share in shares {
        text.append(format!("{:>5}  ", share.number()).as_bytes());
        text.append(share.text().expose());
        text.append(b"\n");
    }
    text.append(b"\n");
    text
}
