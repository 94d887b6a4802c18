//! Writes values that are looked up when somebody asks.

use std::fmt;

use prometheus_client::{
    encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric},
    metrics::TypedMetric,
    registry::Unit,
};

/// The labels of one value.
pub(super) type Labels = Vec<(&'static str, &'static str)>;

/// Writes values that are looked up when somebody asks.
pub(super) struct Writer<'a>(pub(super) DescriptorEncoder<'a>);

impl Writer<'_> {
    /// A metric with a single value, without labels.
    pub(super) fn one(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<&Unit>,
        metric: impl EncodeMetric + TypedMetric,
    ) -> fmt::Result {
        self.all(name, help, unit, [(Labels::new(), metric)])
    }

    /// A metric with a value for each of these labels.
    pub(super) fn all<L: EncodeLabelSet, M: EncodeMetric + TypedMetric>(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<&Unit>,
        values: impl IntoIterator<Item = (L, M)>,
    ) -> fmt::Result {
        let help = format!("{help}.");
        let mut encoder = self.0.encode_descriptor(name, &help, unit, M::TYPE)?;
        let mut values = values.into_iter();
        values.try_for_each(|(labels, metric)| metric.encode(encoder.encode_family(&labels)?))
    }
}
