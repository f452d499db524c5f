use crate::ask;
use crate::error::Error;
use crate::system::System;

const FILES: &str = "/proc/self/fd";
/// What a file was opened with, in octal digits (`fdinfo` in Documentation/filesystems/proc.rst).
const FLAGS: &str = "flags:";
/// `O_WRONLY` and `O_RDWR`, and `O_APPEND`, with the values that they have on Linux.
const TO_WRITE: u32 = 0o3;
const TO_APPEND: u32 = 0o2000;

/// The files that this process is writing, by their paths in ascending order.
///
/// Devices and files that have no name any more are left out, and so is what is open to be appended to, such as
/// a log: that is whole at every moment. A file that is closed meanwhile is passed over.
///
/// # Errors
///
/// [`Error::Unreadable`] where the open files cannot be listed.
pub fn files_being_written(system: &dyn System) -> Result<Vec<String>, Error> {
    let is_being_written = |file: &String| {
        let facts = system.read(&format!("/proc/self/fdinfo/{file}")).ok()?;
        let flags = u32::from_str_radix(ask::field(&facts, FLAGS)?, 8).ok()?;
        if flags & TO_WRITE == 0 || flags & TO_APPEND != 0 {
            return None;
        }
        let path = system.link(&format!("{FILES}/{file}")).ok()?;
        // What is no file is shown as `socket:[1]`.
        let is_file = path.starts_with('/') && !path.starts_with("/dev/");
        (is_file && !path.ends_with(" (deleted)")).then_some(path)
    };
    let files = system.list(FILES).map_err(|reason| ask::unreadable(FILES, &reason))?;
    let mut written: Vec<String> = files.iter().filter_map(is_being_written).collect();
    written.sort_unstable();
    Ok(written)
}
