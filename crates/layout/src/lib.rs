//! How the nodes of a Ray cluster are cut into Daft workers.
//!
//! Everything here is pure: values in, values or an [`Error`] out. What Ray says of a node is
//! validated into a [`Node`], a [`Layout`] says how a node is cut, [`plan()`] makes the
//! [`Worker`]s and [`verify()`] holds what was created against them.

mod autoscaler;
mod devices;
mod error;
mod existing;
mod layout;
mod limits;
mod needs;
mod node;
mod plan;
mod quoted;
mod render;
mod retry;
mod route;
mod verify;
mod words;

pub use autoscaler::can_grow;
pub use devices::visible_devices;
pub use error::Error;
pub use layout::{Gpus, Kind, Layout};
pub use limits::MAX_COUNT;
pub use needs::{Needs, Request};
pub use node::Node;
pub use plan::{Plan, Worker, plan};
pub use quoted::Quoted;
pub use render::{bytes, table};
pub use retry::retry_after_s;
pub use route::{Route, route, route_plan};
pub use verify::verify;
