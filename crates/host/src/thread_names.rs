use crate::error::Error;
use crate::pin::{TASKS, threads};
use crate::system::System;

/// Whether this process has a thread whose name begins so (`comm` of `/proc/self/task/TID`; the kernel keeps
/// 15 bytes of a name). A thread that ends meanwhile is passed over.
///
/// # Errors
///
/// [`Error::Unreadable`] where the threads cannot be listed.
pub fn has_thread_named(system: &dyn System, prefix: &str) -> Result<bool, Error> {
    let named = |thread| system.read(&format!("{TASKS}/{thread}/comm"));
    Ok(threads(system)?
        .into_iter()
        .filter_map(|thread| named(thread).ok())
        .any(|name| name.starts_with(prefix)))
}
