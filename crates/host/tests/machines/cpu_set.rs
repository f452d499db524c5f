use proptest::prelude::*;
use protoplast_host::{CpuSet, MAX_CPU};

proptest! {
    #[test]
    fn a_list_read_back_is_the_same(cpus in proptest::collection::btree_set(0..=MAX_CPU, 0..40)) {
        let cpus: CpuSet = cpus.into_iter().collect();
        prop_assert_eq!(cpus.to_string().parse(), Ok(cpus.clone()));
        prop_assert_eq!(format!("{cpus}\n").parse(), Ok(cpus));
    }

    #[test]
    fn dense_lists_too(cpus in proptest::collection::vec(any::<bool>(), 0..70)) {
        let cpus: CpuSet = (0..).zip(cpus).filter_map(|(cpu, is_in)| is_in.then_some(cpu)).collect();
        prop_assert_eq!(cpus.to_string().parse(), Ok(cpus));
    }

    #[test]
    fn any_text_is_a_list_or_an_error(text in "[0-9,\\- \n:a]{0,12}") {
        if let Ok(cpus) = text.parse::<CpuSet>() {
            prop_assert_eq!(cpus.to_string().parse(), Ok(cpus));
        }
    }
}
