use crate::unreachable::{Cause, Unreachable};

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub(crate) severity: Severity,
    /// What was found.
    pub(crate) what: String,
    /// What to do about it; None if nothing has to be done.
    pub(crate) remedy: Option<String>,
}

/// How bad a finding is.
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

    /// Makes a problem from the message of an error, whose remedy follows the last semicolon.
    pub(crate) fn of_error(message: &str) -> Self {
        let (what, remedy) = match message.rsplit_once("; ") {
            Some((what, remedy)) => (what, Some(remedy.to_owned())),
            None => (message, None),
        };
        Self { severity: Severity::Problem, what: what.to_owned(), remedy }
    }

    /// The same finding with the subject that it is about.
    pub(crate) fn of(mut self, subject: &str) -> Self {
        self.what = format!("{subject}: {}", self.what);
        self
    }
}

impl From<Unreachable> for Finding {
    /// A clear cause is a problem; any other cause means that the nodes could not be checked.
    fn from(unreachable: Unreachable) -> Self {
        let (what, remedy) = (unreachable.what(), unreachable.remedy());
        match unreachable.cause {
            Cause::NoRay | Cause::Token | Cause::Versions => Self::problem(what, remedy),
            Cause::NoCluster
            | Cause::NothingThere
            | Cause::Refused
            | Cause::Silent
            | Cause::Ended
            | Cause::Unreported => Self::unchecked(what, remedy),
        }
    }
}
