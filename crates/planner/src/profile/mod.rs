//! What was seen of a query while it ran: where the time of its slots went.

pub(crate) mod record;
