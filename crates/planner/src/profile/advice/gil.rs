use super::gain::Advice;
use crate::bytes::bytes;
use crate::profile::amounts::percent;
use crate::profile::figures::functions::Function;
use crate::profile::figures::usage::Figures;
use crate::profile::record::ProfileRecord;
use crate::quoted::Quoted;

/// Below this part of the time a function counts as releasing the GIL, and above the other as holding it.
const RELEASED: f64 = 0.2;
const HELD: f64 = 0.8;

/// Above this part of a core a function computes, and below the other it waits.
const COMPUTES: f64 = 0.7;
const WAITS: f64 = 0.3;

/// The part of the work that a function takes at least for its memory to be worth a sentence.
const LEAST_PART: f64 = 0.1;

/// The CPUs of the wider workers that are proposed, and the memory that they save at least.
const WIDE: u64 = 8;
const LEAST_MEMORY: u64 = 256 << 20;

/// Cores count as free below this part of their time.
const FREE_CORES: f64 = 0.8;

/// A function that computes without the GIL on workers of one slot: fewer workers would do, with less memory.
pub(super) fn released(
    record: &ProfileRecord,
    figures: &Figures,
    function: &Function,
) -> Option<Advice> {
    let held = function.gil?.held;
    let computes = function.cpu_part?;
    let work: u64 = figures.stages.iter().map(|stage| stage.work_us).sum();
    let is_part = function.work_us as f64 >= LEAST_PART * work as f64;
    if held >= RELEASED || computes < COMPUTES || function.slots > 1 || !is_part {
        return None;
    }
    let less: u64 = figures.nodes.iter().map(|node| memory_less(record, &node.name)).sum();
    (less >= LEAST_MEMORY).then(|| Advice {
        sentence: format!(
            "{} holds the GIL for {} of its time while it computes ({} of a core each); workers of several \
             CPUs, such as cpus-per-worker={WIDE}, would be as fast, with up to {} of memory less",
            Quoted(&function.quoted()),
            percent(held),
            percent(computes),
            bytes(less),
        ),
        gain: None,
    })
}

/// The memory that the workers of a node take beyond that of as many as there would be of wider ones, in bytes.
fn memory_less(record: &ProfileRecord, node: &str) -> u64 {
    let peaks = record.workers.iter().filter(|worker| worker.node == node && worker.slots == 1);
    let mut peaks: Vec<u64> = peaks.filter_map(|worker| worker.peak_bytes).collect();
    peaks.sort_unstable_by(|one, other| other.cmp(one));
    peaks.iter().skip((peaks.len() as u64).div_ceil(WIDE) as usize).sum()
}

/// A function that waits for something else than the CPU: more of its calls could wait at once.
pub(super) fn waits(figures: &Figures, function: &Function) -> Option<Advice> {
    let held = function.gil?.held;
    let part = function.cpu_part?;
    if held >= RELEASED || part >= WAITS {
        return None;
    }
    let saved = function.work_us as f64 * (1.0 - part) / figures.slots.max(1) as f64;
    let sentence = format!(
        "{} waits for {} of its time; make it async, or give it more threads",
        Quoted(&function.quoted()),
        percent(1.0 - part),
    );
    Advice::waiting_less(figures, saved, &sentence)
}

/// A function that holds the GIL of a worker in which several tasks run at once, while cores are free.
pub(super) fn held_on_wide_workers(
    record: &ProfileRecord,
    figures: &Figures,
    function: &Function,
) -> Option<Advice> {
    let held = function.gil?.held;
    let used = figures.cores_used.unwrap_or(0.0);
    if held <= HELD || function.slots < 2 || function.at_once < 1.5 || used >= FREE_CORES {
        return None;
    }
    // A task that runs alone computes for the part of the time in which the GIL is held.
    let cpus: f64 = record.nodes.iter().map(|node| f64::from(node.cpus)).sum();
    let most = if used > 0.0 { 1.0 / used } else { cpus.max(1.0) };
    let factor = function.at_once.min(most);
    let saved = function.span_us as f64 * (1.0 - 1.0 / factor);
    let cores =
        figures.cores_used.map(|used| format!(" ({} of the cores are used)", percent(used)));
    let sentence = format!(
        "{} holds the GIL for {} of its time, and {:.0} tasks share one{}; use one worker per core (per-core)",
        Quoted(&function.quoted()),
        percent(held),
        function.at_once,
        cores.unwrap_or_default(),
    );
    Advice::waiting_less(figures, saved, &sentence)
}
