use protoplast_planner::{Layout, Rule};
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyList, PyString, PyTuple};

use crate::error::CoreError;

/// Reads the layout of a rule; returns None if the object is neither a layout nor its text.
pub type ReadLayout = fn(&Bound<'_, PyAny>) -> Result<Option<Layout>, CoreError>;

/// Returns a layout from a list or tuple of pairs, or None if the object is neither or is empty.
pub fn rules(given: &Bound<'_, PyAny>, read: ReadLayout) -> Result<Option<Layout>, CoreError> {
    match items(given) {
        Some(items) if !items.is_empty() => {
            let rules = items.iter().map(|item| rule(&item, read)).collect::<Result<_, _>>()?;
            Ok(Some(Layout::by_node(rules)?))
        }
        _ => Ok(None),
    }
}

fn rule(given: &Bound<'_, PyAny>, read: ReadLayout) -> Result<Rule, CoreError> {
    let wrong = || CoreError::wrong_type("a rule", "a pair of a selector and a layout", given);
    let (selector, layout) = items(given)
        .and_then(|pair| pair.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>().ok())
        .ok_or_else(wrong)?;
    let selector = selector
        .cast::<PyString>()
        .map_err(|_| {
            CoreError::wrong_type("a selector", "a str such as 'resource=GPU'", &selector)
        })?
        .to_string_lossy()
        .parse()?;
    let layout = read(&layout)?.ok_or_else(|| {
        CoreError::wrong_type("the layout of a rule", "a Layout or its text", &layout)
    })?;
    Ok(Rule { selector, node_layout: layout.as_rule()? })
}

fn items<'py>(given: &Bound<'py, PyAny>) -> Option<Bound<'py, PyTuple>> {
    match given.cast::<PyTuple>() {
        Ok(items) => Some(items.clone()),
        Err(_) => given.cast::<PyList>().ok().map(|items| items.to_tuple()),
    }
}
