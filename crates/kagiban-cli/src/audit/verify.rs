//! `kagiban audit verify`

use std::fmt::Write as _;
use std::fs;
use std::io::{IsTerminal, Write, stderr};
use std::path::{Path, PathBuf};

use kagiban_audit::delivery::{TrailState, state_name};
use kagiban_audit::signing::PublicKey;
use kagiban_audit::verify::{
    Anchor, DeliveredCount, Delivery, Finding, Options, Progress, Report, verify as verify_directory,
};
use serde_json::{Value, json};

use super::journals::{self, MissingJournal};
use super::status::{Head, heads};
use super::{directory, is_running, written};
use crate::audit_options::VerifyOptions;
use crate::error::CliError;
use crate::options::{ConnectionOptions, OutputForm};
use crate::text::printable;

/// Bytes after which progress is told again.
const STEP_BYTES: u64 = 64 << 20;

pub(super) fn verify(options: &VerifyOptions, output: &mut dyn Write) -> Result<(), CliError> {
    let directory = directory(&options.place.data)?;
    let missing = match &options.nodes {
        Some(list) => {
            let others = journals::directories(&options.beside)?;
            journals::missing(list, &[vec![directory.clone()], others].concat())?
        }
        None => Vec::new(),
    };
    let keys = options.public_key.iter().map(|path| public_key(path)).collect::<Result<Vec<_>, _>>()?;
    let mut anchors = options.anchor.iter().map(|path| anchor(path)).collect::<Result<Vec<_>, _>>()?;
    if let Some(url) = &options.server {
        anchors.extend(kept_by(url, options)?);
    }
    let delivered = options.delivered.iter().map(|path| delivery(path, &directory)).collect::<Result<Vec<_>, _>>()?;
    let wanted = Options {
        delivered,
        keys: (!keys.is_empty()).then_some(keys),
        anchors,
        is_running: is_running(&directory),
        directory: directory.clone(),
    };
    let mut told = Told::new();
    let report = verify_directory(&wanted, &mut |progress| told.tell(progress));
    told.end();
    let report = report.map_err(|source| CliError::AuditFile { path: directory, source })?;
    let text = match options.place.output {
        OutputForm::Json => format!("{}\n", as_json(&report, &missing)),
        OutputForm::Text => as_text(&report, &missing, wanted.anchors.len()),
    };
    written(output.write_all(text.as_bytes()).and_then(|()| output.flush()))?;
    let count = (report.findings.len() + missing.len()) as u64 + report.findings_more;
    if report.is_sound() && missing.is_empty() { Ok(()) } else { Err(CliError::AuditUnsound { count }) }
}

pub(super) fn read(path: &Path) -> Result<String, CliError> {
    fs::read_to_string(path).map_err(|source| CliError::AuditFile { path: path.to_owned(), source })
}

fn public_key(path: &Path) -> Result<PublicKey, CliError> {
    PublicKey::parse_file(&read(path)?).map_err(|source| CliError::PublicKey { path: path.to_owned(), source })
}

fn anchor(path: &Path) -> Result<Anchor, CliError> {
    Ok(Anchor { name: format!("the anchor {}", path.display()).into(), text: read(path)? })
}

/// The heads that a server's store keeps of this journal. Of several nodes, each has its own.
fn kept_by(url: &str, options: &VerifyOptions) -> Result<Vec<Anchor>, CliError> {
    let connection = ConnectionOptions {
        endpoint: (!url.is_empty()).then(|| url.to_owned()),
        ca_certificate: options.ca_certificate.clone(),
        region: None,
        output: OutputForm::Text,
    };
    let own = read(&directory(&options.place.data)?.join("head")).ok();
    let own = own.and_then(|head| journals::journal_of(&head));
    // Without a head of its own the directory may be any node's: then those of all are held against it.
    let is_own = |head: &Head| own.as_ref().is_none_or(|own| *own == head.journal);
    let heads = heads(&connection)?.into_iter().filter(is_own);
    Ok(heads.map(|head| Anchor { name: "the head in the server's store".into(), text: head.text }).collect())
}

/// A delivery, with what the data directory says of it.
fn delivery(path: &Path, audit: &Path) -> Result<Delivery, CliError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        |source| CliError::AuditFile { path, source }
    };
    let root = path.join("AWSLogs");
    fs::read_dir(&root).map_err(failed(&root))?;
    let whole = fs::canonicalize(path).map_err(failed(path))?;
    let states = audit.join("delivery");
    let state = [path, &whole].into_iter().find_map(|path| state_of(&format!("dir:{}", path.display()), &states));
    Ok(Delivery { directory: path.to_owned(), state })
}

/// The state of the delivery to a target, if exactly one is called so.
fn state_of(target: &str, states: &Path) -> Option<TrailState> {
    let name = state_name(target);
    // Beside it can be `TARGET-HASH.json.new`: a server that runs replaces the file as a whole.
    let is_its = |path: &PathBuf| {
        let stem = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".json"));
        stem.and_then(|stem| stem.rsplit_once('-')).is_some_and(|(before, _)| before == name)
    };
    let paths = fs::read_dir(states).ok()?.filter_map(|entry| Some(entry.ok()?.path())).filter(is_its);
    let [path] = &paths.collect::<Vec<_>>()[..] else { return None };
    TrailState::parse(&fs::read(path).ok()?).ok()
}

/// Tells a person at the terminal how far it is.
struct Told {
    is_wanted: bool,
    next: u64,
}

impl Told {
    fn new() -> Self {
        Self { is_wanted: stderr().is_terminal(), next: STEP_BYTES }
    }

    fn tell(&mut self, progress: Progress) {
        if self.is_wanted && progress.bytes >= self.next {
            self.next = progress.bytes.saturating_add(STEP_BYTES);
            let percent = progress.bytes.saturating_mul(100) / progress.bytes_all.max(1);
            // Nobody is lost if it cannot be told.
            _ = write!(stderr(), "\rverifying: {percent} %, {} records ", progress.records);
        }
    }

    fn end(&self) {
        if self.is_wanted && self.next > STEP_BYTES {
            _ = writeln!(stderr());
        }
    }
}

fn as_text(report: &Report, missing: &[MissingJournal], anchors: usize) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    for finding in &report.findings {
        _ = writeln!(text, "WRONG  {}", printable(&finding.to_string()));
    }
    for journal in missing {
        _ = writeln!(text, "WRONG  {}", printable(&journal.to_string()));
    }
    if report.findings_more > 0 {
        _ = writeln!(text, "WRONG  and {} findings more", report.findings_more);
    }
    for note in &report.notes {
        _ = writeln!(text, "note   {}", printable(&note.to_string()));
    }
    let head = report.head_time.map_or_else(|| "none".to_owned(), |time| time.to_rfc3339());
    let count = (report.findings.len() + missing.len()) as u64 + report.findings_more;
    let verdict = match (report.is_sound() && missing.is_empty(), report.proven) {
        (false, _) => format!("NOT SOUND: {count} findings."),
        (true, None) => "Sound: there are no records yet.".to_owned(),
        (true, Some(proven)) => format!("Sound: {proven} are as they were recorded."),
    };
    _ = writeln!(
        text,
        "{verdict} {} compared, in {} archives and {} segments; head of {head}; {anchors} anchors.",
        report.records, report.archives, report.segments
    );
    for DeliveredCount { directory, digests, log_files, records } in &report.delivered {
        let directory = printable(&directory.to_string_lossy());
        _ = writeln!(
            text,
            "In {directory}: {digests} digests, {log_files} log files with {records} copies of these records."
        );
    }
    text
}

fn as_json(report: &Report, missing: &[MissingJournal]) -> Value {
    let finding = |finding: &Finding| {
        json!({
            "Kind": finding.what.kind(),
            "FirstRecord": finding.records.map(|records| records.first.0),
            "LastRecord": finding.records.map(|records| records.last.0),
            "File": finding.file.as_ref().map(|file| file.display().to_string()),
            "Text": finding.to_string(),
        })
    };
    let delivered = |count: &DeliveredCount| {
        json!({
            "Directory": count.directory.display().to_string(),
            "Digests": count.digests,
            "LogFiles": count.log_files,
            "Copies": count.records,
        })
    };
    json!({
        "IsSound": report.is_sound() && missing.is_empty(),
        "MissingJournals": missing,
        "Findings": report.findings.iter().map(finding).collect::<Vec<_>>(),
        "FindingsMore": report.findings_more,
        "Notes": report.notes.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "Records": report.records,
        "FirstProven": report.proven.map(|proven| proven.first.0),
        "LastProven": report.proven.map(|proven| proven.last.0),
        "Archives": report.archives,
        "Segments": report.segments,
        "HeadTime": report.head_time.map(|time| time.to_rfc3339()),
        "Delivered": report.delivered.iter().map(delivered).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use kagiban_audit::Sequence;
    use kagiban_base::time::Timestamp;

    use super::*;

    #[test]
    fn the_state_of_a_delivery_is_the_one_file_with_its_targets_name() {
        let target = "dir:/var/log/audit";
        let name = state_name(target);
        let state = TrailState::new(Sequence(7), Timestamp::from_unix_ms(0)).to_bytes().unwrap();
        for (others, is_found) in [
            (vec![], true),
            (vec![format!("{name}-0011.json.new"), format!("{name}-more-0011.json")], true),
            (vec![format!("{name}-2233.json")], false),
        ] {
            let states = tempfile::tempdir().unwrap();
            for file in others.iter().chain([&format!("{name}-0011.json")]) {
                fs::write(states.path().join(file), &state).unwrap();
            }
            assert_eq!(state_of(target, states.path()).is_some(), is_found, "{others:?}");
        }
    }
}
