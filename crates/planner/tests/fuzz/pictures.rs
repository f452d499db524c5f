//! Pictures and folded nodes of any plan.

use proptest::prelude::*;
use protoplast_planner::{fold_nodes, fold_workers, plan, to_svg};
use roxmltree::Document;

use crate::cases::hold_on_one_in;
use crate::clusters::clusters;
use crate::layouts::layouts;

/// Drawing takes longer than planning.
const SHARE: u32 = 4;

/// The largest picture, in bytes: 256 nodes or workers, each with as many CPUs as are drawn.
const LARGEST: usize = 4_000_000;

#[test]
fn a_picture_is_well_formed_and_complete() {
    let cases = (clusters(), layouts());
    hold_on_one_in(SHARE, "pictures", &cases, |(nodes, layout)| {
        let Ok(plan) = plan::<&str>(&nodes, &layout, &[]) else { return Ok(()) };
        let groups = fold_nodes(&nodes, &plan);
        let workers = |group: &protoplast_planner::FoldedNodes<'_>| group.workers.len();
        prop_assert_eq!(groups.iter().map(|group| group.nodes.len()).sum::<usize>(), nodes.len());
        let all: usize = groups.iter().map(|group| group.nodes.len() * workers(group)).sum();
        prop_assert_eq!(all, plan.workers.len());
        let ranges = groups.iter().flat_map(|group| fold_workers(group.workers));
        let once: usize = groups.iter().map(workers).sum();
        prop_assert_eq!(ranges.clone().map(|run| run.count as usize).sum::<usize>(), once);

        let text = to_svg(&plan, &nodes);
        prop_assert!(text.len() < LARGEST, "{}", text.len());
        let document = Document::parse(&text).expect("well-formed");
        let drawn = document
            .descendants()
            .filter(|element| element.has_tag_name("rect"))
            .filter(|element| element.attribute("class") == Some("worker"))
            .count();
        prop_assert_eq!(drawn, if once > 256 { ranges.count() } else { once });
        Ok(())
    });
}
