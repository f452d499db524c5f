use protoplast_host::{CpuSet, Error, Pin, pin_worker};

use crate::pin::{affinities, all, process};

#[test]
fn each_worker_finds_its_own_cpus() {
    let widths = [4, 4, 4, 4];
    let mut taken = CpuSet::new();
    for index in 0..widths.len() {
        let machine = process();
        let own = pin_worker(&machine, Pin::Core, &widths, index).expect("room for all");
        assert!(all(&machine, &own.to_string()));
        assert_eq!(own.len(), 4);
        assert!(own.intersection(&taken).is_empty(), "{own} of {index}");
        taken.extend(own.iter());
        let machine = process();
        let node = pin_worker(&machine, Pin::Numa, &widths, index).expect("room for all");
        assert!(node.len() >= 4 && all(&machine, &node.to_string()));
    }
}

#[test]
fn a_worker_that_finds_no_cpus_changes_nothing() {
    let machine = process();
    let before = affinities(&machine);
    let error = pin_worker(&machine, Pin::Core, &[1000], 0).unwrap_err();
    assert!(matches!(error, Error::TooFewCpus { wanted: 1000, .. }), "{error}");
    let error = pin_worker(&machine, Pin::Core, &[1], 1).unwrap_err();
    assert_eq!(error, Error::NoSuchWorker { index: 1, workers: 1 });
    assert_eq!(affinities(&machine), before);
}
