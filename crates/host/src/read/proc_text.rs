use std::io::ErrorKind;

use crate::cpu_set::CpuSet;
use crate::error::Error;
use crate::system::System;

/// How many characters of a malformed file an error shows.
const SHOWN: usize = 80;

/// Reads a file that must exist.
pub fn text(system: &dyn System, path: &str) -> Result<String, Error> {
    system.read(path).map_err(|reason| unreadable(path, &reason))
}

/// Reads a file that some kernels do not have; None if it is missing.
pub fn text_if_there(system: &dyn System, path: &str) -> Result<Option<String>, Error> {
    match system.read(path) {
        Ok(text) => Ok(Some(text)),
        Err(reason) if reason.kind() == ErrorKind::NotFound => Ok(None),
        Err(reason) => Err(unreadable(path, &reason)),
    }
}

/// Lists a directory that some machines do not have; empty if it is missing.
pub fn names_if_there(system: &dyn System, path: &str) -> Result<Vec<String>, Error> {
    match system.list(path) {
        Err(reason) if reason.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        names => names.map_err(|reason| unreadable(path, &reason)),
    }
}

/// The numbers of the names that consist of `prefix` and a number, in ascending order.
pub fn numbers(names: &[String], prefix: &str) -> Vec<u32> {
    let number = |name: &String| name.strip_prefix(prefix)?.parse().ok();
    let mut numbers: Vec<u32> = names.iter().filter_map(number).collect();
    numbers.sort_unstable();
    numbers
}

/// Parses the text of the file `path` as a list of CPUs.
pub fn cpu_list(path: &str, text: &str) -> Result<CpuSet, Error> {
    text.parse().map_err(|_| malformed(path, text, "a list of CPUs such as 0-3,8"))
}

/// The rest of the line that starts with `key`.
pub fn field<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(key)).map(str::trim)
}

/// The bytes on the line that starts with `key`. The kernel writes `key 123 kB` and means KiB
/// (Documentation/filesystems/proc.rst).
pub fn bytes(text: &str, key: &str) -> Option<u64> {
    let kibibytes: u64 = field(text, key)?.strip_suffix("kB")?.trim_end().parse().ok()?;
    kibibytes.checked_mul(1024)
}

pub fn unreadable(path: &str, reason: &std::io::Error) -> Error {
    Error::Unreadable { path: path.to_owned(), reason: reason.to_string() }
}

pub fn malformed(path: &str, content: &str, expected: &'static str) -> Error {
    let content = content.trim().chars().take(SHOWN).collect();
    Error::Malformed { path: path.to_owned(), content, expected }
}
