use std::fmt;

/// Why the files of a query were not split for its Python code, although slots have no work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SplitBlocked {
    /// This release of Daft does not split files, or not correctly.
    OlderDaft,
    /// The user has set Daft's own options for splitting files.
    OwnOptions,
    /// The layout has `split=false`.
    Layout,
    /// The files are not on the driver's disk, and another process could not read their footers in time.
    Unread,
    /// The split would divide other scans of the query too finely.
    OtherScans,
    /// Daft cannot split the files into tasks of which none would have an autoscaler add nodes.
    Growth,
    /// The result depends on the order of rows, which workers of several threads would mix.
    Order,
}

impl fmt::Display for SplitBlocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OlderDaft => "this release of Daft does not split its files",
            Self::OwnOptions => "its files are split by Daft's options that you have set",
            Self::Layout => "the layout has 'split=false'",
            Self::Unread => "the footers of its files could not be read in time",
            Self::Growth => "an autoscaler would add nodes for the tasks that a split makes",
            Self::Order => "a split would mix its rows, and the result depends on their order",
            Self::OtherScans => {
                "splitting its files would also split the many other files of the query"
            }
        })
    }
}
