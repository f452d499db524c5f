use clap::Args;

const DOCTOR_NOTES: &str = "\
Each finding says what to do. The exit status is 0 if all is well, 1 if there
are problems and 2 if something could not be checked.";

/// The options of `doctor`.
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = DOCTOR_NOTES)]
pub struct DoctorOptions {
    /// The cluster's address
    #[arg(long, value_name = "ADDRESS")]
    pub address: Option<String>,
}
