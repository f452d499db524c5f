use protoplast_planner::{Layout as Inner, Rule};
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyList, PyString, PyTuple};

use crate::error::CoreError;
use crate::layout::{Layout, plain};

/// A layout from a list or tuple of pairs; None where it is none or empty.
pub fn rules(given: &Bound<'_, PyAny>) -> Result<Option<Layout>, CoreError> {
    match items(given) {
        Some(items) if !items.is_empty() => {
            let rules = items.iter().map(|item| rule(&item)).collect::<Result<_, _>>()?;
            Ok(Some(Layout(Inner::by_node(rules)?)))
        }
        _ => Ok(None),
    }
}

fn rule(given: &Bound<'_, PyAny>) -> Result<Rule, CoreError> {
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
    let layout = plain(&layout)?.ok_or_else(|| {
        CoreError::wrong_type("the layout of a rule", "a Layout or its text", &layout)
    })?;
    Ok(Rule { selector, node_layout: layout.0.as_rule()? })
}

fn items<'py>(given: &Bound<'py, PyAny>) -> Option<Bound<'py, PyTuple>> {
    match given.cast::<PyTuple>() {
        Ok(items) => Some(items.clone()),
        Err(_) => given.cast::<PyList>().ok().map(|items| items.to_tuple()),
    }
}
