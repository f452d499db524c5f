/// Deals the tasks that Daft sends to a group of workers among these.
///
/// A worker that takes the place of one that has died gets a number of its own, so that the tasks of the dead one
/// do not count for it.
#[derive(Debug, Clone, Default)]
pub struct Dealing {
    members: Vec<Member>,
    lost: Vec<String>,
    next: u64,
}

#[derive(Debug, Clone)]
struct Member {
    number: u64,
    worker_id: String,
    tasks: u64,
}

impl Dealing {
    /// Adds a worker, also in the place of one that was lost. Returns its number.
    pub fn join(&mut self, worker_id: &str) -> u64 {
        self.lost.retain(|lost| lost != worker_id);
        let number = self.next;
        self.next += 1;
        self.members.push(Member { number, worker_id: worker_id.to_owned(), tasks: 0 });
        number
    }

    /// Gives a task to the worker with the fewest tasks, the first of these. Returns its number, or None if all
    /// workers are lost.
    pub fn deal(&mut self) -> Option<u64> {
        let member = self.members.iter_mut().min_by_key(|member| member.tasks)?;
        member.tasks += 1;
        Some(member.number)
    }

    /// Notes that a task has ended that was given to the worker of this number.
    pub fn ended(&mut self, number: u64) {
        if let Some(member) = self.members.iter_mut().find(|member| member.number == number) {
            member.tasks = member.tasks.saturating_sub(1);
        }
    }

    /// Notes that the worker of this number has died.
    pub fn lose(&mut self, number: u64) {
        if let Some(index) = self.members.iter().position(|member| member.number == number) {
            self.lost.push(self.members.remove(index).worker_id);
        }
    }

    /// The ids of the workers that are there, in the order in which they have joined.
    pub fn present(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|member| member.worker_id.as_str())
    }

    /// The ids of the workers that have died and were not replaced.
    pub fn lost(&self) -> &[String] {
        &self.lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(workers: u64) -> Dealing {
        let mut dealing = Dealing::default();
        for index in 0..workers {
            assert_eq!(dealing.join(&format!("w{index}")), index);
        }
        dealing
    }

    #[test]
    fn each_worker_gets_as_many_tasks() {
        let mut dealing = group(3);
        let dealt: Vec<_> = (0..6).map(|_| dealing.deal()).collect();
        assert_eq!(dealt, [0, 1, 2, 0, 1, 2].map(Some));
    }

    #[test]
    fn the_next_task_goes_to_the_worker_that_is_free() {
        let mut dealing = group(3);
        for _ in 0..3 {
            dealing.deal();
        }
        dealing.ended(1);
        assert_eq!(dealing.deal(), Some(1));
        assert_eq!(dealing.deal(), Some(0));
    }

    #[test]
    fn the_others_get_the_tasks_of_a_worker_that_died() {
        let mut dealing = group(2);
        dealing.deal();
        dealing.lose(0);
        assert_eq!(dealing.deal(), Some(1));
        assert_eq!(dealing.lost(), ["w0"]);
        assert_eq!(dealing.present().collect::<Vec<_>>(), ["w1"]);
        dealing.lose(0);
        assert_eq!(dealing.lost(), ["w0"], "each of its tasks tells that it has died");
        dealing.lose(1);
        assert_eq!(dealing.deal(), None);
    }

    #[test]
    fn a_worker_in_the_place_of_a_dead_one_begins_with_no_task() {
        let mut dealing = group(2);
        dealing.deal();
        dealing.deal();
        dealing.lose(0);
        assert_eq!(dealing.join("w0"), 2);
        assert!(dealing.lost().is_empty());
        dealing.ended(0);
        dealing.ended(0);
        assert_eq!(dealing.deal(), Some(2));
        assert_eq!(dealing.deal(), Some(1), "both have one task");
        assert_eq!(dealing.deal(), Some(2));
    }
}
