//! What a query needs, read from the text of Daft's plans. This folder decides nothing.

pub(crate) mod async_udf;
pub(crate) mod columns;
pub(crate) mod explain_text;
pub(crate) mod fusion;
pub(crate) mod object_stores;
pub(crate) mod partition_sensitivity;
pub(crate) mod profile;
pub(crate) mod python_code;
pub(crate) mod python_stage;
pub(crate) mod resource_request;
pub(crate) mod scan_files;
pub(crate) mod scan_profile;
pub(crate) mod shuffles;
pub(crate) mod sink;
pub(crate) mod whole;
