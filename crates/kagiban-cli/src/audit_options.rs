//! The command line of `kagiban audit`: each option is defined once, here, with its help.

use std::path::PathBuf;
use std::str::FromStr;

use kagiban_audit::archive::Period;
use kagiban_audit::export::Form;
use kagiban_audit::search::{Field, Order, Query, Term};
use kagiban_base::id::{AccountId, Region};
use kagiban_base::time::{DAY_MS, Timestamp};

use crate::options::{ConnectionOptions, OutputForm};

const HOUR_MS: i64 = 3_600_000;

/// Commands of `kagiban audit`.
#[derive(clap::Subcommand, Clone, Debug)]
pub enum AuditCommand {
    /// Print the newest signed head, to be kept elsewhere
    ///
    /// "kagiban audit verify --anchor FILE" later proves by it that nothing before that moment was removed, changed or rolled
    /// back, whatever became of the machine. "serve --audit-anchor" does it by itself.
    #[command(after_help = ANCHOR)]
    Anchor(AnchorOptions),
    /// Write records to files: CloudTrail's log files, or JSON lines
    ///
    /// Reads archives and journal of a data directory, beside a running server or without one. An export that was cut off goes on
    /// when it is begun again with the same options: no record is written twice.
    #[command(after_help = EXPORT)]
    Export(Box<ExportOptions>),
    /// Find records: who did what with which key, and how it ended
    ///
    /// Reads archives and journal of a data directory, beside a running server or without one. All conditions must hold.
    #[command(after_help = SEARCH)]
    Search(Box<SearchOptions>),
    /// Show where the audit is delivered, how far each target has come, what waits, and how far the store knows the journals to go
    ///
    /// Asks a running server. Needs the permission kagiban:DescribeAuditDeliveries in the management account.
    #[command(after_help = crate::options::NEEDS)]
    Status(StatusOptions),
    /// Count who uses which keys, day by day or hour by hour
    ///
    /// Sessions of a role count as the role; what failed is counted apart. For finding out what a key's deletion would break, or
    /// what a principal needs.
    #[command(after_help = USES)]
    Uses(UsesOptions),
    /// Verify that no record was removed, changed, moved, added or rolled back
    ///
    /// Hashes every record again and follows the chain from its beginning to the signed head, without the server, and names
    /// what is wrong. Against whoever could replace the whole directory, keys included, it needs what was kept elsewhere:
    /// --public-key and --anchor.
    #[command(after_help = VERIFY)]
    Verify(VerifyOptions),
}

/// Whose audit it is.
#[derive(clap::Args, Clone, Debug)]
pub struct PlaceOptions {
    /// Data directory, or a copy of the directory "audit" in it
    #[arg(long, env = "KAGIBAN_DATA", value_name = "DIRECTORY")]
    pub data: PathBuf,

    /// Form of what is printed: text for people, json for programs
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub output: OutputForm,
}

#[cfg(test)]
const STATUS: &str = "Exit status: 0 done, 1 could not be read or found something wrong, 2 not to be understood.";

const ANCHOR: &str = "\
Examples:
  kagiban audit anchor --data /var/lib/kagiban | ssh safe 'cat > kagiban-head'
  kagiban audit anchor --data /var/lib/kagiban --write /mnt/elsewhere/kagiban-head
Exit status: 0 done, 1 could not be read or found something wrong, 2 not to be understood.";

const EXPORT: &str = "\
Examples:
  kagiban audit export --data /var/lib/kagiban --to /mnt/export --from 2026-10-01 --until 2026-11-01
  kagiban audit export --data /var/lib/kagiban --to /mnt/export --form lines --key 1234abcd-12ab-34cd-56ef-1234567890ab
  kagiban audit export --data /var/lib/kagiban --to - --form lines --from 1h | jq .eventName
Exit status: 0 done, 1 could not be read or found something wrong, 2 not to be understood.";

const SEARCH: &str = "\
Examples:
  kagiban audit search --data /var/lib/kagiban --key 1234abcd-12ab-34cd-56ef-1234567890ab --from 2h
  kagiban audit search --data /var/lib/kagiban --outcome failure --from 2026-11-01 --until 2026-11-08
  kagiban audit search --data /var/lib/kagiban --principal alice --operation Decrypt --output json | jq .Records
Exit status: 0 done, 1 could not be read or found something wrong, 2 not to be understood.";

const USES: &str = "\
Examples:
  kagiban audit uses --data /var/lib/kagiban --key 1234abcd-12ab-34cd-56ef-1234567890ab --from 30d
  kagiban audit uses --data /var/lib/kagiban --principal Payments --by all
Exit status: 0 done, 1 could not be read or found something wrong, 2 not to be understood.";

const VERIFY: &str = "\
Examples:
  kagiban audit verify --data /var/lib/kagiban
  kagiban audit verify --data /var/lib/kagiban --public-key audit-key.pem --anchor /mnt/elsewhere/kagiban-head
  kagiban audit verify --data /var/lib/kagiban --delivered /var/log/kagiban-audit
  kagiban audit verify --data /var/lib/kagiban --server
  kagiban audit verify --data /collected/n1 --beside /collected/n2 --nodes nodes.json
Exit status: 0 done, 1 could not be read or found something wrong, 2 not to be understood.";

/// Options of `kagiban audit status`.
#[derive(clap::Args, Clone, Debug)]
pub struct StatusOptions {
    /// Which server is asked.
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

/// Options of `kagiban audit search`.
#[derive(clap::Args, Clone, Debug)]
pub struct SearchOptions {
    /// Where the audit is.
    #[command(flatten)]
    pub place: PlaceOptions,

    /// Which records.
    #[command(flatten)]
    pub conditions: ConditionOptions,

    /// How many records at most; 0 for all
    #[arg(long, value_name = "NUMBER", default_value = "50")]
    pub limit: usize,

    /// The oldest first, not the newest
    #[arg(long)]
    pub oldest_first: bool,
}

/// Which records are wanted: all conditions must hold.
#[derive(clap::Args, Clone, Debug)]
pub struct ConditionOptions {
    /// A key: its ARN or id, or as requests called it (alias/NAME)
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,

    /// Who called: ARN, id or name of a user, a role or a session
    #[arg(long, value_name = "PRINCIPAL")]
    pub principal: Option<String>,

    /// An operation, such as Decrypt, or a service event, such as RotateKey
    #[arg(long, value_name = "NAME")]
    pub operation: Option<String>,

    /// success or failure
    #[arg(long, value_name = "OUTCOME", value_parser = ["success", "failure"])]
    pub outcome: Option<String>,

    /// An error code, such as AccessDenied
    #[arg(long, value_name = "CODE")]
    pub error: Option<String>,

    /// A pair of the encryption context; may be given several times
    #[arg(long, value_name = "NAME=VALUE")]
    pub encryption_context: Vec<ContextPair>,

    /// An access key's id
    #[arg(long, value_name = "ID")]
    pub access_key_id: Option<String>,

    /// An address that requests came from
    #[arg(long, value_name = "ADDRESS")]
    pub source_address: Option<String>,

    /// A service, such as kms.amazonaws.com
    #[arg(long, value_name = "SERVICE")]
    pub event_source: Option<String>,

    /// Whether something was to be changed (false), or only read or used (true)
    #[arg(long, value_name = "true|false")]
    pub read_only: Option<bool>,

    /// A request's number, as in its answer and in logs
    #[arg(long, value_name = "ID")]
    pub request_id: Option<String>,

    /// An event's number, as in its record
    #[arg(long, value_name = "ID")]
    pub event_id: Option<String>,

    /// An account whose records they are; they are shown as it is told them
    #[arg(long, value_name = "12 DIGITS")]
    pub account: Option<AccountId>,

    /// When it happened.
    #[command(flatten)]
    pub span: SpanOptions,
}

/// Options of `kagiban audit export`.
#[derive(clap::Args, Clone, Debug)]
pub struct ExportOptions {
    /// Where the audit is: data directory, or a copy of the directory "audit" in it
    #[arg(long, env = "KAGIBAN_DATA", value_name = "DIRECTORY")]
    pub data: PathBuf,

    /// Directory to write to, which is made if it is not there; - for standard output, with --form lines
    #[arg(long, value_name = "DIRECTORY")]
    pub to: PathBuf,

    /// log-files: gzip files in CloudTrail's folders, a copy for each account; lines: a JSON object in each line
    #[arg(long, value_name = "FORM", default_value = "log-files")]
    pub form: ExportForm,

    /// The Region whose folder records get that name none
    #[arg(long, value_name = "REGION", default_value = "us-east-1")]
    pub home_region: Region,

    /// Which records.
    #[command(flatten)]
    pub conditions: ConditionOptions,
}

/// How records are written.
#[derive(clap::ValueEnum, Clone, Copy, Debug, Eq, PartialEq)]
pub enum ExportForm {
    /// As CloudTrail delivers them.
    LogFiles,
    /// One in each line.
    Lines,
}

impl From<ExportForm> for Form {
    fn from(form: ExportForm) -> Self {
        match form {
            ExportForm::LogFiles => Self::LogFiles,
            ExportForm::Lines => Self::Lines,
        }
    }
}

/// When something happened.
#[derive(clap::Args, Clone, Copy, Debug)]
pub struct SpanOptions {
    /// Not before: a time (2026-11-01, 2026-11-01T08:30:00Z), or how long ago (30m, 2h, 7d)
    #[arg(long, value_name = "WHEN")]
    pub from: Option<When>,

    /// Not after; in the same forms
    #[arg(long, value_name = "WHEN")]
    pub until: Option<When>,
}

/// Options of `kagiban audit uses`.
#[derive(clap::Args, Clone, Debug)]
pub struct UsesOptions {
    /// Where the audit is.
    #[command(flatten)]
    pub place: PlaceOptions,

    /// A key: its ARN or id
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,

    /// Who called: ARN or name of a user or a role
    #[arg(long, value_name = "PRINCIPAL")]
    pub principal: Option<String>,

    /// An operation, such as Decrypt
    #[arg(long, value_name = "NAME")]
    pub operation: Option<String>,

    /// When it happened; whole hours.
    #[command(flatten)]
    pub span: SpanOptions,

    /// What is counted together: hour, day (UTC), or all
    #[arg(long, value_name = "PERIOD", default_value = "day")]
    pub by: By,
}

/// What is counted together.
#[derive(clap::ValueEnum, Clone, Copy, Debug, Eq, PartialEq)]
pub enum By {
    /// Everything.
    All,
    /// A day.
    Day,
    /// An hour.
    Hour,
}

impl From<By> for Period {
    fn from(by: By) -> Self {
        match by {
            By::All => Self::All,
            By::Day => Self::Day,
            By::Hour => Self::Hour,
        }
    }
}

/// Options of `kagiban audit verify`.
#[derive(clap::Args, Clone, Debug)]
pub struct VerifyOptions {
    /// Where the audit is.
    #[command(flatten)]
    pub place: PlaceOptions,

    /// A public key that was kept elsewhere (a copy of audit/keys/*.pem); may be given several times
    ///
    /// Without it the keys in the directory are believed, which whoever changes the records can change too.
    #[arg(long, value_name = "FILE")]
    pub public_key: Vec<PathBuf>,

    /// A head that was kept elsewhere ("kagiban audit anchor", "serve --audit-anchor"); may be given several times
    #[arg(long, value_name = "FILE")]
    pub anchor: Vec<PathBuf>,

    /// A running server, whose store keeps a head of each journal: take those as heads that were kept elsewhere
    ///
    /// Without a URL: the one of AWS_ENDPOINT_URL_KMS, AWS_ENDPOINT_URL, or http://127.0.0.1:4599. Needs the permission
    /// kagiban:DescribeAuditDeliveries in the management account.
    #[arg(long, value_name = "URL", num_args = 0..=1, default_missing_value = "")]
    pub server: Option<String>,

    /// PEM file with the authorities to trust for https, instead of this machine's
    #[arg(long, value_name = "FILE", requires = "server")]
    pub ca_certificate: Option<PathBuf>,

    /// File with the deployment's nodes, as "kagiban nodes --output json" prints them: name each whose journal is missing as a whole
    ///
    /// A node's number is that of its journal. A journal is there if its data directory is given with --data or --beside.
    #[arg(long, value_name = "FILE")]
    pub nodes: Option<PathBuf>,

    /// Data directory of another node, or a copy of its audit, that was collected beside this one; may be given several times
    ///
    /// Only whose journal it is is looked at; verify it by itself.
    #[arg(long, value_name = "DIRECTORY", requires = "nodes")]
    pub beside: Vec<PathBuf>,

    /// A directory that log files and digests are delivered to (the PATH of "serve --audit-deliver dir:PATH"), or a copy of such a
    /// bucket: where AWSLogs is; may be given several times
    ///
    /// Digests are checked against their signatures and each other, log files against digests and against the records.
    #[arg(long, value_name = "DIRECTORY")]
    pub delivered: Vec<PathBuf>,
}

/// Options of `kagiban audit anchor`.
#[derive(clap::Args, Clone, Debug)]
pub struct AnchorOptions {
    /// Where the audit is: data directory, or a copy of the directory "audit" in it
    #[arg(long, env = "KAGIBAN_DATA", value_name = "DIRECTORY")]
    pub data: PathBuf,

    /// Write it to this file, unless a later head is there; without it, to standard output
    #[arg(long, value_name = "FILE")]
    pub write: Option<PathBuf>,
}

/// A pair of an encryption context.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ContextPair(pub Term);

/// No pair.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("not a pair, such as tenant=blue")]
pub struct InvalidPair;

impl FromStr for ContextPair {
    type Err = InvalidPair;

    fn from_str(text: &str) -> Result<Self, InvalidPair> {
        let (name, value) = text.split_once('=').ok_or(InvalidPair)?;
        Ok(Self(Term::encryption_context(name, value)))
    }
}

/// A moment, or how long ago it was.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum When {
    /// A moment.
    At(Timestamp),
    /// So many milliseconds ago.
    Ago(i64),
}

/// No moment.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("not a time, such as 2026-11-01 or 2026-11-01T08:30:00Z, nor how long ago, such as 30m, 2h or 7d")]
pub struct InvalidWhen;

impl When {
    /// The moment, seen from now.
    pub const fn seen_from(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Ago(ms) => now.plus_ms(-ms),
        }
    }
}

impl FromStr for When {
    type Err = InvalidWhen;

    fn from_str(text: &str) -> Result<Self, InvalidWhen> {
        let basic: String = text.chars().filter(|c| !matches!(c, '-' | ':')).collect();
        let at = Timestamp::parse_basic_iso(&basic).or_else(|| Timestamp::parse_basic_iso(&format!("{basic}T000000Z")));
        // There are dashes where they belong.
        let is_date = |at: &Timestamp| at.to_rfc3339().starts_with(text);
        at.filter(is_date).map(Self::At).or_else(|| ago(text)).ok_or(InvalidWhen)
    }
}

fn ago(text: &str) -> Option<When> {
    let unit_ms = match text.chars().next_back()? {
        'd' => DAY_MS,
        'h' => HOUR_MS,
        'm' => HOUR_MS / 60,
        's' => 1000,
        _ => return None,
    };
    let number = text.get(..text.len().checked_sub(1)?)?;
    let number: i64 = number.bytes().all(|b| b.is_ascii_digit()).then(|| number.parse().ok())??;
    number.checked_mul(unit_ms).map(When::Ago)
}

impl ConditionOptions {
    /// The terms that must hold.
    fn terms(&self) -> Vec<Term> {
        let named = [
            (Field::Key, &self.key),
            (Field::Principal, &self.principal),
            (Field::Operation, &self.operation),
            (Field::Outcome, &self.outcome),
            (Field::ErrorCode, &self.error),
            (Field::AccessKeyId, &self.access_key_id),
            (Field::SourceAddress, &self.source_address),
            (Field::EventSource, &self.event_source),
            (Field::RequestId, &self.request_id),
            (Field::EventId, &self.event_id),
        ];
        let named = named.into_iter().filter_map(|(field, value)| Some(Term::new(field, value.as_deref()?)));
        let read_only = self.read_only.map(|is| Term::new(Field::ReadOnly, if is { "true" } else { "false" }));
        let pairs = self.encryption_context.iter().map(|pair| pair.0.clone());
        named.chain(read_only).chain(pairs).collect()
    }

    /// What is asked for, seen from now.
    pub(crate) fn query(&self, order: Order, now: Timestamp) -> Query {
        Query {
            account: self.account,
            terms: self.terms(),
            from: self.span.from.map(|when| when.seen_from(now)),
            until: self.span.until.map(|when| when.seen_from(now)),
            order,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{Command, Subcommand};

    use super::*;

    #[test]
    fn moments_are_dates_times_or_how_long_ago() {
        let at = |text: &str| When::At(Timestamp::parse_basic_iso(text).unwrap());
        for (text, when) in [
            ("2026-11-01", at("20261101T000000Z")),
            ("2026-11-01T08:30:00Z", at("20261101T083000Z")),
            ("30m", When::Ago(1_800_000)),
            ("2h", When::Ago(7_200_000)),
            ("7d", When::Ago(604_800_000)),
            ("0s", When::Ago(0)),
        ] {
            assert_eq!(text.parse::<When>().unwrap(), when, "{text}");
        }
        for text in
            ["", "h", "-2h", "2026", "20261101", "2026-13-01", "2026-11-01T08:30", "1.5h", "2 h", "99999999999999999d"]
        {
            assert!(text.parse::<When>().is_err(), "{text}");
        }
    }

    #[test]
    fn every_command_says_how_it_ends() {
        let all = AuditCommand::augment_subcommands(Command::new("audit"));
        all.clone().debug_assert();
        for command in all.get_subcommands() {
            let end = command.get_after_help().unwrap().to_string();
            assert!(end.ends_with(STATUS) || end == crate::options::NEEDS, "{command}");
            assert!(command.get_arguments().all(|argument| argument.get_help().is_some()), "{command}");
        }
    }
}
