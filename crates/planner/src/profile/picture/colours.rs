//! The colours of what slots do, on a light and on a dark background.

/// The name of what is drawn, its light and its dark colour. What works has the colour of its stage.
pub(in crate::profile) const COLOURS: [(&str, &str, &str); 17] = [
    ("s0", "#0969da", "#4493f8"),
    ("s1", "#1a7f37", "#3fb950"),
    ("s2", "#8250df", "#ab7df8"),
    ("s3", "#0e8a93", "#39c5cf"),
    ("s4", "#bf3989", "#db61a2"),
    ("s5", "#57606a", "#adb5bd"),
    ("s6", "#5b7f00", "#9ccc3c"),
    ("s7", "#3b3ba8", "#8c8cff"),
    ("failed", "#cf222e", "#f85149"),
    ("way", "#a5cdf7", "#1d4674"),
    ("waiting", "#f2c14e", "#8a6410"),
    ("between", "#d9c8f3", "#463566"),
    ("tail", "#f8cfc8", "#6b3a34"),
    ("down", "#c9d1d9", "#414853"),
    ("planning", "#e3e7ec", "#2a313c"),
    ("result", "#a7dfc4", "#1d5a47"),
    ("other", "#f4f6f8", "#171d26"),
];

/// How many stages have a colour of their own.
pub(in crate::profile) const STAGES: usize = 8;

/// The rules of the picture's own classes, for a light and a dark background.
pub(super) fn rules() -> (String, String) {
    let rules = |colour: fn(&(&str, &str, &str)) -> String| -> String {
        COLOURS.iter().map(|all| format!("$ .{}{{fill:{}}}\n", all.0, colour(all))).collect()
    };
    let light = rules(|all| all.1.to_owned()) + "$ .grid{fill:#d1d9e0}\n";
    let dark = rules(|all| all.2.to_owned()) + "$ .grid{fill:#3d444d}\n";
    (light, dark)
}
