//! A request's body as one piece of memory, within its limits.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

use super::fault::{self, Fault};
use super::limits::Limits;
use super::within::within;

/// Bytes that bodies in the making may still take, over all connections.
#[derive(Debug)]
pub(super) struct Room(AtomicUsize);

/// A body, and the part of the [`Room`] it holds.
pub(super) struct Collected<'a> {
    pub(super) bytes: Bytes,
    _held: Option<Held<'a>>,
}

/// Part of the room; given back when dropped.
struct Held<'a> {
    room: &'a Room,
    bytes: usize,
}

impl Room {
    pub(super) fn new(bytes: usize) -> Self {
        Self(AtomicUsize::new(bytes))
    }

    fn hold(&self) -> Held<'_> {
        Held { room: self, bytes: 0 }
    }
}

impl Held<'_> {
    /// Takes `bytes` more, or nothing at all.
    fn grow(&mut self, bytes: usize) -> Result<(), Fault> {
        self.room.0.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(bytes)).map_err(|_| fault::NO_ROOM)?;
        self.bytes += bytes;
        Ok(())
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.room.0.fetch_add(self.bytes, Relaxed);
    }
}

/// The whole body.
///
/// # Errors
/// The fault to answer with: too large (told from the announced length if there is one), too slow, broken, or no room.
pub(super) async fn collect<'a>(mut body: Incoming, limits: &Limits, room: &'a Room) -> Result<Collected<'a>, Fault> {
    if body.is_end_stream() {
        return Ok(Collected { bytes: Bytes::new(), _held: None });
    }
    if body.size_hint().lower() > u64::try_from(limits.body_bytes).unwrap_or(u64::MAX) {
        return Err(fault::TOO_LARGE);
    }
    match within(limits.body_time, read(&mut body, limits.body_bytes, room)).await {
        Ok(collected) => collected,
        Err(_) => Err(fault::BODY_LATE),
    }
}

/// Most bodies arrive with their head and are one piece already: it is handed on as it is.
async fn read<'a>(body: &mut Incoming, most: usize, room: &'a Room) -> Result<Collected<'a>, Fault> {
    let Some(first) = next(body).await? else { return Ok(Collected { bytes: Bytes::new(), _held: None }) };
    if first.len() > most {
        return Err(fault::TOO_LARGE);
    }
    if body.is_end_stream() {
        return Ok(Collected { bytes: first, _held: None });
    }
    join(first, body, most, room).await
}

async fn join<'a>(first: Bytes, body: &mut Incoming, most: usize, room: &'a Room) -> Result<Collected<'a>, Fault> {
    let mut held = room.hold();
    held.grow(first.len())?;
    let mut whole = BytesMut::from(first);
    while let Some(piece) = next(body).await? {
        if piece.len() > most.saturating_sub(whole.len()) {
            return Err(fault::TOO_LARGE);
        }
        held.grow(piece.len())?;
        whole.extend_from_slice(&piece);
    }
    Ok(Collected { bytes: whole.freeze(), _held: Some(held) })
}

/// The next piece of data; trailers are read over.
async fn next(body: &mut Incoming) -> Result<Option<Bytes>, Fault> {
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(|_| fault::MALFORMED)?.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_given_back() {
        let room = Room::new(10);
        let mut first = room.hold();
        assert_eq!(first.grow(6), Ok(()));
        let mut second = room.hold();
        assert_eq!(second.grow(5), Err(fault::NO_ROOM));
        assert_eq!(second.grow(4), Ok(()));
        drop(first);
        assert_eq!(second.grow(6), Ok(()));
        drop(second);
        assert_eq!(room.0.load(Relaxed), 10);
    }
}
