use protoplast_planner::{Error, Quoted};
use pyo3::create_exception;
use pyo3::exceptions::{PyException, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::PyAny;

create_exception!(
    protoplast,
    ProtoplastError,
    PyException,
    "The base class of all errors of protoplast."
);
create_exception!(
    protoplast,
    LayoutError,
    ProtoplastError,
    "A layout, a node or a set of workers is invalid."
);
create_exception!(
    protoplast,
    NotInEffectError,
    ProtoplastError,
    "The patch is applied, but a query would not run on the planned workers."
);

create_exception!(
    protoplast,
    TaskTooLargeError,
    ProtoplastError,
    "A task of the query asks for more than any node of the cluster has."
);

/// Why a call from Python fails.
pub enum CoreError {
    /// The error of the planner.
    Planner(Error),
    /// The error of the operating system, or what it could not tell.
    Host(protoplast_host::Error),
    /// A value of the wrong Python type: what the value is for, what is allowed, and the value as Python prints
    /// it.
    WrongType { what: &'static str, allowed: &'static str, given: String },
    /// A report of an unknown form, with the reason.
    Unreadable(String),
    /// A keyword that a kind of layout does not take.
    UnknownKeyword { name: String },
}

impl CoreError {
    pub fn wrong_type(what: &'static str, allowed: &'static str, given: &Bound<'_, PyAny>) -> Self {
        Self::WrongType { what, allowed, given: printed(given) }
    }
}

/// A value as Python prints it, for an error message.
pub fn printed(given: &Bound<'_, PyAny>) -> String {
    match given.repr() {
        Ok(text) => text.to_string(),
        // An int of more than 4,300 digits, or a class with a broken __repr__.
        Err(_) => "a value that cannot be printed".to_owned(),
    }
}

impl From<Error> for CoreError {
    fn from(error: Error) -> Self {
        Self::Planner(error)
    }
}

impl From<protoplast_host::Error> for CoreError {
    fn from(error: protoplast_host::Error) -> Self {
        Self::Host(error)
    }
}

impl From<CoreError> for PyErr {
    fn from(error: CoreError) -> Self {
        match error {
            CoreError::Planner(error @ (Error::NotAsPlanned { .. } | Error::SharedHost { .. })) => {
                NotInEffectError::new_err(error.to_string())
            }
            CoreError::Planner(error @ Error::FitsNoNode { .. }) => {
                TaskTooLargeError::new_err(error.to_string())
            }
            CoreError::Host(error) => NotInEffectError::new_err(error.to_string()),
            CoreError::Planner(error) => LayoutError::new_err(error.to_string()),
            CoreError::WrongType { what, allowed, given } => {
                LayoutError::new_err(format!("{what} must be {allowed}, not {}", Quoted(&given)))
            }
            CoreError::Unreadable(reason) => {
                LayoutError::new_err(format!("a report cannot be read: {}", Quoted(&reason)))
            }
            CoreError::UnknownKeyword { name } => {
                PyTypeError::new_err(format!("unexpected keyword argument {}", Quoted(&name)))
            }
        }
    }
}
