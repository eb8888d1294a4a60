//! Options of the audit, one definition each.

use kagiban_audit::archive::RETENTION_DAYS_MIN;
use kagiban_audit::journal::Degree;

use crate::audit::anchors::AnchorSpec;

/// How the audit is kept.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Audit")]
pub struct AuditOptions {
    /// What an answer waits for: journal (its record survives the process), or strict (it survives a power cut)
    ///
    /// Every request leaves a record in DATA/audit before it is answered; when that cannot be written, nothing is answered.
    /// journal: the record is in the operating system's hands, and synced to the disk within a second, for all requests
    /// together: kill -9 loses none, a power cut at most the last second's. strict: it is synced before the answer leaves;
    /// requests that wait at once share a sync.
    #[arg(long, env = "KAGIBAN_AUDIT_DEGREE", value_name = "journal|strict", default_value = "journal")]
    pub audit_degree: AuditDegree,

    /// MiB of a segment of the audit journal at most; small deployments have smaller ones
    #[arg(long, env = "KAGIBAN_AUDIT_SEGMENT_MIB", value_name = "MIB", default_value = "64")]
    #[arg(value_parser = clap::value_parser!(u16).range(2..=1024))]
    pub audit_segment_mib: u16,

    /// Days for which audit records are kept, at least 90; without it, for ever
    ///
    /// Records move from the journal into compressed archives in DATA/audit/archive, every hour or gibibyte. What is older
    /// than this is removed, and a signed statement left of where the records begin. Deliveries have their own time.
    #[arg(long, env = "KAGIBAN_AUDIT_RETENTION_DAYS", value_name = "DAYS")]
    #[arg(value_parser = clap::value_parser!(u32).range(i64::from(RETENTION_DAYS_MIN)..))]
    pub audit_retention_days: Option<u32>,

    /// Where to keep the audit's signed head besides, every hour and at the end: file:PATH or https://HOST/PATH; repeatable
    ///
    /// On another machine it proves what no check of the data directory can: that nobody put an older state of all of it in
    /// place. The server does not start when a file is ahead of its journal. A URL gets the head by POST.
    #[arg(long, env = "KAGIBAN_AUDIT_ANCHOR", value_name = "WHERE", value_delimiter = ',')]
    pub audit_anchor: Vec<AnchorSpec>,

    /// Start although audit records are missing that were there; what is missing is stated in the audit for ever
    ///
    /// A start refuses a journal that ends before its signed head, or whose proof is broken, and says what is missing: somebody
    /// cut it, or a disk lost what it had promised to keep. Put back what is missing, if you can. For one start only; it has no
    /// place in a file or in the environment.
    #[arg(long)]
    pub accept_audit_loss: bool,

    /// Record nothing, to measure what recording costs; for development data only
    #[arg(long, hide = true, requires = "dev")]
    pub measure_without_audit: bool,
}

/// Names of [`Degree`].
#[derive(clap::ValueEnum, Clone, Copy, Debug, Eq, PartialEq)]
pub enum AuditDegree {
    /// See there.
    Journal,
    /// See there.
    Strict,
}

impl From<AuditDegree> for Degree {
    fn from(name: AuditDegree) -> Self {
        match name {
            AuditDegree::Journal => Self::Journal,
            AuditDegree::Strict => Self::Strict,
        }
    }
}

impl Default for AuditOptions {
    fn default() -> Self {
        Self {
            audit_degree: AuditDegree::Journal,
            audit_segment_mib: 64,
            audit_retention_days: None,
            audit_anchor: Vec::new(),
            accept_audit_loss: false,
            measure_without_audit: false,
        }
    }
}
