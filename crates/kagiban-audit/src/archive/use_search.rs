//! The use map of a time: from the archives' own maps, which are counted already, and from the records that no archive has.

use kagiban_base::time::{DAY_MS, Timestamp};

use super::history::History;
use super::read::Archive;
use crate::record::Record;
use crate::recorder::Follower;
use crate::search::SearchError;
use crate::uses::{Use, UseMap};

/// Bytes that are asked of the journal at a time.
const READ_BYTES: usize = 4 << 20;
const HOUR_MS: i64 = 3_600_000;

/// What is counted together.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Period {
    /// Everything.
    All,
    /// A day (UTC).
    #[default]
    Day,
    /// An hour.
    Hour,
}

/// Which uses are wanted. The default is all, day by day.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UseQuery {
    /// Of this key: its ARN or id.
    pub key: Option<Box<str>>,
    /// By this principal: its ARN or its name.
    pub principal: Option<Box<str>>,
    /// This operation.
    pub operation: Option<Box<str>>,
    /// In no hour that ended before this moment.
    pub from: Option<Timestamp>,
    /// In no hour that began after this moment.
    pub until: Option<Timestamp>,
    /// What is counted together.
    pub period: Period,
}

impl UseQuery {
    fn wants(&self, used: &Use) -> bool {
        let is_called = |arn: &str, name: &Option<Box<str>>| {
            name.as_deref()
                .is_none_or(|name| arn == name || arn.strip_suffix(name).is_some_and(|rest| rest.ends_with('/')))
        };
        is_called(&used.key, &self.key)
            && is_called(&used.principal, &self.principal)
            && self.operation.as_deref().is_none_or(|operation| operation == &*used.operation)
            && self.is_in_time(used.hour, used.hour.plus_ms(HOUR_MS - 1))
    }

    fn is_in_time(&self, oldest: Timestamp, newest: Timestamp) -> bool {
        self.from.is_none_or(|from| newest >= from) && self.until.is_none_or(|until| oldest <= until)
    }

    fn add(&self, used: &Use, map: &mut UseMap) {
        if self.wants(used) {
            let ms = used.hour.unix_ms();
            let hour = match self.period {
                Period::All => 0,
                Period::Day => ms - ms.rem_euclid(DAY_MS),
                Period::Hour => ms,
            };
            map.add_uses(&Use { hour: Timestamp::from_unix_ms(hour), ..used.clone() });
        }
    }
}

/// The beginning of the hour.
const fn hour_of(time: Timestamp) -> Timestamp {
    let ms = time.unix_ms();
    Timestamp::from_unix_ms(ms - ms.rem_euclid(HOUR_MS))
}

impl History {
    /// Who used which key how. Takes seconds for months; blocks on the disk.
    ///
    /// # Errors
    /// [`SearchError`]
    pub fn uses(&self, query: &UseQuery) -> Result<UseMap, SearchError> {
        let mut map = UseMap::new();
        // What is archived meanwhile is read from there, record by record, behind the last of these.
        let files = self.library().files();
        for file in files.iter() {
            let archive = Archive::open(&file.path)?;
            // Uses are known by the hour: those of an archive's first and last hour count with the whole of it.
            let (oldest, newest) = (hour_of(archive.footer().oldest()), hour_of(archive.footer().newest()));
            if query.is_in_time(oldest, newest.plus_ms(HOUR_MS - 1)) {
                archive.uses()?.iter().for_each(|used| query.add(used, &mut map));
            }
        }
        let mut raw = UseMap::new();
        let mut at = files.last().map_or(self.earliest(), |file| file.last.next());
        loop {
            let entries = self.read(at, READ_BYTES)?;
            let Some(last) = entries.last() else { break };
            at = last.sequence.next();
            entries.iter().filter_map(|entry| Record::decode(&entry.bytes).ok()).for_each(|record| raw.add(&record));
        }
        raw.uses().iter().for_each(|used| query.add(used, &mut map));
        Ok(map)
    }
}
