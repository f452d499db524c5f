use std::collections::BTreeMap;
use std::io;

use crate::cpu_set::CpuSet;
use crate::error::Error;
use crate::read::{if_alive, threads};
use crate::system::System;

/// How often all threads are walked at most, to pin them and to put them back. Each walk leaves only threads that
/// others started during it.
pub(super) const WALKS: u32 = 32;

/// The affinity of the threads of this process before they were pinned.
pub struct FormerAffinity {
    /// The calling thread's CPUs, which threads get that pinned ones have started.
    own: CpuSet,
    pinned_to: CpuSet,
    threads: BTreeMap<u32, CpuSet>,
}

impl FormerAffinity {
    /// Starts a record for a thread on the CPUs `own` that pins all threads to `pinned_to`.
    pub fn new(own: CpuSet, pinned_to: CpuSet) -> Self {
        Self { own, pinned_to, threads: BTreeMap::new() }
    }

    /// Keeps the first affinity that a thread is found with.
    pub fn note(&mut self, thread: u32, affinity: CpuSet) {
        self.threads.entry(thread).or_insert(affinity);
    }

    /// Puts all threads back because of `cause`; returns the error to report.
    pub fn restore(&self, system: &dyn System, cause: Error) -> Error {
        let mut failed = None;
        for _ in 0..WALKS {
            let mut moved = None;
            failed = None;
            let known = || self.threads.keys().copied().collect();
            // All threads are tried, whichever fails.
            for thread in threads(system).unwrap_or_else(|_| known()) {
                match self.restore_thread(system, thread) {
                    Ok(false) => {}
                    Ok(true) => moved = Some(thread),
                    Err(reason) => failed = failed.or(Some((thread, reason.to_string()))),
                }
            }
            let Some(thread) = moved else { break };
            failed = failed.or_else(|| Some((thread, "it does not stay there".to_owned())));
        }
        match failed {
            None => cause,
            Some((thread, reason)) => Error::NotRestored {
                thread,
                cpus: self.threads.get(&thread).unwrap_or(&self.own).clone(),
                reason,
                cause: Box::new(cause),
            },
        }
    }

    /// Puts the thread back; returns whether that was necessary.
    fn restore_thread(&self, system: &dyn System, thread: u32) -> io::Result<bool> {
        let Some(affinity) = if_alive(system.affinity(thread))? else { return Ok(false) };
        let former = match self.threads.get(&thread) {
            Some(former) => former,
            None if affinity == self.pinned_to => &self.own,
            None => return Ok(false),
        };
        if affinity == *former {
            return Ok(false);
        }
        Ok(if_alive(system.set_affinity(thread, former))?.is_some())
    }
}
