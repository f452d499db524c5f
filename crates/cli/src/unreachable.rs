use protoplast_planner::Quoted;
use serde::Deserialize;

/// Why a cluster could not be reached.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Unreachable {
    pub(crate) cause: Cause,
    /// The address that was tried.
    pub(crate) address: String,
    /// The message of Ray, Python or the system.
    pub(crate) message: String,
}

/// The cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Cause {
    /// Daft or Ray cannot be imported here.
    NoRay,
    /// No address was given, and Ray finds no cluster by itself.
    NoCluster,
    /// Nothing accepts connections at the address.
    NothingThere,
    /// The cluster and this process disagree about the token: only one of them has one, or they have different
    /// ones.
    Token,
    /// The cluster runs another version of Ray or Python.
    Versions,
    /// Ray refuses for another reason.
    Refused,
    /// No answer came in time.
    Silent,
    /// The process that asked has ended.
    Ended,
    /// The cluster was joined, but does not report what is needed.
    Unreported,
}

impl Unreachable {
    /// What is wrong, on one line.
    pub(crate) fn what(&self) -> String {
        let (address, message) = (Quoted(&self.address), Quoted(&self.message));
        match self.cause {
            Cause::NoRay => format!("Ray cannot be imported: {message}"),
            Cause::NoCluster => "no running Ray cluster was found".to_owned(),
            Cause::NothingThere => format!("no Ray cluster answers at '{address}': {message}"),
            Cause::Token => format!(
                "the cluster at '{address}' and this process differ about its token: {message}"
            ),
            Cause::Versions | Cause::Refused => {
                format!("the cluster at '{address}' cannot be joined: {message}")
            }
            Cause::Silent => format!("the cluster at '{address}' does not answer: {message}"),
            Cause::Ended => {
                format!("Ray ended the connection to the cluster at '{address}': {message}")
            }
            Cause::Unreported => message.to_string(),
        }
    }

    /// The remedy.
    pub(crate) fn remedy(&self) -> &'static str {
        match self.cause {
            Cause::NoRay => "install it with: pip install \"daft[ray]\"",
            Cause::NoCluster => "name one with --address, or start one with 'ray start --head'",
            Cause::NothingThere => {
                "pass the address that 'ray start --head' has printed, and check that the cluster runs"
            }
            Cause::Token => {
                "if the cluster was started with RAY_AUTH_MODE=token, set the same here and the cluster's token \
                 (RAY_AUTH_TOKEN or RAY_AUTH_TOKEN_PATH); if not, set RAY_AUTH_MODE=disabled"
            }
            Cause::Versions => "run the command with the cluster's versions of Python and Ray",
            Cause::Refused => {
                "run the command on a node of the cluster, or pass the address of a Ray Client server (ray://HOST:10001)"
            }
            Cause::Silent => {
                "check that the address is that of a Ray cluster, that its head runs and that both have the same token"
            }
            Cause::Ended => "check that the head of the cluster runs, and run the command again",
            Cause::Unreported => {
                "check that every node runs and has protoplast, with 'protoplast doctor --address'"
            }
        }
    }
}
