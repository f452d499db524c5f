/// One operator of a plan that Daft has printed.
///
/// Daft wraps its text at the terminal's width, at spaces and hyphens, and within words that are wider. So
/// texts are compared without any spaces.
pub(crate) struct Operator {
    pub(crate) depth: usize,
    /// The operator's own line, as messages show it, with a space at each place where Daft wrapped it.
    pub(crate) name: String,
    /// The operator's own line without any space.
    pub(crate) header: String,
    /// The lines that describe the operator, each without any space.
    pub(crate) lines: Vec<String>,
}

/// Reads the operators of a plan in the order in which Daft prints them: each operator before the operators
/// that it reads from.
///
/// An operator is a line `* name`, after a `| ` for each branch to its left; the lines that describe the
/// operator follow, indented.
pub(crate) fn operators(text: &str) -> Vec<Operator> {
    let mut operators: Vec<Operator> = Vec::new();
    for line in text.lines() {
        let mut rest = line;
        let mut depth = 0;
        while let Some(inner) = rest.strip_prefix("| ") {
            rest = inner;
            depth += 1;
        }
        if let Some(name) = rest.strip_prefix("* ") {
            let (header, lines) = (squeezed(name), Vec::new());
            operators.push(Operator { depth, name: name.to_owned(), header, lines });
        } else if let Some(description) = rest.strip_prefix("  ")
            && let Some(operator) = operators.last_mut()
        {
            match description.strip_prefix("  ") {
                Some(wrapped) => operator.continue_with(wrapped),
                None => operator.lines.push(squeezed(description)),
            }
        }
    }
    operators
}

impl Operator {
    fn continue_with(&mut self, wrapped: &str) {
        match self.lines.last_mut() {
            Some(line) => *line += &squeezed(wrapped),
            None => {
                self.name.push(' ');
                self.name += wrapped;
                self.header += &squeezed(wrapped);
            }
        }
    }

    /// The operator's own line without any space.
    pub(crate) fn header(&self) -> &str {
        &self.header
    }

    /// The kind of the operator, as messages show it.
    pub(crate) fn kind(&self) -> &str {
        kind_of(&self.name).trim()
    }

    /// The kind without any space, for comparisons.
    pub(crate) fn squeezed_kind(&self) -> &str {
        kind_of(&self.header)
    }

    /// Whether Daft prints only expressions for the operator, so that a literal of the user can look like any
    /// line of Daft's.
    pub(crate) fn prints_expressions(&self) -> bool {
        matches!(self.squeezed_kind(), "Project" | "Filter")
    }

    /// The rest of the description line that starts with this label.
    pub(crate) fn described(&self, label: &str) -> Option<&str> {
        self.lines.iter().find_map(|line| line.strip_prefix(label))
    }
}

/// The beginning of an operator's own line, before Daft's details.
fn kind_of(line: &str) -> &str {
    line.split([':', '(']).next().unwrap_or(line)
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapped_text_is_joined() {
        let text =
            "* Monotonically\n|     IncreasingId: a\n|   memory_by\n|     tes = 1\n|\n| * B(x)\n";
        let [first, second] = &operators(text)[..] else { panic!("two operators") };
        assert_eq!(first.header(), "MonotonicallyIncreasingId:a");
        assert_eq!(first.lines, ["memory_bytes=1"]);
        assert_eq!((second.depth, second.kind()), (1, "B"));
    }
}
