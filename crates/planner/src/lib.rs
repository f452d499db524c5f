//! Divides the nodes of a Ray cluster into Daft workers, and decides on which workers a query runs.
//!
//! This crate is pure: it takes values and returns values or an [`Error`]. Ray's record of a node is validated
//! into a [`Node`], a [`Layout`] says how each node is divided, [`plan()`] makes the [`Worker`]s and
//! [`check_created()`] compares them with the workers that Daft created. [`decide()`] chooses the layout for a
//! query and a [`ScanTuner`] the tasks of its scans. [`to_svg()`] draws a plan, and [`status_to_svg()`] a
//! status. A [`Profile`] says where the time of a query's slots went, and what would help.

mod bytes;
mod cluster;
mod cost;
mod decision;
mod error;
mod gil;
mod groups;
mod instances;
mod keywords;
mod layout;
mod limits;
mod measured;
mod placement;
mod profile;
mod proof;
mod query;
mod quoted;
mod show;
mod udf_name;

pub use bytes::bytes;
pub use cluster::autoscaler::can_grow;
pub use cluster::node::Node;
pub use cluster::node_record::NodeRecord;
pub use cluster::numa::Numa;
pub use cluster::resources::{Resources, SMALLEST_SHOWN_BYTES, count_of};
pub use cost::fleet_size::{Cost, FleetSize, expected_us};
pub use cost::gil_use::GilUse;
pub use cost::known_work::KnownWork;
pub use decision::decide::{DecisionInput, decide};
pub use decision::fit::{Route, route};
pub use decision::hint::is_worth_a_hint;
pub use decision::one_worker::{OneWorkerBlocked, WholeQuery};
pub use decision::outcome::Decision;
pub use decision::scan_steps::{Observation, OutputDescription, Run, Step, TunerInput};
pub use decision::scan_tuner::ScanTuner;
pub use decision::scans::gather::{Output, SplitGoal};
pub use decision::scans::merge::Merge;
pub use decision::scans::split_blocked::SplitBlocked;
pub use error::Error;
pub use gil::counters::{GilCounters, GilShare};
pub use gil::gaps::{Gaps, MEAN_GAP_US};
pub use gil::look::{Look, ScheduledMeanwhile};
pub use groups::dealing::Dealing;
pub use groups::in_groups::in_groups;
pub use instances::admission::Admission;
pub use instances::footprint::{Copies, Footprint, copies_line};
pub use instances::room::has_room;
pub use instances::scarce::Scarce;
pub use keywords::{CPUS_PER_WORKER, WORKERS_PER_NODE};
pub use layout::class_names::ClassNames;
pub use layout::gpus::Gpus;
pub use layout::keep_time::KeepTime;
pub use layout::kind::LayoutKind;
pub use layout::memory_fraction::MemoryFraction;
pub use layout::node_layout::NodeLayout;
pub use layout::one_worker::OneWorker;
pub use layout::option_value::OptionValue;
pub use layout::options::KeywordError;
pub use layout::pin::{Pin, PinTo};
pub use layout::rules::{Layout, Rule};
pub use layout::selector::Selector;
pub use layout::startup::Startup;
pub use limits::MAX_COUNT;
pub use measured::{
    BATCH_ROWS, MEASURED_WITH, NEW_START_CPU_MS, PRESTARTED_START_CPU_MS, REFERENCE_RUNNER_US,
    REFERENCE_WORKER_US, WORKER_PRIVATE_BYTES,
};
pub use placement::async_calls::calls_at_once;
pub use placement::cost::start_cpu_ms;
pub use placement::devices::visible_devices;
pub use placement::environment::{
    COMPUTE_THREAD_PREFIX, MEMORY_VARIABLE, THREAD_VARIABLES, environment, fits_prestarted_process,
};
pub use placement::memory_share::workers_within;
pub use placement::plan::{Plan, plan};
pub use placement::refresh::{Refresh, refresh};
pub use placement::retry::retry_after_s;
pub use placement::shared_hosts::unpinned_nodes;
pub use placement::worker::Worker;
pub use profile::advice::gain::Advice;
pub use profile::analysis::Profile;
pub use profile::record::{
    GilRecord, NodeRecord as ProfiledNode, ProfileRecord, TaskRecord, WorkerRecord,
};
pub use proof::created::check_created;
pub use proof::drift::{differences, memory_drift};
pub use proof::in_effect::{FleetInUse, why_not_in_effect};
pub use proof::report::{FleetReport, Status, WorkerReport, WorkerState};
pub use query::async_udf::AsyncUdf;
pub use query::profile::QueryProfile;
pub use query::python_stage::{PythonStage, Source};
pub use query::resource_request::ResourceRequest;
pub use query::scan_files::reads_remote_files;
pub use query::whole::gathered_groups::GatheredGroups;
pub use query::whole::plan::Bound;
pub use query::whole::write::Writer;
pub use quoted::Quoted;
pub use show::fold::{FoldedNodes, FoldedWorkers, fold_nodes, fold_workers};
pub use show::svg::{status_to_svg, to_svg};
pub use show::table::table;
pub use show::worker_table::worker_table;
pub use udf_name::is_of_class;
