//! What is kept of one provider, and when it is to be fetched again.

use kagiban_iam::web_identity_keys::{Freshness, KeySetUnavailable};
use tokio::time::Instant;

use super::{FRESH, REFETCH, RETRY};

/// The last key set, and the last failure since.
#[derive(Debug, Default)]
pub(super) struct Slot {
    document: Option<(Instant, Vec<u8>)>,
    failure: Option<(Instant, KeySetUnavailable)>,
}

impl Slot {
    /// The answer without fetching; `None` when it is time to fetch.
    pub(super) fn kept(&self, freshness: Freshness, now: Instant) -> Option<Result<Vec<u8>, KeySetUnavailable>> {
        let is_within = |at: Instant, time| now.saturating_duration_since(at) < time;
        let document = self.document.as_ref().filter(|(at, _)| is_within(*at, FRESH));
        let failure = self.failure.as_ref().filter(|(at, _)| is_within(*at, RETRY));
        let is_newest = document.is_some_and(|(at, _)| is_within(*at, REFETCH))
            || self.failure.as_ref().is_some_and(|(at, _)| is_within(*at, REFETCH));
        match (document, failure) {
            (Some((_, document)), _) if freshness == Freshness::Recent || is_newest => Some(Ok(document.clone())),
            (None, Some((_, failure))) => Some(Err(failure.clone())),
            _ => None,
        }
    }

    /// Keeps what a fetch gave. A failure leaves the last key set in use until it is too old.
    pub(super) fn keep(&mut self, fetched: Result<&Vec<u8>, &KeySetUnavailable>, now: Instant) {
        match fetched {
            Ok(document) => *self = Self { document: Some((now, document.clone())), failure: None },
            Err(failure) => self.failure = Some((now, failure.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Seconds after the key set was fetched, and after the failure since, to what is answered without fetching.
    #[tokio::test]
    async fn when_to_fetch() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let gone = KeySetUnavailable("gone".to_owned());
        use Freshness::{Newest, Recent};
        for (fetched, failed, now, freshness, expected) in [
            (None, None, 0, Recent, None),
            (None, None, 0, Newest, None),
            (Some(0), None, 299, Recent, Some(Ok(()))),
            (Some(0), None, 300, Recent, None),
            (Some(0), None, 29, Newest, Some(Ok(()))),
            (Some(0), None, 30, Newest, None),
            (None, Some(0), 4, Recent, Some(Err(()))),
            (None, Some(0), 4, Newest, Some(Err(()))),
            (None, Some(0), 5, Recent, None),
            (Some(0), Some(100), 101, Recent, Some(Ok(()))),
            (Some(0), Some(100), 129, Newest, Some(Ok(()))),
            (Some(0), Some(100), 130, Newest, None),
            (Some(0), Some(298), 301, Recent, Some(Err(()))),
            (Some(0), Some(298), 303, Recent, None),
        ] {
            let mut slot = Slot::default();
            if let Some(seconds) = fetched {
                slot.keep(Ok(&b"{}".to_vec()), at(seconds));
            }
            if let Some(seconds) = failed {
                slot.keep(Err(&gone), at(seconds));
            }
            let kept = slot.kept(freshness, at(now)).map(|kept| kept.map(drop).map_err(drop));
            assert_eq!(kept, expected, "{fetched:?} {failed:?} {now} {freshness:?}");
        }
    }
}
