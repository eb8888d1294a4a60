//! Log files and digests of a deployment's records, made with the steps that the server makes them with.

use std::path::Path;

use kagiban_audit::archive::History;
use kagiban_audit::delivery::{
    Delivered, Digest, LogFile, SIGNATURE_ALGORITHM, Trail, TrailState, Window, copies, log_object,
};
use kagiban_audit::signing::Signer;
use kagiban_audit::{Entry, Follower, Sequence};
use kagiban_base::id::Region;

use crate::deployment::{Deployment, Files, START, written};

pub(crate) const BUCKET: &str = "audit";
/// Records of a batch, and the time between two.
const BATCH: usize = 17;
const BATCH_MS: i64 = 1_200_000;
/// Records that wait.
const WAITING: usize = 9;

/// What was delivered, and the server's word of it.
pub(crate) struct Delivery {
    pub(crate) files: Files,
    pub(crate) state: TrailState,
    /// The last record that is delivered.
    pub(crate) last: u64,
    /// Copies of records.
    pub(crate) copies: u64,
}

fn home() -> Region {
    "us-east-1".parse().unwrap()
}

impl Delivery {
    /// Delivers a deployment's records, but for one, which a server that was changed leaves out.
    pub(crate) fn of(deployment: &Deployment, left_out: Option<u64>) -> Self {
        let directory = written(&deployment.files);
        let history = History::open(directory.path()).unwrap();
        let mut entries = read(&history);
        entries.truncate(entries.len() - WAITING);
        let last = entries.last().unwrap().sequence.0;
        let state = TrailState::new(Sequence(1), START);
        let mut delivery = Self { files: Files::new(), state, last, copies: 0 };
        for (at, batch) in entries.chunks(BATCH).enumerate() {
            delivery.deliver(batch, at as i64, left_out, &*deployment.signer);
        }
        delivery
    }

    fn deliver(&mut self, batch: &[Entry], at: i64, left_out: Option<u64>, signer: &dyn Signer) {
        let now = START.plus_ms(at * BATCH_MS);
        while let Some(window) = self.state.due_window(now) {
            self.digest(window, signer);
        }
        let plan = self.state.begin(batch.last().unwrap().sequence, now);
        let kept: Vec<Entry> = batch.iter().filter(|entry| Some(entry.sequence.0) != left_out).cloned().collect();
        let mut done = Vec::new();
        for (place, records) in copies(&kept, &self.state, home()).unwrap() {
            self.copies += records.len() as u64;
            let file = LogFile::of(place.account, records).unwrap();
            let object = log_object("", place, plan.first(), plan.last(), plan.time());
            self.files.insert(object.clone().into(), file.bytes.clone());
            done.push((place, Delivered::new(object, &file)));
        }
        self.state.done(done);
    }

    fn digest(&mut self, window: Window, signer: &dyn Signer) {
        let trail = Trail { name: "kagiban".parse().unwrap(), home_region: home() };
        let mut made = Vec::new();
        for (place, chain) in self.state.chains() {
            let digest = Digest { trail: &trail, bucket: BUCKET, prefix: "", place, window, chain };
            made.push((place, digest.make(signer).unwrap()));
        }
        for (_, digest) in &made {
            let metadata = metadata(&digest.signature);
            self.files.insert(format!("{}.metadata.json", digest.object).into(), metadata);
            self.files.insert(digest.object.clone().into(), digest.bytes.clone());
        }
        self.state.digested(window, made);
    }

    /// Whether the server has made a digest of this log file's time: from its name.
    pub(crate) fn is_digested(&self, log: &Path) -> bool {
        let name = log.to_string_lossy();
        let open = self.state.chains().flat_map(|(_, chain)| &chain.files);
        !format!("{:?}", open.collect::<Vec<_>>()).contains(&*name)
    }
}

/// What stands beside a digest.
pub(crate) fn metadata(signature: &str) -> Vec<u8> {
    format!("{{\"signature\":\"{signature}\",\"signature-algorithm\":\"{SIGNATURE_ALGORITHM}\"}}\n").into_bytes()
}

fn read(history: &History) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    loop {
        let from = entries.last().map_or(Sequence(1), |entry| entry.sequence.next());
        let more = history.read(from, 1 << 20).unwrap();
        if more.is_empty() {
            return entries;
        }
        entries.extend(more);
    }
}
