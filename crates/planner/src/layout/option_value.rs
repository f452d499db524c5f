use std::num::NonZeroU32;

use crate::error::Error;
use crate::layout::count::count;
use crate::layout::flag::flag;
use crate::layout::memory_fraction::MemoryFraction;

/// The value of an option as it was given: in the text form of a layout, or by a keyword of Python's.
#[derive(Debug, Clone, PartialEq)]
pub struct OptionValue {
    /// As messages quote it.
    printed: String,
    value: Value,
}

#[derive(Debug, Clone, PartialEq)]
enum Value {
    /// In the text form every value is text.
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

    /// A str of Python's, and the same as Python prints it.
    pub fn of_str(text: String, printed: String) -> Self {
        Self { printed, value: Value::Str(text) }
    }

    /// An int of Python's of any size, as Python prints it.
    pub fn of_int(printed: String) -> Self {
        Self { printed, value: Value::Int }
    }

    /// A float of Python's, and the same as Python prints it.
    pub fn of_float(value: f64, printed: String) -> Self {
        Self { printed, value: Value::Float(value) }
    }

    /// A bool of Python's, and the same as Python prints it.
    pub fn of_bool(value: bool, printed: String) -> Self {
        Self { printed, value: Value::Bool(value) }
    }

    /// Anything else of Python's, as Python prints it.
    pub fn of_other(printed: String) -> Self {
        Self { printed, value: Value::Other }
    }

    /// Reads a number of CPUs, workers or threads; `name` is the word that an error names.
    ///
    /// # Errors
    ///
    /// [`Error::BadCount`] unless it is a whole number from 1 to [`crate::MAX_COUNT`].
    pub fn count(&self, name: &str) -> Result<NonZeroU32, Error> {
        match self.value {
            Value::Text | Value::Int => count(name, &self.printed),
            _ => Err(Error::BadCount { name: name.to_owned(), given: self.printed.clone() }),
        }
    }

    /// Reads a part of a whole.
    pub(crate) fn fraction(&self) -> Result<MemoryFraction, Error> {
        match self.value {
            Value::Text | Value::Int => MemoryFraction::read(&self.printed),
            Value::Float(value) => MemoryFraction::of_float(value),
            // Quoted as Python prints it; the text of a part is no part.
            _ => Err(Error::BadMemory { given: self.printed.clone() }),
        }
    }

    /// Reads what is on or off.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Error> {
        match self.value {
            Value::Text => flag(name, &self.printed),
            Value::Bool(value) => Ok(value),
            _ => Err(Error::BadFlag { name: name.to_owned(), given: self.printed.clone() }),
        }
    }

    /// A word: a str as it is, anything else as Python prints it.
    pub(crate) fn word(&self) -> &str {
        match &self.value {
            Value::Str(text) => text,
            _ => &self.printed,
        }
    }
}
