//! Records written to files of one's own: log files in CloudTrail's folders, or JSON lines.
//!
//! Records are taken in their order, a bounded number at a time. What was done is written down after each step, and a step that
//! is done a second time writes the same files under the same names. So an export that was cut off goes on where it was, and no
//! record is in two files. Nothing is signed here: what is exported is for reading; digests prove what was delivered.

mod state;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use kagiban_base::id::{AccountId, Region};
use kagiban_base::time::Timestamp;

use crate::anchor::replace;
use crate::cloudtrail;
use crate::delivery::{LogFile, Place, TrailState, copies, log_object};
use crate::record::Record;
use crate::recorder::{Entry, Sequence};
use crate::search::{Bounds, Order, Page, Query, Search, SearchError};
use state::{NotAState, State};

/// Records of a step.
const STEP_RECORDS: usize = 20_000;
/// Bytes of records that a step looks at.
const STEP_BYTES: u64 = 64 << 20;

/// How records are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Form {
    /// CloudTrail's log files: gzip, by account, Region and day. Each account gets its own copy of what concerns two.
    LogFiles,
    /// A record in each line, as the account of its caller is told it.
    Lines,
}

/// What is exported.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to.
    pub directory: PathBuf,
    /// How.
    pub form: Form,
    /// Which records. Their order is that of the journal, whatever it says.
    pub query: Query,
    /// What the conditions are called, for whoever goes on: only with the same.
    pub conditions: String,
    /// The Region of records that name none.
    pub home: Region,
}

/// How far an export is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Progress {
    /// Records that were written; in log files each counts once, whatever the number of its copies.
    pub records: u64,
    /// Files that were written.
    pub files: u64,
    /// How much of the time that is asked for lies behind the last record that was written, in percent; 100 at the end.
    pub percent: u8,
    /// Whether it is the end.
    pub is_done: bool,
}

/// An export failed. It can be begun again, and goes on.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A file cannot be written or read.
    #[error("cannot write {}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// There is another export.
    #[error(
        "{} has another export, with other conditions; name another directory, or remove it",
        .0.display()
    )]
    Another(PathBuf),
    /// What is said of an export there cannot be read.
    #[error("{} does not say how far an export has come", path.display())]
    State {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: NotAState,
    },
    /// The records cannot be found.
    #[error(transparent)]
    Search(#[from] SearchError),
}

/// Exports, or goes on with an export that was cut off. `now` is the end of it where the query has none; `progress` is told after
/// each step.
///
/// # Errors
/// [`ExportError`]
pub fn export(
    source: &dyn Search,
    options: &Options,
    now: Timestamp,
    progress: &mut dyn FnMut(Progress),
) -> Result<Progress, ExportError> {
    let directory = &options.directory;
    fs::create_dir_all(directory).map_err(failed(directory))?;
    let state_path = directory.join(state::NAME);
    let mut state = match state::read(&state_path)? {
        Some(state) if !state.is_of(options) => return Err(ExportError::Another(directory.clone())),
        Some(state) => state,
        None => State::new(options, now),
    };
    // Moments that were told as "so long ago" stay those of the beginning.
    let query = Query { from: state.from(), until: state.until(), order: Order::OldestFirst, ..options.query.clone() };
    let mut span = (state.from(), state.until().unwrap_or(now).min(now));
    let mut percent = 0;
    while !state.progress(percent).is_done {
        let bounds = Bounds { records_max: STEP_RECORDS, bytes_max: STEP_BYTES };
        let Page { entries, next } = source.page(&query, Some(&state.token(&query)), bounds)?;
        let files = write(&entries, options, state.next())?;
        percent = part(&mut span, &entries).unwrap_or(percent);
        state.advance(entries.len() as u64, files, next);
        replace(&state_path, &state.to_bytes()).map_err(failed(&state_path))?;
        progress(state.progress(percent));
    }
    Ok(state.progress(percent))
}

/// How much of a time lies behind the last of these records, in percent. A time without a beginning begins at the first record.
fn part((from, until): &mut (Option<Timestamp>, Timestamp), entries: &[Entry]) -> Option<u8> {
    let time_of = |entry: &Entry| Record::decode(&entry.bytes).ok().map(|record| record.time);
    let from = *from.get_or_insert(time_of(entries.first()?)?);
    let (done, all) = (time_of(entries.last()?)?.ms_since(from), until.ms_since(from));
    u8::try_from(done.max(0).saturating_mul(100).checked_div(all)?.min(99)).ok()
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> ExportError {
    let path = path.to_owned();
    move |source| ExportError::File { path, source }
}

/// Writes the records of a step that began with looking at `from`, which is in the names. How many files there are.
fn write(entries: &[Entry], options: &Options, from: Sequence) -> Result<u64, ExportError> {
    if entries.is_empty() {
        return Ok(0);
    }
    let files = match options.form {
        Form::LogFiles => log_files(entries, options, from)?,
        Form::Lines => {
            BTreeMap::from([(format!("records-{:020}.jsonl", from.0), lines(entries, options.query.account))])
        }
    };
    for (name, bytes) in &files {
        let path = options.directory.join(name);
        let folder = path.parent().unwrap_or(&options.directory);
        fs::create_dir_all(folder).map_err(failed(folder))?;
        replace(&path, bytes).map_err(failed(&path))?;
    }
    Ok(files.len() as u64)
}

/// A record in each line.
pub fn lines(entries: &[Entry], account: Option<AccountId>) -> Vec<u8> {
    let mut lines = Vec::new();
    for record in entries.iter().filter_map(|entry| Record::decode(&entry.bytes).ok()) {
        lines.extend_from_slice(cloudtrail::render(&record, account.unwrap_or(record.account)).as_bytes());
        lines.push(b'\n');
    }
    lines
}

fn log_files(entries: &[Entry], options: &Options, from: Sequence) -> Result<BTreeMap<String, Vec<u8>>, ExportError> {
    let state = TrailState::new(from, Timestamp::from_unix_ms(0));
    // What cannot be read is for those who verify; a search shows none of it.
    let sorted = copies(entries, &state, options.home).unwrap_or_default();
    let mut files = BTreeMap::new();
    for (place, records) in sorted {
        let Some(first) = records.first().filter(|_| is_wanted(place, options)) else { continue };
        // The same when it is done again with more records: then this step began with the same one.
        let object = log_object("", place, from, from, first.time);
        let file = LogFile::of(place.account, records).map_err(failed(&options.directory))?;
        files.insert(object, file.bytes);
    }
    Ok(files)
}

fn is_wanted(place: Place, options: &Options) -> bool {
    options.query.account.is_none_or(|account| account == place.account)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::io::Read;
    use std::sync::atomic::AtomicUsize;
    use std::sync::atomic::Ordering::Relaxed;

    use flate2::read::GzDecoder;
    use kagiban_base::id::RequestId;
    use serde_json::Value;

    use super::*;
    use crate::recorder::ReadError;
    use crate::search::{Field, Term, Token};

    /// Records, told in pages of seven; after so many pages reading fails.
    struct Source<'a>(&'a [Entry], AtomicUsize);

    impl Search for Source<'_> {
        fn page(&self, query: &Query, token: Option<&Token>, _: Bounds) -> Result<Page, SearchError> {
            if self.1.fetch_sub(1, Relaxed) == 0 {
                return Err(ReadError::Damaged(Sequence(1)).into());
            }
            let place = query.place(token, Sequence(self.0.len() as u64))?;
            let rest: Vec<&Entry> = self.0.iter().filter(|entry| entry.sequence >= place).collect();
            let is_wanted = |entry: &&&Entry| Record::decode(&entry.bytes).is_ok_and(|record| query.matches(&record));
            let entries = rest.iter().take(7).filter(is_wanted).map(|entry| (*entry).clone()).collect();
            let next = rest.get(7).map(|entry| Token::new(query, entry.sequence));
            Ok(Page { entries, next })
        }
    }

    fn entries(count: u64) -> Vec<Entry> {
        let entry = |at: u64| {
            let number = RequestId::from_bytes(u128::from(at).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c).to_be_bytes());
            let other = at.is_multiple_of(3).then(|| "444455556666".parse().unwrap());
            let time = Timestamp::from_unix_s(1_800_000_000 + i64::try_from(at).unwrap() * 3000);
            let record = Record {
                other_account: other,
                event_name: if at.is_multiple_of(2) { "Decrypt" } else { "Encrypt" },
                identity: "{}",
                ..Record::new(time, number, "111122223333".parse().unwrap(), "eu-central-1")
            };
            let mut bytes = Vec::new();
            record.encode(&mut bytes);
            Entry { sequence: Sequence(at), bytes: bytes.into() }
        };
        (1..=count).map(entry).collect()
    }

    fn options(directory: &Path, form: Form) -> Options {
        Options {
            directory: directory.to_owned(),
            form,
            query: Query { terms: vec![Term::new(Field::Operation, "Decrypt")], ..Query::default() },
            conditions: "operation=Decrypt".to_owned(),
            home: "us-east-1".parse().unwrap(),
        }
    }

    /// The events of all files, each with its account.
    fn read(directory: &Path, found: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let name = path.to_string_lossy().into_owned();
            let mut text = String::new();
            if path.is_dir() {
                read(&path, found);
            } else if name.ends_with(".gz") {
                GzDecoder::new(fs::File::open(&path).unwrap()).read_to_string(&mut text).unwrap();
                let records: Value = serde_json::from_str(&text).unwrap();
                found.extend(records["Records"].as_array().unwrap().iter().map(event));
            } else if name.ends_with(".jsonl") {
                let text = fs::read_to_string(&path).unwrap();
                found.extend(text.lines().map(|line| event(&serde_json::from_str(line).unwrap())));
            }
        }
    }

    fn event(record: &Value) -> (String, String) {
        assert_eq!(record["eventName"], "Decrypt");
        let text = |name: &str| record[name].as_str().unwrap().to_owned();
        (text("recipientAccountId"), text("eventID"))
    }

    fn run(records: &[Entry], pages: usize, options: &Options) -> Result<(Progress, usize), ExportError> {
        let mut steps = 0;
        let now = Timestamp::from_unix_s(1_900_000_000);
        let done = export(&Source(records, AtomicUsize::new(pages)), options, now, &mut |_| steps += 1);
        done.map(|done| (done, steps))
    }

    /// Killed between the files of a step and its being written down, or after that; meanwhile more records come.
    #[test]
    fn an_export_that_is_cut_off_goes_on_without_doubles() {
        let all = entries(100);
        for (form, copies) in [(Form::LogFiles, 50 + 16), (Form::Lines, 50)] {
            for pages in 0..5 {
                for is_written_down in [false, true] {
                    let directory = tempfile::tempdir().unwrap();
                    let (options, state) = (options(directory.path(), form), directory.path().join(state::NAME));
                    _ = run(&all, pages, &options).unwrap_err();
                    let before = fs::read(&state).ok();
                    // One page more: of three records, of seven if it is to count.
                    let there = if is_written_down { &all[..] } else { &all[..pages * 7 + 3] };
                    _ = run(there, 1, &options);
                    match before {
                        _ if is_written_down => {}
                        Some(before) => fs::write(&state, before).unwrap(),
                        None => fs::remove_file(&state).unwrap(),
                    }
                    let (done, steps) = run(&all, usize::MAX, &options).unwrap();
                    assert!(done.is_done && steps > 0 && done.records == 50, "{done:?}");
                    let mut found = Vec::new();
                    read(directory.path(), &mut found);
                    let different: BTreeSet<_> = found.iter().cloned().collect();
                    assert_eq!((found.len(), different.len()), (copies, copies), "{form:?} {pages} {is_written_down}");
                    // Once it is done, it is done.
                    assert_eq!(run(&all, 0, &options).unwrap(), (done, 0));
                }
            }
        }
    }

    /// Of a hundred records, one each 3,000 s, seven at a time: of the time that is asked for, not of all records.
    #[test]
    fn how_far_it_is_counts_from_what_was_asked() {
        let all = entries(100);
        let at = |record: i64| Some(Timestamp::from_unix_s(1_800_000_000 + record * 3000));
        for (from, until, expected) in [
            (at(0), at(100), &[6, 14, 20, 28, 34, 42, 48, 56, 62, 70, 76, 84, 90, 98, 100][..]),
            (at(80), at(100), &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, 50, 90, 100]),
            // Without a beginning, from the first record on; without an end, until now.
            (None, at(100), &[4, 12, 18, 26, 32, 40, 46, 55, 61, 69, 75, 83, 89, 97, 100]),
            (at(0), None, &[3, 7, 10, 14, 17, 21, 24, 28, 31, 35, 38, 42, 45, 49, 100]),
            (at(150), None, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100]),
        ] {
            let directory = tempfile::tempdir().unwrap();
            let mut options = options(directory.path(), Form::Lines);
            (options.query.from, options.query.until) = (from, until);
            let (now, mut told) = (at(200).unwrap(), Vec::new());
            let source = Source(&all, AtomicUsize::new(usize::MAX));
            export(&source, &options, now, &mut |progress| told.push(progress.percent)).unwrap();
            assert_eq!(told, expected, "{from:?} {until:?}");
        }
    }

    #[test]
    fn a_directory_has_one_export() {
        let (directory, all) = (tempfile::tempdir().unwrap(), entries(30));
        let options = options(directory.path(), Form::Lines);
        run(&all, usize::MAX, &options).unwrap();
        let others = [
            Options { conditions: "operation=Encrypt".to_owned(), ..options.clone() },
            Options { form: Form::LogFiles, ..options.clone() },
        ];
        for other in others {
            assert!(matches!(run(&all, usize::MAX, &other), Err(ExportError::Another(_))), "{other:?}");
        }
        fs::write(directory.path().join(state::NAME), "{}").unwrap();
        assert!(matches!(run(&all, usize::MAX, &options), Err(ExportError::State { .. })));
    }
}
