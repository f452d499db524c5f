use std::num::NonZeroU32;

use protoplast_layout::{Cut, Error, Gpus, Kind, MAX_WORKERS, Part, Pin, PinTo, Startup, THREADS};
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyBool, PyFloat, PyInt, PyString};

use crate::error::{CoreError, printed};

/// The keyword arguments of the constructors of `Layout`, as they were given.
#[derive(Default)]
pub struct Options<'a, 'py> {
    pub max_workers: Option<&'a Bound<'py, PyAny>>,
    pub gpus: Option<&'a Bound<'py, PyAny>>,
    pub memory: Option<&'a Bound<'py, PyAny>>,
    pub threads: Option<&'a Bound<'py, PyAny>>,
    pub pin: Option<&'a Bound<'py, PyAny>>,
    pub pin_fallback: Option<&'a Bound<'py, PyAny>>,
    pub startup: Option<&'a Bound<'py, PyAny>>,
}

impl Options<'_, '_> {
    /// The cut of this kind with these options.
    pub fn cut(self, kind: Kind) -> Result<Cut, CoreError> {
        let max = self.max_workers.map(|given| count(MAX_WORKERS, given)).transpose()?;
        let threads = self.threads.map(|given| count(THREADS, given)).transpose()?;
        let gpus = self.gpus.map(|given| Gpus::read(&word(given))).transpose()?;
        let memory = self.memory.map(part).transpose()?;
        let pin = self.pin.map(|given| PinTo::read(&word(given))).transpose()?;
        let fallback = self.pin_fallback.map(truth).transpose()?;
        let startup = self.startup.map(|given| Startup::read(&word(given))).transpose()?;
        Ok(Cut::new(kind)
            .with_max_workers(max)
            .with_gpus(gpus.unwrap_or_default())
            .with_memory(memory.unwrap_or_default())
            .with_threads(threads)
            .with_pin(Pin::of(pin, fallback.unwrap_or_default())?)
            .with_startup(startup.unwrap_or(Startup::of(kind))))
    }
}

/// A count from Python, read through its text so that an int of any size has the same error.
pub fn count(name: &str, given: &Bound<'_, PyAny>) -> Result<NonZeroU32, CoreError> {
    let text = printed(given);
    if is_whole(given) {
        return Ok(protoplast_layout::count(name, &text)?);
    }
    Err(Error::BadCount { name: name.to_owned(), given: text }.into())
}

fn part(given: &Bound<'_, PyAny>) -> Result<Part, CoreError> {
    if is_whole(given) {
        return Ok(Part::read(&printed(given))?);
    }
    match given.cast::<PyFloat>() {
        Ok(float) => Ok(Part::of_float(float.value())?),
        // Quoted as Python prints it; the text of a part is no part.
        Err(_) => Err(Error::BadMemory { given: printed(given) }.into()),
    }
}

fn truth(given: &Bound<'_, PyAny>) -> Result<bool, CoreError> {
    match given.cast::<PyBool>() {
        Ok(truth) => Ok(truth.is_true()),
        Err(_) => Err(Error::BadPinFallback { given: printed(given) }.into()),
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
