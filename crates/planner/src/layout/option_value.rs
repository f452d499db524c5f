use std::num::NonZeroU32;

use crate::error::Error;
use crate::keywords::{FALSE, TRUE};
use crate::layout::class_names::ClassNames;
use crate::layout::kind::count;
use crate::layout::memory_fraction::MemoryFraction;

/// The value of an option as it was given: in the text form of a layout, or as a keyword argument of Python.
#[derive(Debug, Clone, PartialEq)]
pub struct OptionValue {
    /// The value as messages quote it.
    printed: String,
    value: Value,
}

#[derive(Debug, Clone, PartialEq)]
enum Value {
    /// A value in the text form, where every value is text.
    Text,
    Str(String),
    Int,
    Float(f64),
    Bool(bool),
    Other,
}

impl OptionValue {
    /// A value in the text form; empty if there is none.
    pub fn of_text(text: &str) -> Self {
        Self { printed: text.to_owned(), value: Value::Text }
    }

    /// A str of Python, and the same value as Python prints it.
    pub fn of_str(text: String, printed: String) -> Self {
        Self { printed, value: Value::Str(text) }
    }

    /// An int of Python of any size, as Python prints it.
    pub fn of_int(printed: String) -> Self {
        Self { printed, value: Value::Int }
    }

    /// A float of Python, and the same value as Python prints it.
    pub fn of_float(value: f64, printed: String) -> Self {
        Self { printed, value: Value::Float(value) }
    }

    /// A bool of Python, and the same value as Python prints it.
    pub fn of_bool(value: bool, printed: String) -> Self {
        Self { printed, value: Value::Bool(value) }
    }

    /// Any other object of Python, as Python prints it.
    pub fn of_other(printed: String) -> Self {
        Self { printed, value: Value::Other }
    }

    /// Reads a number of CPUs, workers or threads; `name` is the keyword that an error names.
    ///
    /// # Errors
    ///
    /// [`Error::BadCount`] unless the value is a whole number from 1 to [`crate::MAX_COUNT`].
    pub fn count(&self, name: &str) -> Result<NonZeroU32, Error> {
        match self.value {
            Value::Text | Value::Int => count(name, &self.printed),
            _ => Err(Error::BadCount { name: name.to_owned(), given: self.printed.clone() }),
        }
    }

    /// Reads a fraction of a node's memory.
    pub(crate) fn fraction(&self) -> Result<MemoryFraction, Error> {
        match self.value {
            Value::Text | Value::Int => MemoryFraction::read(&self.printed),
            Value::Float(value) => MemoryFraction::of_float(value),
            // A str is refused and quoted as Python prints it: Python code passes a number.
            _ => Err(Error::BadMemory { given: self.printed.clone() }),
        }
    }

    /// Reads a flag.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Error> {
        match (&self.value, self.printed.as_str()) {
            (Value::Bool(value), _) => Ok(*value),
            (Value::Text, TRUE) => Ok(true),
            (Value::Text, FALSE) => Ok(false),
            _ => Err(Error::BadFlag { name: name.to_owned(), given: self.printed.clone() }),
        }
    }

    /// Reads the names of class UDFs.
    pub(crate) fn class_names(&self) -> Result<ClassNames, Error> {
        match self.value {
            Value::Text | Value::Str(_) => ClassNames::read(self.text()),
            // An int could be read as a name.
            _ => Err(Error::BadOneCopy { given: self.printed.clone() }),
        }
    }

    /// The value as text: a str as it is, anything else as Python prints it.
    pub(crate) fn text(&self) -> &str {
        match &self.value {
            Value::Str(text) => text,
            _ => &self.printed,
        }
    }
}
