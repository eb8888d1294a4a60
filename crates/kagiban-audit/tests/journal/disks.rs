//! Disks that fail, and a disk that forgets at a power cut what was not synced.

use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use kagiban_audit::journal::disk::{Disk, RealDisk};
use kagiban_mapped_file::{MappedFile, Space};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

/// What is asked of a disk.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Call {
    Create,
    Sync,
    Append,
    Replace,
}

/// Fails calls of one kind: those from the `first` one on, `count` of them.
#[derive(Debug)]
pub(crate) struct FailingDisk {
    pub(crate) call: Call,
    pub(crate) first: usize,
    pub(crate) count: usize,
    pub(crate) error: io::ErrorKind,
    seen: Mutex<usize>,
}

impl FailingDisk {
    pub(crate) fn new(call: Call, first: usize, count: usize, error: io::ErrorKind) -> Self {
        Self { call, first, count, error, seen: Mutex::new(0) }
    }

    fn ask(&self, call: Call) -> io::Result<()> {
        let mut seen = self.seen.lock().unwrap();
        if call != self.call {
            return Ok(());
        }
        *seen += 1;
        let fails = (self.first..self.first.saturating_add(self.count)).contains(&(*seen - 1));
        if fails { Err(self.error.into()) } else { Ok(()) }
    }
}

impl Disk for FailingDisk {
    fn create(&self, path: &Path, len: usize, space: Space, head: &[u8]) -> io::Result<()> {
        self.ask(Call::Create)?;
        RealDisk.create(path, len, space, head)
    }

    fn sync(&self, path: &Path, file: &MappedFile, range: Range<usize>) -> io::Result<()> {
        self.ask(Call::Sync)?;
        RealDisk.sync(path, file, range)
    }

    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.ask(Call::Append)?;
        RealDisk.append(path, bytes)
    }

    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.ask(Call::Replace)?;
        RealDisk.replace(path, bytes)
    }

    fn trim(&self, path: &Path, len: usize) -> io::Result<()> {
        RealDisk.trim(path, len)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove(path)
    }
}

/// Keeps beside each file what of it is durable: what would be there after a power cut.
#[derive(Debug)]
pub(crate) struct ForgetfulDisk {
    real: PathBuf,
    durable: PathBuf,
    is_cut: Mutex<bool>,
}

impl ForgetfulDisk {
    /// For a journal in `real`, whose durable files lie in `durable`.
    pub(crate) fn new(real: &Path, durable: &Path) -> Self {
        std::fs::create_dir_all(durable.join("journal")).unwrap();
        Self { real: real.to_owned(), durable: durable.to_owned(), is_cut: Mutex::new(false) }
    }

    /// The power fails: nothing becomes durable any more, but some pages that the system was about to write.
    pub(crate) fn cut(&self, seed: u64) {
        *self.is_cut.lock().unwrap() = true;
        let mut random = StdRng::seed_from_u64(seed);
        let share = [0.0, 0.1, 0.5, 0.9][random.random_range(0..4)];
        for entry in std::fs::read_dir(self.durable.join("journal")).unwrap() {
            let path = entry.unwrap().path();
            let real = self.real.join("journal").join(path.file_name().unwrap());
            let (Ok(bytes), true) = (std::fs::read(&real), path.extension().is_some_and(|e| e == "records")) else {
                continue;
            };
            let file = std::fs::File::options().write(true).open(&path).unwrap();
            for (number, page) in bytes.chunks(4096).enumerate() {
                if random.random_bool(share) {
                    file.write_all_at(page, number as u64 * 4096).unwrap();
                }
            }
        }
    }

    fn twin(&self, path: &Path) -> PathBuf {
        self.durable.join(path.strip_prefix(&self.real).unwrap())
    }

    /// Does it on both sides, unless the power has failed.
    fn both(&self, path: &Path, act: impl Fn(&Path) -> io::Result<()>) -> io::Result<()> {
        let is_cut = self.is_cut.lock().unwrap();
        if *is_cut {
            return Err(io::ErrorKind::Other.into());
        }
        act(path)?;
        act(&self.twin(path))
    }
}

impl Disk for ForgetfulDisk {
    fn create(&self, path: &Path, len: usize, space: Space, head: &[u8]) -> io::Result<()> {
        self.both(path, |path| RealDisk.create(path, len, space, head))
    }

    fn sync(&self, path: &Path, file: &MappedFile, range: Range<usize>) -> io::Result<()> {
        let is_cut = self.is_cut.lock().unwrap();
        if *is_cut {
            return Err(io::ErrorKind::Other.into());
        }
        let twin = std::fs::File::options().write(true).open(self.twin(path))?;
        twin.write_all_at(&file.bytes()[range.clone()], range.start as u64)
    }

    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.both(path, |path| RealDisk.append(path, bytes))
    }

    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.both(path, |path| RealDisk.replace(path, bytes))
    }

    fn trim(&self, path: &Path, len: usize) -> io::Result<()> {
        self.both(path, |path| RealDisk.trim(path, len))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)?;
        RealDisk.rename(&self.twin(from), &self.twin(to))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        // Not on the durable side: a removal need not survive.
        RealDisk.remove(path)
    }
}
