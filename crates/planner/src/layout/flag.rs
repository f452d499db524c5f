use crate::error::Error;
use crate::keywords::{FALSE, TRUE};

/// Reads an option that is `true` or `false`.
///
/// # Errors
///
/// [`Error::BadFlag`] unless `given` is one of the two.
pub fn flag(name: &str, given: &str) -> Result<bool, Error> {
    match given {
        TRUE => Ok(true),
        FALSE => Ok(false),
        _ => Err(Error::BadFlag { name: name.to_owned(), given: given.to_owned() }),
    }
}
