//! The page of HTML stands alone and is well-formed.

use protoplast_planner::{Profile, ProfileRecord};
use roxmltree::Document;

use crate::records::{large, small};

/// The page without its script and its first line, which are no XML.
fn as_xml(page: &str) -> String {
    let (before, script) = page.split_once("<script>\n").expect("a script");
    let (_, after) = script.split_once("</script>").expect("its end");
    format!("{}{after}", before.trim_start_matches("<!DOCTYPE html>\n"))
}

#[test]
fn a_page_is_well_formed_and_loads_nothing() {
    for record in [small(), large(1), ProfileRecord::default()] {
        let page = Profile::of(record).to_html();
        let xml = as_xml(&page);
        let document = Document::parse(&xml).expect("well-formed");
        for element in document.descendants().filter(|node| node.is_element()) {
            let name = element.tag_name().name();
            assert!(!["link", "img", "iframe", "object", "a", "form"].contains(&name), "{name}");
            for attribute in element.attributes() {
                let loads = ["src", "href", "action"].contains(&attribute.name());
                assert!(!loads && !attribute.name().starts_with("on"), "{attribute:?}");
            }
        }
        for word in ["http:", "https:", "@import", "url(", "fetch(", "import(", "XMLHttp"] {
            let known = page.replace("http://www.w3.org/2000/svg", "");
            assert!(!known.contains(word), "{word}");
        }
    }
}

#[test]
fn the_data_of_a_page_has_every_lane_and_task() {
    let record = large(64);
    let (tasks, wall) = (record.tasks.len(), record.wall_us);
    let page = Profile::of(record).to_html();
    let xml = as_xml(&page);
    let document = Document::parse(&xml).expect("well-formed");
    let is_data = |node: &roxmltree::Node<'_, '_>| node.attribute("class") == Some("data");
    let data = document.descendants().find(is_data).and_then(|node| node.text()).expect("data");
    let data: serde_json::Value = serde_json::from_str(data).expect("JSON");
    assert_eq!(data["tasks"].as_array().map(Vec::len), Some(tasks));
    let nodes = data["nodes"].as_array().expect("nodes");
    assert_eq!(nodes.len(), 10);
    for node in nodes {
        let lanes = node["workers"][0]["lanes"].as_array().expect("lanes");
        assert_eq!(lanes.len(), 64);
        for lane in lanes {
            let numbers = lane.as_array().expect("numbers").iter().step_by(2);
            assert_eq!(numbers.filter_map(serde_json::Value::as_u64).sum::<u64>(), wall);
        }
    }
}
