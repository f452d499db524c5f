use std::io;
use std::os::unix::process::parent_id;

/// An environment variable of this process's parent, as it was when the parent started.
///
/// Ray's workers are children of the node's raylet, and Ray changes their own environment
/// (`CUDA_VISIBLE_DEVICES` is emptied for an actor without GPUs), so the node's has to be read there.
///
/// # Errors
///
/// Where `/proc` does not show the parent's environment to this process.
pub fn parent_variable(name: &str) -> io::Result<Option<String>> {
    let environment = std::fs::read(format!("/proc/{}/environ", parent_id()))?;
    Ok(find(&environment, name))
}

fn find(environment: &[u8], name: &str) -> Option<String> {
    environment.split(|byte| *byte == 0).find_map(|entry| {
        let (key, value) = entry.split_at_checked(name.len())?;
        let value = value.strip_prefix(b"=")?;
        (key == name.as_bytes()).then(|| String::from_utf8_lossy(value).into_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_found_by_their_whole_name() {
        let environment = b"CUDA=1\0CUDA_VISIBLE_DEVICES=3,GPU-a\0EMPTY=\0CUDA_VISIBLE=no\0";
        assert_eq!(find(environment, "CUDA_VISIBLE_DEVICES").as_deref(), Some("3,GPU-a"));
        assert_eq!(find(environment, "EMPTY").as_deref(), Some(""));
        assert_eq!(find(environment, "CUDA_VIS"), None);
        assert_eq!(find(b"", "A"), None);
    }

    #[test]
    fn the_parent_of_a_test_has_a_path() {
        let path = parent_variable("PATH").expect("the parent's environment");
        assert!(path.is_some_and(|path| !path.is_empty()));
    }
}
