use std::io;

use crate::cpu_set::CpuSet;
use crate::error::Error;
use crate::pin::restore_affinity::{FormerAffinity, WALKS};
use crate::read::{if_alive, threads};
use crate::system::System;

/// Puts all threads of this process on `cpus`; threads that they start inherit the affinity
/// (`sched_setaffinity(2)`).
///
/// The threads are walked until a walk finds none on other CPUs, because a thread that was not reached yet can
/// start others. A thread that ends meanwhile is skipped. On an error all threads are put back on their former
/// CPUs; threads that pinned ones have started are put on the CPUs of the calling thread.
///
/// # Errors
///
/// [`Error::EmptySet`] if `cpus` is empty, [`Error::NotPinned`] if the system refuses or leaves CPUs out,
/// [`Error::Unsettled`] if threads on other CPUs keep appearing, [`Error::Unreadable`] if the threads cannot be
/// listed, [`Error::NotRestored`] if putting threads back fails as well.
pub fn pin(system: &dyn System, cpus: &CpuSet) -> Result<(), Error> {
    if cpus.is_empty() {
        return Err(Error::EmptySet);
    }
    let own = system.affinity(0).map_err(|reason| not_pinned(0, cpus, &reason))?;
    let mut former = FormerAffinity::new(own, cpus.clone());
    // All threads are noted before any is moved: a thread that is found on `cpus` later inherited them.
    for thread in threads(system)? {
        let affinity = if_alive(system.affinity(thread));
        if let Some(affinity) = affinity.map_err(|reason| not_pinned(thread, cpus, &reason))? {
            former.note(thread, affinity);
        }
    }
    settle(system, cpus, &mut former).map_err(|cause| former.restore(system, cause))
}

fn settle(system: &dyn System, cpus: &CpuSet, former: &mut FormerAffinity) -> Result<(), Error> {
    for _ in 0..WALKS {
        let mut moved_any = false;
        for thread in threads(system)? {
            let moved = if_alive(move_thread(system, thread, cpus, former));
            moved_any |=
                moved.map_err(|reason| not_pinned(thread, cpus, &reason))?.unwrap_or(false);
        }
        if !moved_any {
            return Ok(());
        }
    }
    Err(Error::Unsettled { cpus: cpus.clone(), walks: WALKS })
}

/// Moves the thread; returns whether that was necessary.
fn move_thread(
    system: &dyn System,
    thread: u32,
    cpus: &CpuSet,
    former: &mut FormerAffinity,
) -> io::Result<bool> {
    let affinity = system.affinity(thread)?;
    if affinity == *cpus {
        return Ok(false);
    }
    former.note(thread, affinity);
    system.set_affinity(thread, cpus)?;
    // The kernel silently leaves out CPUs that are offline or not in the cpuset.
    let taken = system.affinity(thread)?;
    if taken != *cpus {
        return Err(io::Error::other(format!("the kernel put it on '{taken}' instead")));
    }
    Ok(true)
}

fn not_pinned(thread: u32, cpus: &CpuSet, reason: &io::Error) -> Error {
    Error::NotPinned { thread, cpus: cpus.clone(), reason: reason.to_string() }
}
