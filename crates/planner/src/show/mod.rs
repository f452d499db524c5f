//! Shows plans and statuses as text, JSON and pictures.

pub(crate) mod fold;
pub(crate) mod svg;
pub(crate) mod table;
pub(crate) mod worker_table;
