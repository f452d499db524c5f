//! Which UDFs of a plan run in one task. The task asks for the maximum of each resource that its UDFs ask for.

use crate::error::Error;
use crate::query::explain_text::Operator;
use crate::query::resource_request::ResourceRequest;

/// Pipeline breakers: they materialise their input, so a new task starts above them (`materialize` in
/// `daft-distributed/src/pipeline_node`, 0.5.22 to 0.7.26). All other operators join the tasks that they read
/// from.
const BREAKERS: [&str; 5] = ["Pre-ShuffleMerge", "Repartition", "IntoBatches", "Sort", "AsofJoin"];
/// The endings of the names of further pipeline breakers, which move rows: `RayShuffle: Hash`, `RayGather`.
const MOVER_ENDINGS: [&str; 2] = ["Gather", "Shuffle"];

/// Joins that materialise their first side and then join the tasks of the second side.
const ONE_SIDED: [&str; 2] = ["BroadcastJoin", "KeyFilteringJoin"];
/// The operator whose tasks are those of both sides, each by itself.
const CONCAT: &str = "Concat";

/// Operators that join the tasks below them in every release, however many tasks there are.
const PASSING: [&str; 4] = ["Project", "Filter", "Explode", "Sample"];

/// Returns what the tasks of a plan may ask for: a request for each kind of task that runs a UDF.
///
/// Whether some operators break the pipeline depends on how many tasks there are (`IntoPartitions`) or on the
/// release (`Limit`). Here they do not break it.
///
/// # Errors
///
/// [`Error::UnreadablePlan`] if a UDF has no readable request.
pub(crate) fn requests(operators: &[Operator]) -> Result<Vec<ResourceRequest>, Error> {
    join_chained(operators, Operator::passes_on)
}

/// Returns what the tasks of a plan certainly ask for: here every operator breaks the pipeline that may break
/// it.
pub(crate) fn certain_requests(operators: &[Operator]) -> Result<Vec<ResourceRequest>, Error> {
    join_chained(operators, |operator, chain, _| {
        let is_passing =
            operator.is_udf() || operator.is_actor() || PASSING.contains(&operator.squeezed_kind());
        (chain.filter(|_| is_passing), None)
    })
}

impl Operator {
    /// Whether the operator moves rows of each task below it into each partition.
    pub(crate) fn is_shuffle(&self) -> bool {
        let kind = self.squeezed_kind();
        kind.ends_with("Shuffle") || ["Repartition", "Sort", "AsofJoin"].contains(&kind)
    }
}

type Chain = Option<usize>;

/// Joins the requests of operators that are chained into one task. `pass_on` returns the chains of the
/// operators that an operator reads from.
fn join_chained(
    operators: &[Operator],
    pass_on: impl Fn(&Operator, Chain, &mut Vec<ResourceRequest>) -> (Chain, Chain),
) -> Result<Vec<ResourceRequest>, Error> {
    let mut requests: Vec<ResourceRequest> = Vec::new();
    // For each depth the index of the request that the next operator at this depth joins, if there is one.
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
    /// What the operator asks of its task, or None if it runs no Python code there.
    fn asked_of_task(&self) -> Result<Option<ResourceRequest>, Error> {
        if self.is_actor() {
            // The actors hold the CPUs and GPUs; the task that calls them asks for their memory
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

    /// The chains of the two operators that this one reads from: the one below, and the branch to the right,
    /// which Daft prints first.
    fn passes_on(&self, chain: Chain, requests: &mut Vec<ResourceRequest>) -> (Chain, Chain) {
        let kind = self.squeezed_kind();
        if breaks_pipeline(kind) {
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

fn breaks_pipeline(kind: &str) -> bool {
    BREAKERS.iter().any(|name| kind.starts_with(name))
        || MOVER_ENDINGS.iter().any(|name| kind.ends_with(name))
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
    fn neighbours_are_one_task_that_asks_for_the_maximum() {
        let plan = udf("b", "num_gpus = 0.5") + &udf("a", "num_cpus = 2, memory_bytes = 7");
        let [request] = &requests(&operators(&plan)).expect("readable")[..] else {
            panic!("one task")
        };
        assert_eq!((request.cpus, request.gpus, request.memory_bytes), (2.0, 0.5, 7));
    }

    #[test]
    fn only_pipeline_breakers_end_tasks() {
        for passing in [
            "Filter: col(0: a)",
            "Limit: 5",
            "MonotonicallyIncreasingId: id",
            "Unpivot: col(0: a)",
            "IntoPartitions(Ray)\n|   Num partitions = 2",
            "VLLM: x",
            "An operator of a later Daft",
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
    fn joins_run_with_the_sides_that_are_not_materialised() {
        assert_eq!(join("HashJoin"), ["left, right, above"]);
        assert_eq!(join("Hash Join"), ["left, right, above"], "before 0.7.2");
        assert_eq!(join("BroadcastJoin"), ["right, above", "left"]);
        assert_eq!(join("SortMergeJoin"), ["above", "right", "left"]);
        assert_eq!(join("Concat"), ["left, above", "right, above"]);
    }

    #[test]
    fn actors_ask_the_task_for_their_memory_and_join_it() {
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
