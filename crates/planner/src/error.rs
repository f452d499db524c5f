use thiserror::Error as ThisError;

use crate::bytes::bytes;
use crate::limits::MAX_COUNT;
use crate::measured::WORKER_PRIVATE_BYTES;
use crate::quoted::Quoted;

/// Why a layout, a node, a query plan or a set of workers is refused. Each message names the value and the
/// remedy, on one line; of a long value it quotes the beginning.
#[derive(Debug, Clone, PartialEq, ThisError)]
pub enum Error {
    /// The text of a layout is empty.
    #[error("the layout is empty; write one of {kinds}", kinds = crate::keywords::KINDS)]
    EmptyLayout,

    /// The first keyword of a layout is not a known kind.
    #[error(
        "unknown layout '{given}'; write one of {kinds}",
        given = Quoted(.given),
        kinds = crate::keywords::KINDS
    )]
    UnknownKind {
        /// The keyword as it was given.
        given: String,
    },

    /// A keyword after the kind is not a known option.
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
        /// The keyword that the number belongs to.
        name: String,
        /// The number as it was given; empty if it is missing.
        given: String,
    },

    /// The value of `gpus` is unknown.
    #[error(
        "'gpus' must be 'first' or 'spread', not '{given}'; write for example 'gpus=spread'",
        given = Quoted(.given)
    )]
    BadGpus {
        /// The value as it was given.
        given: String,
    },

    /// `per-gpu` was combined with `gpus=first`.
    #[error("'per-gpu' gives each worker its own GPUs; leave 'gpus=first' out")]
    PerGpuSpreads,

    /// The value of `memory` is not a fraction of a node's memory.
    #[error(
        "'memory' must be a decimal above 0 and at most 1, with at most 6 decimals, not '{given}'; \
         write for example 'memory=0.9'",
        given = Quoted(.given)
    )]
    BadMemory {
        /// The value as it was given.
        given: String,
    },

    /// The value of `pin` is unknown.
    #[error(
        "'pin' must be 'core' or 'numa', not '{given}'; write for example 'pin=core'",
        given = Quoted(.given)
    )]
    BadPin {
        /// The value as it was given.
        given: String,
    },

    /// The value of a flag is neither `true` nor `false`.
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

    /// `pin-fallback` was given without `pin`.
    #[error(
        "'pin-fallback=true' was given without 'pin'; write for example 'pin=core,pin-fallback=true'"
    )]
    FallbackWithoutPin,

    /// The value of `startup` is unknown.
    #[error(
        "'startup' must be 'eager' or 'progressive', not '{given}'; write for example 'startup=eager'",
        given = Quoted(.given)
    )]
    BadStartup {
        /// The value as it was given.
        given: String,
    },

    /// The value of `keep` is not a time.
    #[error(
        "'keep' must be a whole number and its unit, from '1s' to '24h', not '{given}'; write for example \
         'keep=30s', 'keep=10min' or 'keep=2h'",
        given = Quoted(.given)
    )]
    BadKeep {
        /// The value as it was given.
        given: String,
    },

    /// The value of `one-copy` is not a list of names.
    #[error(
        "'one-copy' must be the names of classes with '|' between, not '{given}'; write for example \
         'one-copy=Model' or 'one-copy=my.module.Model|Other'",
        given = Quoted(.given)
    )]
    BadOneCopy {
        /// The value as it was given.
        given: String,
    },

    /// `one-copy` was given to another kind than `auto`.
    #[error("'one-copy' is an option of 'auto' alone; write for example 'auto,one-copy=Model'")]
    OneCopyNeedsAuto,

    /// The value of `one-worker` is neither a word nor an amount of memory.
    #[error(
        "'one-worker' must be 'auto', 'never' or as 'one-worker=4GiB', not '{given}'",
        given = Quoted(.given)
    )]
    BadOneWorker {
        /// The value as it was given.
        given: String,
    },

    /// `one-worker` was given to a kind that divides nodes.
    #[error("'one-worker' is an option of 'auto' and 'per-node'; write 'auto,one-worker=never'")]
    OneWorkerNeedsNode,

    /// A part of a layout's text has no arrow, so it is not a rule.
    #[error(
        "'{given}' is not a rule of a layout; write each rule as 'selector -> layout', with ';' between rules",
        given = Quoted(.given)
    )]
    BadRule {
        /// The value as it was given.
        given: String,
    },

    /// The layout in a rule has rules.
    #[error(
        "a rule has one layout for all nodes that it selects, but '{text}' has rules itself; \
         write these rules next to the others",
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

    /// The processes of a node see fewer GPUs than Ray counts on the node.
    #[error(
        "worker '{worker}' needs {wanted} GPUs from number {first} on, but its node has only \
         CUDA_VISIBLE_DEVICES={mask}; start the node with as many GPUs as that (ray start --num-gpus)",
        worker = Quoted(.worker),
        mask = Quoted(.mask)
    )]
    TooFewDevices {
        /// The id of the worker.
        worker: String,
        /// The first GPU of the worker, counted from 0.
        first: u32,
        /// How many GPUs the worker gets.
        wanted: u32,
        /// The `CUDA_VISIBLE_DEVICES` of the node.
        mask: String,
    },

    /// A text is not an inventory of nodes.
    #[error(
        "the nodes cannot be read: {detail}; pass a JSON list in the form of ray.nodes(), such as \
         [{{\"NodeID\": \"a\", \"Resources\": {{\"CPU\": 8, \"memory\": 32e9}}}}]",
        detail = Quoted(.detail)
    )]
    BadInventory {
        /// What is wrong, and at which line and column.
        detail: String,
    },

    /// A node has an empty id.
    #[error("a node has an empty NodeID; pass nodes in the form of ray.nodes()")]
    EmptyNodeId,

    /// Two live nodes carry the same id.
    #[error(
        "two live nodes have the id '{id}', so their workers would have the same ids; pass each node once",
        id = Quoted(.id)
    )]
    DuplicateNode {
        /// The id.
        id: String,
    },

    /// A node reports an amount of a resource that no node can have.
    #[error(
        "node '{node}' reports {resource} = {given}, which must be a number from 0 to {limit}; \
         start the node with a valid amount (ray start --num-cpus, --num-gpus, --memory)",
        node = Quoted(.node)
    )]
    BadResource {
        /// The id of the node.
        node: String,
        /// `CPU`, `GPU` or `memory`.
        resource: &'static str,
        /// The value as it was reported.
        given: f64,
        /// The largest amount that is accepted.
        limit: u64,
    },

    /// A worker would have less memory than a worker needs.
    #[error(
        "the layout '{layout}' divides node '{node}' with {memory} of memory into {workers} workers, the \
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
        /// The memory of the node, in bytes.
        memory_bytes: u64,
        /// The text of the node's layout.
        layout: String,
        /// The workers that the node would have.
        workers: u32,
        /// The memory of the smallest one, in bytes.
        share_bytes: u64,
        /// The text of a layout that fits the node.
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
        /// The text of the node's layout.
        layout: String,
        /// The workers that the node would have.
        workers: u32,
        /// The most workers that the node can start.
        most: u32,
        /// The text of a layout that fits the node.
        remedy: String,
    },

    /// `per-numa` was chosen for a node whose NUMA nodes are unknown.
    #[error(
        "the NUMA nodes of node '{node}' are unknown, so 'per-numa' cannot divide it; pass them with the node, \
         under 'NumaNodes' as [{{'id': 0, 'cpus': 8, 'memory_bytes': 1073741824}}, ...], or choose \
         'workers-per-node=2'",
        node = Quoted(.node)
    )]
    NoNumaNodes {
        /// The id of the node.
        node: String,
    },

    /// A node with one worker, which has the node's id, and a worker of another node have the same id.
    #[error(
        "the one worker of node '{node}' and a worker of node '{other}' would have the same id; \
         choose another layout than 'per-node' for '{node}'",
        node = Quoted(.node),
        other = Quoted(.other)
    )]
    AmbiguousWorker {
        /// The id of the node with one worker.
        node: String,
        /// The id of the node with several workers.
        other: String,
    },

    /// Workers are to be pinned on a host that several nodes of the cluster share.
    #[error(
        "worker '{worker}' cannot be pinned: {nodes} nodes of the cluster are on the host '{host}' and would \
         assign the same CPUs to their workers; run one node per host, or add pin-fallback=true to the layout to leave such \
         workers unpinned",
        worker = Quoted(.worker),
        host = Quoted(.host)
    )]
    SharedHost {
        /// The id of the worker.
        worker: String,
        /// How many nodes are on the host.
        nodes: usize,
        /// The host.
        host: String,
    },

    /// Daft's text of a query plan has an unknown form.
    #[error("the query plan cannot be read at '{line}'", line = Quoted(.line))]
    UnreadablePlan {
        /// The line that cannot be read.
        line: String,
    },

    /// A task asks for more than any node of the cluster has.
    #[error(
        "the task of '{operator}' asks for {request}, which no node of the cluster has (the largest: \
         {largest}), so the task would wait for ever; ask for less in the UDF's decorator, or add a node that has it",
        operator = Quoted(.operator)
    )]
    FitsNoNode {
        /// The UDF or UDFs.
        operator: String,
        /// What the task asks for.
        request: String,
        /// What the largest node has.
        largest: String,
    },

    /// Daft created other workers than planned.
    #[error(
        "Daft created other workers than the layout '{layout}' planned ({planned} planned, {created} created): {detail}. \
         protoplast stopped the query. This Daft may start its workers in another way than \
         the releases that protoplast supports; run `rollback_flotilla_patches()` to use Daft's own workers",
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
