//! What was seen of a query while it ran: where the time of its slots went.
//!
//! [`analysis::Profile`] is made of a [`record::ProfileRecord`]: `time` tells what each slot did at each moment,
//! `figures` adds that up, `advice` says what would help, and `text`, `picture` and `html` show it.

pub(crate) mod advice;
mod amounts;
pub(crate) mod analysis;
mod figures;
mod html;
mod picture;
pub(crate) mod record;
mod text;
mod time;
