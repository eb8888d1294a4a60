//! The key-state table: what every operation answers in every state of its key, when nothing else is wrong with the request.
//!
//! Written out as data, from the key-state page of AWS's developer guide with the choices of `docs/compatibility.md` where
//! it leaves one. The model decides by it, and the run counts its visits to each cell.

/// The states of keys.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum State {
    Enabled,
    Disabled,
    PendingDeletion,
    PendingReplicaDeletion,
    PendingImport,
    Unavailable,
    Creating,
    Updating,
}

use State::{
    Creating, Disabled, Enabled, PendingDeletion, PendingImport, PendingReplicaDeletion, Unavailable, Updating,
};

impl State {
    /// As `KeyState` has it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Enabled => "Enabled",
            Disabled => "Disabled",
            PendingDeletion => "PendingDeletion",
            PendingReplicaDeletion => "PendingReplicaDeletion",
            PendingImport => "PendingImport",
            Unavailable => "Unavailable",
            Creating => "Creating",
            Updating => "Updating",
        }
    }

    /// As it is called in messages.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Enabled => "enabled",
            Disabled => "disabled",
            PendingDeletion => "pending deletion",
            PendingReplicaDeletion => "pending replica deletion",
            PendingImport => "pending import",
            Unavailable => "unavailable",
            Creating => "creating",
            Updating => "updating",
        }
    }

    /// Whether deletion is pending, in either way.
    pub(crate) const fn is_doomed(self) -> bool {
        matches!(self, PendingDeletion | PendingReplicaDeletion)
    }
}

/// The columns of [`TABLE`].
pub(crate) const COLUMNS: [State; 8] =
    [Enabled, Disabled, PendingDeletion, PendingReplicaDeletion, PendingImport, Unavailable, Creating, Updating];

/// What no run can reach yet: this state comes with custom key stores.
const STATE_NOT_REACHED_YET: State = Unavailable;

/// Operations that use no existing key's state.
pub(crate) const WITHOUT_STATE: [&str; 4] = ["CreateKey", "GenerateRandom", "ListKeys", "ListRetirableGrants"];

/// Operation, then what may come of it in each state of [`COLUMNS`]: `ok`, the code of a state (`D` disabled, `PD` and `PS`
/// pending deletion, `NP` not pending deletion, `PI` pending import, `UN` unavailable, `CR` creating, `UP` updating), or
/// that of a kind of key which the operation does not take (`EX` for imported material, `US` for all others). `n/a` cannot
/// occur. At most one code of a cell is a state's; GetPublicKey has two, as a key shows its public half from its first
/// import on.
#[rustfmt::skip]
pub(crate) const TABLE: [(&str, [&str; 8]); 46] = [
    // operation                            Enabled     Disabled   PendDel    PendReplDel PendImport Unavailable Creating  Updating
    ("CancelKeyDeletion",                   ["NP",       "NP",      "ok",      "ok",       "NP",    "NP",  "NP",       "NP"]),
    ("CreateAlias",                         ["ok",       "ok",      "PS",      "PS",       "ok",    "ok",  "ok",       "ok"]),
    ("CreateGrant",                         ["ok",       "D",       "PD",      "PD",       "PI",    "ok",  "CR",       "ok"]),
    ("Decapsulate",                         ["ok",       "D",       "PD",      "PD",       "PI",    "n/a", "CR",       "ok"]),
    ("Decrypt",                             ["ok",       "D",       "PD",      "PD",       "PI",    "UN",  "CR",       "ok"]),
    ("DeleteAlias",                         ["ok",       "ok",      "ok",      "ok",       "ok",    "ok",  "ok",       "ok"]),
    ("DeleteImportedKeyMaterial",           ["ok US",    "ok US",   "ok US",   "ok US",    "ok",    "US",  "CR",       "UP"]),
    ("DeriveSharedSecret",                  ["ok",       "D",       "PD",      "PD",       "PI",    "n/a", "CR",       "ok"]),
    ("DescribeKey",                         ["ok",       "ok",      "ok",      "ok",       "ok",    "ok",  "ok",       "ok"]),
    ("DisableKey",                          ["ok",       "ok",      "PS",      "PS",       "PI",    "ok",  "CR",       "UP"]),
    ("DisableKeyRotation",                  ["ok EX US", "D EX US", "PS EX US", "PS EX US", "EX US", "US", "CR EX US", "ok EX US"]),
    ("EnableKey",                           ["ok",       "ok",      "PS",      "PS",       "PI",    "ok",  "CR",       "UP"]),
    ("EnableKeyRotation",                   ["ok EX US", "D EX US", "PS EX US", "PS EX US", "EX US", "US", "CR EX US", "ok EX US"]),
    ("Encapsulate",                         ["ok",       "D",       "PD",      "PD",       "PI",    "n/a", "CR",       "ok"]),
    ("Encrypt",                             ["ok",       "D",       "PD",      "PD",       "PI",    "UN",  "CR",       "ok"]),
    ("GenerateDataKey",                     ["ok",       "D",       "PD",      "PD",       "PI",    "UN",  "CR",       "ok"]),
    ("GenerateDataKeyPair",                 ["ok",       "D",       "PD",      "PD",       "PI",    "US",  "CR",       "ok"]),
    ("GenerateDataKeyPairWithoutPlaintext", ["ok",       "D",       "PD",      "PD",       "PI",    "US",  "CR",       "ok"]),
    ("GenerateDataKeyWithoutPlaintext",     ["ok",       "D",       "PD",      "PD",       "PI",    "UN",  "CR",       "ok"]),
    ("GenerateMac",                         ["ok",       "D",       "PD",      "PD",       "PI",    "n/a", "CR",       "ok"]),
    ("GetKeyLastUsage",                     ["ok",       "ok",      "ok",      "ok",       "ok",    "ok",  "ok",       "ok"]),
    ("GetKeyPolicy",                        ["ok",       "ok",      "ok",      "ok",       "ok",    "ok",  "ok",       "ok"]),
    ("GetKeyRotationStatus",                ["ok",       "ok",      "ok",      "ok",       "ok",    "US",  "ok",       "ok"]),
    ("GetParametersForImport",              ["ok US",    "ok US",   "PS US",   "PS US",    "ok",    "US",  "CR US",    "UP US"]),
    ("GetPublicKey",                        ["ok US",    "ok US",   "PD US",   "PD US",    "ok PI US", "n/a", "CR US", "ok US"]),
    ("ImportKeyMaterial",                   ["ok US",    "ok US",   "PS US",   "PS US",    "ok",    "US",  "CR US",    "ok US"]),
    ("ListAliases",                         ["ok",       "ok",      "ok",      "ok",       "ok",    "ok",  "ok",       "ok"]),
    ("ListGrants",                          ["ok",       "ok",      "ok",      "ok",       "ok",    "ok",  "ok",       "ok"]),
    ("ListKeyPolicies",                     ["ok",       "ok",      "ok",      "ok",       "ok",    "ok",  "ok",       "ok"]),
    ("ListKeyRotations",                    ["ok US",    "ok US",   "ok US",   "ok US",    "ok US", "US",  "ok US",    "ok US"]),
    ("ListResourceTags",                    ["ok",       "ok",      "ok",      "ok",       "ok",    "ok",  "ok",       "ok"]),
    ("PutKeyPolicy",                        ["ok",       "ok",      "ok",      "ok",       "ok",    "ok",  "ok",       "ok"]),
    ("ReEncrypt",                           ["ok",       "D",       "PD",      "PD",       "PI",    "UN",  "CR",       "ok"]),
    ("ReplicateKey",                        ["ok US",    "D US",    "PD US",   "PD",       "PI US", "n/a", "CR",       "UP"]),
    ("RetireGrant",                         ["ok",       "ok",      "ok",      "ok",       "ok",    "ok",  "ok",       "ok"]),
    ("RevokeGrant",                         ["ok",       "ok",      "ok",      "ok",       "ok",    "ok",  "ok",       "ok"]),
    ("RotateKeyOnDemand",                   ["ok US",    "D US",    "PS US",   "PS US",    "PI US", "US",  "CR US",    "ok US"]),
    ("ScheduleKeyDeletion",                 ["ok",       "ok",      "PS",      "PS",       "ok",    "ok",  "ok",       "UP"]),
    ("Sign",                                ["ok",       "D",       "PD",      "PD",       "PI",    "n/a", "CR",       "ok"]),
    ("TagResource",                         ["ok",       "ok",      "PS",      "PS",       "ok",    "ok",  "ok",       "ok"]),
    ("UntagResource",                       ["ok",       "ok",      "PS",      "PS",       "ok",    "ok",  "ok",       "ok"]),
    ("UpdateAlias",                         ["ok",       "ok",      "PS",      "PS",       "ok",    "ok",  "ok",       "ok"]),
    ("UpdateKeyDescription",                ["ok",       "ok",      "PS",      "PS",       "ok",    "ok",  "ok",       "ok"]),
    ("UpdatePrimaryRegion",                 ["ok US",    "D US",    "PD US",   "PD",       "PI US", "n/a", "CR",       "ok US"]),
    ("Verify",                              ["ok",       "D",       "PD",      "PD",       "PI",    "n/a", "CR",       "ok"]),
    ("VerifyMac",                           ["ok",       "D",       "PD",      "PD",       "PI",    "n/a", "CR",       "ok"]),
];

/// The codes of one cell.
pub(crate) fn codes(operation: &str, state: State) -> impl Iterator<Item = &'static str> {
    let row = TABLE.iter().find(|(name, _)| *name == operation);
    let column = COLUMNS.iter().position(|column| *column == state).expect("a column");
    row.into_iter().flat_map(move |(_, cells)| cells[column].split(' ')).filter(|code| *code != "n/a")
}

/// The code of the state itself: `ok`, or why not.
pub(crate) fn code_of_state(operation: &str, state: State) -> &'static str {
    codes(operation, state).find(|code| !matches!(*code, "EX" | "US")).unwrap_or("ok")
}

/// Every cell and code that a run has to visit. A key that is Creating can have no grants yet, so none can end.
pub(crate) fn reachable() -> impl Iterator<Item = (&'static str, State, &'static str)> {
    let offered = TABLE.iter().map(|(name, _)| *name);
    let states = |name| COLUMNS.into_iter().filter(|state| *state != STATE_NOT_REACHED_YET).map(move |s| (name, s));
    offered
        .flat_map(states)
        .flat_map(|(name, state)| codes(name, state).map(move |code| (name, state, code)))
        .filter(|(name, state, code)| !needs_external_set(name, *state, code))
        .filter(|(name, state, _)| *state != Creating || !matches!(*name, "RetireGrant" | "RevokeGrant"))
}

/// Whether it takes a multi-Region key with imported material, of which these runs make none yet.
fn needs_external_set(operation: &str, state: State, code: &str) -> bool {
    let of_set = matches!(state, PendingReplicaDeletion | Creating | Updating);
    match (operation, code) {
        ("ReplicateKey" | "UpdatePrimaryRegion", "PI") => true,
        (_, "EX") => of_set,
        ("DeleteImportedKeyMaterial", "ok") => of_set,
        ("GetParametersForImport" | "ImportKeyMaterial", code) => of_set && code != "US",
        _ => false,
    }
}
