use hashbrown::HashMap;

use crate::error::Error;
use crate::layout::rules::Layout;
use crate::placement::worker::Worker;
use crate::quoted::Quoted;

/// Compares the workers that Daft created with the planned ones.
///
/// `created` are the workers whose process Daft started, `registered` those that Daft then took into service,
/// both in any order. Every planned worker must have been created exactly as planned, in all that Daft reports,
/// and no other worker. Daft may leave created workers out of service (a node that went away, a start that
/// timed out); those that it takes into service must be as planned.
///
/// # Errors
///
/// [`Error::NotAsPlanned`] with the first difference.
pub fn check_created(
    layout: &Layout,
    planned: &[Worker],
    created: &[Worker],
    registered: &[Worker],
) -> Result<(), Error> {
    let fail = |detail: String| {
        Err(Error::NotAsPlanned {
            layout: layout.to_string(),
            planned: planned.len(),
            created: created.len(),
            detail,
        })
    };
    let by_id: HashMap<&str, &Worker> =
        planned.iter().map(|worker| (worker.worker_id.as_str(), worker)).collect();
    for (what, workers) in [("created", created), ("registered", registered)] {
        let mut seen = HashMap::with_capacity(workers.len());
        for worker in workers {
            let id = worker.worker_id.as_str();
            let quoted = Quoted(id);
            if seen.insert(id, ()).is_some() {
                return fail(format!("'{quoted}' was {what} twice"));
            }
            match by_id.get(id) {
                None => return fail(format!("'{quoted}' was {what} but not planned")),
                Some(plan) if !plan.is_as_created(worker) => {
                    return fail(format!(
                        "'{quoted}' was {what} with {} but planned with {}",
                        share(worker),
                        share(plan)
                    ));
                }
                Some(_) => {}
            }
        }
        if what == "created"
            && let Some(missing) =
                planned.iter().find(|worker| !seen.contains_key(&*worker.worker_id))
        {
            return fail(format!("'{}' was planned but not created", Quoted(&missing.worker_id)));
        }
    }
    Ok(())
}

fn share(worker: &Worker) -> String {
    format!(
        "{} CPUs, {} GPUs and {} bytes on node '{}'",
        worker.cpus,
        worker.gpus,
        worker.memory_bytes,
        Quoted(&worker.node_id)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::placement::worker::example as worker;

    fn detail(planned: &[Worker], created: &[Worker], registered: &[Worker]) -> String {
        match check_created(&Layout::default(), planned, created, registered) {
            Err(Error::NotAsPlanned { detail, .. }) => detail,
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn planned_workers_pass_in_any_order() {
        let planned = [worker("a", 1), worker("b", 1)];
        let turned = [worker("b", 1), worker("a", 1)];
        assert_eq!(check_created(&Layout::default(), &planned, &turned, &turned), Ok(()));
        assert_eq!(check_created(&Layout::default(), &planned, &planned, &turned[..1]), Ok(()));
        assert_eq!(check_created(&Layout::default(), &[], &[], &[]), Ok(()));
        // Daft does not report threads.
        let created = planned.clone().map(|planned| Worker { threads: 9, ..planned });
        assert_eq!(check_created(&Layout::default(), &planned, &created, &[]), Ok(()));
    }

    #[test]
    fn every_difference_is_named() {
        let planned = [worker("a", 1), worker("b", 1)];
        assert_eq!(detail(&planned, &planned[..1], &[]), "'b' was planned but not created");
        assert_eq!(detail(&planned, &[worker("n", 2)], &[]), "'n' was created but not planned");
        assert_eq!(
            detail(&planned, &[worker("a", 1), worker("a", 1)], &[]),
            "'a' was created twice"
        );
        assert_eq!(
            detail(&planned, &planned, &[worker("b", 8)]),
            "'b' was registered with 8 CPUs, 0 GPUs and 10 bytes on node 'n' \
             but planned with 1 CPUs, 0 GPUs and 10 bytes on node 'n'"
        );
        assert_eq!(
            detail(&planned, &planned, &[worker("n", 2)]),
            "'n' was registered but not planned"
        );
    }
}
