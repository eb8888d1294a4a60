//! `kagiban audit export`

use std::io::{IsTerminal, Write, stderr};
use std::path::Path;

use kagiban_audit::Follower as _;
use kagiban_audit::archive::History;
use kagiban_audit::export::{Options, Progress, export as export_to, lines};
use kagiban_audit::search::{Bounds, Order, Page, Search as _};
use kagiban_base::os::SystemClock;
use kagiban_base::time::Clock as _;

use super::{directory, history, written};
use crate::audit_options::{ExportForm, ExportOptions};
use crate::error::CliError;
use crate::text::printable;

/// Stands for standard output.
const OUTPUT: &str = "-";
/// Records that are asked for at a time.
const PAGE: usize = 1000;

pub(super) fn export(options: &ExportOptions, output: &mut dyn Write) -> Result<(), CliError> {
    let history = history(&directory(&options.data)?)?;
    if options.to == Path::new(OUTPUT) {
        return match options.form {
            ExportForm::Lines => print(&history, options, output),
            ExportForm::LogFiles => Err(CliError::ExportForm),
        };
    }
    let now = SystemClock.now();
    let wanted = Options {
        directory: options.to.clone(),
        form: options.form.into(),
        query: options.conditions.query(Order::OldestFirst, now),
        conditions: format!("{:?}", options.conditions),
        home: options.home_region,
    };
    let mut told = Told::new();
    let done = export_to(&history, history.latest(), &wanted, now, &mut |progress| told.tell(progress));
    told.end();
    let Progress { records, files, .. } = done?;
    let place = options.to.to_string_lossy();
    written(writeln!(output, "{records} records in {files} files in {}.", printable(&place)))
}

/// All records in lines, as they are found.
fn print(history: &History, options: &ExportOptions, output: &mut dyn Write) -> Result<(), CliError> {
    let query = options.conditions.query(Order::OldestFirst, SystemClock.now());
    let mut token = None;
    loop {
        let Page { entries, next } = history.page(&query, token.as_ref(), Bounds::records(PAGE))?;
        written(output.write_all(&lines(&entries, options.conditions.account)))?;
        match next {
            None => return written(output.flush()),
            next => token = next,
        }
    }
}

/// Tells a person at the terminal how far it is.
struct Told {
    is_wanted: bool,
    is_begun: bool,
}

impl Told {
    fn new() -> Self {
        Self { is_wanted: stderr().is_terminal(), is_begun: false }
    }

    fn tell(&mut self, progress: Progress) {
        if self.is_wanted {
            let Progress { records, files, at, latest, .. } = progress;
            let percent = at.0.saturating_mul(100) / latest.0.max(1);
            // Nobody is lost if it cannot be told.
            _ = write!(stderr(), "\rexporting: {} %, {records} records in {files} files ", percent.min(100));
            self.is_begun = true;
        }
    }

    fn end(&self) {
        if self.is_begun {
            _ = writeln!(stderr());
        }
    }
}
