use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{Builder, Thread, park_timeout};
use std::time::{Duration, Instant};
use std::{io, iter};

use protoplast_host::{Scheduled, ThreadSchedule, take_short_slices};
use protoplast_planner::{Gaps, GilCounters, Look, ScheduledMeanwhile};
use pyo3::prelude::*;

/// How long the end of the thread is waited for. It ends at once, unless another thread holds the GIL.
const LONGEST_END: Duration = Duration::from_secs(1);

/// What the thread counts. It writes, and others read, while they hold the GIL, so that a reader sees all
/// figures of one moment.
struct Tally {
    began: Instant,
    samples: AtomicU64,
    blocked: AtomicU64,
    waited_ns: AtomicU64,
    /// When the thread asked, in nanoseconds since it began; 0 if it is not waiting for an answer.
    asked_ns: AtomicU64,
    ends: AtomicBool,
}

impl Tally {
    fn new() -> Self {
        Self {
            began: Instant::now(),
            samples: AtomicU64::new(0),
            blocked: AtomicU64::new(0),
            waited_ns: AtomicU64::new(0),
            asked_ns: AtomicU64::new(0),
            ends: AtomicBool::new(false),
        }
    }

    fn now_ns(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn count(&self, look: Look) {
        let add = |counter: &AtomicU64, by| counter.fetch_add(by, Ordering::Relaxed);
        self.asked_ns.store(0, Ordering::Relaxed);
        add(&self.samples, 1);
        if let Some(waited_ns) = look.waited_ns() {
            add(&self.blocked, 1);
            add(&self.waited_ns, waited_ns);
        }
    }

    /// Reads the counters. The caller holds the GIL, so a thread that has asked waits for it.
    fn counters(&self) -> GilCounters {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let now_ns = self.now_ns();
        let asked_ns = read(&self.asked_ns);
        let is_waiting = asked_ns != 0;
        let waits_ns = if is_waiting { now_ns.saturating_sub(asked_ns) } else { 0 };
        GilCounters {
            elapsed_us: now_ns / 1_000,
            samples: read(&self.samples) + u64::from(is_waiting),
            blocked: read(&self.blocked) + u64::from(is_waiting),
            waited_us: (read(&self.waited_ns) + waits_ns) / 1_000,
        }
    }
}

/// A thread that asks for the GIL at random moments and counts how long the answers take.
pub struct GilThread {
    tally: Arc<Tally>,
    thread: Thread,
    /// Closed once the thread will never ask again. Nothing is sent. The thread's own handle is not kept, because
    /// a process that was forked has no such thread that it could join.
    ended: Receiver<()>,
}

impl GilThread {
    /// Starts the thread.
    pub fn start() -> io::Result<Self> {
        let tally = Arc::new(Tally::new());
        let (ends, ended) = channel();
        let of_thread = Arc::clone(&tally);
        let watch = move || {
            // None if the interpreter ends.
            Python::try_attach(|py| watch(py, &of_thread));
            drop(ends);
        };
        let thread = Builder::new().name("protoplast-gil".to_owned()).spawn(watch)?;
        Ok(Self { tally, thread: thread.thread().clone(), ended })
    }

    /// Reads the counters. The caller holds the GIL.
    pub fn counters(&self, _py: Python<'_>) -> GilCounters {
        self.tally.counters()
    }

    /// Has the thread end, and waits for that; not for ever, because a thread that asks for the GIL of an
    /// interpreter that ends never has an answer. Then it ends with the process.
    pub fn end(self, py: Python<'_>) {
        self.ask_to_end();
        py.detach(move || {
            let _ = self.ended.recv_timeout(LONGEST_END);
        });
    }

    fn ask_to_end(&self) {
        self.tally.ends.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

impl Drop for GilThread {
    fn drop(&mut self) {
        self.ask_to_end();
    }
}

/// A question, before it is answered.
struct Question {
    asked: Instant,
    scheduled: Option<Scheduled>,
}

/// Asks until it is to end.
fn watch(py: Python<'_>, tally: &Tally) {
    let mut gaps = Gaps::new(RandomState::new().hash_one(()));
    // A thread that waits for a CPU after each gap asks when others have had theirs, and let the GIL go.
    let _ = take_short_slices();
    // Without it the time of an answer alone decides.
    let schedule = ThreadSchedule::open().ok();
    let read = || schedule.as_ref().and_then(ThreadSchedule::read);
    // The GIL is let go while this waits, and asked for again right after the last line.
    let ask = |gap: Duration| {
        py.detach(|| {
            if !wait(gap, tally) {
                return None;
            }
            let scheduled = read();
            tally.asked_ns.store(tally.now_ns(), Ordering::Relaxed);
            Some(Question { asked: Instant::now(), scheduled })
        })
    };
    for question in iter::from_fn(|| ask(Duration::from_micros(gaps.next_us()))) {
        let took_ns = u64::try_from(question.asked.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let before = question.scheduled;
        let meanwhile = if Look::is_surely_free(took_ns) { before } else { read() };
        let scheduled = before.zip(meanwhile).map(|(before, after)| ScheduledMeanwhile {
            runs: after.runs.saturating_sub(before.runs),
            queued_ns: after.queued_ns.saturating_sub(before.queued_ns),
        });
        tally.count(Look { took_ns, scheduled });
    }
}

/// Waits; returns false if the thread is to end.
fn wait(gap: Duration, tally: &Tally) -> bool {
    let until = Instant::now() + gap;
    loop {
        if tally.ends.load(Ordering::Acquire) {
            return false;
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return true;
        }
        park_timeout(left);
    }
}
