use std::num::NonZeroU32;

use protoplast_planner::{KeywordError, LayoutKind, NodeLayout, OptionValue};
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyBool, PyDict, PyFloat, PyInt, PyString};

use crate::error::{CoreError, printed};

/// Makes a node layout of this kind with the options that were given as keyword arguments. A keyword with the
/// value None counts as not given.
pub fn node_layout(
    kind: LayoutKind,
    options: Option<&Bound<'_, PyDict>>,
) -> Result<NodeLayout, CoreError> {
    let keyword = |(name, given): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
        (name.to_string(), (!given.is_none()).then(|| value(&given)))
    };
    let keywords = options.into_iter().flatten().map(keyword);
    NodeLayout::with_keywords(kind, keywords).map_err(|error| match error {
        KeywordError::Unknown(name) => CoreError::UnknownKeyword { name },
        KeywordError::Value(error) => error.into(),
    })
}

/// Reads a count from Python; `name` is the keyword that an error names.
pub fn count(name: &str, given: &Bound<'_, PyAny>) -> Result<NonZeroU32, CoreError> {
    Ok(value(given).count(name)?)
}

fn value(given: &Bound<'_, PyAny>) -> OptionValue {
    let printed = printed(given);
    if let Ok(value) = given.cast::<PyBool>() {
        return OptionValue::of_bool(value.is_true(), printed);
    }
    if let Ok(text) = given.cast::<PyString>() {
        return OptionValue::of_str(text.to_string_lossy().into_owned(), printed);
    }
    if let Ok(value) = given.cast::<PyFloat>() {
        return OptionValue::of_float(value.value(), printed);
    }
    match given.is_instance_of::<PyInt>() {
        true => OptionValue::of_int(printed),
        false => OptionValue::of_other(printed),
    }
}
