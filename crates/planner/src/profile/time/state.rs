use serde::Serialize;

/// What a slot does at a moment. It does exactly one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// A task runs.
    Working,
    /// A task runs that fails or is cancelled later.
    Failed,
    /// A task is on its way to the worker, or its result to the runner.
    OnItsWay,
    /// The worker is not up yet, or is gone.
    NotUp,
    /// No query has tasks: it is planned, or the driver's own code runs.
    Planning,
    /// The slot is free although tasks that it could run are sent later.
    HandOut,
    /// The next stage waits for the one before it.
    Between,
    /// No task is left for the slot, and others still work.
    Tail,
    /// All tasks are done, and the driver does not have all rows.
    Result,
    /// Nothing of all that.
    Other,
}

impl State {
    /// All states, in the order in which they are shown.
    pub(crate) const ALL: [Self; 10] = [
        Self::Working,
        Self::Failed,
        Self::OnItsWay,
        Self::HandOut,
        Self::Between,
        Self::Tail,
        Self::NotUp,
        Self::Planning,
        Self::Result,
        Self::Other,
    ];

    /// Its place in `ALL`.
    pub(crate) fn place(self) -> usize {
        Self::ALL.iter().position(|state| *state == self).unwrap_or_default()
    }

    /// What it is called.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Working => "working",
            Self::Failed => "working on tasks that failed",
            Self::OnItsWay => "task or result on its way",
            Self::NotUp => "worker not up",
            Self::Planning => "before the first task",
            Self::HandOut => "waiting to be handed out",
            Self::Between => "between stages",
            Self::Tail => "no task left",
            Self::Result => "result on its way to the driver",
            Self::Other => "other",
        }
    }

    /// The class of what is drawn of it. What works has the colour of its stage.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Working => "working",
            Self::Failed => "failed",
            Self::OnItsWay => "way",
            Self::NotUp => "down",
            Self::Planning => "planning",
            Self::HandOut => "waiting",
            Self::Between => "between",
            Self::Tail => "tail",
            Self::Result => "result",
            Self::Other => "other",
        }
    }
}
