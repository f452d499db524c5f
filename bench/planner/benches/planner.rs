//! Planning for 10, 1,000 and 10,000 nodes of 64 CPUs: all workers new, and a refresh that finds all
//! of them. Throughput is in workers, so criterion's `elem/s` is workers a second. And the decision on a
//! query's workers under `auto`, for 10, 100 and 1,000 such nodes, with its plan's text given.

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use protoplast_planner::{DecisionInput, Layout, LayoutKind, Node, NodeRecord, decide, plan};

const CPUS: u32 = 64;
const NODE_COUNTS: [u64; 3] = [10, 1_000, 10_000];

fn nodes(count: u64) -> Vec<Node> {
    (0..count)
        .map(|index| {
            // Ray's node ids are 28 random bytes in hexadecimal.
            let id: String = (0..7)
                .map(|word| {
                    let mixed = (index * 7 + word + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
                    format!("{:08x}", (mixed >> 32) as u32)
                })
                .collect();
            Node::try_from(NodeRecord::new(&id, CPUS.into(), 0.0, 256e9)).expect("valid node")
        })
        .collect()
}

/// The ids in an order without locality, as Daft's hash map of workers gives them.
fn shuffled(mut ids: Vec<String>) -> Vec<String> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    for last in (1..ids.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        ids.swap(last, (state >> 33) as usize % (last + 1));
    }
    // Fresh copies: Daft makes them so as well, and their places in memory follow their order.
    ids.iter().map(|id| id.as_str().to_owned()).collect()
}

fn planner(criterion: &mut Criterion) {
    let layout = Layout::default();
    let mut group = criterion.benchmark_group("planner");
    group.sample_size(20);
    for count in NODE_COUNTS {
        let nodes = nodes(count);
        let all = plan::<&str>(&nodes, &layout, &[]).expect("plan").workers;
        group.throughput(Throughput::Elements(all.len() as u64));
        group.bench_with_input(BenchmarkId::new("all new", count), &nodes, |bencher, nodes| {
            bencher.iter_batched(
                || (),
                |()| plan::<&str>(nodes, &layout, &[]).expect("plan"),
                BatchSize::LargeInput,
            );
        });
        let existing = shuffled(all.into_iter().map(|worker| worker.worker_id).collect());
        group.bench_with_input(
            BenchmarkId::new("all existing", count),
            &nodes,
            |bencher, nodes| {
                bencher.iter(|| plan(nodes, &layout, &existing).expect("plan"));
            },
        );
    }
    group.finish();
}

/// A query as Daft 0.7.26 prints it, with a UDF between a scan and a shuffle.
const PLAN: &str = "\
* Group-By Aggregate: col(0: b)
|   Aggregations = sum(col(1: a))
|   Output Schema = b#Int64, a#UInt64
|
* RayShuffle: Hash
|   Num partitions = Some(4)
|   By = col(0: b)
|
* UDF __main__.f:
|   Expr = __main__.f-234981-1(col(0: a)) as b
|   Passthrough Columns = [col(0: a)]
|   Properties = { on_error = raise, async = false, scalar = false }
|   Resource request = { num_gpus = 0 }
|
* ScanTaskSource:
|   Num Scan Tasks = 10000
|   Estimated Scan Bytes = 75140
|   Schema: {a#Int64}
|   Scan Tasks: [
|   {File {file:///data/m0.parquet}}
|   ...
|   {File {file:///data/m9999.parquet}}
|   ]
";

fn decision(criterion: &mut Criterion) {
    let layout = Layout::from(LayoutKind::Auto);
    let mut group = criterion.benchmark_group("decision");
    for count in [10, 100, 1_000] {
        let nodes = nodes(count);
        let asked = DecisionInput {
            plan: PLAN,
            logical: PLAN,
            layout: &layout,
            nodes: &nodes,
            scarce: &[],
            work: &[],
            one_worker_blocked: None,
        };
        group.bench_function(BenchmarkId::new("auto", count), |bencher| {
            bencher.iter(|| decide(asked).expect("decided"));
        });
    }
    group.finish();
}

criterion_group!(benches, planner, decision);
criterion_main!(benches);
