use clap_complete::aot;
use clap_mangen::Man;

use crate::generate::options::Page;
use crate::names::NAME;

/// The text of a page about the whole command.
pub(crate) fn generated(page: Page, mut command: clap::Command) -> String {
    let mut text = Vec::new();
    match page.shell() {
        Some(shell) => aot::generate(shell, &mut command, NAME, &mut text),
        None => manual(command, &mut text),
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// The manual page of the command, then those of its subcommands.
fn manual(mut command: clap::Command, text: &mut Vec<u8>) {
    command.build();
    let pages = std::iter::once(&command).chain(command.get_subcommands());
    for page in pages {
        // Writing to memory does not fail.
        let _ = Man::new(page.clone()).render(text);
    }
}
