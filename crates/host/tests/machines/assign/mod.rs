mod assign_workers;
mod invariants;
mod recorded_machines;
