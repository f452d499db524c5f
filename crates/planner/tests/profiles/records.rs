//! Records as they would be of queries of known faults, from a simulated runner.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use protoplast_planner::{GilRecord, ProfileRecord, ProfiledNode, TaskRecord, WorkerRecord};

pub const MS: u64 = 1_000;
pub const S: u64 = 1_000_000;

/// A stage: what its tasks do, how many there are, and how long one works on average, in microseconds.
pub struct Stage {
    pub name: &'static str,
    pub tasks: u64,
    pub work_us: u64,
    pub functions: &'static [&'static str],
}

/// Workers of so many slots on each of so many nodes, of which the last of each node is up later.
pub fn workers(nodes: usize, each: usize, slots: u32) -> Vec<WorkerRecord> {
    let worker = |place: usize| {
        let (node, index) = (place / each, place % each);
        WorkerRecord {
            id: format!("node-{node}_cpu_{}", index as u32 * slots),
            node: format!("node-{node}"),
            slots,
            up_us: Some(if index == 0 { 0 } else { (200 + 20 * (index as u64 % 16)) * MS }),
            gone_us: None,
            cpu_us: Some(2 * S),
            peak_bytes: Some((300 + index as u64) << 20),
            gil: Some(GilRecord { held: 0.62, waited: 0.05, samples: 900 }),
        }
    };
    (0..nodes * each).map(worker).collect()
}

/// Runs stages one after the other: the runner sends a task each 0.5 ms to the slot that is free first.
pub fn record(title: &str, workers: Vec<WorkerRecord>, stages: &[Stage]) -> ProfileRecord {
    let mut free: BinaryHeap<Reverse<(u64, usize)>> = workers
        .iter()
        .enumerate()
        .flat_map(|(place, worker)| {
            vec![Reverse((worker.up_us.unwrap_or(0), place)); worker.slots as usize]
        })
        .collect();
    let mut tasks = Vec::new();
    let mut clock = 80 * MS;
    for (number, stage) in stages.iter().enumerate() {
        for index in 0..stage.tasks {
            let Reverse((at, worker)) = free.pop().expect("a slot");
            clock = clock.max(at) + MS / 2;
            // Lengths vary from half to one and a half times the mean.
            let work = stage.work_us / 2 + stage.work_us * (index * 7_919 % 1_000) / 1_000;
            let begun = clock + 2 * MS;
            tasks.push(TaskRecord {
                worker,
                name: stage.name.to_owned(),
                stage: number as u32,
                sent_us: clock,
                begun_us: Some(begun),
                ended_us: Some(begun + work),
                returned_us: begun + work + 3 * MS,
                rows: Some(10_000 + index % 100),
                bytes: Some(1 << 20),
                cpu_us: Some(work * 9 / 10),
                functions: stage.functions.iter().map(|&name| name.to_owned()).collect(),
                gil: Some(GilRecord { held: 0.9, waited: 0.02, samples: 5 }),
                ..TaskRecord::default()
            });
            free.push(Reverse((begun + work + 3 * MS, worker)));
        }
        clock = tasks.iter().map(|task| task.returned_us).max().unwrap_or(clock) + 10 * MS;
    }
    let wall_us = clock + 60 * MS;
    let mut names: Vec<String> = workers.iter().map(|worker| worker.node.clone()).collect();
    names.dedup();
    let cpus = |name: &str| -> u32 {
        workers.iter().filter(|worker| worker.node == name).map(|worker| worker.slots).sum()
    };
    let node = |name: String| ProfiledNode {
        cpus: cpus(&name),
        cpu_us: Some(u64::from(cpus(&name)) * wall_us * 7 / 10),
        name,
    };
    let nodes = names.into_iter().map(node).collect();
    ProfileRecord {
        title: title.to_owned(),
        layout: "auto".to_owned(),
        began_at: 1_700_000_000.0,
        wall_us,
        delivered_us: Some(wall_us - 5 * MS),
        runner_cpu_us: Some(tasks.len() as u64 * MS),
        workers,
        nodes,
        tasks,
        ..ProfileRecord::default()
    }
}

const TOKENISE: Stage = Stage {
    name: "ScanTaskSource, UDFProject, RepartitionWrite",
    tasks: 40,
    work_us: 180 * MS,
    functions: &["tokenise"],
};

/// Two nodes of four cores; one task takes much longer than the others.
pub fn small() -> ProfileRecord {
    let merge =
        Stage { name: "ShuffleRead, Aggregate", tasks: 8, work_us: 60 * MS, functions: &[] };
    let mut record = record(
        "df.select(tokenise('text')).groupby('n').sum()",
        workers(2, 4, 1),
        &[TOKENISE, merge],
    );
    record.tasks[33].failed = true;
    let late = 700 * MS;
    for task in record.tasks.iter_mut().skip(39) {
        let first = task.stage == 0;
        for time in [&mut task.ended_us, &mut task.begun_us].into_iter().flatten() {
            *time += late;
        }
        task.sent_us += late;
        task.returned_us += late;
        if first {
            task.sent_us -= late;
            task.begun_us = task.begun_us.map(|time| time - late);
            task.rows = Some(61_000);
        }
    }
    record.wall_us += late;
    record.delivered_us = record.delivered_us.map(|time| time + late);
    record
}

/// One worker of a slot with two tasks: small enough to be read as text.
pub fn tiny() -> ProfileRecord {
    let stage = Stage { name: "Scan", tasks: 2, work_us: 100 * MS, functions: &["f"] };
    record("df.select(f('x'))", workers(1, 1, 1), &[stage])
}

/// 10,000 tasks on 640 slots of ten nodes, a worker for each slot or one for each node.
pub fn large(slots: u32) -> ProfileRecord {
    let first = Stage { tasks: 7_000, work_us: 400 * MS, ..TOKENISE };
    let then = Stage {
        name: "ShuffleRead, UDFProject",
        tasks: 2_900,
        work_us: 250 * MS,
        functions: &["embed"],
    };
    let last = Stage { name: "Aggregate", tasks: 100, work_us: 500 * MS, functions: &[] };
    let workers = workers(10, 64 / slots as usize, slots);
    record("df.select(embed(tokenise('text'))).groupby('n').sum()", workers, &[first, then, last])
}

/// 10,000 tasks of 1 ms on 64 slots of one node.
pub fn short() -> ProfileRecord {
    let stage = Stage { tasks: 10_000, work_us: MS, ..TOKENISE };
    record("df.select(tokenise('text'))", workers(1, 64, 1), &[stage])
}
