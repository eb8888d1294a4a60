//! `kagiban audit search`

use std::io::Write;

use kagiban_audit::search::{Bounds, Order, Page, Search};
use kagiban_audit::{Record, cloudtrail};
use kagiban_base::os::SystemClock;
use kagiban_base::time::Clock;

use super::{directory, history, written};
use crate::audit_options::SearchOptions;
use crate::error::CliError;
use crate::options::OutputForm;
use crate::text::table;

/// Records that are asked for at a time.
const PAGE: usize = 1000;

const HEADS: [&str; 6] = ["TIME", "OPERATION", "OUTCOME", "PRINCIPAL", "KEY", "FROM"];

pub(super) fn search(options: &SearchOptions, output: &mut dyn Write) -> Result<(), CliError> {
    let history = history(&directory(&options.place.data)?)?;
    let order = if options.oldest_first { Order::OldestFirst } else { Order::NewestFirst };
    let query = options.conditions.query(order, SystemClock.now());
    let mut printer = Printer::new(options);
    let mut wanted = if options.limit == 0 { usize::MAX } else { options.limit };
    let mut token = None;
    while wanted > 0 {
        let Page { entries, next } = history.page(&query, token.as_ref(), Bounds::records(wanted.min(PAGE)))?;
        wanted -= entries.len();
        printer.print(entries.iter().filter_map(|entry| Record::decode(&entry.bytes).ok()), output)?;
        if next.is_none() {
            return printer.end(false, output);
        }
        token = next;
    }
    printer.end(true, output)
}

/// Prints records as they are found.
struct Printer<'a> {
    options: &'a SearchOptions,
    rows: Vec<[String; 6]>,
    count: usize,
}

impl<'a> Printer<'a> {
    const fn new(options: &'a SearchOptions) -> Self {
        Self { options, rows: Vec::new(), count: 0 }
    }

    fn print<'r>(&mut self, records: impl Iterator<Item = Record<'r>>, output: &mut dyn Write) -> Result<(), CliError> {
        for record in records {
            let viewer = self.options.conditions.account.unwrap_or(record.account);
            match self.options.place.output {
                OutputForm::Json => {
                    let before = if self.count == 0 { "{\"Records\":[\n" } else { ",\n" };
                    written(write!(output, "{before}{}", cloudtrail::render(&record, viewer)))?;
                }
                OutputForm::Text => self.rows.push(row(&record, viewer == record.account)),
            }
            self.count += 1;
        }
        if self.options.limit == 0 {
            self.print_rows(output)?;
        }
        Ok(())
    }

    /// What was gathered, as a table of its own.
    fn print_rows(&mut self, output: &mut dyn Write) -> Result<(), CliError> {
        let rows = std::mem::take(&mut self.rows);
        if rows.is_empty() { Ok(()) } else { written(output.write_all(table(HEADS, &rows).as_bytes())) }
    }

    fn end(mut self, is_cut: bool, output: &mut dyn Write) -> Result<(), CliError> {
        self.print_rows(output)?;
        let end = match self.options.place.output {
            OutputForm::Json if self.count == 0 => "{\"Records\":[]}\n".to_owned(),
            OutputForm::Json => "\n]}\n".to_owned(),
            OutputForm::Text if is_cut => format!("The first {}; there may be more: --limit.\n", self.count),
            OutputForm::Text => format!("{} found.\n", self.count),
        };
        written(output.write_all(end.as_bytes()).and_then(|()| output.flush()))
    }
}

/// A record in a line. An account is told of a caller of another one only which account that is.
fn row(record: &Record<'_>, is_own: bool) -> [String; 6] {
    let outcome = if record.succeeded() { "success" } else { record.error_code };
    let principal = match (is_own, record.principal) {
        (false, _) => record.account.as_str(),
        (true, "") => "-",
        (true, principal) => principal,
    };
    let keys: Vec<&str> = record.resource_arns().map(|arn| arn.rsplit('/').next().unwrap_or(arn)).collect();
    let key = if keys.is_empty() { "-".to_owned() } else { keys.join(" ") };
    let operation = if record.event_name.is_empty() { "-" } else { record.event_name };
    [record.time.to_rfc3339(), operation.into(), outcome.into(), principal.into(), key, record.source_address.into()]
}
