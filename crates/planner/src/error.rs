use thiserror::Error as ThisError;

use crate::bytes::bytes;
use crate::limits::{MAX_COUNT, MAX_MEMORY_BYTES};
use crate::measured::WORKER_PRIVATE_BYTES;
use crate::quoted::Quoted;

/// What can be wrong with a layout, a node or a set of workers. Each message names the value and the remedy,
/// on one line; of a long value it quotes the beginning.
#[derive(Debug, Clone, PartialEq, ThisError)]
pub enum Error {
    /// The text of a layout is empty.
    #[error("the layout is empty; write one of {kinds}", kinds = crate::keywords::KINDS)]
    EmptyLayout,

    /// The first word of a layout is none of the known kinds.
    #[error(
        "unknown layout '{given}'; write one of {kinds}",
        given = Quoted(.given),
        kinds = crate::keywords::KINDS
    )]
    UnknownKind {
        /// The word as it was given.
        given: String,
    },

    /// A word after the kind is no known option.
    #[error(
        "unknown layout option '{given}' in '{text}'; the options are {allowed}",
        given = Quoted(.given),
        text = Quoted(.text)
    )]
    UnknownOption {
        /// The option as it was given.
        given: String,
        /// The whole text.
        text: String,
        /// How the options are written.
        allowed: String,
    },

    /// An option is given more than once.
    #[error(
        "the layout option '{option}' is given twice in '{text}'; give it once",
        text = Quoted(.text)
    )]
    RepeatedOption {
        /// The name of the option.
        option: String,
        /// The whole text.
        text: String,
    },

    /// A kind that takes no number was given one.
    #[error(
        "the layout '{kind}' takes no value, but '{given}' was given; write '{kind}'",
        given = Quoted(.given)
    )]
    UnexpectedValue {
        /// The kind.
        kind: String,
        /// The value as it was given.
        given: String,
    },

    /// A number is missing, malformed, zero, negative or too large.
    #[error(
        "'{name}' must be a whole number from 1 to {MAX_COUNT}, not '{given}'; write for example '{name}=4'",
        given = Quoted(.given)
    )]
    BadCount {
        /// The word that the number belongs to.
        name: String,
        /// The number as it was given; empty where it is missing.
        given: String,
    },

    /// How GPUs are given out is none of the known ways.
    #[error(
        "'gpus' must be 'first' or 'spread', not '{given}'; write for example 'gpus=spread'",
        given = Quoted(.given)
    )]
    BadGpus {
        /// The way as it was given.
        given: String,
    },

    /// `per-gpu` was asked not to spread GPUs.
    #[error("'per-gpu' gives each worker its own GPUs; leave 'gpus=first' out")]
    PerGpuSpreads,

    /// The part of a node's memory that is given out is no such part.
    #[error(
        "'memory' must be a decimal above 0 and at most 1, with at most 6 decimals, not '{given}'; \
         write for example 'memory=0.9'",
        given = Quoted(.given)
    )]
    BadMemory {
        /// The part as it was given.
        given: String,
    },

    /// Workers are to be pinned to something unknown.
    #[error(
        "'pin' must be 'core' or 'numa', not '{given}'; write for example 'pin=core'",
        given = Quoted(.given)
    )]
    BadPin {
        /// The word as it was given.
        given: String,
    },

    /// An option that is on or off has another value.
    #[error(
        "'{name}' must be 'true' or 'false', not '{given}'; write for example '{name}=true'",
        given = Quoted(.given)
    )]
    BadFlag {
        /// The option.
        name: String,
        /// The value as it was given.
        given: String,
    },

    /// A fallback from pinning, without pinning.
    #[error(
        "'pin-fallback=true' was given without 'pin'; write for example 'pin=core,pin-fallback=true'"
    )]
    FallbackWithoutPin,

    /// When workers are to be started is none of the known ways.
    #[error(
        "'startup' must be 'eager' or 'progressive', not '{given}'; write for example 'startup=eager'",
        given = Quoted(.given)
    )]
    BadStartup {
        /// The word as it was given.
        given: String,
    },

    /// A part of a layout's text has no arrow.
    #[error(
        "'{given}' is no rule of a layout; write rules as 'selector -> layout' with ';' between them",
        given = Quoted(.given)
    )]
    BadRule {
        /// The part as it was given.
        given: String,
    },

    /// The layout in a rule has rules.
    #[error(
        "the layout of a rule is for all nodes that the rule selects, but '{text}' differs by node itself; \
         write its rules beside the others",
        text = Quoted(.text)
    )]
    NestedRules {
        /// The layout in the rule.
        text: String,
    },

    /// The text before an arrow selects no nodes.
    #[error(
        "'{given}' selects no nodes; write one of {selectors}, without ';' and '->' in a name",
        given = Quoted(.given),
        selectors = crate::keywords::SELECTORS
    )]
    BadSelector {
        /// The selector as it was given.
        given: String,
    },

    /// A node shows fewer GPUs to its processes than Ray counts on it.
    #[error(
        "worker '{worker}' is to have {wanted} GPUs from number {first} on, but its node shows only \
         CUDA_VISIBLE_DEVICES={mask}; start the node with as many GPUs as it shows (ray start --num-gpus)",
        worker = Quoted(.worker),
        mask = Quoted(.mask)
    )]
    TooFewDevices {
        /// The id of the worker.
        worker: String,
        /// Its first GPU, counted from 0.
        first: u32,
        /// How many it is to have.
        wanted: u32,
        /// The mask of the node.
        mask: String,
    },

    /// A text is no inventory of nodes.
    #[error(
        "the nodes cannot be read: {detail}; pass a JSON list as ray.nodes() gives it, such as \
         [{{\"NodeID\": \"a\", \"Resources\": {{\"CPU\": 8, \"memory\": 32e9}}}}]",
        detail = Quoted(.detail)
    )]
    BadInventory {
        /// What is wrong, and at which line and column.
        detail: String,
    },

    /// A node has an empty id.
    #[error("a node has an empty NodeID; pass nodes as ray.nodes() gives them")]
    EmptyNodeId,

    /// Two live nodes carry the same id.
    #[error(
        "two live nodes have the id '{id}', so their workers could not be told apart; pass each node once",
        id = Quoted(.id)
    )]
    DuplicateNode {
        /// The id.
        id: String,
    },

    /// A resource of a node is not a number that a node can have.
    #[error(
        "node '{node}' reports {resource} = {given}, which must be a number from 0 to {limit}; \
         start the node with a real value (ray start --num-cpus, --num-gpus, --memory)",
        node = Quoted(.node)
    )]
    BadResource {
        /// The id of the node.
        node: String,
        /// `CPU`, `GPU` or `memory`.
        resource: &'static str,
        /// The value as it was reported.
        given: f64,
        /// The largest value believed.
        limit: u64,
    },

    /// A worker would have less memory than one can do with.
    #[error(
        "the layout '{layout}' cuts node '{node}' with {memory} of memory into {workers} workers, the \
         smallest with {share}, but a worker needs {floor}; choose '{remedy}' for the node or give it more \
         memory (ray start --memory)",
        node = Quoted(.node),
        memory = bytes(*.memory_bytes),
        share = bytes(*.share_bytes),
        floor = bytes(WORKER_PRIVATE_BYTES)
    )]
    WorkersTooSmall {
        /// The id of the node.
        node: String,
        /// Its memory, in bytes.
        memory_bytes: u64,
        /// The text of its cut.
        layout: String,
        /// The workers that it would have.
        workers: u32,
        /// The memory of the smallest one, in bytes.
        share_bytes: u64,
        /// The text of a cut that fits.
        remedy: String,
    },

    /// A node would have more workers than it can start.
    #[error(
        "the layout '{layout}' gives node '{node}' {workers} workers, but the node can start only {most}; \
         choose '{remedy}' for the node",
        node = Quoted(.node)
    )]
    TooManyWorkers {
        /// The id of the node.
        node: String,
        /// The text of its cut.
        layout: String,
        /// The workers that it would have.
        workers: u32,
        /// The workers that it can start.
        most: u32,
        /// The text of a cut that fits.
        remedy: String,
    },

    /// `per-numa` for a node whose NUMA nodes are not known.
    #[error(
        "node '{node}' has not told its NUMA nodes, so 'per-numa' cannot cut it; pass them with the node, \
         under 'NumaNodes' as [{{'id': 0, 'cpus': 8, 'memory_bytes': 1073741824}}, ...], or choose \
         'workers-per-node=2'",
        node = Quoted(.node)
    )]
    NoNumaNodes {
        /// The id of the node.
        node: String,
    },

    /// The id of a node that is one worker is also that of a worker of another node.
    #[error(
        "the id of node '{node}' is also that of a worker of node '{other}', so they could not be told apart; \
         choose another layout than 'per-node' for '{node}'",
        node = Quoted(.node),
        other = Quoted(.other)
    )]
    AmbiguousWorker {
        /// The id of the node that is one worker.
        node: String,
        /// The id of the node that is cut.
        other: String,
    },

    /// Workers of several nodes on one host are to be pinned.
    #[error(
        "worker '{worker}' cannot be pinned: {nodes} nodes of the cluster are on the host '{host}' and would \
         give out the same CPUs; run one node a host, or add pin-fallback=true to the layout to leave such \
         workers unpinned",
        worker = Quoted(.worker),
        host = Quoted(.host)
    )]
    SharedHost {
        /// The id of the worker.
        worker: String,
        /// How many nodes are on its host.
        nodes: usize,
        /// The host.
        host: String,
    },

    /// The text of a plan is not as Daft writes it.
    #[error("the plan cannot be read at '{line}'", line = Quoted(.line))]
    UnreadablePlan {
        /// Where it stops making sense.
        line: String,
    },

    /// A task asks for more than any node of the cluster has.
    #[error(
        "the task of '{operator}' asks for {request}, which no node of the cluster has (the largest: \
         {largest}), so it would wait for ever; ask for less in its decorator, or add a node that has it",
        operator = Quoted(.operator)
    )]
    FitsNoNode {
        /// The UDF or UDFs.
        operator: String,
        /// What they ask for.
        request: String,
        /// What the largest node has.
        largest: String,
    },

    /// The workers that Daft created are not those that were planned.
    #[error(
        "Daft created other workers than the layout '{layout}' planned ({planned} planned, {created} created): {detail}. \
         The query was stopped rather than run on them. This Daft may start its workers in another way than \
         the releases protoplast supports; run `rollback_flotilla_patches()` to use Daft's own workers",
        layout = Quoted(.layout)
    )]
    NotAsPlanned {
        /// The text of the layout.
        layout: String,
        /// How many workers were planned.
        planned: usize,
        /// How many were created.
        created: usize,
        /// The first difference.
        detail: String,
    },
}

impl Error {
    pub(crate) fn bad_resource(node: &str, resource: &'static str, given: f64) -> Self {
        let limit = match resource {
            "memory" => MAX_MEMORY_BYTES,
            _ => u64::from(MAX_COUNT),
        };
        Self::BadResource { node: node.to_owned(), resource, given, limit }
    }
}
