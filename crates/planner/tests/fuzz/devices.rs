//! The GPUs that workers see.

use proptest::prelude::*;
use protoplast_planner::{plan, visible_devices};

use crate::cases::hold;
use crate::clusters::clusters;
use crate::layouts::layouts;
use crate::messages::is_sound;

fn masks() -> impl Strategy<Value = String> {
    let device =
        prop_oneof![4 => "[0-9]", 2 => " ?GPU-[a-f0-9]{4} ?", 1 => "-1|", 1 => "\\PC{0,4}"];
    proptest::collection::vec(device, 0..9).prop_map(|devices| devices.join(","))
}

#[test]
fn no_two_workers_of_a_node_see_the_same_device() {
    let values = (clusters(), layouts(), proptest::option::of(masks()));
    hold("devices", &values, |(nodes, layout, mask)| {
        let Some(node) = nodes.into_iter().find(|node| node.cpus() < 64) else { return Ok(()) };
        let gpus = node.gpus() as usize;
        let Ok(plan) = plan::<&str>(&[node], &layout, &[]) else { return Ok(()) };
        let shown: Vec<String> = match &mask {
            None => (0..gpus).map(|index| index.to_string()).collect(),
            Some(mask) => mask
                .split(',')
                .map(|device| device.trim().to_owned())
                .take_while(|device| !device.is_empty() && !device.starts_with('-'))
                .collect(),
        };
        let mut seen = Vec::new();
        for worker in &plan.workers {
            match visible_devices(worker, mask.as_deref()) {
                Ok(devices) if worker.gpus == 0 => prop_assert_eq!(devices, ""),
                Ok(devices) => seen.extend(devices.split(',').map(str::to_owned)),
                Err(error) => {
                    is_sound(&error.to_string())?;
                    prop_assert!(shown.len() < gpus);
                }
            }
        }
        // The devices are assigned from the first one on, none of them twice.
        prop_assert_eq!(Some(&seen[..]), shown.get(..seen.len()));
        Ok(())
    });
}
