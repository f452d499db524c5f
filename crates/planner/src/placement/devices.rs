use crate::error::Error;
use crate::placement::worker::Worker;

/// The `CUDA_VISIBLE_DEVICES` of a worker: its share of the devices that the node's processes see.
///
/// `node_mask` is that variable in the node's own process. If it is set, its entries (indices or UUIDs) are the
/// devices, in this order; an entry that names no device ends the list, as it does for CUDA. If it is not set,
/// devices are counted from 0. A worker without GPUs sees no device.
///
/// # Errors
///
/// [`Error::TooFewDevices`] if the node has fewer devices than Ray counts on it.
pub fn visible_devices(worker: &Worker, node_mask: Option<&str>) -> Result<String, Error> {
    let first = worker.first_gpu as usize;
    let wanted = worker.gpus as usize;
    let devices: Vec<String> = match node_mask {
        None => (first..first + wanted).map(|index| index.to_string()).collect(),
        Some(mask) => mask
            .split(',')
            .map(str::trim)
            .take_while(|device| !device.is_empty() && !device.starts_with('-'))
            .skip(first)
            .take(wanted)
            .map(str::to_owned)
            .collect(),
    };
    if devices.len() < wanted {
        return Err(Error::TooFewDevices {
            worker: worker.worker_id.clone(),
            first: worker.first_gpu,
            wanted: worker.gpus,
            mask: node_mask.unwrap_or_default().to_owned(),
        });
    }
    Ok(devices.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::placement::worker::example;

    fn devices(first_gpu: u32, gpus: u32, mask: Option<&str>) -> Result<String, Error> {
        let worker = Worker { gpus, first_gpu, ..example("n_cpu_0", 1) };
        visible_devices(&worker, mask)
    }

    #[test]
    fn each_worker_sees_its_own_devices() {
        assert_eq!(devices(0, 1, None).as_deref(), Ok("0"));
        assert_eq!(devices(2, 2, None).as_deref(), Ok("2,3"));
        assert_eq!(devices(1, 1, Some("3, GPU-abc ,5")).as_deref(), Ok("GPU-abc"));
        assert_eq!(devices(0, 2, Some("7,4")).as_deref(), Ok("7,4"));
        assert_eq!(devices(0, 0, Some("")).as_deref(), Ok(""));
        assert_eq!(devices(0, 0, None).as_deref(), Ok(""));
    }

    #[test]
    fn a_mask_that_is_too_short_is_an_error() {
        for mask in ["", "0", "0,-1,2", "0,,2"] {
            let text = devices(1, 1, Some(mask)).expect_err("too short").to_string();
            assert!(text.contains("'n_cpu_0'") && text.contains("--num-gpus"), "{text}");
        }
    }
}
