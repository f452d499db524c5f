use crate::outputs::printed;

#[test]
fn pages_are_generated() {
    for (page, part) in [
        ("bash", "complete -F _protoplast"),
        ("zsh", "#compdef protoplast"),
        ("fish", "complete -c protoplast"),
        ("man", ".TH protoplast-plan 1"),
    ] {
        let text = printed(&format!("generate {page}"));
        assert!(text.contains(part) && text.contains("inventory"), "{text}");
    }
}
