use protoplast_planner::count_of;

use crate::doctor::finding::{Finding, Severity};
use crate::output::Output;

impl Severity {
    /// The label, all of one width.
    fn label(self) -> &'static str {
        match self {
            Self::Ok => "ok       ",
            Self::Problem => "problem  ",
            Self::Unchecked => "unchecked",
        }
    }
}

/// Prints the findings in order, and how many there are of each kind.
///
/// The exit status is 1 if there is a problem, else 2 if something could not be checked, else 0.
pub(crate) fn output(findings: &[Finding]) -> Output {
    let mut stdout = String::new();
    for Finding { severity, what, remedy } in findings {
        stdout += &format!("{}  {what}\n", severity.label());
        if let Some(remedy) = remedy {
            stdout += &format!("{:11}-> {remedy}\n", "");
        }
    }
    let count = |severity| findings.iter().filter(|found| found.severity == severity).count();
    let (problems, unchecked) = (count(Severity::Problem), count(Severity::Unchecked));
    let counted = count_of(problems as u64, "problem");
    stdout += &format!("\n{} ok, {counted}, {unchecked} not checked\n", count(Severity::Ok));
    let status = match (problems, unchecked) {
        (0, 0) => 0,
        (0, _) => Output::FAILED,
        _ => Output::PROBLEMS,
    };
    Output { stdout, status, ..Output::default() }
}
