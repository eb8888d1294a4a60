//! Writes metrics one after the other: name, help, and a row for each set of labels.

use std::borrow::Cow;
use std::fmt;

use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::exemplar::Exemplar;

use super::histogram::Shown;

/// Labels and their values.
pub(super) type Labels = Vec<(&'static str, Cow<'static, str>)>;

/// What metrics are written to.
pub(super) struct Page<'a>(DescriptorEncoder<'a>);

impl<'a> Page<'a> {
    pub(super) fn new(encoder: DescriptorEncoder<'a>) -> Self {
        Self(encoder)
    }

    /// Numbers that only grow. Their names get `_total`.
    pub(super) fn counters(
        &mut self,
        name: &str,
        help: &str,
        rows: impl IntoIterator<Item = (Labels, f64)>,
    ) -> fmt::Result {
        let mut metric = self.0.encode_descriptor(name, help, None, MetricType::Counter)?;
        let write = |encoder: &mut MetricEncoder<'_>, value: &f64| {
            // Whole numbers are written as such.
            match whole(*value) {
                Some(whole) => encoder.encode_counter(&whole, None::<&Exemplar<NoLabelSet, f64>>),
                None => encoder.encode_counter(value, None::<&Exemplar<NoLabelSet, f64>>),
            }
        };
        rows.into_iter()
            .try_for_each(|(labels, value)| labelled(&mut metric, &labels, |encoder| write(encoder, &value)))
    }

    /// The same with one row without labels.
    pub(super) fn counter(&mut self, name: &str, help: &str, value: f64) -> fmt::Result {
        self.counters(name, help, [(Labels::new(), value)])
    }

    /// Numbers as they are now.
    pub(super) fn gauges(
        &mut self,
        name: &str,
        help: &str,
        rows: impl IntoIterator<Item = (Labels, f64)>,
    ) -> fmt::Result {
        let mut metric = self.0.encode_descriptor(name, help, None, MetricType::Gauge)?;
        let write = |encoder: &mut MetricEncoder<'_>, value: &f64| match whole(*value) {
            Some(whole) => encoder.encode_gauge(&whole),
            None => encoder.encode_gauge(value),
        };
        rows.into_iter()
            .try_for_each(|(labels, value)| labelled(&mut metric, &labels, |encoder| write(encoder, &value)))
    }

    /// The same with one row without labels; none when there is no value.
    pub(super) fn gauge(&mut self, name: &str, help: &str, value: impl Into<Option<f64>>) -> fmt::Result {
        self.gauges(name, help, value.into().map(|value| (Labels::new(), value)))
    }

    /// Durations in seconds.
    pub(super) fn histograms(
        &mut self,
        name: &str,
        help: &str,
        rows: impl IntoIterator<Item = (Labels, Shown)>,
    ) -> fmt::Result {
        let mut metric = self.0.encode_descriptor(name, help, None, MetricType::Histogram)?;
        rows.into_iter().try_for_each(|(labels, shown)| {
            let Shown { buckets, count, sum_s } = &shown;
            labelled(&mut metric, &labels, |encoder| {
                encoder.encode_histogram::<NoLabelSet>(*sum_s, *count, buckets, None)
            })
        })
    }

    /// What is told by labels alone. The name gets `_info`.
    pub(super) fn info(&mut self, name: &str, help: &str, labels: &Labels) -> fmt::Result {
        self.0.encode_descriptor(name, help, None, MetricType::Info)?.encode_info(&labels.as_slice())
    }
}

fn labelled(
    metric: &mut MetricEncoder<'_>,
    labels: &Labels,
    write: impl FnOnce(&mut MetricEncoder<'_>) -> fmt::Result,
) -> fmt::Result {
    match labels.is_empty() {
        true => write(metric),
        false => write(&mut metric.encode_family(labels)?),
    }
}

/// The value, if it is a whole number that a double has exactly.
fn whole(value: f64) -> Option<u64> {
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is whole and within these bounds")]
    let whole = || value as u64;
    (value.fract() == 0.0 && (0.0..=EXACT_MAX).contains(&value)).then(whole)
}
