use crate::error::Error;
use crate::read::proc_text;
use crate::system::System;

const FILES: &str = "/proc/self/fd";
/// The key of the flags that a file was opened with, in octal digits (`fdinfo` in
/// Documentation/filesystems/proc.rst).
const FLAGS: &str = "flags:";
/// The bits of `O_WRONLY` and `O_RDWR`, and `O_APPEND`, with their values on Linux.
const TO_WRITE: u32 = 0o3;
const TO_APPEND: u32 = 0o2000;
/// The file descriptors that a process prints to: its standard output and standard error.
const OUTPUTS: [u32; 2] = [1, 2];

/// Returns the files that this process is writing, by their paths in ascending order.
///
/// Three kinds of files are left out: devices and files that no longer have a name; files that are opened to
/// append, such as a log, because they are complete at every moment; and files in the folder of this process's
/// own output, because Ray 2.47 opens its logs to write. A file that is closed meanwhile is skipped.
///
/// # Errors
///
/// [`Error::Unreadable`] if the open files cannot be listed.
pub fn files_being_written(system: &dyn System) -> Result<Vec<String>, Error> {
    let outputs: Vec<String> = OUTPUTS
        .iter()
        .filter_map(|file| Some(folder(&system.link(&format!("{FILES}/{file}")).ok()?)?.to_owned()))
        .collect();
    let is_being_written = |file: &String| {
        let facts = system.read(&format!("/proc/self/fdinfo/{file}")).ok()?;
        let flags = u32::from_str_radix(proc_text::field(&facts, FLAGS)?, 8).ok()?;
        if flags & TO_WRITE == 0 || flags & TO_APPEND != 0 {
            return None;
        }
        let path = system.link(&format!("{FILES}/{file}")).ok()?;
        // Anything but a file is shown as `socket:[1]` or the like.
        let is_file = path.starts_with('/') && !path.starts_with("/dev/");
        let is_log = folder(&path).is_some_and(|folder| outputs.iter().any(|own| own == folder));
        (is_file && !is_log && !path.ends_with(" (deleted)")).then_some(path)
    };
    let files = system.list(FILES).map_err(|reason| proc_text::unreadable(FILES, &reason))?;
    let mut written: Vec<String> = files.iter().filter_map(is_being_written).collect();
    written.sort_unstable();
    Ok(written)
}

fn folder(path: &str) -> Option<&str> {
    Some(path.rsplit_once('/')?.0)
}
