//! Writes values that are looked up when somebody asks.

use std::fmt;

use dotcast_log::stats::Timed;
use prometheus_client::{
    encoding::{DescriptorEncoder, EncodeMetric, MetricEncoder},
    metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge},
    registry::Unit,
};

/// The labels of one value.
pub(super) type Labels = Vec<(&'static str, &'static str)>;

/// Writes values that are looked up when somebody asks.
pub(super) struct Writer<'a>(pub(super) DescriptorEncoder<'a>);

impl Writer<'_> {
    pub(super) fn write(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<&Unit>,
        metric: &impl EncodeMetric,
    ) -> fmt::Result {
        self.write_all(name, help, unit, metric.metric_type(), |encoder| {
            metric.encode(encoder)
        })
    }

    fn write_all(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<&Unit>,
        of_type: MetricType,
        values: impl FnOnce(MetricEncoder<'_>) -> fmt::Result,
    ) -> fmt::Result {
        let help = format!("{help}.");
        values(self.0.encode_descriptor(name, &help, unit, of_type)?)
    }

    /// A counter.
    pub(super) fn counter(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        self.write(name, help, None, &ConstCounter::new(value))
    }

    /// Counters, by labels.
    pub(super) fn counters(
        &mut self,
        name: &str,
        help: &str,
        values: impl IntoIterator<Item = (Labels, u64)>,
    ) -> fmt::Result {
        self.write_all(name, help, None, MetricType::Counter, |mut encoder| {
            values.into_iter().try_for_each(|(labels, value)| {
                ConstCounter::new(value).encode(encoder.encode_family(&labels)?)
            })
        })
    }

    /// Counters of seconds, by labels.
    pub(super) fn seconds<'t>(
        &mut self,
        name: &str,
        help: &str,
        values: impl IntoIterator<Item = (Labels, &'t Timed)>,
    ) -> fmt::Result {
        let unit = Some(&Unit::Seconds);
        self.write_all(name, help, unit, MetricType::Counter, |mut encoder| {
            values.into_iter().try_for_each(|(labels, timed)| {
                let seconds = ConstCounter::new(timed.total().as_secs_f64());
                seconds.encode(encoder.encode_family(&labels)?)
            })
        })
    }

    /// A gauge.
    pub(super) fn gauge(&mut self, name: &str, help: &str, value: i64) -> fmt::Result {
        self.write(name, help, None, &ConstGauge::new(value))
    }

    /// Gauges, by labels.
    pub(super) fn gauges(
        &mut self,
        name: &str,
        help: &str,
        values: impl IntoIterator<Item = (Labels, u64)>,
    ) -> fmt::Result {
        self.write_all(name, help, None, MetricType::Gauge, |mut encoder| {
            values.into_iter().try_for_each(|(labels, value)| {
                ConstGauge::new(value).encode(encoder.encode_family(&labels)?)
            })
        })
    }

    /// A gauge in this unit.
    pub(super) fn measure(
        &mut self,
        name: &str,
        help: &str,
        unit: &Unit,
        value: f64,
    ) -> fmt::Result {
        self.write(name, help, Some(unit), &ConstGauge::new(value))
    }

    /// A counter of seconds.
    pub(super) fn total_seconds(&mut self, name: &str, help: &str, value: f64) -> fmt::Result {
        self.write(name, help, Some(&Unit::Seconds), &ConstCounter::new(value))
    }
}
