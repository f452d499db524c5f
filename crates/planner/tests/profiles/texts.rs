//! What a terminal shows, the JSON, and the trace.

use expect_test::expect;
use protoplast_planner::{Profile, ProfileRecord};
use serde_json::Value;

use crate::records::{small, tiny};

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn a_terminal_shows_figures_and_advice() {
    expect![[r#"
        df.select(tokenise('text')).groupby('n').sum()
        2.13 s, layout auto, 8 slots of 8 workers on 2 nodes, 48 tasks, 1 of them failed
        slots 48 % used, cores 47 % used, workers 16.0 s CPU, runner 48.0 ms CPU, 49 tasks sent a second, at most 303.0 MiB a worker, 99.8 % accounted for

         slots x time                        time   part
         working                           8.24 s   48 %
         working on tasks that failed      149 ms  0.9 %
         task or result on its way         240 ms  1.4 %
         waiting to be handed out         35.0 ms  0.2 %
         between stages                    6.07 s   36 %
         no task left                      147 ms  0.9 %
         worker not up                     1.44 s  8.4 %
         before the first task             161 ms  0.9 %
         result on its way to the driver   520 ms  3.1 %
         other                            40.0 ms  0.2 %

         stage                                         tasks   median  longest    work     CPU     rows     bytes  GIL held
         ScanTaskSource, UDFProject, RepartitionWrite     40   178 ms   941 ms  7.87 s  6.45 s  451,741  40.0 MiB      90 %
         ShuffleRead, Aggregate                            8  65.7 ms  85.1 ms  524 ms  472 ms   80,028   8.0 MiB      90 %

         function    tasks    work     CPU  GIL held  waited for
         'tokenise'     39  7.72 s  6.32 s      90 %       2.0 %

         node    workers  CPUs  used   memory
         node-0        4     4  47 %  1.2 GiB
         node-1        4     4  47 %  1.2 GiB

        advice
        - one task of 'ScanTaskSource, UDFProject, RepartitionWrite' took 941 ms, where the median of its 40 tasks is 178 ms (61,000 rows, where the median is 10,019); divide its rows more evenly: up to 1.6 times as fast
    "#]].assert_eq(&Profile::of(small()).table());
    expect![[r#"

        0 µs, 0 slots of 0 workers on 0 nodes, 0 tasks
        slots 0 % used, 0 % accounted for
    "#]]
    .assert_eq(&Profile::of(ProfileRecord::default()).table());
}

#[test]
fn the_record_of_the_json_makes_the_same_profile() {
    let profile = Profile::of(small());
    let written = json(&profile.to_json());
    let read: ProfileRecord = serde_json::from_value(written["record"].clone()).expect("a record");
    assert_eq!(Profile::of(read), profile);
    assert_eq!(written["figures"]["stages"][0]["tasks"], 40);
    assert_eq!(written["figures"]["lost"][0]["state"], "working");
    assert_eq!(written["advice"].as_array().map(Vec::len), Some(profile.advice().len()));
    assert!((0.95..=1.0).contains(&profile.accounted()));
}

#[test]
fn a_trace_has_a_process_for_each_node_and_a_thread_for_each_slot() {
    let trace = json(&Profile::of(small()).to_trace());
    let events = trace["traceEvents"].as_array().expect("events");
    let named = |what: &str| -> Vec<&str> {
        let of = events.iter().filter(|event| event["name"] == what);
        of.filter_map(|event| event["args"]["name"].as_str()).collect()
    };
    assert_eq!(named("process_name"), ["node-0", "node-1"]);
    assert_eq!(named("thread_name").len(), 8);
    let complete = || events.iter().filter(|event| event["ph"] == "X");
    assert!(complete().all(|event| event["dur"].as_u64() > Some(0) && event["tid"].is_u64()));
    let working = complete().filter(|event| event["args"]["rows"].is_u64());
    assert_eq!(working.count(), 48);
}

#[test]
fn a_small_trace_is_as_it_was() {
    expect![[r#"{"displayTimeUnit":"ms","traceEvents":[{"args":{"name":"node-0"},"name":"process_name","ph":"M","pid":1,"tid":0},{"args":{"name":"node-0_cpu_0"},"name":"thread_name","ph":"M","pid":1,"tid":1},{"args":{"sort_index":1},"name":"thread_sort_index","ph":"M","pid":1,"tid":1},{"args":{},"cat":"planning","dur":80500,"name":"before the first task","ph":"X","pid":1,"tid":1,"ts":0},{"args":{},"cat":"way","dur":2000,"name":"task or result on its way","ph":"X","pid":1,"tid":1,"ts":80500},{"args":{"bytes":1048576,"cpu_us":45000,"functions":["f"],"gil_held":0.9,"rows":10000,"stage":0},"cat":"working","dur":50000,"name":"Scan","ph":"X","pid":1,"tid":1,"ts":82500},{"args":{},"cat":"way","dur":3000,"name":"task or result on its way","ph":"X","pid":1,"tid":1,"ts":132500},{"args":{},"cat":"waiting","dur":500,"name":"waiting to be handed out","ph":"X","pid":1,"tid":1,"ts":135500},{"args":{},"cat":"way","dur":2000,"name":"task or result on its way","ph":"X","pid":1,"tid":1,"ts":136000},{"args":{"bytes":1048576,"cpu_us":127710,"functions":["f"],"gil_held":0.9,"rows":10001,"stage":0},"cat":"working","dur":141900,"name":"Scan","ph":"X","pid":1,"tid":1,"ts":138000},{"args":{},"cat":"way","dur":3000,"name":"task or result on its way","ph":"X","pid":1,"tid":1,"ts":279900},{"args":{},"cat":"result","dur":65000,"name":"result on its way to the driver","ph":"X","pid":1,"tid":1,"ts":282900}]}"#]].assert_eq(&Profile::of(tiny()).to_trace());
}
