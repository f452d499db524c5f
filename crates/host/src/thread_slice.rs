use std::ffi::c_long;
use std::{io, mem};

/// The shortest slice that the kernel knows, in nanoseconds (`sched_setattr(2)`).
const SHORTEST_SLICE_NS: u64 = 100_000;

/// What the calls take for the calling thread, and for no flags.
const THIS_THREAD: c_long = 0;
const NO_FLAGS: c_long = 0;

/// Has the kernel give the calling thread a CPU soon after it wakes, for short times.
///
/// A thread that wakes is else made to wait until the one that runs has had its slice, which takes up to some
/// milliseconds. From Linux 6.12 on, a thread of shorter slices need not wait; an older kernel takes no notice.
/// The thread gets no larger part of the CPU, and keeps its policy and niceness.
///
/// # Errors
///
/// The errors of the system, such as `ENOSYS` or `EPERM` if a sandbox does not let the calls through.
pub fn take_short_slices() -> io::Result<()> {
    let length = c_long::try_from(size_of::<libc::sched_attr>()).unwrap_or(0);
    // SAFETY: the structure consists of numbers, for which 0 is valid.
    #[expect(unsafe_code, reason = "there is no safe call")]
    let mut attributes: libc::sched_attr = unsafe { mem::zeroed() };
    // SAFETY: the kernel writes at most as many bytes as it is told that there are.
    #[expect(unsafe_code, reason = "there is no safe call")]
    done(unsafe {
        let to = &raw mut attributes;
        libc::syscall(libc::SYS_sched_getattr, THIS_THREAD, to, length, NO_FLAGS)
    })?;
    attributes.sched_runtime = SHORTEST_SLICE_NS;
    // SAFETY: the kernel reads as many bytes as the structure says of itself, which are those it has written.
    #[expect(unsafe_code, reason = "there is no safe call")]
    done(unsafe {
        libc::syscall(libc::SYS_sched_setattr, THIS_THREAD, &raw const attributes, NO_FLAGS)
    })
}

fn done(status: c_long) -> io::Result<()> {
    if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
