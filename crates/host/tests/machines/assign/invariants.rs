use proptest::prelude::*;
use protoplast_host::{CpuSet, Topology, assign_cores, assign_numa, numa_nodes};

use crate::machine::{Machine, fitting, machines, part};

fn widths(most: u32) -> impl Strategy<Value = Vec<u32>> {
    proptest::collection::vec(1..=most, 0..12)
}

fn within(cpus: &CpuSet, others: &CpuSet) -> bool {
    cpus.difference(others).is_empty()
}

fn straddling(topology: &Topology, sets: &[CpuSet]) -> usize {
    let whole = |set: &&CpuSet| topology.nodes().iter().any(|node| within(set, &node.cpus));
    sets.len() - sets.iter().filter(whole).count()
}

/// The fewest workers that fit in no node next to the others, over all ways to place them.
fn fewest_outside(free: &mut [usize], widths: &[u32]) -> usize {
    let Some((width, rest)) = widths.split_first() else { return 0 };
    let width = *width as usize;
    let mut fewest = 1 + fewest_outside(free, rest);
    for node in 0..free.len() {
        if free[node] >= width && fewest > 0 {
            free[node] -= width;
            fewest = fewest.min(fewest_outside(free, rest));
            free[node] += width;
        }
    }
    fewest
}

fn capacities(topology: &Topology, allowed: &CpuSet) -> Vec<usize> {
    numa_nodes(topology, allowed).iter().map(|node| node.cpus.len()).collect()
}

/// How many workers have CPUs of a core.
fn owners(core: &CpuSet, sets: &[CpuSet]) -> usize {
    sets.iter().filter(|set| !set.intersection(core).is_empty()).count()
}

fn arguments() -> impl Strategy<Value = (Machine, Vec<bool>, Vec<u32>)> {
    let is_in = prop_oneof![Just(vec![true]), proptest::collection::vec(any::<bool>(), 64)];
    (machines(8, 6, &[1, 2, 4]), is_in, widths(16))
}

proptest! {
    #[test]
    fn each_worker_has_its_width_of_allowed_cpus_and_none_of_another(
        (machine, is_in, widths) in arguments(),
    ) {
        let topology = machine.topology();
        let allowed = part(&topology, &is_in);
        let widths = fitting(&widths, allowed.len());
        let sets = assign_cores(&topology, &allowed, &widths).unwrap();
        prop_assert_eq!(sets.len(), widths.len());
        let all: CpuSet = sets.iter().flat_map(CpuSet::iter).collect();
        prop_assert!(within(&all, &allowed));
        prop_assert_eq!(all.len(), sets.iter().map(CpuSet::len).sum::<usize>());
        for (set, width) in sets.iter().zip(&widths) {
            prop_assert_eq!(set.len(), *width as usize);
        }
        prop_assert_eq!(assign_cores(&topology, &allowed, &widths), Ok(sets));
    }

    #[test]
    fn the_order_of_workers_does_not_change_the_sets(
        (machine, is_in, widths) in arguments(), seed in any::<u64>(),
    ) {
        let topology = machine.topology();
        let allowed = part(&topology, &is_in);
        let widths = fitting(&widths, allowed.len());
        let mut other = widths.clone();
        other.sort_by_key(|width| u64::from(*width).wrapping_mul(seed | 1));
        let sorted = |widths: &[u32]| {
            let mut sets = assign_cores(&topology, &allowed, widths).unwrap();
            sets.sort();
            sets
        };
        prop_assert_eq!(sorted(&widths), sorted(&other));
    }

    #[test]
    fn as_few_workers_straddle_as_possible(
        machine in machines(3, 4, &[1, 2]),
        is_in in proptest::collection::vec(any::<bool>(), 24),
        widths in proptest::collection::vec(1..7_u32, 0..7),
    ) {
        let topology = machine.topology();
        let allowed = part(&topology, &is_in);
        let widths = fitting(&widths, allowed.len());
        let sets = assign_cores(&topology, &allowed, &widths).unwrap();
        let fewest = fewest_outside(&mut capacities(&topology, &allowed), &widths);
        prop_assert_eq!(straddling(&topology, &sets), fewest);
    }

    #[test]
    fn widths_that_divide_a_node_never_straddle(
        machine in machines(8, 16, &[1, 2, 4]), pick in any::<prop::sample::Index>(),
    ) {
        let topology = machine.topology();
        let node = machine.cores_per_node * machine.smt;
        let divisors: Vec<u32> = (1..=node).filter(|width| node % width == 0).collect();
        let width = *pick.get(&divisors);
        let widths = vec![width; (machine.nodes * node / width) as usize];
        let sets = assign_cores(&topology, topology.online(), &widths).unwrap();
        prop_assert_eq!(straddling(&topology, &sets), 0);
        let bound = assign_numa(&topology, topology.online(), &widths).unwrap();
        for node in topology.nodes() {
            let given = bound.iter().filter(|cpus| **cpus == node.cpus).count() * width as usize;
            prop_assert_eq!(given, node.cpus.len());
        }
    }

    #[test]
    fn even_workers_never_split_siblings(machine in machines(8, 8, &[2]), halves in widths(24)) {
        let topology = machine.topology();
        let even: Vec<u32> = halves.iter().map(|half| half * 2).collect();
        let even = fitting(&even, topology.online().len());
        let sets = assign_cores(&topology, topology.online(), &even).unwrap();
        for set in &sets {
            let whole = |core: &&CpuSet| within(core, set);
            prop_assert_eq!(topology.cores().iter().filter(whole).count() * 2, set.len());
        }
    }

    #[test]
    fn a_core_is_shared_only_if_none_is_left((machine, is_in, widths) in arguments()) {
        let topology = machine.topology();
        let allowed = part(&topology, &is_in);
        let widths = fitting(&widths, allowed.len());
        let sets = assign_cores(&topology, &allowed, &widths).unwrap();
        for node in numa_nodes(&topology, &allowed) {
            let allowed_of = |core: &CpuSet| core.intersection(&node.cpus);
            let cores: Vec<CpuSet> = topology.cores().iter().map(allowed_of).collect();
            let unused = cores.iter().any(|core| !core.is_empty() && owners(core, &sets) == 0);
            let shared = cores.iter().any(|core| owners(core, &sets) > 1);
            prop_assert!(!(unused && shared), "{sets:?}");
        }
        // A wide worker has whole cores: in each node at most one core is broken for it.
        if is_in == [true] && machine.smt == 2 {
            for node in topology.nodes() {
                let cores = topology.cores().iter().filter(|core| within(core, &node.cpus));
                let parts = |set| cores.clone().filter(move |core| core.intersection(set).len() == 1);
                prop_assert!(sets.iter().all(|set| parts(set).count() <= 1), "{sets:?}");
            }
        }
    }

    #[test]
    fn a_node_is_overfilled_only_if_it_must_be(
        machine in machines(3, 4, &[1, 2]),
        is_in in proptest::collection::vec(any::<bool>(), 24),
        widths in proptest::collection::vec(1..7_u32, 0..7),
    ) {
        let topology = machine.topology();
        let allowed = part(&topology, &is_in);
        let widths = fitting(&widths, allowed.len());
        let bound = assign_numa(&topology, &allowed, &widths).unwrap();
        prop_assert_eq!(bound.len(), widths.len());
        let nodes = numa_nodes(&topology, &allowed);
        for cpus in &bound {
            prop_assert!(nodes.iter().any(|node| node.cpus == *cpus));
        }
        let mut over = nodes.iter().map(|node| {
            let given = bound.iter().zip(&widths).filter(|(cpus, _)| **cpus == node.cpus);
            given.map(|(_, width)| *width as usize).sum::<usize>() > node.cpus.len()
        });
        let fits = fewest_outside(&mut capacities(&topology, &allowed), &widths) == 0;
        prop_assert_eq!(over.any(|over| over), !fits);
    }

    #[test]
    fn too_few_allowed_cpus_are_always_an_error((machine, is_in, mut widths) in arguments()) {
        let topology = machine.topology();
        let allowed = part(&topology, &is_in);
        widths.push(u32::try_from(allowed.len()).unwrap() + 1);
        prop_assert!(assign_cores(&topology, &allowed, &widths).is_err());
        prop_assert!(assign_numa(&topology, &allowed, &widths).is_err());
    }
}
