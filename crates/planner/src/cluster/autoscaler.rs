use serde::Deserialize;

/// The beginning of the type that Ray's monitor gives a node if no autoscaler's provider manages it; the node's
/// id follows (`format_readonly_node_type` in `ray/autoscaler/_private/util.py`, 2.47 to 2.59).
const UNMANAGED: &str = "node_";

#[derive(Deserialize, Default)]
#[serde(default)]
struct Status {
    autoscaler_report: Report,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Report {
    active_nodes: serde_json::Map<String, serde_json::Value>,
}

/// Whether an autoscaler may add nodes, from the status that Ray's monitor writes.
///
/// A cluster without an autoscaler has a monitor as well, which gives each node a type of its own. `status` is
/// the JSON under `__autoscaling_status` in Ray's key-value store. Without a status, as before the monitor's
/// first round, the answer is no; if the status cannot be read, the answer is yes.
pub fn can_grow(status: Option<&str>) -> bool {
    match status.map(serde_json::from_str::<Status>) {
        None => false,
        Some(Err(_)) => true,
        Some(Ok(status)) => {
            status.autoscaler_report.active_nodes.keys().any(|kind| !kind.starts_with(UNMANAGED))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(kinds: &str) -> bool {
        can_grow(Some(&format!(
            r#"{{"autoscaler_report": {{"active_nodes": {kinds}}}, "time": 1.5}}"#
        )))
    }

    #[test]
    fn a_provider_s_node_types_show_an_autoscaler() {
        assert!(!can_grow(None));
        assert!(!status(r#"{"node_8c2e23ad6dddd9": 1, "node_f0d84febcfe77a": 1}"#));
        assert!(status(r#"{"headgroup": 1}"#));
        assert!(status(r#"{"node_8c2e23ad6dddd9": 1, "gpu-group": 2}"#));
        assert!(!can_grow(Some("{}")));
        assert!(can_grow(Some("not json")));
        assert!(can_grow(Some(r#"{"autoscaler_report": 3}"#)));
    }
}
