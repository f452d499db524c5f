use std::fmt;

/// Why the files of a query were not split for its Python code, although slots have no work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SplitBlocked {
    /// Daft's release does not split them, or not rightly.
    OlderDaft,
    /// The user has set Daft's own options for it.
    OwnOptions,
    /// The layout says so.
    Layout,
    /// They are not on the driver's disk, and no other process could read their footers in time.
    Unread,
    /// Other scans of the query would be cut to pieces by it.
    OtherScans,
    /// Its answer depends on the order of its rows, which workers of several threads would mix.
    Order,
}

impl fmt::Display for SplitBlocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OlderDaft => "this release of Daft does not split its files",
            Self::OwnOptions => "its files are split by Daft's options that you have set",
            Self::Layout => "the layout says 'split=false'",
            Self::Unread => "the footers of its files could not be read beforehand",
            Self::Order => "its rows would be mixed, and their order decides the answer",
            Self::OtherScans => "its files cannot be split without the many others of the query",
        })
    }
}
