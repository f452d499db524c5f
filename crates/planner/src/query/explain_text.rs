/// One operator of a plan that Daft has printed.
///
/// Daft wraps what it prints to the terminal's width, at spaces and hyphens, and within words that are wider. So
/// what is compared has no spaces at all.
pub(crate) struct Operator {
    pub(crate) depth: usize,
    /// Its own line, as it is shown to a user; where Daft has wrapped it there is a space.
    pub(crate) name: String,
    /// The same without any space.
    pub(crate) header: String,
    /// The lines that describe it, each without any space.
    pub(crate) lines: Vec<String>,
}

/// Reads the operators of a plan in the order in which Daft prints them, each before what it reads from.
///
/// An operator is a line `* name`, behind a `| ` for each branch to its left; what describes it follows,
/// indented.
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
                Some(wrapped) => operator.go_on(wrapped),
                None => operator.lines.push(squeezed(description)),
            }
        }
    }
    operators
}

impl Operator {
    fn go_on(&mut self, wrapped: &str) {
        match self.lines.last_mut() {
            Some(line) => *line += &squeezed(wrapped),
            None => {
                self.name.push(' ');
                self.name += wrapped;
                self.header += &squeezed(wrapped);
            }
        }
    }

    /// Its own line without any space.
    pub(crate) fn header(&self) -> &str {
        &self.header
    }

    /// What kind of operator it is, as it is shown to a user.
    pub(crate) fn kind(&self) -> &str {
        kind_of(&self.name).trim()
    }

    /// The same without any space, to be compared.
    pub(crate) fn squeezed_kind(&self) -> &str {
        kind_of(&self.header)
    }

    /// Whether it prints expressions alone, so that a literal of the user's can look like any line of Daft's.
    pub(crate) fn prints_expressions(&self) -> bool {
        matches!(self.squeezed_kind(), "Project" | "Filter")
    }

    /// What follows this label in the description.
    pub(crate) fn described(&self, label: &str) -> Option<&str> {
        self.lines.iter().find_map(|line| line.strip_prefix(label))
    }
}

/// An operator's own line up to what Daft says of it.
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
    fn what_is_wrapped_is_whole_again() {
        let text =
            "* Monotonically\n|     IncreasingId: a\n|   memory_by\n|     tes = 1\n|\n| * B(x)\n";
        let [first, second] = &operators(text)[..] else { panic!("two operators") };
        assert_eq!(first.header(), "MonotonicallyIncreasingId:a");
        assert_eq!(first.lines, ["memory_bytes=1"]);
        assert_eq!((second.depth, second.kind()), (1, "B"));
    }
}
