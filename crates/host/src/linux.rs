use std::io::Write;
use std::{fs, io};

use rustix::io::Errno;
use rustix::thread::{CpuSet as Mask, Pid, sched_getaffinity, sched_setaffinity};

use crate::cpu_set::CpuSet;
use crate::system::System;

/// The machine that this process runs on.
///
/// Affinity is supported for the CPUs 0 to 1023, the size of the mask in C (`cpu_set_t`). A kernel built for
/// more CPUs answers `EINVAL`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Linux;

impl System for Linux {
    fn read(&self, path: &str) -> io::Result<String> {
        Ok(String::from_utf8_lossy(&fs::read(path)?).into_owned())
    }

    fn write(&self, path: &str, text: &str) -> io::Result<()> {
        fs::OpenOptions::new().write(true).open(path)?.write_all(text.as_bytes())
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        fs::read_dir(path)?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect()
    }

    fn link(&self, path: &str) -> io::Result<String> {
        Ok(fs::read_link(path)?.to_string_lossy().into_owned())
    }

    fn affinity(&self, thread: u32) -> io::Result<CpuSet> {
        let mask = sched_getaffinity(id(thread)?)?;
        Ok((0..Mask::MAX_CPU).filter(|cpu| mask.is_set(*cpu)).filter_map(number).collect())
    }

    fn set_affinity(&self, thread: u32, cpus: &CpuSet) -> io::Result<()> {
        let mut mask = Mask::new();
        for cpu in cpus.iter() {
            let cpu = usize::try_from(cpu).unwrap_or(usize::MAX);
            // The mask panics on a larger CPU.
            if cpu >= Mask::MAX_CPU {
                return Err(Errno::INVAL.into());
            }
            mask.set(cpu);
        }
        Ok(sched_setaffinity(id(thread)?, &mask)?)
    }
}

/// Converts a thread's id; None stands for the calling thread.
fn id(thread: u32) -> io::Result<Option<Pid>> {
    Ok(Pid::from_raw(i32::try_from(thread).map_err(|_| Errno::SRCH)?))
}

fn number(cpu: usize) -> Option<u32> {
    u32::try_from(cpu).ok()
}
