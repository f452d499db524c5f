use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::unreachable::Unreachable;

/// What was gathered from a cluster, or why nothing was.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Gathered<T> {
    Found(T),
    Unreachable(Unreachable),
}

impl<T: DeserializeOwned> Gathered<T> {
    /// Reads it from JSON.
    pub(crate) fn read(text: &str) -> Result<Self, Error> {
        serde_json::from_str(text).map_err(Error::BadFacts)
    }

    /// What was found.
    pub(crate) fn found(self) -> Result<T, Error> {
        match self {
            Self::Found(found) => Ok(found),
            Self::Unreachable(unreachable) => {
                Err(Error::Unreachable { what: unreachable.what(), remedy: unreachable.remedy() })
            }
        }
    }
}
