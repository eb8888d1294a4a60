//! `kagiban audit export`

use std::io::{IsTerminal, Write, stderr};
use std::path::Path;

use kagiban_audit::archive::History;
use kagiban_audit::export::{Options, Progress, export as export_to, lines};
use kagiban_audit::search::{Bounds, Order, Page, Search as _};
use kagiban_base::os::SystemClock;
use kagiban_base::time::{Clock as _, Timestamp};

use super::{directory, history, written};
use crate::audit_options::{ExportForm, ExportOptions};
use crate::error::CliError;
use crate::text::printable;

/// Stands for standard output.
const OUTPUT: &str = "-";
/// Records that are asked for at a time.
const PAGE: usize = 1000;
/// How often a line tells how far it is where nobody looks at a terminal.
const LINE_EVERY_MS: i64 = 10_000;

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
    let mut told = Told::new(stderr(), stderr().is_terminal(), now);
    let done = export_to(&history, &wanted, now, &mut |progress| told.tell(progress, SystemClock.now()));
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

/// Tells how far it is: a person at a terminal at every step, in one line that changes; a log now and then, in lines of its own.
struct Told<W> {
    to: W,
    is_terminal: bool,
    is_begun: bool,
    last: Timestamp,
}

impl<W: Write> Told<W> {
    fn new(to: W, is_terminal: bool, now: Timestamp) -> Self {
        Self { to, is_terminal, is_begun: false, last: now }
    }

    fn tell(&mut self, Progress { percent, records, files, .. }: Progress, now: Timestamp) {
        let text = format!("exporting: {percent} %, {records} records in {files} files");
        // Nobody is lost if it cannot be told.
        if self.is_terminal {
            _ = write!(self.to, "\r{text} ");
            self.is_begun = true;
        } else if now.ms_since(self.last) >= LINE_EVERY_MS {
            _ = writeln!(self.to, "{text}");
            self.last = now;
        }
    }

    /// Ends the line that changes.
    fn end(&mut self) {
        if self.is_begun {
            _ = writeln!(self.to);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_told_at_every_step_and_a_log_every_ten_seconds() {
        let start = Timestamp::from_unix_s(1_800_000_000);
        let steps = [(3_u64, 7), (9, 20), (10, 30), (19, 80), (20, 99), (21, 100)];
        let shown = |is_terminal: bool| {
            let mut told = Told::new(Vec::new(), is_terminal, start);
            for (seconds, percent) in steps {
                let progress = Progress { records: seconds * 1000, files: seconds, percent, is_done: percent == 100 };
                told.tell(progress, start.plus_ms(i64::try_from(seconds).unwrap() * 1000));
            }
            told.end();
            String::from_utf8(told.to).unwrap()
        };
        let lines = "exporting: 30 %, 10000 records in 10 files\nexporting: 99 %, 20000 records in 20 files\n";
        assert_eq!(shown(false), lines);
        let changing = shown(true);
        assert!(changing.starts_with("\rexporting: 7 %, 3000 records in 3 files \rexporting: 20 %, "), "{changing:?}");
        assert!(changing.ends_with("\rexporting: 100 %, 21000 records in 21 files \n"), "{changing:?}");
        assert_eq!(changing.lines().count(), 1);
    }
}
