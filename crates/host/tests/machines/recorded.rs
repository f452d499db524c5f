use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;

use protoplast_host::{CpuSet, System};
use rustix::io::Errno;

/// The id of the calling thread.
pub const CALLER: u32 = 100;

/// A machine in memory: its files, and the threads of the one process that asks.
///
/// In the text form a file is a line `path = content`, or a line with the path and then the file's lines,
/// indented by two spaces. `{0-3}` in a path stands for each number of the list. Lines that start with `#`
/// describe the machine.
pub struct Recorded {
    files: BTreeMap<String, String>,
    /// Files and directories that exist, but that this process may not read.
    pub denied: BTreeSet<String>,
    /// What was written to files, in this order. The files keep their content.
    pub written: RefCell<Vec<(String, String)>>,
    /// The threads with their CPUs.
    pub threads: RefCell<BTreeMap<u32, CpuSet>>,
    /// Threads that are listed and end before anything else is read of them.
    pub ending: BTreeSet<u32>,
    /// Threads that start after each listing of the threads.
    pub starting: RefCell<VecDeque<(u32, CpuSet)>>,
    /// The error with which the system refuses to move a thread.
    pub refusal: fn(u32, &CpuSet) -> Option<Errno>,
    /// The CPUs of the container; any others that a thread is put on are left out.
    pub cpuset: CpuSet,
}

impl Recorded {
    /// Reads a machine of `tests/trees`.
    pub fn tree(name: &str) -> Self {
        let path = format!("{}/tests/trees/{name}.txt", env!("CARGO_MANIFEST_DIR"));
        Self::new(&std::fs::read_to_string(&path).expect(&path))
    }

    /// Reads a machine from its text. The calling thread may use the CPUs in `/proc/self/status`, or all.
    pub fn new(text: &str) -> Self {
        let mut files: BTreeMap<String, String> = BTreeMap::new();
        let mut open = Vec::new();
        for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            if let Some(content) = line.strip_prefix("  ") {
                for path in &open {
                    let file: &mut String = files.get_mut(path).expect("a path before its lines");
                    file.push_str(content);
                    file.push('\n');
                }
                continue;
            }
            let (path, content) = match line.split_once(" =") {
                Some((path, content)) => (path, format!("{}\n", content.trim())),
                None => (line, String::new()),
            };
            open = expanded(path);
            files.extend(open.iter().map(|path| (path.clone(), content.clone())));
        }
        let status = files.get("/proc/self/status").map(String::as_str).unwrap_or_default();
        let affinity = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
        let affinity = affinity.or(files.get("/sys/devices/system/cpu/online").map(String::as_str));
        let cpus: CpuSet = affinity.unwrap_or_default().parse().expect("a list of CPUs");
        Self {
            files,
            denied: BTreeSet::new(),
            written: RefCell::default(),
            threads: RefCell::new(BTreeMap::from([(CALLER, cpus.clone())])),
            ending: BTreeSet::new(),
            starting: RefCell::default(),
            refusal: |_, _| None,
            cpuset: cpus,
        }
    }

    /// The same machine with another file.
    pub fn with(mut self, path: &str, content: &str) -> Self {
        self.files.insert(path.to_owned(), content.to_owned());
        self
    }

    /// The same machine without a file.
    pub fn without(mut self, path: &str) -> Self {
        self.files.remove(path).expect(path);
        self
    }
}

impl System for Recorded {
    fn read(&self, path: &str) -> io::Result<String> {
        if self.denied.contains(path) {
            return Err(Errno::ACCESS.into());
        }
        self.files.get(path).cloned().ok_or_else(|| Errno::NOENT.into())
    }

    fn write(&self, path: &str, text: &str) -> io::Result<()> {
        self.read(path)?;
        self.written.borrow_mut().push((path.to_owned(), text.to_owned()));
        Ok(())
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        if self.denied.contains(path) {
            return Err(Errno::ACCESS.into());
        }
        if path == "/proc/self/task" {
            let mut threads = self.threads.borrow_mut();
            let names = threads.keys().chain(&self.ending).map(u32::to_string).collect();
            threads.extend(self.starting.borrow_mut().pop_front());
            return Ok(names);
        }
        let name = |file: &String| {
            let below = file.strip_prefix(path)?.strip_prefix('/')?;
            below.split('/').next().map(str::to_owned)
        };
        let names: BTreeSet<String> = self.files.keys().filter_map(name).collect();
        // A directory has any order; the reverse finds code that expects an ascending one.
        if names.is_empty() {
            Err(Errno::NOENT.into())
        } else {
            Ok(names.into_iter().rev().collect())
        }
    }

    fn link(&self, path: &str) -> io::Result<String> {
        self.read(path)
    }

    fn affinity(&self, thread: u32) -> io::Result<CpuSet> {
        let thread = if thread == 0 { CALLER } else { thread };
        self.threads.borrow().get(&thread).cloned().ok_or_else(|| Errno::SRCH.into())
    }

    fn set_affinity(&self, thread: u32, cpus: &CpuSet) -> io::Result<()> {
        let thread = if thread == 0 { CALLER } else { thread };
        let mut threads = self.threads.borrow_mut();
        let affinity = threads.get_mut(&thread).ok_or(Errno::SRCH)?;
        if let Some(errno) = (self.refusal)(thread, cpus) {
            return Err(errno.into());
        }
        let taken = cpus.intersection(&self.cpuset);
        if taken.is_empty() {
            return Err(Errno::INVAL.into());
        }
        *affinity = taken;
        Ok(())
    }
}

fn expanded(path: &str) -> Vec<String> {
    let Some((before, rest)) = path.split_once('{') else { return vec![path.to_owned()] };
    let (list, after) = rest.split_once('}').expect("a closing brace");
    let numbers: CpuSet = list.parse().expect("a list of numbers");
    numbers.iter().map(|number| format!("{before}{number}{after}")).collect()
}
