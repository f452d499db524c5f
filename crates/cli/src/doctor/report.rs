use protoplast_planner::count_of;

use crate::doctor::finding::{Finding, Severity};
use crate::output::Output;

impl Severity {
    /// The word for it, all of one width.
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok       ",
            Self::Problem => "problem  ",
            Self::Unchecked => "unchecked",
        }
    }
}

/// The findings in their order, with how many there are of each kind.
///
/// The exit status is 1 where there is a problem, else 2 where something could not be checked, else 0.
pub(crate) fn output(findings: &[Finding]) -> Output {
    let mut stdout = String::new();
    for Finding { severity, what, remedy } in findings {
        stdout += &format!("{}  {what}\n", severity.word());
        if let Some(remedy) = remedy {
            stdout += &format!("{:11}-> {remedy}\n", "");
        }
    }
    let count = |severity| findings.iter().filter(|found| found.severity == severity).count();
    let (problems, unchecked) = (count(Severity::Problem), count(Severity::Unchecked));
    let said = count_of(problems as u64, "problem");
    stdout += &format!("\n{} ok, {said}, {unchecked} not checked\n", count(Severity::Ok));
    let status = match (problems, unchecked) {
        (0, 0) => 0,
        (0, _) => Output::FAILED,
        _ => Output::PROBLEMS,
    };
    Output { stdout, status, ..Output::default() }
}
