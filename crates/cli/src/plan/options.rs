use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum, value_parser};
use protoplast_planner::{Layout, MAX_COUNT};

use crate::error::Error;

/// The most NUMA nodes that Linux knows.
const MOST_NUMA: i64 = 1024;

const PLAN_USAGE: &str = "protoplast plan [OPTIONS] --cpus <N> --memory <SIZE>
       protoplast plan [OPTIONS] --inventory <FILE>
       protoplast plan [OPTIONS] --address <ADDRESS>";

const PLAN_NOTES: &str = "\
The nodes come from --cpus and --memory, from an inventory or from a running
cluster. Stock Daft, with one worker per node, is shown for comparison.";

/// The options of `plan`.
#[derive(Debug, Clone, PartialEq, Args)]
#[command(override_usage = PLAN_USAGE, after_help = PLAN_NOTES)]
#[command(group = ArgGroup::new("source").args(["cpus", "inventory", "address"]).required(true))]
pub struct PlanOptions {
    /// CPUs of each node
    #[arg(long, value_name = "N", requires = "memory")]
    #[arg(value_parser = value_parser!(u32).range(1..=i64::from(MAX_COUNT)))]
    pub cpus: Option<u32>,

    /// Memory of each node, such as 32GiB or 64GB
    #[arg(long, value_name = "SIZE", value_parser = memory)]
    #[arg(conflicts_with_all = ["inventory", "address"])]
    pub memory: Option<u64>,

    /// GPUs of each node
    #[arg(long, value_name = "N", default_value_t = 0)]
    #[arg(value_parser = value_parser!(u32).range(..=i64::from(MAX_COUNT)))]
    #[arg(conflicts_with_all = ["inventory", "address"])]
    pub gpus: u32,

    /// NUMA nodes of each node, all of one size
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..=MOST_NUMA))]
    #[arg(conflicts_with_all = ["inventory", "address"])]
    pub numa: Option<u32>,

    /// How many nodes there are
    #[arg(long, value_name = "N", default_value_t = 1)]
    #[arg(value_parser = value_parser!(u32).range(1..=i64::from(MAX_COUNT)))]
    #[arg(conflicts_with_all = ["inventory", "address"])]
    pub nodes: u32,

    /// Nodes as a JSON list in the form of ray.nodes(), or - to read the standard input
    #[arg(long, value_name = "FILE")]
    pub inventory: Option<PathBuf>,

    /// Nodes of the cluster at this address
    #[arg(long, value_name = "ADDRESS")]
    pub address: Option<String>,

    /// How each node is divided, such as cpus-per-worker=4 [default: $PROTOPLAST_LAYOUT, else per-core]
    #[arg(long, value_name = "TEXT")]
    pub layout: Option<Layout>,

    /// A table for people, json with every worker, or a picture as svg
    #[arg(long, value_enum, default_value_t = PlanFormat::Table, hide_possible_values = true)]
    pub format: PlanFormat,
}

/// How a plan is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PlanFormat {
    /// For people, at 80 columns
    Table,
    /// For programs, with every worker
    Json,
    /// A picture
    Svg,
}

/// Reads an amount of memory; `GB` is a power of 1000 and `GiB` one of 1024.
fn memory(given: &str) -> Result<u64, Error> {
    parse_size::parse_size(given).map_err(|_| Error::BadMemory { given: given.to_owned() })
}
