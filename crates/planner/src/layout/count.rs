use std::num::NonZeroU32;

use crate::error::Error;
use crate::limits::MAX_COUNT;

/// Reads a number of CPUs, workers or threads; `name` is the keyword that an error names.
///
/// # Errors
///
/// [`Error::BadCount`] unless `given` is a whole number from 1 to [`MAX_COUNT`].
pub fn count(name: &str, given: &str) -> Result<NonZeroU32, Error> {
    given
        .parse::<NonZeroU32>()
        .ok()
        .filter(|count| count.get() <= MAX_COUNT)
        .ok_or_else(|| Error::BadCount { name: name.to_owned(), given: given.to_owned() })
}
