use std::num::NonZeroU32;

use protoplast_planner::{
    Error, Gpus, LayoutKind, MAX_WORKERS, MemoryFraction, NodeLayout, PIN_FALLBACK, Pin, PinTo,
    SPLIT, Startup, THREADS,
};
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyBool, PyDict, PyFloat, PyInt, PyString};

use crate::error::{CoreError, printed};

/// The keyword arguments that every kind of layout takes; their words with underscores.
pub const ALL: [&str; 8] =
    ["max_workers", "gpus", "memory", "threads", "pin", "pin_fallback", "startup", "split"];
/// Those of one worker for a whole node.
pub const OF_WHOLE_NODES: [&str; 4] = ["memory", "threads", "pin", "pin_fallback"];
/// Those of a worker for each GPU, which has that one.
pub const OF_GPUS: [&str; 7] =
    ["max_workers", "memory", "threads", "pin", "pin_fallback", "startup", "split"];

/// The cut of this kind with the options that were given as keyword arguments. None is as if it were not given.
pub fn node_layout(
    kind: LayoutKind,
    taken: &[&str],
    options: Option<&Bound<'_, PyDict>>,
) -> Result<NodeLayout, CoreError> {
    let mut node_layout = NodeLayout::new(kind);
    let (mut pin, mut pin_fallback) = (None, false);
    for (name, given) in options.into_iter().flatten() {
        let name = word(&name);
        if !taken.contains(&&*name) {
            return Err(CoreError::UnknownKeyword { name });
        }
        if given.is_none() {
            continue;
        }
        match &*name {
            "max_workers" => {
                node_layout = node_layout.with_max_workers(Some(count(MAX_WORKERS, &given)?))
            }
            "gpus" => node_layout = node_layout.with_gpus(Gpus::read(&word(&given))?),
            "memory" => node_layout = node_layout.with_memory(part(&given)?),
            "threads" => node_layout = node_layout.with_threads(Some(count(THREADS, &given)?)),
            "pin" => pin = Some(PinTo::read(&word(&given))?),
            "pin_fallback" => pin_fallback = truth(PIN_FALLBACK, &given)?,
            "startup" => node_layout = node_layout.with_startup(Startup::read(&word(&given))?),
            "split" => node_layout = node_layout.with_split(truth(SPLIT, &given)?),
            _ => return Err(CoreError::UnknownKeyword { name }),
        }
    }
    Ok(node_layout.with_pin(Pin::of(pin, pin_fallback)?))
}

/// A count from Python, read through its text so that an int of any size has the same error.
pub fn count(name: &str, given: &Bound<'_, PyAny>) -> Result<NonZeroU32, CoreError> {
    let text = printed(given);
    if is_whole(given) {
        return Ok(protoplast_planner::count(name, &text)?);
    }
    Err(Error::BadCount { name: name.to_owned(), given: text }.into())
}

fn part(given: &Bound<'_, PyAny>) -> Result<MemoryFraction, CoreError> {
    if is_whole(given) {
        return Ok(MemoryFraction::read(&printed(given))?);
    }
    match given.cast::<PyFloat>() {
        Ok(float) => Ok(MemoryFraction::of_float(float.value())?),
        // Quoted as Python prints it; the text of a part is no part.
        Err(_) => Err(Error::BadMemory { given: printed(given) }.into()),
    }
}

fn truth(name: &str, given: &Bound<'_, PyAny>) -> Result<bool, CoreError> {
    match given.cast::<PyBool>() {
        Ok(truth) => Ok(truth.is_true()),
        Err(_) => Err(Error::BadFlag { name: name.to_owned(), given: printed(given) }.into()),
    }
}

/// A str as it is, anything else as Python prints it.
fn word(given: &Bound<'_, PyAny>) -> String {
    match given.cast::<PyString>() {
        Ok(text) => text.to_string_lossy().into_owned(),
        Err(_) => printed(given),
    }
}

fn is_whole(given: &Bound<'_, PyAny>) -> bool {
    given.is_instance_of::<PyInt>() && !given.is_instance_of::<PyBool>()
}
