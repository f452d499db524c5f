use serde::Serialize;

use crate::profile::advice::gain::Advice;
use crate::profile::analysis::Profile;
use crate::profile::figures::usage::Figures;
use crate::profile::record::ProfileRecord;

#[derive(Serialize)]
struct Written<'a> {
    figures: &'a Figures,
    advice: &'a [Advice],
    record: &'a ProfileRecord,
}

impl Profile {
    /// The profile as JSON: `{"figures": ..., "advice": [{"sentence": ..., "gain": ...}], "record": ...}`.
    ///
    /// The figures hold what the table shows, with times in microseconds. [`Profile::of`] makes the same profile
    /// of the record again.
    pub fn to_json(&self) -> String {
        let written =
            Written { figures: &self.figures, advice: &self.advice, record: &self.record };
        // Strings and numbers always serialise.
        serde_json::to_string(&written).unwrap_or_default()
    }
}
