use std::fmt;

use crate::profile::analysis::Profile;
use crate::quoted::Quoted;

impl Profile {
    /// The profile for a terminal: what ran, figures, where the time of the slots went, stages, functions,
    /// nodes and advice. It has no control characters but the ends of its lines.
    pub fn table(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", Quoted(&self.record.title))?;
        for line in self.heading() {
            writeln!(f, "{}", Quoted(&line))?;
        }
        for table in self.tables() {
            write!(f, "\n{table}\n")?;
        }
        if !self.advice.is_empty() {
            f.write_str("\nadvice\n")?;
        }
        for advice in &self.advice {
            writeln!(f, "- {}", advice.sentence)?;
        }
        Ok(())
    }
}
