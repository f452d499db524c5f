//! Runs a property, and counts the cases that it was run on.

use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};
use std::time::Instant;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseResult, TestRunner};

/// Runs a property on as many values as `PROPTEST_CASES` says, or on 256.
///
/// The first value for which the property does not hold is shrunk and shown. Nothing is kept in a file: the
/// printed seed gives the same values again.
pub fn hold<S: Strategy>(name: &str, values: &S, property: impl Fn(S::Value) -> TestCaseResult) {
    hold_on_one_in(1, name, values, property);
}

/// Runs a slow property on one value for each `share` cases.
pub fn hold_on_one_in<S: Strategy>(
    share: u32,
    name: &str,
    values: &S,
    property: impl Fn(S::Value) -> TestCaseResult,
) {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    config.cases = config.cases.div_ceil(share);
    // proptest does not report the seed that it draws, so the seed is drawn here.
    let seed = match config.rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => RandomState::new().hash_one(name),
    };
    config.rng_seed = RngSeed::Fixed(seed);
    let tried = Cell::new(0_u32);
    let start = Instant::now();
    let outcome = TestRunner::new(config).run(values, |value| {
        property(value)?;
        tried.set(tried.get() + 1);
        Ok(())
    });
    let seconds = start.elapsed().as_secs_f64();
    if let Err(error) = outcome {
        panic!("{name}: {error}\nPROPTEST_RNG_SEED={seed} brings it back");
    }
    println!("{name}: {} cases in {seconds:.1} s", tried.get());
}
