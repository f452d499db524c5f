//! Which UDFs of a plan run in one task, which asks for the most of each.

use crate::error::Error;
use crate::query::explain_text::Operator;
use crate::query::resource_request::ResourceRequest;

/// Operators before which tasks end: their rows are put down, and other tasks take them up (0.5.22 to 0.7.26,
/// `materialize` in `daft-distributed/src/pipeline_node`). All others are added to the tasks that they read from.
const ENDING: [&str; 5] = ["Pre-ShuffleMerge", "Repartition", "IntoBatches", "Sort", "AsofJoin"];
/// The same, behind the name of what moves the rows: `RayShuffle: Hash`, `RayGather`.
const MOVING: [&str; 2] = ["Gather", "Shuffle"];

/// Joins whose first side is put down before the tasks of the second one, to which they are added, run.
const ONE_SIDED: [&str; 2] = ["BroadcastJoin", "KeyFilteringJoin"];
/// Its tasks are those of both sides, each by itself.
const CONCAT: &str = "Concat";

/// Operators that are added to their tasks in every release, however many tasks there are.
const PASSING: [&str; 4] = ["Project", "Filter", "Explode", "Sample"];

/// Reads what the tasks of a plan may ask for, a request for each kind of task that runs a UDF.
///
/// Whether some operators end tasks depends on how many there are (`IntoPartitions`) or on the release (`Limit`).
/// These are taken not to.
///
/// # Errors
///
/// [`Error::UnreadablePlan`] where a UDF has no readable request.
pub(crate) fn requests(operators: &[Operator]) -> Result<Vec<ResourceRequest>, Error> {
    chained(operators, Operator::passes_on)
}

/// The same of what they ask for in any case: these operators are taken to end tasks.
pub(crate) fn certain_requests(operators: &[Operator]) -> Result<Vec<ResourceRequest>, Error> {
    chained(operators, |operator, chain, _| {
        let is_passing =
            operator.is_udf() || operator.is_actor() || PASSING.contains(&operator.squeezed_kind());
        (chain.filter(|_| is_passing), None)
    })
}

type Chain = Option<usize>;

/// `pass_on` says to which chains the operators belong that one reads from.
fn chained(
    operators: &[Operator],
    pass_on: impl Fn(&Operator, Chain, &mut Vec<ResourceRequest>) -> (Chain, Chain),
) -> Result<Vec<ResourceRequest>, Error> {
    let mut requests: Vec<ResourceRequest> = Vec::new();
    // By depth the request of the tasks that the next operator there is part of, once there is one.
    let mut chains: Vec<Chain> = vec![None];
    for operator in operators {
        let mut chain = chains.get(operator.depth).copied().flatten();
        if let Some(asked) = operator.asked_of_task()? {
            match chain.and_then(|index| requests.get_mut(index)) {
                Some(request) => request.join(asked),
                None => {
                    chain = Some(requests.len());
                    requests.push(asked);
                }
            }
        }
        let (below, branch) = pass_on(operator, chain, &mut requests);
        chains.truncate(operator.depth);
        chains.resize(operator.depth, None);
        chains.extend([below, branch]);
    }
    Ok(requests)
}

impl Operator {
    /// What it asks of the task that it is part of, where it runs Python code.
    fn asked_of_task(&self) -> Result<Option<ResourceRequest>, Error> {
        if self.is_actor() {
            // The actors hold CPUs and GPUs; the task that calls them asks for their memory
            // (`LocalPhysicalPlan::resource_request`).
            let memory_bytes = self.request()?.memory_bytes;
            return Ok((memory_bytes > 0).then(|| ResourceRequest {
                operator: self.udf_name(),
                cpus: 1.0,
                gpus: 0.0,
                memory_bytes,
            }));
        }
        if self.is_udf() { self.request().map(Some) } else { Ok(None) }
    }

    /// The chains of what it reads from: of the operator below it, and of the branch to the right, which Daft
    /// prints first.
    fn passes_on(&self, chain: Chain, requests: &mut Vec<ResourceRequest>) -> (Chain, Chain) {
        let kind = self.squeezed_kind();
        if ends_tasks(kind) {
            return (None, None);
        }
        if ONE_SIDED.contains(&kind) {
            return (None, chain);
        }
        if kind == CONCAT
            && let Some(request) = chain.and_then(|index| requests.get(index)).cloned()
        {
            requests.push(request);
            return (chain, Some(requests.len() - 1));
        }
        (chain, chain)
    }
}

fn ends_tasks(kind: &str) -> bool {
    ENDING.iter().any(|name| kind.starts_with(name))
        || MOVING.iter().any(|name| kind.ends_with(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::explain_text::operators;

    fn udf(name: &str, asks: &str) -> String {
        format!("* UDF {name}:\n|   Resource request = {{ {asks} }}\n|\n")
    }

    /// The UDFs of each task.
    fn tasks(plan: &str) -> Vec<String> {
        let requests = requests(&operators(plan)).expect("readable");
        requests.into_iter().map(|request| request.operator).collect()
    }

    fn between(operator: &str) -> Vec<String> {
        tasks(&format!("{}* {operator}\n|\n{}", udf("b", "num_gpus = 1"), udf("a", "num_cpus = 2")))
    }

    #[test]
    fn neighbours_are_one_task_that_asks_for_the_most_of_each() {
        let plan = udf("b", "num_gpus = 0.5") + &udf("a", "num_cpus = 2, memory_bytes = 7");
        let [request] = &requests(&operators(&plan)).expect("readable")[..] else {
            panic!("one task")
        };
        assert_eq!((request.cpus, request.gpus, request.memory_bytes), (2.0, 0.5, 7));
    }

    #[test]
    fn tasks_end_where_rows_are_put_down_alone() {
        for passing in [
            "Filter: col(0: a)",
            "Limit: 5",
            "MonotonicallyIncreasingId: id",
            "Unpivot: col(0: a)",
            "IntoPartitions(Ray)\n|   Num partitions = 2",
            "VLLM: x",
            "What Daft may have next",
        ] {
            assert_eq!(between(passing), ["a, b"], "{passing}");
        }
        for ending in [
            "RayShuffle: Hash",
            "FlightShuffle: Hash",
            "RandomShuffle(1): random row order",
            "Repartition: Hash",
            "RayGather",
            "Gather",
            "Pre-Shuffle Merge",
            "IntoBatches: 5",
            "Sort",
        ] {
            assert_eq!(between(ending), ["b", "a"], "{ending}");
        }
    }

    fn join(name: &str) -> Vec<String> {
        let branch = udf("right", "num_cpus = 3").replace('\n', "\n| ");
        let above = udf("above", "num_gpus = 1");
        let plan = format!(
            "{above}* {name}\n|\\\n| {}\n|\n{}",
            branch.trim_end(),
            udf("left", "num_cpus = 2")
        );
        tasks(&plan)
    }

    #[test]
    fn joins_run_with_the_sides_that_are_not_put_down() {
        assert_eq!(join("HashJoin"), ["left, right, above"]);
        assert_eq!(join("Hash Join"), ["left, right, above"], "before 0.7.2");
        assert_eq!(join("BroadcastJoin"), ["right, above", "left"]);
        assert_eq!(join("SortMergeJoin"), ["above", "right", "left"]);
        assert_eq!(join("Concat"), ["left, above", "right, above"]);
    }

    #[test]
    fn actors_ask_the_task_for_their_memory_and_pass_it_on() {
        let actor = |asks: &str| {
            let actor = format!("* ActorUDF: act\n|   Resource request = {{ {asks} }}\n|\n");
            let plan = udf("b", "num_gpus = 1") + &actor + &udf("a", "num_cpus = 4");
            let [request] = &requests(&operators(&plan)).expect("readable")[..] else {
                panic!("one task")
            };
            (request.operator.clone(), request.cpus, request.memory_bytes)
        };
        assert_eq!(actor("num_cpus = 8"), ("a, b".to_owned(), 4.0, 0));
        assert_eq!(actor("num_cpus = 8, memory_bytes = 7"), ("a, act, b".to_owned(), 4.0, 7));
    }
}
