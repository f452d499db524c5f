/// One operator of a plan that Daft has printed: its own line, and the lines that describe it without their indentation.
/// Lines that Daft has wrapped are joined again.
pub(crate) struct Operator {
    pub(crate) depth: usize,
    pub(crate) name: String,
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
            operators.push(Operator { depth, name: name.to_owned(), lines: Vec::new() });
        } else if let Some(description) = rest.strip_prefix("  ")
            && let Some(operator) = operators.last_mut()
        {
            match description.strip_prefix("  ") {
                Some(wrapped) => {
                    let whole = operator.lines.last_mut().unwrap_or(&mut operator.name);
                    whole.push(' ');
                    whole.push_str(wrapped);
                }
                None => operator.lines.push(description.to_owned()),
            }
        }
    }
    operators
}
