//! `kagiban rules`: look at a file of rules before it is used, and try it on an event.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use kagiban_events::Rules;
use serde_json::{Value, json};

use super::{EventsError, read_rules};

/// Bytes of an event's file at most.
const EVENT_LEN_MAX: usize = 1 << 20;

/// `kagiban rules`: work with files of rules.
#[derive(clap::Subcommand, Clone, Debug)]
pub enum RulesCommand {
    /// Check a file: its patterns, its targets, and that all it refers to is in it
    ///
    /// Secrets and authorities of webhooks are not read, so that it can be checked where they are not known.
    Check {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Tell which rules of a file an event matches
    ///
    /// The event is one of EventBridge, as JSON, or a record of CloudTrail, which is put into the envelope that it would have.
    /// Ends with status 1 when no rule matches. Nothing is counted and nothing is sent.
    Test {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The event
        #[arg(value_name = "EVENT.json")]
        event: PathBuf,
    },
}

/// A file of rules does not pass, or an event matches none.
#[derive(Debug, thiserror::Error)]
pub enum RulesCommandError {
    /// The file.
    #[error(transparent)]
    Rules(#[from] EventsError),
    /// The event cannot be read.
    #[error("cannot read the event in {}", path.display())]
    Event {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The outcome of a test, said by the exit status.
    #[error("no rule matches the event")]
    NoMatch,
    /// The result could not be printed.
    #[error("cannot print the result")]
    Print(#[from] io::Error),
}

/// Runs `kagiban rules ...`; what a user should read goes to `output`.
///
/// # Errors
/// [`RulesCommandError`]
pub fn run(command: &RulesCommand, output: &mut dyn Write) -> Result<(), RulesCommandError> {
    match command {
        RulesCommand::Check { file } => {
            let rules = read_rules(file)?;
            Ok(describe(file, &rules, output)?)
        }
        RulesCommand::Test { file, event } => test(&read_rules(file)?, &read_event(event)?, output),
    }
}

fn describe(file: &Path, rules: &Rules, output: &mut dyn Write) -> io::Result<()> {
    for rule in &rules.rules {
        let targets = rule.targets.iter().filter_map(|number| rules.targets.get(*number));
        let targets: Vec<String> = targets.map(|target| format!("{} ({})", target.name, target.kind.name())).collect();
        let state = if rule.is_enabled { "" } else { " [disabled]" };
        writeln!(output, "{}{state} -> {}", rule.name, targets.join(", "))?;
    }
    writeln!(
        output,
        "{}: {} rules and {} targets are well-formed",
        file.display(),
        rules.rules.len(),
        rules.targets.len()
    )
}

fn test(rules: &Rules, event: &Value, output: &mut dyn Write) -> Result<(), RulesCommandError> {
    let mut matched = false;
    for rule in &rules.rules {
        let matches = rule.pattern.matches(event);
        matched |= matches && rule.is_enabled;
        let verdict = match (matches, rule.is_enabled, rule.alarm) {
            (false, ..) => "no match".to_owned(),
            (true, false, _) => "match, but the rule is disabled".to_owned(),
            (true, true, None) => "match".to_owned(),
            (true, true, Some(alarm)) => {
                format!("match; fires at {} within {} s", alarm.count, alarm.within.as_secs())
            }
        };
        writeln!(output, "{}: {verdict}", rule.name)?;
    }
    if matched { Ok(()) } else { Err(RulesCommandError::NoMatch) }
}

fn read_event(path: &Path) -> Result<Value, RulesCommandError> {
    let event_error = |source| RulesCommandError::Event { path: path.to_owned(), source };
    let text = read_text(path, EVENT_LEN_MAX).map_err(event_error)?;
    let event: Value = serde_json::from_str(&text).map_err(|error| event_error(error.into()))?;
    Ok(in_envelope(event))
}

/// A record of CloudTrail in the envelope of its event; anything else as it is.
fn in_envelope(event: Value) -> Value {
    if event.get("eventVersion").is_none() || event.get("detail").is_some() {
        return event;
    }
    let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
    let detail_type = match text("eventType") {
        "AwsServiceEvent" => "AWS Service Event via CloudTrail",
        "AwsConsoleSignIn" => "AWS Console Sign In via CloudTrail",
        _ => "AWS API Call via CloudTrail",
    };
    let service = text("eventSource");
    json!({
        "version": "0",
        "id": text("eventID"),
        "detail-type": detail_type,
        "source": format!("aws.{}", service.strip_suffix(".amazonaws.com").unwrap_or(service)),
        "account": text("recipientAccountId"),
        "time": text("eventTime"),
        "region": text("awsRegion"),
        "resources": [],
        "detail": event,
    })
}

/// A text file of bounded length.
pub(super) fn read_text(path: &Path, len_max: usize) -> io::Result<String> {
    let mut text = String::new();
    let limit = u64::try_from(len_max).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path)?.take(limit).read_to_string(&mut text)?;
    if text.len() > len_max { Err(io::Error::other(format!("it has more than {len_max} bytes"))) } else { Ok(text) }
}
