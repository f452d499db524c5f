//! Pictures are well-formed, and have a rule for all that they draw.

use std::fs;
use std::path::Path;

use expect_test::expect_file;
use protoplast_planner::{Profile, ProfileRecord};
use roxmltree::Document;

use crate::records::{large, short, small, tiny};

#[test]
fn a_small_picture_is_as_it_was() {
    expect_file!["tiny.svg"].assert_eq(&Profile::of(tiny()).to_svg(false));
}

#[test]
fn all_that_is_drawn_has_a_rule_and_lies_on_the_page() {
    for record in [tiny(), small(), large(1), large(64), short(), ProfileRecord::default()] {
        for dark in [false, true] {
            let svg = Profile::of(record.clone()).to_svg(dark);
            let document = Document::parse(&svg).expect("well-formed");
            let root = document.root_element();
            assert_eq!(root.attribute("role"), Some("img"));
            assert!(root.attribute("aria-label").is_some_and(|label| !label.is_empty()));
            let style = root.children().find(|child| child.has_tag_name("style"));
            let style = style.and_then(|style| style.text()).expect("a style");
            assert!(!style.contains("prefers-color-scheme"));
            let size = |name: &str| -> u32 {
                root.attribute(name).and_then(|value| value.parse().ok()).expect("a size")
            };
            let (width, height) = (size("width"), size("height"));
            for element in root.descendants().filter(|node| node.has_attribute("class")).skip(1) {
                let class = element.attribute("class").expect("there");
                assert!(style.contains(&format!(".{class}{{")), "{class}");
                for figure in element.attribute("d").unwrap_or_default().split('M').skip(1) {
                    let ([x, y], [w, h]) = (place(figure), sides(figure));
                    assert!(w > 0 && h > 0 && x + w <= width && y + h <= height, "{figure}");
                }
            }
        }
    }
}

fn numbers(figure: &str) -> Vec<u32> {
    let parts = figure.split(|letter: char| !letter.is_ascii_digit());
    parts.filter_map(|part| part.parse().ok()).collect()
}

fn place(figure: &str) -> [u32; 2] {
    let all = numbers(figure);
    [all[0], all[1]]
}

fn sides(figure: &str) -> [u32; 2] {
    let all = numbers(figure);
    [all[2], all[3]]
}

/// The records of the profiles that were saved as JSON into a folder.
fn recorded(folder: &Path) -> Vec<(String, ProfileRecord)> {
    let files = fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
    let saved = files.filter(|path| path.extension().is_some_and(|end| end == "json"));
    let read = |path: std::path::PathBuf| {
        let name = path.file_stem().map(|name| name.to_string_lossy().into_owned());
        let text = fs::read_to_string(path).expect("read");
        let mut all: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let record = all.get_mut("record").map(serde_json::Value::take)?;
        Some((name?, serde_json::from_value(record).expect("a record")))
    };
    saved.filter_map(read).collect()
}

#[test]
#[ignore = "writes pictures to be looked at"]
fn pictures_are_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/profiles");
    fs::create_dir_all(&folder).expect("a folder");
    let all = [
        ("tiny", tiny()),
        ("small", small()),
        ("per-core", large(1)),
        ("eight", large(8)),
        ("per-node", large(64)),
        ("short", short()),
    ];
    let all = all.into_iter().map(|(name, record)| (name.to_owned(), record));
    for (name, record) in all.chain(recorded(&folder)) {
        let profile = Profile::of(record);
        let write = |end: &str, text: String| {
            fs::write(folder.join(format!("{name}{end}")), text).expect("written");
        };
        write("-light.svg", profile.to_svg(false));
        write("-dark.svg", profile.to_svg(true));
        write(".html", profile.to_html());
        write(".txt", profile.table());
        write(".trace.json", profile.to_trace());
    }
}
