//! What archives of the audit cost and how fast a month of them is searched: made data, and said which of it is what.
//!
//! Some hours are made in full: every record hashed, compressed and indexed by the product's own writer. The month is filled up
//! with copies of them that have an index of their own on the disk, with places and times moved on; of postings and records they
//! have only what the searches read: the rest of those files are holes. A search reads index and matching blocks and nothing
//! else, so it meets what it would meet in a whole month.
//!
//! What no archive has yet is a journal that the product wrote, as long as it becomes, with many keys. Every search opens archives
//! and journal anew, as `kagiban audit search` does.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use clap::Parser;
use kagiban_audit::archive::{Archive, ArchiveName, ArchiveWriter, Footer, History, RAW_BYTES};
use kagiban_audit::journal::JournalId;
use kagiban_audit::journal::blocks::{Block, ChainPoint, leaf};
use kagiban_audit::search::{Bounds, Field, Order, Query, Search, Term};
use kagiban_audit::signing::{PublicKey, Signer, SigningFailed};
use kagiban_audit::{Entry, Follower as _, Record, Sequence};
use kagiban_base::time::Timestamp;
use kagiban_bench::Failure;
use kagiban_bench::audit_records::{Records, key_arn};
use kagiban_bench::audit_tail::{self, Tail, Wanted};
use kagiban_bench::figures::Spread;
use kagiban_bench::process::load_average;
use rustix::fs::Advice;
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

/// The slowest search of the month, in seconds.
const TARGET_S: f64 = 2.0;
/// 2026-11-01T00:00:00Z
const START_MS: i64 = 1_793_491_200_000;
const HOUR_MS: i64 = 3_600_000;
/// Records that the chain takes in at once, as the journal's thread would at that rate.
const BLOCK: u64 = 1000;
/// A key that is used once in each hour, and one that is used once in all.
const KEY_ONCE_AN_HOUR: u64 = 1_000_001;
const KEY_ONCE: u64 = 1_000_002;
/// Bytes of an entry of an archive's directory, and where in it the place and the times of its records are.
const PLACE: usize = 72;
const PLACE_FIRST: usize = 16;
const PLACE_TIMES: [usize; 2] = [24, 32];

/// Makes a month of audit archives and searches it.
#[derive(Parser)]
struct Arguments {
    /// Hours that are made in full.
    #[arg(long, default_value_t = 2)]
    hours: u64,
    /// Hours of the month.
    #[arg(long, default_value_t = 720)]
    month_hours: u64,
    /// MiB of journal that no archive has yet.
    #[arg(long, default_value_t = 1024)]
    tail_mib: u64,
    /// Requests a second.
    #[arg(long, default_value_t = 1000)]
    rate: u64,
    /// Where it is made; removed at the end.
    #[arg(long)]
    data: PathBuf,
    /// The figures as JSON.
    #[arg(long)]
    output: PathBuf,
    /// Ends with status 1 when the target is missed.
    #[arg(long)]
    check: bool,
    /// Keeps the data.
    #[arg(long)]
    keep: bool,
}

#[derive(Debug)]
struct Key(RsaKeyPair);

impl Signer for Key {
    fn public_key(&self) -> PublicKey {
        PublicKey::new(self.0.public_key().as_ref(), Timestamp::from_unix_ms(0), Timestamp::from_unix_ms(i64::MAX))
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).map_err(|_| SigningFailed)?;
        Ok(signature)
    }
}

/// What making the full hours cost.
#[derive(Default)]
struct Making {
    records: u64,
    raw_bytes: u64,
    file_bytes: u64,
    block_bytes: u64,
    chain_bytes: u64,
    index_bytes: u64,
    writer_s: f64,
}

/// An archive that was made in full.
struct Made {
    path: PathBuf,
    hour: u64,
}

/// The chain, and where it is.
struct Maker<'a> {
    directory: &'a Path,
    signer: Key,
    records: Records,
    point: ChainPoint,
    made: Vec<Made>,
    cost: Making,
}

const JOURNAL: JournalId = JournalId([1; 16]);

impl Maker<'_> {
    /// One hour, in as many archives as it takes.
    fn hour(&mut self, hour: u64, rate: u64) -> Result<(), Failure> {
        let end = self.point.sequence.0 + rate * 3600;
        while self.point.sequence.0 < end {
            let mut writer = ArchiveWriter::begin(self.directory, JOURNAL, self.point)?;
            while self.point.sequence.0 < end && writer.raw_bytes() < RAW_BYTES {
                self.block(&mut writer, hour, end, rate)?;
            }
            let begun = cpu_s();
            let name = writer.finish(&self.signer, Timestamp::from_unix_ms(START_MS))?;
            self.cost.writer_s += cpu_s() - begun;
            let path = self.directory.join(name.path());
            self.count(&path)?;
            self.made.push(Made { path, hour });
        }
        Ok(())
    }

    fn block(&mut self, writer: &mut ArchiveWriter, hour: u64, end: u64, rate: u64) -> Result<(), Failure> {
        let first = self.point.sequence.next();
        let last = end.min(self.point.sequence.0 + BLOCK);
        let mut entries = Vec::new();
        for at in first.0..=last {
            let number = at - (end - rate * 3600) - 1;
            let time = START_MS + hour as i64 * HOUR_MS + (number * 1000 / rate) as i64;
            let key = match number {
                777 => Some(KEY_ONCE_AN_HOUR),
                888 if hour == 0 => Some(KEY_ONCE),
                _ => None,
            };
            let mut bytes = Vec::with_capacity(1600);
            self.records.write(Timestamp::from_unix_ms(time), key, &mut bytes);
            entries.push(Entry { sequence: Sequence(at), bytes: bytes.into() });
        }
        let leaves: Vec<_> = entries.iter().map(|entry| leaf(entry.sequence, &entry.bytes)).collect();
        let block = Block::of_records(&self.point, first, &leaves);
        let begun = cpu_s();
        writer.add(&block, &entries)?;
        self.cost.writer_s += cpu_s() - begun;
        self.point = writer.after();
        Ok(())
    }

    fn count(&mut self, path: &Path) -> Result<(), Failure> {
        let archive = Archive::open(path)?;
        let footer = archive.footer();
        let sections = &footer.sections;
        self.cost.records += footer.last - footer.first + 1;
        self.cost.raw_bytes += footer.raw_bytes;
        self.cost.file_bytes += fs::metadata(path)?.len();
        self.cost.block_bytes += sections.directory.at;
        self.cost.chain_bytes += sections.chain.length;
        let index = [&sections.directory, &sections.terms, &sections.postings, &sections.rare, &sections.uses];
        self.cost.index_bytes += index.iter().map(|section| section.length).sum::<u64>();
        Ok(())
    }
}

/// What a copy needs of an archive.
struct Original {
    footer: Footer,
    index: Vec<u8>,
    /// Blocks that searches read.
    blocks: Vec<(u64, Vec<u8>)>,
    hour: u64,
}

impl Original {
    fn read(made: &Made, queries: &[Query]) -> Result<Self, Failure> {
        let footer = Archive::open(&made.path)?.footer().clone();
        let file = File::open(&made.path)?;
        let start = footer.sections.directory.at;
        let mut index = vec![0; usize::try_from(footer.sections.chain.at - start)?];
        file.read_exact_at(&mut index, start)?;
        let archive = Archive::open(&made.path)?;
        let mut original = Self { footer, index, blocks: Vec::new(), hour: made.hour };
        for query in queries {
            for block in archive.candidates(query)?.ok_or("no index for this")? {
                let place = usize::from(block) * PLACE;
                let place = &original.index[place..place + PLACE];
                let at = u64::from_be_bytes(place[..8].try_into()?);
                let mut bytes = vec![0; u32::from_be_bytes(place[8..12].try_into()?) as usize];
                file.read_exact_at(&mut bytes, at)?;
                original.blocks.push((at, bytes));
            }
        }
        Ok(original)
    }

    /// A copy in another hour.
    fn copy(&self, directory: &Path, hour: u64, records_before: u64) -> Result<u64, Failure> {
        let (moved, later_ms) = (records_before, (hour as i64 - self.hour as i64) * HOUR_MS);
        let mut footer = self.footer.clone();
        footer.first += moved;
        footer.last += moved;
        footer.oldest += later_ms;
        footer.newest += later_ms;
        let mut index = self.index.clone();
        for place in index[..footer.sections.directory.length as usize].chunks_mut(PLACE) {
            add(&mut place[PLACE_FIRST..PLACE_FIRST + 8], moved);
            for at in PLACE_TIMES {
                add(&mut place[at..at + 8], later_ms as u64);
            }
        }
        let name = ArchiveName { first: footer.first(), last: footer.last(), day: footer.oldest() };
        let path = directory.join(name.path());
        fs::create_dir_all(path.parent().ok_or("no directory")?)?;
        let file = OpenOptions::new().write(true).create_new(true).open(&path)?;
        file.write_all_at(b"KAGIARCH\0\0\0\x01\0\0\0\0", 0)?;
        for (at, block) in &self.blocks {
            file.write_all_at(block, *at)?;
        }
        // Postings and use maps are read by no search here: what these find is rare.
        let start = footer.sections.directory.at;
        let mut written = 0;
        for section in [&footer.sections.directory, &footer.sections.terms, &footer.sections.rare] {
            let from = usize::try_from(section.at - start)?;
            file.write_all_at(&index[from..from + section.length as usize], section.at)?;
            written += section.length;
        }
        let mut end = serde_json::to_vec(&footer)?;
        let length = u32::try_from(end.len())?;
        end.extend_from_slice(&[0; 256]);
        end.extend_from_slice(&length.to_be_bytes());
        end.extend_from_slice(&256u32.to_be_bytes());
        end.extend_from_slice(b"KAGIARCH");
        file.write_all_at(&end, footer.sections.chain.at + footer.sections.chain.length)?;
        Ok(written + end.len() as u64)
    }
}

fn add(bytes: &mut [u8], number: u64) {
    let sum = bytes.try_into().map_or(0, u64::from_be_bytes).wrapping_add(number);
    bytes.copy_from_slice(&sum.to_be_bytes());
}

/// A search of the month.
struct Question {
    name: &'static str,
    query: Query,
    /// Records of a page; all pages are read when there are to be more.
    page: usize,
    found: u64,
    /// Whether what is in no archive answers it.
    is_of_tail: bool,
}

fn questions(one: &Record<'_>, hours: u64, month_hours: u64) -> Vec<Question> {
    // Of one hour, all others are copies.
    let once = if hours > 1 { 1 } else { month_hours.min(50) };
    let of = |name, field, value: &str, order, page, found| Question {
        name,
        query: Query { terms: vec![Term::new(field, value)], order, ..Query::default() },
        page,
        found,
        is_of_tail: false,
    };
    let of_tail = |question| Question { is_of_tail: true, ..question };
    vec![
        of(
            "a key used once an hour: all of the month",
            Field::Key,
            &key_arn(KEY_ONCE_AN_HOUR),
            Order::NewestFirst,
            10_000,
            // And once after it.
            month_hours + 1,
        ),
        of("a key used once in the month", Field::Key, &key_arn(KEY_ONCE), Order::NewestFirst, 50, once),
        of(
            "a key that does not exist",
            Field::Key,
            "arn:aws:kms:eu-central-1:111122223333:key/none",
            Order::NewestFirst,
            50,
            0,
        ),
        of("an event by its number", Field::EventId, one.event_id(one.account).as_str(), Order::NewestFirst, 50, once),
        of("an access key that does not exist", Field::AccessKeyId, "ASIANOBODY", Order::NewestFirst, 50, 0),
        of_tail(of("a busy key, the newest 50", Field::Key, &key_arn(0), Order::NewestFirst, 50, 50)),
        of_tail(of("failures, the newest 50", Field::Outcome, "failure", Order::NewestFirst, 50, 50)),
        of("a busy key, the oldest 50", Field::Key, &key_arn(0), Order::OldestFirst, 50, 50),
        of("failures, the oldest 50", Field::Outcome, "failure", Order::OldestFirst, 50, 50),
    ]
}

/// Forgets what the operating system remembers of the files.
fn drop_caches(data: &Path) -> Result<(), Failure> {
    for entry in fs::read_dir(data)? {
        let path = entry?.path();
        if path.is_dir() {
            drop_caches(&path)?;
        } else {
            rustix::fs::fadvise(&File::open(path)?, 0, None, Advice::DontNeed)?;
        }
    }
    Ok(())
}

/// CPU time of this thread: what others do on the machine does not count.
fn cpu_s() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Seconds of a search, by the clock and of CPU time, opening included.
fn time(data: &Path, question: &Question) -> Result<(f64, f64), Failure> {
    let (begun, begun_cpu) = (Instant::now(), cpu_s());
    let history = History::open(data)?;
    let page = history.page(&question.query, None, Bounds { records_max: question.page, bytes_max: u64::MAX })?;
    let seconds = (begun.elapsed().as_secs_f64(), cpu_s() - begun_cpu);
    if page.entries.len() as u64 != question.found {
        return Err(format!("{}: {} found, not {}", question.name, page.entries.len(), question.found).into());
    }
    Ok(seconds)
}

fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    if arguments.data.exists() {
        return Err(format!("{} is there already", arguments.data.display()).into());
    }
    let outcome = measure(&arguments);
    if !arguments.keep {
        fs::remove_dir_all(&arguments.data)?;
    }
    let figures = outcome?;
    fs::write(&arguments.output, serde_json::to_string_pretty(&figures)?)?;
    let slowest = figures["slowest_cold_s"].as_f64().unwrap_or(f64::INFINITY);
    println!("slowest search, cold: {slowest:.3} s; target {TARGET_S} s");
    if arguments.check && slowest > TARGET_S { Err("the target is missed".into()) } else { Ok(()) }
}

fn measure(arguments: &Arguments) -> Result<Value, Failure> {
    let archives = arguments.data.join("archive");
    fs::create_dir_all(&archives)?;
    let signer = Key(RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| "no key")?);
    let point = ChainPoint::genesis(JOURNAL);
    let records = Records::new(6);
    let mut maker = Maker { directory: &archives, signer, records, point, made: Vec::new(), cost: Making::default() };
    let begun = Instant::now();
    for hour in 0..arguments.hours {
        maker.hour(hour, arguments.rate)?;
    }
    let making_s = begun.elapsed().as_secs_f64();
    let cost = maker.cost;
    let per = |bytes: u64| bytes as f64 / cost.records as f64;
    println!(
        "{} hours in full: {} records in {} archives; raw {:.0} bytes a record, on disk {:.1} (blocks {:.1}, chain {:.1}, index {:.1})",
        arguments.hours,
        cost.records,
        maker.made.len(),
        per(cost.raw_bytes),
        per(cost.file_bytes),
        per(cost.block_bytes),
        per(cost.chain_bytes),
        per(cost.index_bytes)
    );
    println!(
        "the writer: {:.0} records a second of CPU time ({making_s:.0} s with the making of records)",
        cost.records as f64 / cost.writer_s
    );
    let tail = make_tail(arguments)?;
    let begun = Instant::now();
    let copied_bytes = fill(arguments, &archives, &maker.made)?;
    println!(
        "the month filled up with {:.1} GB of index in {:.0} s",
        copied_bytes as f64 / 1e9,
        begun.elapsed().as_secs_f64()
    );
    search(arguments, &maker.made, &cost, copied_bytes, &tail)
}

fn make_tail(arguments: &Arguments) -> Result<Tail, Failure> {
    let hours = arguments.month_hours;
    let wanted = Wanted {
        after: Sequence(hours * arguments.rate * 3600),
        begin_ms: START_MS + hours as i64 * HOUR_MS,
        bytes: arguments.tail_mib << 20,
        key: KEY_ONCE_AN_HOUR,
    };
    let signer = Key(RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| "no key")?);
    let tail = audit_tail::write(&arguments.data, &wanted, Arc::new(signer))?;
    println!(
        "not archived yet: {} records, {:.2} GiB; a key in it found by the running server in {:.0} ms",
        tail.records,
        tail.bytes as f64 / (1u64 << 30) as f64,
        tail.live_s * 1e3
    );
    Ok(tail)
}

/// Fills the month up with copies.
fn fill(arguments: &Arguments, archives: &Path, made: &[Made]) -> Result<u64, Failure> {
    let history = History::open(&arguments.data)?;
    let first = history.read(Sequence(1), 1)?;
    let one = Record::decode(&first.first().ok_or("no record")?.bytes)?;
    // What is asked for the oldest is answered by the hours that are there in full.
    let is_of_all = |question: &Question| question.query.order == Order::NewestFirst && !question.is_of_tail;
    let whole = questions(&one, arguments.hours, 0).into_iter().filter(is_of_all);
    let queries: Vec<Query> = whole.map(|question| question.query).collect();
    let originals = made.iter().map(|made| Original::read(made, &queries)).collect::<Result<Vec<_>, _>>()?;
    let mut bytes = 0;
    for hour in arguments.hours..arguments.month_hours {
        // Hours other than the first one: that has the key which is used once.
        let chosen = if arguments.hours > 1 { 1 + (hour - 1) % (arguments.hours - 1) } else { 0 };
        let moved = (hour - chosen) * arguments.rate * 3600;
        for original in originals.iter().filter(|original| original.hour == chosen) {
            bytes += original.copy(archives, hour, moved)?;
        }
    }
    // Only what is on the disk can be forgotten.
    rustix::fs::sync();
    Ok(bytes)
}

fn search(arguments: &Arguments, made: &[Made], cost: &Making, copied: u64, tail: &Tail) -> Result<Value, Failure> {
    let history = History::open(&arguments.data)?;
    let (last, archives) = (history.latest(), history.library().files().len());
    let first = history.read(Sequence(1), 1)?;
    let one = Record::decode(&first.first().ok_or("no record")?.bytes)?;
    let mut rows = Vec::new();
    let mut slowest = 0f64;
    for question in questions(&one, arguments.hours, arguments.month_hours) {
        let mut cold = Vec::new();
        for _ in 0..3 {
            drop_caches(&arguments.data)?;
            cold.push(time(&arguments.data, &question)?);
        }
        let warm = (0..3).map(|_| time(&arguments.data, &question)).collect::<Result<Vec<_>, _>>()?;
        let (cold, cpu) = (median(walls(&cold)), median(warm.iter().map(|time| time.1)));
        let warm = median(walls(&warm));
        slowest = slowest.max(cold);
        println!(
            "{:45} {:>6} found, cold {:8.1} ms, warm {:8.1} ms, CPU {:8.1} ms",
            question.name,
            question.found,
            cold * 1e3,
            warm * 1e3,
            cpu * 1e3
        );
        let name = question.name;
        rows.push(json!({"search": name, "found": question.found, "cold_s": cold, "warm_s": warm, "warm_cpu_s": cpu}));
    }
    let per = |bytes: u64| bytes as f64 / cost.records as f64;
    Ok(json!({
        "records": last.0,
        "archives": archives,
        "tail_records": tail.records,
        "tail_bytes": tail.bytes,
        "tail_live_s": tail.live_s,
        "full_hours": arguments.hours,
        "full_archives": made.len(),
        "full_records": cost.records,
        "rate": arguments.rate,
        "raw_bytes_a_record": per(cost.raw_bytes),
        "bytes_a_record": per(cost.file_bytes),
        "block_bytes_a_record": per(cost.block_bytes),
        "chain_bytes_a_record": per(cost.chain_bytes),
        "index_bytes_a_record": per(cost.index_bytes),
        "writer_records_a_cpu_second": cost.records as f64 / cost.writer_s,
        "copied_index_bytes": copied,
        "searches": rows,
        "slowest_cold_s": slowest,
        "load_average": load_average(),
    }))
}

fn walls(times: &[(f64, f64)]) -> impl Iterator<Item = f64> {
    times.iter().map(|time| time.0)
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    Spread::of(values).median
}
