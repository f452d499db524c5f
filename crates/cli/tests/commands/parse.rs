use expect_test::expect_file;

use crate::outputs::{golden, printed};

#[test]
fn the_help() {
    golden("--help", &expect_file!["../golden/help.txt"]);
    golden("plan --help", &expect_file!["../golden/help-plan.txt"]);
    golden("status --help", &expect_file!["../golden/help-status.txt"]);
    golden("doctor --help", &expect_file!["../golden/help-doctor.txt"]);
    golden("generate --help", &expect_file!["../golden/help-generate.txt"]);
    assert_eq!(printed("--version"), format!("protoplast {}\n", env!("CARGO_PKG_VERSION")));
}
