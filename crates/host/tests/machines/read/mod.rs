mod allowed;
mod cgroup;
mod open_files;
mod parent;
mod process_report;
mod thread_limit;
mod threads;
mod topology;
