use crate::unreachable::{Cause, Unreachable};

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub(crate) severity: Severity,
    /// What was found.
    pub(crate) what: String,
    /// What to do about it; None where nothing is to be done.
    pub(crate) remedy: Option<String>,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    Ok,
    Problem,
    Unchecked,
}

impl Finding {
    pub(crate) fn ok(what: impl Into<String>) -> Self {
        Self { severity: Severity::Ok, what: what.into(), remedy: None }
    }

    pub(crate) fn problem(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { severity: Severity::Problem, what: what.into(), remedy: Some(remedy.into()) }
    }

    pub(crate) fn unchecked(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { severity: Severity::Unchecked, what: what.into(), remedy: Some(remedy.into()) }
    }

    /// A problem as an error says it, with the remedy behind the last semicolon.
    pub(crate) fn of_error(message: &str) -> Self {
        let (what, remedy) = match message.rsplit_once("; ") {
            Some((what, remedy)) => (what, Some(remedy.to_owned())),
            None => (message, None),
        };
        Self { severity: Severity::Problem, what: what.to_owned(), remedy }
    }

    /// The same, said of something.
    pub(crate) fn of(mut self, subject: &str) -> Self {
        self.what = format!("{subject}: {}", self.what);
        self
    }
}

impl From<Unreachable> for Finding {
    /// What is clear is a problem; anything else is that the nodes could not be checked.
    fn from(unreachable: Unreachable) -> Self {
        let (what, remedy) = (unreachable.what(), unreachable.remedy());
        match unreachable.cause {
            Cause::NoRay | Cause::Token | Cause::Versions => Self::problem(what, remedy),
            Cause::NoCluster
            | Cause::NothingThere
            | Cause::Refused
            | Cause::Silent
            | Cause::Ended
            | Cause::Untold => Self::unchecked(what, remedy),
        }
    }
}
