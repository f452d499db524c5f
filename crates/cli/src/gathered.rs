use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::unreachable::Unreachable;

/// The facts that were gathered from a cluster, or why there are none.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Gathered<T> {
    Found(T),
    Unreachable(Unreachable),
}

impl<T: DeserializeOwned> Gathered<T> {
    /// Reads the facts from JSON.
    pub(crate) fn read(text: &str) -> Result<Self, Error> {
        serde_json::from_str(text).map_err(Error::BadFacts)
    }

    /// Returns the facts.
    pub(crate) fn found(self) -> Result<T, Error> {
        match self {
            Self::Found(found) => Ok(found),
            Self::Unreachable(unreachable) => {
                Err(Error::Unreachable { what: unreachable.what(), remedy: unreachable.remedy() })
            }
        }
    }
}
