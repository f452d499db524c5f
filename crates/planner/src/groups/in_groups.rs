use crate::cost::group_size::group_size;
use crate::placement::worker::Worker;

/// Splits workers into the groups that Daft's scheduler takes for one worker each.
///
/// The workers of a group are of one node, have as many CPUs and no GPU. Groups of a node differ in size by at most
/// one.
///
/// # Arguments
///
/// * `fleet_workers`: how many workers the whole fleet has, of which these may be a part.
pub fn in_groups(workers: &[Worker], fleet_workers: u64) -> Vec<Vec<Worker>> {
    let most = usize::try_from(group_size(fleet_workers)).unwrap_or(usize::MAX);
    let mut workers = workers.to_vec();
    workers.sort_by(|one, other| one.node_id.cmp(&other.node_id));
    let alike = workers.chunk_by(|one, next| {
        let is_same_node = one.node_id == next.node_id;
        is_same_node && one.cpus == next.cpus && one.gpus == 0 && next.gpus == 0
    });
    alike
        .flat_map(|workers| evenly(workers, workers.len().div_ceil(most)))
        .map(<[Worker]>::to_vec)
        .collect()
}

fn evenly(workers: &[Worker], parts: usize) -> impl Iterator<Item = &[Worker]> {
    let mut rest = workers;
    (0..parts).map(move |part| {
        let (first, others) = rest.split_at(rest.len().div_ceil(parts - part));
        rest = others;
        first
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::node::Node;
    use crate::cluster::node_record::NodeRecord;
    use crate::placement::plan::{Plan, plan};

    fn planned(nodes: usize, cpus: u32, gpus: u32, layout: &str) -> Plan {
        let nodes: Vec<Node> = (0..nodes)
            .map(|index| {
                let id = format!("n{index}");
                let record = NodeRecord::new(&id, cpus.into(), gpus.into(), 1e12);
                Node::try_from(record).expect("valid node")
            })
            .collect();
        plan::<&str>(&nodes, &layout.parse().expect("valid layout"), &[]).expect("plan")
    }

    fn sizes(plan: &Plan, fleet_workers: u64) -> Vec<usize> {
        in_groups(&plan.workers, fleet_workers).iter().map(|group| group.len()).collect()
    }

    #[test]
    fn small_fleets_have_no_groups() {
        assert_eq!(sizes(&planned(2, 3, 0, "per-core"), 6), [1; 6]);
    }

    #[test]
    fn daft_sees_few_of_many_workers() {
        let plan = planned(100, 64, 0, "per-core");
        assert_eq!(plan.workers.len(), 6400);
        let groups = in_groups(&plan.workers, 6400);
        assert_eq!(groups.len(), 500);
        assert!(groups.iter().all(|group| (12..=13).contains(&group.len())));
        assert_eq!(groups.concat().len(), plan.workers.len());
    }

    #[test]
    fn a_part_of_a_fleet_has_groups_of_the_size_of_the_whole() {
        let plan = planned(1, 64, 0, "per-core");
        assert_eq!(sizes(&plan, 6400), [13, 13, 13, 13, 12]);
        let wave = Plan { layout: plan.layout.clone(), workers: plan.workers[..16].to_vec() };
        assert_eq!(sizes(&wave, 6400), [8, 8]);
    }

    #[test]
    fn workers_that_differ_are_in_no_group() {
        let first_has_gpus = planned(1, 5, 2, "per-core");
        assert_eq!(sizes(&first_has_gpus, 6400), [1, 4]);
        let last_is_narrower = planned(1, 5, 0, "cpus-per-worker=2");
        assert_eq!(sizes(&last_is_narrower, 6400), [2, 1]);
        let of_two_nodes = planned(2, 2, 0, "per-core");
        assert_eq!(sizes(&of_two_nodes, u64::MAX), [2, 2]);
        assert_eq!(sizes(&planned(0, 0, 0, "per-core"), 6400), [0; 0]);
    }
}
