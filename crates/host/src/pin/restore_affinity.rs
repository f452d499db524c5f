use std::collections::BTreeMap;
use std::io;

use crate::cpu_set::CpuSet;
use crate::error::Error;
use crate::read::{if_alive, threads};
use crate::system::System;

/// As for the way there; here each walk leaves only threads that others started during it, too.
const WALKS: u32 = 32;

/// Where the threads of this process were before they were pinned.
pub struct FormerAffinity {
    /// The calling thread's CPUs, for threads that pinned ones started.
    own: CpuSet,
    pinned_to: CpuSet,
    threads: BTreeMap<u32, CpuSet>,
}

impl FormerAffinity {
    /// For pinning to `pinned_to` by a thread that is on the CPUs `own`.
    pub fn new(own: CpuSet, pinned_to: CpuSet) -> Self {
        Self { own, pinned_to, threads: BTreeMap::new() }
    }

    /// Keeps where a thread is found at first.
    pub fn note(&mut self, thread: u32, affinity: CpuSet) {
        self.threads.entry(thread).or_insert(affinity);
    }

    /// Puts all threads back because of `cause`; the error to give.
    pub fn restore(&self, system: &dyn System, cause: Error) -> Error {
        let mut failed = None;
        for _ in 0..WALKS {
            let mut moved = None;
            failed = None;
            let known = || self.threads.keys().copied().collect();
            // All are tried, whichever fails.
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

    /// Whether the thread had to be moved.
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
