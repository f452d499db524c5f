use std::io;

use rustix::io::Errno;

use crate::error::Error;
use crate::read::proc_text;
use crate::system::System;

const TASKS: &str = "/proc/self/task";

/// The ids of all threads of this process.
pub fn threads(system: &dyn System) -> Result<Vec<u32>, Error> {
    let names = system.list(TASKS).map_err(|reason| proc_text::unreadable(TASKS, &reason))?;
    Ok(proc_text::numbers(&names, ""))
}

/// Returns None if the thread has ended.
pub fn if_alive<T>(answer: io::Result<T>) -> io::Result<Option<T>> {
    match answer {
        Err(reason) if Errno::from_io_error(&reason) == Some(Errno::SRCH) => Ok(None),
        answer => answer.map(Some),
    }
}

/// Whether this process has a thread whose name begins with `prefix` (`comm` of `/proc/self/task/TID`; the
/// kernel keeps 15 bytes of a name). A thread that ends meanwhile is skipped.
///
/// # Errors
///
/// [`Error::Unreadable`] if the threads cannot be listed.
pub fn has_thread_named(system: &dyn System, prefix: &str) -> Result<bool, Error> {
    let named = |thread| system.read(&format!("{TASKS}/{thread}/comm"));
    Ok(threads(system)?
        .into_iter()
        .filter_map(|thread| named(thread).ok())
        .any(|name| name.starts_with(prefix)))
}
