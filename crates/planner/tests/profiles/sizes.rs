//! Pictures and pages of many tasks stay small.

use protoplast_planner::Profile;

use crate::records::{MS, Stage, large, record, short, workers};

const MOST_BYTES: usize = 2_000_000;

#[test]
fn ten_thousand_tasks_are_under_two_megabytes() {
    for record in [large(1), large(8), large(64), short()] {
        assert_eq!(record.tasks.len(), 10_000);
        let profile = Profile::of(record);
        let (svg, html) = (profile.to_svg(false).len(), profile.to_html().len());
        println!("{svg} {html}");
        assert!(svg < MOST_BYTES && html < MOST_BYTES, "{svg} {html}");
    }
}

#[test]
fn many_more_tasks_and_stages_are_merged() {
    let stage = Stage { name: "Scan", tasks: 1_000, work_us: 5 * MS, functions: &[] };
    let stages: Vec<Stage> = (0..60).map(|_| Stage { ..stage }).collect();
    let profile = Profile::of(record("many", workers(100, 64, 1), &stages));
    let (svg, html) = (profile.to_svg(true).len(), profile.to_html().len());
    println!("{svg} {html}");
    assert!(svg < MOST_BYTES && html < 2 * MOST_BYTES, "{svg} {html}");
}
