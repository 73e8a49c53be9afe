//! What Prometheus reads: counts and times, never a name.

use std::fmt;
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// The form that [`Metrics::text`] has.
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    route: String,
    status: u16,
}

/// What became of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub(crate) enum End {
    Classified,
    Failed,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ImageLabels {
    end: End,
}

/// Counters of one server.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    images: Family<ImageLabels, Counter>,
    seconds: Histogram,
    /// Images that are read, wait or are worked on.
    pub taken: Gauge,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        // The registry ends each help text with a full stop.
        let mut registry = Registry::with_prefix("histoscope");
        let requests = Family::default();
        registry.register("requests", "Answered requests", requests.clone());
        let images = Family::default();
        registry.register("images", "Images by what became of them", images.clone());
        // From 10 ms to 40 s.
        let seconds = Histogram::new(exponential_buckets(0.01, 2.0, 13));
        registry.register(
            "image_seconds",
            "From the whole upload to the report, the waiting included",
            seconds.clone(),
        );
        let taken = Gauge::default();
        registry.register(
            "images_taken",
            "Images that are read, wait or are worked on",
            taken.clone(),
        );
        Self { registry, requests, images, seconds, taken }
    }

    pub(crate) fn request(&self, route: &str, status: u16) {
        self.requests.get_or_create(&Request { route: route.into(), status }).inc();
    }

    pub(crate) fn image(&self, end: End, took: Duration) {
        self.images.get_or_create(&ImageLabels { end }).inc();
        self.seconds.observe(took.as_secs_f64());
    }

    /// All of them, as OpenMetrics text.
    pub(crate) fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}
