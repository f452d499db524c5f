use std::io::ErrorKind;

use rustix::io::Errno;

use crate::cpu_set::CpuSet;
use crate::error::Error;
use crate::read::proc_text;
use crate::system::System;

/// What a process has and uses, as `/proc/PID` shows it (Documentation/filesystems/proc.rst).
///
/// The figures come from several files, read one after the other while the process goes on.
#[derive(Debug, Clone, PartialEq)]
pub struct ProcessReport {
    /// Its id.
    pub pid: u32,
    /// Its resident memory in bytes, with what it shares with others (`Rss` of `smaps_rollup`, or
    /// `VmRSS` of `status`, which can lag behind, where that is not readable). 0 for one that has
    /// no memory of its own: a kernel's thread, or a process that has ended and is not waited for.
    pub rss_bytes: u64,
    /// Its proportional memory in bytes: what is shared by N processes counts as an Nth. `None` where
    /// `smaps_rollup` is not readable, as for processes of other users.
    pub pss_bytes: Option<u64>,
    /// How many threads it has.
    pub threads: u32,
    /// The CPUs that its first thread may use. A kernel may name CPUs that are not online.
    pub cpus: CpuSet,
    /// CPU time that all its threads have used, in seconds, in user and kernel mode, without that
    /// of its children.
    pub cpu_seconds: f64,
}

impl ProcessReport {
    /// Reads the report of a process, or of this one without `pid`.
    ///
    /// # Errors
    ///
    /// [`Error::NoProcess`] where there is no such process or it has ended, [`Error::Unreadable`] and
    /// [`Error::Malformed`] where its files are not as documented.
    pub fn read(system: &dyn System, pid: Option<u32>) -> Result<Self, Error> {
        let process = Process { system, pid };
        let status = File::new(&process, "status")?;
        let stat = File::new(&process, "stat")?;
        let ticks = stat.figure(ticks, "a name in brackets and 50 fields")?;
        // Not there before Linux 4.14, and not to be read for processes of other users.
        let rollup = system.read(&process.path("smaps_rollup")).unwrap_or_default();
        let rss_bytes = match proc_text::bytes(&rollup, "Rss:") {
            Some(bytes) => bytes,
            None => proc_text::bytes(&status.text, "VmRSS:").unwrap_or(0),
        };
        Ok(Self {
            pid: status
                .figure(|text| proc_text::field(text, "Pid:")?.parse().ok(), "a line 'Pid: 1'")?,
            rss_bytes,
            pss_bytes: proc_text::bytes(&rollup, "Pss:"),
            threads: status.figure(
                |text| proc_text::field(text, "Threads:")?.parse().ok(),
                "a line 'Threads: 1'",
            )?,
            cpus: status.figure(
                |text| proc_text::field(text, "Cpus_allowed_list:")?.parse().ok(),
                "a line 'Cpus_allowed_list: 0-3'",
            )?,
            cpu_seconds: ticks as f64 / system.clock_ticks_per_second() as f64,
        })
    }
}

struct Process<'a> {
    system: &'a dyn System,
    pid: Option<u32>,
}

impl Process<'_> {
    fn path(&self, name: &str) -> String {
        match self.pid {
            Some(pid) => format!("/proc/{pid}/{name}"),
            None => format!("/proc/self/{name}"),
        }
    }
}

struct File {
    path: String,
    text: String,
}

impl File {
    fn new(process: &Process<'_>, name: &str) -> Result<Self, Error> {
        let path = process.path(name);
        match (process.system.read(&path), process.pid) {
            (Ok(text), _) => Ok(Self { path, text }),
            // A process that ends while its files are open has no such process in them (ESRCH).
            (Err(reason), Some(pid))
                if reason.kind() == ErrorKind::NotFound
                    || Errno::from_io_error(&reason) == Some(Errno::SRCH) =>
            {
                Err(Error::NoProcess { pid })
            }
            (Err(reason), _) => Err(proc_text::unreadable(&path, &reason)),
        }
    }

    fn figure<T>(
        &self,
        parse: impl Fn(&str) -> Option<T>,
        expected: &'static str,
    ) -> Result<T, Error> {
        parse(&self.text).ok_or_else(|| proc_text::malformed(&self.path, &self.text, expected))
    }
}

/// `utime` and `stime`, the 14th and 15th field of `stat` (`proc_pid_stat(5)`). The second, the
/// name, is in brackets and can have spaces and brackets in it, so fields are counted from the last
/// bracket on.
fn ticks(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let (user, system): (u64, u64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    user.checked_add(system)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_brackets_and_spaces_do_not_shift_the_fields() {
        for name in ["ray", "ray::Worker (1) 2", "a) R 1 2 3", ") ("] {
            let stat = format!("7 ({name}) S 1 1 1 0 -1 4 9 0 0 0 250 50 3 4 20 0 1 0 100\n");
            assert_eq!(ticks(&stat), Some(300), "{name}");
        }
        assert_eq!(ticks("7 (ray) S 1"), None);
        assert_eq!(ticks(""), None);
    }
}
