use crate::profile::record::TaskRecord;

/// A task at its place: its times, in their order and within the time of the query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Placed {
    /// The place of the task in the record.
    pub(crate) task: usize,
    pub(crate) sent: u64,
    pub(crate) begun: u64,
    pub(crate) ended: u64,
    pub(crate) returned: u64,
}

impl Placed {
    /// The times of a task. If the worker does not say when it worked, it is from being sent to being returned.
    pub(crate) fn of(task: usize, record: &TaskRecord, wall_us: u64) -> Self {
        let sent = record.sent_us.min(wall_us);
        let returned = record.returned_us.clamp(sent, wall_us);
        let begun = record.begun_us.unwrap_or(sent).clamp(sent, returned);
        let ended = record.ended_us.unwrap_or(returned).clamp(begun, returned);
        Self { task, sent, begun, ended, returned }
    }

    /// How long it worked.
    pub(crate) fn work_us(self) -> u64 {
        self.ended - self.begun
    }

    /// The same task without what lies before a time.
    pub(super) fn from(self, time: u64) -> Self {
        let [sent, begun, ended, returned] =
            [self.sent, self.begun, self.ended, self.returned].map(|at| at.max(time));
        Self { sent, begun, ended, returned, ..self }
    }
}
