//! How the nodes of a Ray cluster are cut into Daft workers.
//!
//! Everything here is pure: values in, values or an [`Error`] out. What Ray says of a node is
//! validated into a [`Node`], a [`Layout`] says how each node is cut, [`plan()`] makes the
//! [`Worker`]s and [`verify()`] holds what was created against them. [`to_svg()`] draws a plan, and
//! [`status_to_svg()`] what was read back.

mod alike;
mod amounts;
mod auto;
mod autoscaler;
mod awaited;
mod bytes;
mod calls;
mod chain;
mod columns;
mod cost;
mod count;
mod cut;
mod cut_text;
mod decide;
mod decision;
mod devices;
mod environment;
mod error;
mod even_split;
mod existing;
mod flag;
mod gather;
mod gpus;
mod hosts;
mod in_effect;
mod kind;
mod layout;
mod layout_text;
mod limits;
mod merge;
mod narrowest;
mod needs;
mod node;
mod node_record;
mod numa;
mod observed;
mod part;
mod per_worker;
mod picture;
mod pin;
mod place;
mod plan;
mod plan_text;
mod python_code;
mod quoted;
mod recut;
mod render;
mod request;
mod retry;
mod room;
mod route;
mod runs;
mod scanned;
mod selector;
mod sink;
mod split;
mod startup;
mod status;
mod stores;
mod unsplit;
mod verify;
mod words;
mod work;
mod worker;
mod worker_id;
mod worth;

pub use alike::{Alike, Repeated, alike, repeated};
pub use amounts::{Amounts, SMALLEST_SHOWN_BYTES, counted};
pub use autoscaler::can_grow;
pub use awaited::Awaited;
pub use bytes::bytes;
pub use calls::calls_at_once;
pub use cost::{
    MEASURED_WITH, NEW_START_CPU_MS, READY_START_CPU_MS, WORKER_PRIVATE_BYTES, start_cpu_ms,
};
pub use count::count;
pub use cut::Cut;
pub use decide::{Asked, decide};
pub use decision::Decision;
pub use devices::visible_devices;
pub use environment::{
    COMPUTE_THREAD_PREFIX, MEMORY_VARIABLE, THREAD_VARIABLES, environment, fits_ready_process,
};
pub use error::Error;
pub use flag::flag;
pub use gather::{Cutting, Output};
pub use gpus::Gpus;
pub use hosts::unpinned_nodes;
pub use in_effect::{FleetInUse, why_not_in_effect};
pub use kind::Kind;
pub use layout::{Layout, Rule};
pub use limits::{MAX_COUNT, WORKER_FLOOR_BYTES};
pub use merge::Merge;
pub use needs::Needs;
pub use node::Node;
pub use node_record::NodeRecord;
pub use numa::Numa;
pub use observed::{differences, memory_difference};
pub use part::Part;
pub use picture::{status_to_svg, to_svg};
pub use pin::{Pin, PinTo};
pub use plan::{Plan, plan};
pub use quoted::Quoted;
pub use render::table;
pub use request::Request;
pub use retry::retry_after_s;
pub use room::workers_within;
pub use route::{Route, route};
pub use selector::Selector;
pub use startup::Startup;
pub use status::{FleetStatus, State, Status, WorkerStatus};
pub use unsplit::Unsplit;
pub use verify::verify;
pub use words::{CPUS_PER_WORKER, MAX_WORKERS, PIN_FALLBACK, SPLIT, THREADS, WORKERS_PER_NODE};
pub use work::{PythonWork, Source};
pub use worker::Worker;
pub use worth::is_worth_a_hint;
