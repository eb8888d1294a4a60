//! A file of a fixed size in memory that is only appended to: one [`Writer`], any number of [`MappedFile`] readers.
//!
//! What is appended lies in the page cache at once, without a system call: it survives the process, however that ends, and
//! it survives the loss of power once [`MappedFile::sync`] has returned. The file's space is taken when the file is made: an
//! append cannot fail for want of space. [`Space`] says how.
//!
//! What keeps it sound, said once: bytes below the published length are never written again, those above are touched by
//! the one writer alone, and the length goes up (with release ordering) only after the bytes are there. So a reader's slice
//! never changes while it is borrowed. Another process that writes to the file breaks that, as with every mapped file; who
//! uses this keeps others away with a lock and the file's mode.
//!
//! A file that somebody truncates, or a disk that cannot give a page back, ends the process with SIGBUS at the next touch.
//! That is as it should be for what this crate is for: a journal that is not there any more must not be answered from.
//! There is no handler for it here, nor any way to shrink, grow or overwrite a file.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::ops::Range;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use memmap2::{MmapOptions, MmapRaw};

/// Bytes of zeros written at once when a file is made.
const ZEROS_LEN: usize = 256 << 10;

/// The right to append to a mapped file. There is one for each file.
#[derive(Debug)]
pub struct Writer {
    file: MappedFile,
}

/// A mapped file as readers see it. Clones are the same file.
#[derive(Clone, Debug)]
pub struct MappedFile {
    mapping: Arc<Mapping>,
}

#[derive(Debug)]
struct Mapping {
    memory: MmapRaw,
    /// INVARIANT: at most the memory's length, and never going down.
    published: AtomicUsize,
}

/// How a file's space is taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Space {
    /// Zeros are written: everything goes to the disk twice, but a sync of it needs no metadata.
    Written,
    /// It is reserved, where the file system can do that: nothing is written beforehand, but the first sync of a page waits for
    /// the file system's own journal, too.
    Reserved,
}

/// The rest of the file is too short for what was to be appended; nothing was.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Full;

impl Writer {
    /// Makes a file of `len` bytes, all zero and durable (its name is not: that is the directory's affair), readable to its
    /// owner only.
    ///
    /// # Errors
    /// The operating system's: the file is there already, there is no space, there is no such directory. What was made of
    /// the file stays.
    pub fn create(path: &Path, len: usize, space: Space) -> io::Result<Self> {
        let mut file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)?;
        if space == Space::Written || !is_reserved(&file, len)? {
            write_zeros(&mut file, len)?;
        }
        file.sync_all()?;
        let memory = MmapOptions::new().len(len).map_raw(&file)?;
        Ok(Self { file: MappedFile::new(memory, 0) })
    }

    /// Takes up a file that [`Writer::create`] made, after its first `len` bytes.
    ///
    /// # Errors
    /// The operating system's; `InvalidInput` when the file is shorter than that.
    pub fn open(path: &Path, len: usize) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        let memory = MmapOptions::new().map_raw(&file)?;
        if len > memory.len() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        Ok(Self { file: MappedFile::new(memory, len) })
    }

    /// Appends, and publishes what was appended.
    ///
    /// # Errors
    /// [`Full`]
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), Full> {
        let mapping = &*self.file.mapping;
        // Nobody else changes it.
        let start = mapping.published.load(Ordering::Relaxed);
        let end = start.checked_add(bytes.len()).filter(|end| *end <= mapping.memory.len()).ok_or(Full)?;
        // SAFETY: `start` is within the memory, by the invariant of `published`.
        #[expect(unsafe_code, reason = "the place in the mapped memory where the writer is")]
        let place = unsafe { mapping.memory.as_mut_ptr().add(start) };
        // SAFETY: `start..end` is within the memory, which lives as long as `mapping`; nobody reads or writes it: readers stay
        // below `published`, and the one writer is borrowed mutably here. `bytes` cannot lie in it: slices of the memory do too.
        #[expect(unsafe_code, reason = "a copy to mapped memory above what readers see")]
        unsafe {
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), place, bytes.len());
        }
        mapping.published.store(end, Ordering::Release);
        Ok(())
    }

    /// Bytes that can still be appended.
    pub fn remaining(&self) -> usize {
        self.file.capacity().saturating_sub(self.file.len())
    }

    /// The file for readers.
    pub fn file(&self) -> &MappedFile {
        &self.file
    }
}

impl MappedFile {
    /// A whole file that nobody appends to any more.
    ///
    /// # Errors
    /// The operating system's; an empty file cannot be mapped.
    pub fn open(path: &Path) -> io::Result<Self> {
        let memory = MmapOptions::new().map_raw_read_only(&File::open(path)?)?;
        let len = memory.len();
        Ok(Self::new(memory, len))
    }

    fn new(memory: MmapRaw, published: usize) -> Self {
        Self { mapping: Arc::new(Mapping { memory, published: AtomicUsize::new(published) }) }
    }

    /// What has been appended until now.
    pub fn bytes(&self) -> &[u8] {
        let len = self.len();
        // SAFETY: the first `len` bytes are within the memory and written, which the acquiring load of `len` makes visible; they
        // are never written again, and the memory lives as long as the mapping that `self` holds.
        #[expect(unsafe_code, reason = "what is published never changes")]
        unsafe {
            std::slice::from_raw_parts(self.mapping.memory.as_ptr(), len)
        }
    }

    /// Bytes that have been appended.
    pub fn len(&self) -> usize {
        self.mapping.published.load(Ordering::Acquire)
    }

    /// Whether nothing was appended.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes that the file has room for.
    pub fn capacity(&self) -> usize {
        self.mapping.memory.len()
    }

    /// Waits until these bytes are on the disk. Those above the file's end are left out.
    ///
    /// # Errors
    /// The operating system's. After one, nothing is known of what is on the disk.
    pub fn sync(&self, range: Range<usize>) -> io::Result<()> {
        match self.within(range) {
            (_, 0) => Ok(()),
            (start, len) => self.mapping.memory.flush_range(start, len),
        }
    }

    /// Lets the operating system put pages behind these bytes for writing, so that the first touch of each need not wait for
    /// it. A hint: where it is not understood, nothing happens.
    pub fn populate(&self, range: Range<usize>) {
        if let (start, len @ 1..) = self.within(range) {
            #[cfg(target_os = "linux")]
            let _ = self.mapping.memory.advise_range(memmap2::Advice::PopulateWrite, start, len);
            #[cfg(not(target_os = "linux"))]
            let _ = (start, len);
        }
    }

    /// Takes what is up to `end` out of the process, in steps of 64 KiB: what has been read and will not soon be read again need not
    /// count as its memory. The pages stay in the page cache, whence the next touch has them again. A hint.
    pub fn unmap(&self, end: usize) {
        // Not the page that is appended to next, however large pages are.
        if let (start, len @ 1..) = self.within(0..end & !0xffff) {
            // SAFETY: as in `release`: the mapping is shared and of a file, and no byte of its contents goes away.
            #[expect(unsafe_code, reason = "advice that would lose what is in private mappings; this one is shared")]
            let _ =
                unsafe { self.mapping.memory.unchecked_advise_range(memmap2::UncheckedAdvice::DontNeed, start, len) };
        }
    }

    /// Gives the memory of the pages back to the operating system, those that are not on the disk yet excepted: who reads them
    /// again waits for the disk. `path` is the file's name. A hint: where it is not understood, nothing happens.
    pub fn release(&self, path: &Path) {
        // SAFETY: the mapping is shared and of a file: a page that was given back comes again with the file's contents, which are
        // those of the memory, synced or not.
        #[expect(unsafe_code, reason = "advice that would lose what is in private mappings; this one is shared")]
        let _ = unsafe { self.mapping.memory.unchecked_advise(memmap2::UncheckedAdvice::DontNeed) };
        // What is not mapped any more can leave the page cache, too.
        #[cfg(target_os = "linux")]
        let _ = File::open(path).map(|file| rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed));
        #[cfg(not(target_os = "linux"))]
        let _ = path;
    }

    fn within(&self, range: Range<usize>) -> (usize, usize) {
        let end = range.end.min(self.capacity());
        (range.start, end.saturating_sub(range.start))
    }
}

/// Reserves a new file's space. Whether the file system can do that.
fn is_reserved(file: &File, len: usize) -> io::Result<bool> {
    use rustix::fs::{FallocateFlags, fallocate};
    match fallocate(file, FallocateFlags::empty(), 0, len as u64) {
        Ok(()) => Ok(true),
        Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn write_zeros(file: &mut File, len: usize) -> io::Result<()> {
    let zeros = vec![0; ZEROS_LEN.min(len)];
    let mut left = len;
    while left > 0 {
        let part = zeros.get(..left.min(ZEROS_LEN)).unwrap_or(&zeros);
        file.write_all(part)?;
        left = left.saturating_sub(part.len());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt as _;

    use super::*;

    fn place() -> (tempfile::TempDir, std::path::PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        (directory, path)
    }

    #[test]
    fn what_is_appended_is_read_and_is_in_the_file_at_once() {
        let (_directory, path) = place();
        let mut writer = Writer::create(&path, 10_000, Space::Written).unwrap();
        let reader = writer.file().clone();
        assert!(reader.is_empty());
        writer.append(b"one").unwrap();
        let early = reader.bytes();
        writer.append(b"two").unwrap();
        assert_eq!((early, reader.bytes(), writer.remaining()), (&b"one"[..], &b"onetwo"[..], 9_994));
        let file = std::fs::read(&path).unwrap();
        assert!(file.starts_with(b"onetwo\0") && file.len() == 10_000);
        reader.sync(0..6).unwrap();
        reader.sync(5_000..usize::MAX).unwrap();
        reader.populate(0..usize::MAX);
    }

    #[test]
    fn a_full_file_takes_nothing_and_stays_as_it_is() {
        let (_directory, path) = place();
        let mut writer = Writer::create(&path, 5, Space::Written).unwrap();
        assert_eq!(writer.append(b"123456"), Err(Full));
        assert_eq!(writer.append(b"12345"), Ok(()));
        assert_eq!(writer.append(b"6"), Err(Full));
        assert_eq!(writer.append(b""), Ok(()));
        assert_eq!(writer.file().bytes(), b"12345");
    }

    #[test]
    fn space_is_taken_when_the_file_is_made_and_only_its_owner_reads_it() {
        let (_directory, path) = place();
        let len = 3 * ZEROS_LEN + 1;
        for space in [Space::Written, Space::Reserved] {
            drop(Writer::create(&path, len, space).unwrap());
            let metadata = std::fs::metadata(&path).unwrap();
            assert_eq!((metadata.len(), metadata.mode() & 0o777), (len as u64, 0o600), "{space:?}");
            assert!(metadata.blocks() * 512 >= len as u64, "{space:?}: {} blocks", metadata.blocks());
            assert!(std::fs::read(&path).unwrap().iter().all(|byte| *byte == 0), "{space:?}");
            assert_eq!(Writer::create(&path, len, space).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
            std::fs::remove_file(&path).unwrap();
        }
    }

    #[test]
    fn what_was_given_back_is_read_again() {
        let (_directory, path) = place();
        let mut writer = Writer::create(&path, 100_000, Space::Reserved).unwrap();
        writer.append(&[7; 60_000]).unwrap();
        let reader = writer.file().clone();
        reader.release(&path);
        reader.sync(0..60_000).unwrap();
        reader.release(&path);
        reader.release(Path::new("/no/such/file"));
        for end in [0, 1, 60_000, 70_000, 400_000] {
            reader.unmap(end);
        }
        assert!(reader.bytes().iter().all(|byte| *byte == 7) && reader.len() == 60_000);
        writer.append(&[8; 40_000]).unwrap();
        assert!(reader.bytes().get(60_000..).unwrap().iter().all(|byte| *byte == 8));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_was_unmapped_is_no_memory_of_the_process() {
        let (_directory, path) = place();
        let mut writer = Writer::create(&path, 1 << 20, Space::Reserved).unwrap();
        writer.append(&vec![7; 1 << 20]).unwrap();
        let resident_kb = || {
            let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
            let (_, own) = maps.split_once(path.to_str().unwrap()).unwrap();
            let (_, rss) = own.split_once("\nRss:").unwrap();
            rss.split_whitespace().next().unwrap().parse::<u64>().unwrap()
        };
        assert_eq!(resident_kb(), 1024);
        writer.file().unmap(3 * 0x1_0000 + 5);
        assert_eq!(resident_kb(), 1024 - 3 * 64);
        writer.file().unmap(usize::MAX);
        assert_eq!(resident_kb(), 0);
        assert!(writer.file().bytes().iter().all(|byte| *byte == 7));
    }

    #[test]
    fn a_file_is_taken_up_again_where_it_was_left() {
        let (_directory, path) = place();
        Writer::create(&path, 8, Space::Written).unwrap().append(b"abc").unwrap();
        assert_eq!(Writer::open(&path, 9).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        Writer::open(&path, 3).unwrap().append(b"def").unwrap();
        assert_eq!(MappedFile::open(&path).unwrap().bytes(), b"abcdef\0\0");
    }

    #[test]
    fn readers_beside_the_writer_see_whole_appends_in_their_order() {
        let (_directory, path) = place();
        let mut writer = Writer::create(&path, 8 * 50_000, Space::Reserved).unwrap();
        let reader = writer.file().clone();
        let reading = std::thread::spawn(move || {
            while reader.len() < reader.capacity() {
                let (numbers, rest) = reader.bytes().as_chunks::<8>();
                assert!(rest.is_empty());
                let last = numbers.last().map_or(0, |bytes| u64::from_le_bytes(*bytes) + 1);
                assert_eq!(last, numbers.len() as u64);
            }
        });
        for number in 0..50_000u64 {
            writer.append(&number.to_le_bytes()).unwrap();
        }
        reading.join().unwrap();
    }
}
