use std::num::NonZeroU32;
use std::sync::Arc;

use crate::node::Node;
use crate::numa::Numa;

/// What a node may tell of itself beside its amounts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Told {
    address: Option<Box<str>>,
    hostname: Option<Box<str>>,
    resources: Vec<Box<str>>,
    labels: Vec<(Box<str>, Box<str>)>,
    numa: Vec<Numa>,
    max_workers: Option<NonZeroU32>,
}

impl Node {
    /// The same node with its address.
    #[must_use]
    pub fn with_address(self, address: &str) -> Self {
        self.tell(|told| told.address = Some(address.into()))
    }

    /// The same node with the name of its host; an empty one is none.
    #[must_use]
    pub fn with_hostname(self, hostname: &str) -> Self {
        self.tell(|told| {
            told.hostname = Some(hostname).filter(|name| !name.is_empty()).map(Into::into)
        })
    }

    /// The same node with the names of the resources that it has, above 0.
    #[must_use]
    pub fn with_resources<S: Into<Box<str>>>(self, names: impl IntoIterator<Item = S>) -> Self {
        self.tell(|told| told.resources = names.into_iter().map(Into::into).collect())
    }

    /// The same node with its labels, as keys and values.
    #[must_use]
    pub fn with_labels<K: Into<Box<str>>, V: Into<Box<str>>>(
        self,
        labels: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let labels = labels.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        self.tell(|told| told.labels = labels)
    }

    /// The same node with its NUMA nodes; those without CPUs are left out.
    #[must_use]
    pub fn with_numa(self, numa: impl IntoIterator<Item = Numa>) -> Self {
        self.tell(|told| told.numa = numa.into_iter().filter(|numa| numa.cpus > 0).collect())
    }

    /// The same node with the most workers that it can start.
    #[must_use]
    pub fn with_max_workers(self, max_workers: NonZeroU32) -> Self {
        self.tell(|told| told.max_workers = Some(max_workers))
    }

    /// Its address, where it is known.
    pub fn address(&self) -> Option<&str> {
        self.told()?.address.as_deref()
    }

    /// The host that it is on: by its name, else by its address, else it is alone there.
    pub fn host(&self) -> &str {
        let hostname = self.told().and_then(|told| told.hostname.as_deref());
        hostname.or_else(|| self.address()).unwrap_or(self.id())
    }

    /// Whether it has a resource of this name, above 0.
    pub fn has_resource(&self, name: &str) -> bool {
        self.told().is_some_and(|told| told.resources.iter().any(|other| **other == *name))
    }

    /// The value of a label, where it has that.
    pub fn label(&self, key: &str) -> Option<&str> {
        let mut labels = self.told()?.labels.iter();
        labels.find(|(other, _)| **other == *key).map(|(_, value)| &**value)
    }

    /// Its NUMA nodes with CPUs; none where they are not known.
    pub fn numa(&self) -> &[Numa] {
        self.told().map_or(&[], |told| &told.numa)
    }

    /// The most workers that it can start, where that is known.
    pub fn max_workers(&self) -> Option<NonZeroU32> {
        self.told()?.max_workers
    }

    fn told(&self) -> Option<&Told> {
        self.told.as_deref()
    }

    fn tell(mut self, set: impl FnOnce(&mut Told)) -> Self {
        set(Arc::make_mut(self.told.get_or_insert_default()));
        self
    }
}
