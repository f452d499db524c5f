use super::advice::all::advice;
use super::advice::gain::Advice;
use super::figures::usage::Figures;
use super::record::ProfileRecord;
use super::time::lanes::{WorkerLanes, lanes};

/// Where the time of a query's slots went, and what would help.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    pub(super) record: ProfileRecord,
    pub(super) lanes: Vec<WorkerLanes>,
    pub(super) figures: Figures,
    pub(super) advice: Vec<Advice>,
}

impl Profile {
    /// The profile of what was recorded.
    pub fn of(record: ProfileRecord) -> Self {
        let lanes = lanes(&record);
        let figures = Figures::of(&record, &lanes);
        let advice = advice(&record, &figures);
        Self { record, lanes, figures, advice }
    }

    /// What would make the query faster or smaller, the greatest gain first.
    pub fn advice(&self) -> &[Advice] {
        &self.advice
    }

    /// The part of slots times the time of the query that has a name, 0 to 1; 0 if there are no slots or no
    /// time.
    pub fn accounted(&self) -> f64 {
        self.figures.accounted
    }

    /// The record that it was made of.
    pub fn record(&self) -> &ProfileRecord {
        &self.record
    }
}
