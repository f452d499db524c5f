use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// The file of the calling thread.
const SCHEDSTAT: &str = "/proc/thread-self/schedstat";

/// The most bytes that the file can have: three numbers of 64 bits.
const LONGEST: usize = 64;

/// How the kernel has scheduled a thread so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scheduled {
    /// How long it could have run but had no CPU, in nanoseconds.
    pub queued_ns: u64,
    /// How often it got a CPU.
    pub runs: u64,
}

/// Reads how the kernel schedules the thread that opened it (Documentation/scheduler/sched-stats.rst).
#[derive(Debug)]
pub struct ThreadSchedule(File);

impl ThreadSchedule {
    /// Opens the file of the calling thread. It stays that of this thread.
    ///
    /// # Errors
    ///
    /// The errors of the system: `ENOENT` if the kernel has no such file.
    pub fn open() -> io::Result<Self> {
        File::open(SCHEDSTAT).map(Self)
    }

    /// Reads the figures of this moment. The file stays open, because this is read hundreds of times a second.
    pub fn read(&self) -> Option<Scheduled> {
        let mut buffer = [0; LONGEST];
        let length = self.0.read_at(&mut buffer, 0).ok()?;
        parse(std::str::from_utf8(buffer.get(..length)?).ok()?)
    }
}

/// The time on a CPU, the time in a queue, and the number of times on a CPU.
fn parse(text: &str) -> Option<Scheduled> {
    let mut figures = text.split_whitespace().skip(1).map(str::parse);
    Some(Scheduled { queued_ns: figures.next()?.ok()?, runs: figures.next()?.ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_and_third_figures_are_read() {
        let expected = Scheduled { queued_ns: 59_492_209, runs: 57 };
        assert_eq!(parse("37770191 59492209 57\n"), Some(expected));
        for broken in ["", "1 2", "1 2 x\n", "1 -2 3\n"] {
            assert_eq!(parse(broken), None, "{broken}");
        }
    }
}
