//! Texts of users are shown as texts.

use protoplast_planner::{Profile, ProfileRecord};
use roxmltree::Document;

use crate::records::tiny;

const EVIL: &str = "</script><script>alert(1)</script>\"'&<b>\u{1b}[31m\n\u{202e}\u{2028}]]>";

fn evil() -> ProfileRecord {
    let mut record = tiny();
    record.title = EVIL.to_owned();
    record.layout = EVIL.to_owned();
    record.reason = Some(EVIL.to_owned());
    record.unsplit = Some(EVIL.to_owned());
    record.nodes[0].name = EVIL.to_owned();
    record.workers[0].node = EVIL.to_owned();
    record.workers[0].id = format!("{EVIL}_cpu_0");
    for task in &mut record.tasks {
        task.name = EVIL.to_owned();
        task.functions = vec![EVIL.to_owned()];
    }
    record
}

#[test]
fn a_picture_shows_them_as_text() {
    for dark in [false, true] {
        let svg = Profile::of(evil()).to_svg(dark);
        let document = Document::parse(&svg).expect("well-formed");
        let own = ["svg", "style", "rect", "path", "text", "g", "title"];
        for element in document.descendants().filter(|node| node.is_element()) {
            assert!(own.contains(&element.tag_name().name()), "{element:?}");
        }
        let title = document.descendants().find(|node| node.attribute("class") == Some("title"));
        let text = title.and_then(|title| title.text()).expect("a title");
        assert!(text.starts_with("</script><script>alert(1)</script>\"'&<b>\u{fffd}[31m\u{fffd}"));
    }
}

#[test]
fn a_page_shows_them_as_text() {
    let page = Profile::of(evil()).to_html();
    assert_eq!(page.matches("<script").count(), 2);
    assert_eq!(page.matches("</script").count(), 2);
    assert!(!page.contains("<b>") && !page.contains('\u{202e}') && !page.contains('\u{1b}'));
}

#[test]
fn a_terminal_gets_no_control_characters() {
    let table = Profile::of(evil()).table();
    let other = table.lines().flat_map(str::chars).find(|letter| letter.is_control());
    assert_eq!(other, None, "{table:?}");
}

#[test]
fn json_and_trace_are_json() {
    let profile = Profile::of(evil());
    for text in [profile.to_json(), profile.to_trace()] {
        let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert!(value.is_object());
    }
}
