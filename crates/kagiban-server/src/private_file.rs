//! Which files are private enough to hold a secret.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

const ROOT: u32 = 0;
/// Bits of a mode by which the group or others get at a file.
const GROUP_AND_OTHERS: u32 = 0o077;
/// The same, but for reading by the group.
const WRITABLE_BY_GROUP_OR_OPEN_TO_OTHERS: u32 = 0o037;

/// Whether others than those it is meant for can get at a file with a secret.
///
/// A file is its owner's alone. Only where it is root's and this process is not may one group read it, since that is how
/// Kubernetes and systemd hand a secret to a process without rights.
pub(crate) fn is_open_to_others(file: &Metadata) -> bool {
    is_open(file.mode(), file.uid(), rustix::process::geteuid().as_raw())
}

fn is_open(mode: u32, owner: u32, process: u32) -> bool {
    let forbidden =
        if owner == ROOT && process != ROOT { WRITABLE_BY_GROUP_OR_OPEN_TO_OTHERS } else { GROUP_AND_OTHERS };
    mode & forbidden != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOMEBODY: u32 = 10_001;

    #[test]
    fn a_group_may_read_what_is_roots_and_nothing_else() {
        for (mode, owner, process, open) in [
            (0o100_600, SOMEBODY, SOMEBODY, false),
            (0o100_400, ROOT, ROOT, false),
            (0o100_440, ROOT, SOMEBODY, false),
            (0o100_640, ROOT, SOMEBODY, false),
            (0o100_440, ROOT, ROOT, true),
            (0o100_440, SOMEBODY, SOMEBODY, true),
            (0o100_440, SOMEBODY, ROOT, true),
            (0o100_460, ROOT, SOMEBODY, true),
            (0o100_450, ROOT, SOMEBODY, true),
            (0o100_444, ROOT, SOMEBODY, true),
            (0o100_602, ROOT, SOMEBODY, true),
        ] {
            assert_eq!(is_open(mode, owner, process), open, "{mode:o} of {owner} for {process}");
        }
    }
}
