//! Records of a segment that refer to others for their caller, as readers need them: whole.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::journal::frame::{Found, Frame};
use crate::journal::segment::Frames;
use crate::record::{CALLER_MAX, Caller, Record, Reference, reference, whole};

/// The callers of one segment, as far as they were asked for.
#[derive(Debug)]
pub(crate) struct Callers<'a> {
    segment: &'a [u8],
    /// By where their records begin; `None` where no record begins that has a caller to refer to.
    known: HashMap<u32, Option<Known>, foldhash::fast::RandomState>,
}

#[derive(Debug)]
struct Known {
    digest: [u8; 32],
    texts: Vec<u8>,
}

impl<'a> Callers<'a> {
    /// Those of a segment, from its first byte on.
    pub(crate) fn of(segment: &'a [u8]) -> Self {
        Self { segment, known: HashMap::default() }
    }

    /// The record with its caller's texts. One whose caller is not where it says is given as it is: what cannot be read is for
    /// those who verify.
    pub(crate) fn whole<'r>(&mut self, record: &'r [u8]) -> Cow<'r, [u8]> {
        let caller = reference(record).and_then(|reference| self.texts(&reference));
        caller.map_or(Cow::Borrowed(record), |caller| Cow::Owned(whole(record, caller)))
    }

    /// Whether the record says all by itself or with what is in the segment.
    pub(crate) fn has_caller(&mut self, record: &[u8]) -> bool {
        reference(record).is_none_or(|reference| self.texts(&reference).is_some())
    }

    /// The texts of a caller; `None` when he is not where it says.
    pub(crate) fn texts(&mut self, to: &Reference) -> Option<&[u8]> {
        let segment = self.segment;
        let known = self.known.entry(to.offset).or_insert_with(|| read(segment, to.offset)).as_ref()?;
        (known.digest == to.digest).then_some(&*known.texts)
    }
}

fn read(segment: &[u8], offset: u32) -> Option<Known> {
    let Found::Frame(frame, _) = Frames::at(segment, usize::try_from(offset).ok()?).next_frame() else { return None };
    let record = Some(frame).filter(Frame::is_whole).and_then(|frame| Record::decode(frame.bytes).ok())?;
    let mut texts = Vec::new();
    Caller::of(&record).encode(&mut texts);
    (texts.len() <= CALLER_MAX).then(|| Known { digest: Caller::digest(&texts), texts })
}
