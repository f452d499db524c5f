use crate::profile::record::GilRecord;

/// The mean of what was measured of a GIL, each by its time.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct GilMean {
    weight: f64,
    held: f64,
    waited: f64,
    samples: u64,
}

impl GilMean {
    /// Adds what was measured over a time; nothing if it is no number.
    pub(crate) fn add(&mut self, gil: Option<GilRecord>, time_us: u64) {
        let Some(gil) = gil.filter(|gil| gil.held.is_finite() && gil.waited.is_finite()) else {
            return;
        };
        let weight = time_us as f64;
        self.weight += weight;
        self.held += weight * gil.held.clamp(0.0, 1.0);
        self.waited += weight * gil.waited.clamp(0.0, 1.0);
        self.samples = self.samples.saturating_add(gil.samples);
    }

    /// The mean; None if nothing was measured.
    pub(crate) fn mean(self) -> Option<GilRecord> {
        (self.weight > 0.0).then(|| GilRecord {
            held: self.held / self.weight,
            waited: self.waited / self.weight,
            samples: self.samples,
        })
    }
}
