use std::os::unix::process::parent_id;

use crate::error::Error;
use crate::read::proc_text;
use crate::system::System;

/// Returns an environment variable of this process's parent, as it was when the parent started.
///
/// Ray's workers are children of the node's raylet, and Ray changes their own environment
/// (`CUDA_VISIBLE_DEVICES` is emptied for an actor without GPUs), so the node's variable has to be read from
/// the parent.
///
/// # Errors
///
/// [`Error::Unreadable`] if `/proc` does not show the parent's environment to this process.
pub fn parent_variable(system: &dyn System, name: &str) -> Result<Option<String>, Error> {
    let environment = proc_text::text(system, &format!("/proc/{}/environ", parent_id()))?;
    Ok(find(&environment, name).map(str::to_owned))
}

fn find<'a>(environment: &'a str, name: &str) -> Option<&'a str> {
    environment.split('\0').find_map(|entry| entry.strip_prefix(name)?.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_found_by_their_whole_name() {
        let environment = "CUDA=1\0CUDA_VISIBLE_DEVICES=3,GPU-a\0EMPTY=\0CUDA_VISIBLE=no\0";
        assert_eq!(find(environment, "CUDA_VISIBLE_DEVICES"), Some("3,GPU-a"));
        assert_eq!(find(environment, "EMPTY"), Some(""));
        assert_eq!(find(environment, "CUDA_VIS"), None);
        assert_eq!(find("", "A"), None);
    }
}
