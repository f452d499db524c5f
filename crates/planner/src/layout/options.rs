//! The options of a layout. Each row of [`OPTIONS`] says how one option is written, read and printed.

use crate::error::Error;
use crate::layout::gpus::Gpus;
use crate::layout::keep_time::KeepTime;
use crate::layout::kind::LayoutKind;
use crate::layout::memory_fraction::MemoryFraction;
use crate::layout::node_layout::NodeLayout;
use crate::layout::one_worker::OneWorker;
use crate::layout::option_value::OptionValue;
use crate::layout::pin::{Pin, PinTo};
use crate::layout::startup::Startup;

/// One option of a layout.
struct LayoutOption {
    /// The keyword in the text form. The keyword argument in Python has underscores.
    keyword: &'static str,
    /// How the option is written, for messages.
    forms: &'static [&'static str],
    /// Whether the constructor of a kind takes the option in Python. The text form takes all options.
    suits: fn(LayoutKind) -> bool,
    /// Returns the draft with the option.
    set: fn(Draft, &OptionValue) -> Result<Draft, Error>,
    /// Returns the value as text, or None if it is the default.
    shown: fn(&NodeLayout) -> Option<String>,
}

/// A node layout while its options are read.
struct Draft {
    layout: NodeLayout,
    pin: Option<PinTo>,
    pin_fallback: bool,
}

impl Draft {
    fn with(self, option: impl FnOnce(NodeLayout) -> NodeLayout) -> Self {
        Self { layout: option(self.layout), ..self }
    }
}

/// All options, in the order in which they are printed.
const OPTIONS: [LayoutOption; 11] = [
    LayoutOption {
        keyword: "max-workers",
        forms: &["max-workers=M"],
        suits: is_split,
        set: |draft, value| {
            let most = value.count("max-workers")?;
            Ok(draft.with(|layout| layout.with_max_workers(Some(most))))
        },
        shown: |layout| layout.max_workers().map(|most| most.to_string()),
    },
    LayoutOption {
        keyword: "gpus",
        forms: &["gpus=first", "gpus=spread"],
        suits: |kind| is_split(kind) && kind != LayoutKind::PerGpu,
        set: |draft, value| {
            let gpus = Gpus::read(value.text())?;
            if draft.layout.kind() == LayoutKind::PerGpu && gpus == Gpus::First {
                return Err(Error::PerGpuSpreads);
            }
            Ok(draft.with(|layout| layout.with_gpus(gpus)))
        },
        shown: |layout| {
            let is_default = layout.gpus() == NodeLayout::new(layout.kind()).gpus();
            (!is_default).then(|| layout.gpus().to_string())
        },
    },
    LayoutOption {
        keyword: "memory",
        forms: &["memory=0.9"],
        suits: |_| true,
        set: |draft, value| {
            let memory = value.fraction()?;
            Ok(draft.with(|layout| layout.with_memory(memory)))
        },
        shown: |layout| {
            let memory = layout.memory();
            (memory != MemoryFraction::WHOLE).then(|| memory.to_string())
        },
    },
    LayoutOption {
        keyword: "threads",
        forms: &["threads=T"],
        suits: |_| true,
        set: |draft, value| {
            let threads = value.count("threads")?;
            Ok(draft.with(|layout| layout.with_threads(Some(threads))))
        },
        shown: |layout| layout.threads().map(|threads| threads.to_string()),
    },
    LayoutOption {
        keyword: "pin",
        forms: &["pin=core", "pin=numa"],
        suits: |_| true,
        set: |draft, value| Ok(Draft { pin: Some(PinTo::read(value.text())?), ..draft }),
        shown: |layout| layout.pin().map(|pin| pin.to.to_string()),
    },
    LayoutOption {
        keyword: "pin-fallback",
        forms: &["pin-fallback=true"],
        suits: |_| true,
        set: |draft, value| Ok(Draft { pin_fallback: value.flag("pin-fallback")?, ..draft }),
        shown: |layout| layout.pin().filter(|pin| pin.fallback).map(|_| true.to_string()),
    },
    LayoutOption {
        keyword: "startup",
        forms: &["startup=eager", "startup=progressive"],
        suits: is_split,
        set: |draft, value| {
            let startup = Startup::read(value.text())?;
            Ok(draft.with(|layout| layout.with_startup(startup)))
        },
        shown: |layout| {
            let is_default = layout.startup() == Startup::of(layout.kind());
            (!is_default).then(|| layout.startup().to_string())
        },
    },
    LayoutOption {
        keyword: "split",
        forms: &["split=false"],
        suits: is_split,
        set: |draft, value| {
            let split = value.flag("split")?;
            Ok(draft.with(|layout| layout.with_split(split)))
        },
        shown: |layout| (!layout.splits()).then(|| false.to_string()),
    },
    LayoutOption {
        keyword: "keep",
        forms: &["keep=10min"],
        suits: |_| true,
        set: |draft, value| {
            let keep = KeepTime::read(value.text())?;
            Ok(draft.with(|layout| layout.with_keep(Some(keep))))
        },
        shown: |layout| layout.keep().map(|keep| keep.to_string()),
    },
    LayoutOption {
        keyword: "one-copy",
        forms: &["one-copy=NAME|NAME2"],
        suits: |kind| kind == LayoutKind::Auto,
        set: |draft, value| {
            let names = value.class_names()?;
            if draft.layout.kind() != LayoutKind::Auto {
                return Err(Error::OneCopyNeedsAuto);
            }
            Ok(draft.with(|layout| layout.with_one_copy(Some(names))))
        },
        shown: |layout| layout.one_copy().map(ToString::to_string),
    },
    LayoutOption {
        keyword: "one-worker",
        forms: &["one-worker=auto", "one-worker=never", "one-worker=4GiB"],
        suits: OneWorker::suits,
        set: |draft, value| {
            let one_worker = OneWorker::read(value.text())?;
            if !OneWorker::suits(draft.layout.kind()) {
                return Err(Error::OneWorkerNeedsNode);
            }
            Ok(draft.with(|layout| layout.with_one_worker(one_worker)))
        },
        shown: |layout| {
            let is_default = layout.one_worker() == OneWorker::of(layout.kind());
            (!is_default).then(|| layout.one_worker().to_string())
        },
    },
];

/// Whether a kind may give a node several workers.
fn is_split(kind: LayoutKind) -> bool {
    kind != LayoutKind::PerNode
}

impl NodeLayout {
    /// Makes a node layout of this kind with options, each given by its keyword.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownOption`] and [`Error::RepeatedOption`], which quote `text`; and the error of an option
    /// whose value is not allowed.
    pub(crate) fn with_options<'a>(
        kind: LayoutKind,
        options: impl IntoIterator<Item = (&'a str, OptionValue)>,
        text: &str,
    ) -> Result<Self, Error> {
        let mut draft = Draft { layout: Self::new(kind), pin: None, pin_fallback: false };
        let mut seen = Vec::new();
        for (keyword, value) in options {
            if seen.contains(&keyword) {
                let option = keyword.to_owned();
                return Err(Error::RepeatedOption { option, text: text.to_owned() });
            }
            seen.push(keyword);
            let option = OPTIONS.iter().find(|option| option.keyword == keyword);
            let option = option.ok_or_else(|| Error::UnknownOption {
                given: keyword.to_owned(),
                text: text.to_owned(),
                allowed: allowed(),
            })?;
            draft = (option.set)(draft, &value)?;
        }
        Ok(draft.layout.with_pin(Pin::of(draft.pin, draft.pin_fallback)?))
    }

    /// Makes a node layout of this kind from keyword arguments of Python. A keyword without a value counts as
    /// not given.
    ///
    /// # Errors
    ///
    /// [`KeywordError::Unknown`] for a keyword that the kind does not take, [`KeywordError::Value`] for a value
    /// that is not allowed.
    pub fn with_keywords(
        kind: LayoutKind,
        keywords: impl IntoIterator<Item = (String, Option<OptionValue>)>,
    ) -> Result<Self, KeywordError> {
        let mut options = Vec::new();
        for (given, value) in keywords {
            let named = |option: &&LayoutOption| option.keyword.replace('-', "_") == given;
            match OPTIONS.iter().find(named).filter(|option| (option.suits)(kind)) {
                Some(option) => options.extend(value.map(|value| (option.keyword, value))),
                None => return Err(KeywordError::Unknown(given)),
            }
        }
        Self::with_options(kind, options, "").map_err(KeywordError::Value)
    }

    /// The keywords of the options that are not the default, with their values.
    pub(crate) fn shown_options(&self) -> impl Iterator<Item = (&'static str, String)> {
        OPTIONS.iter().filter_map(move |option| Some((option.keyword, (option.shown)(self)?)))
    }
}

/// Why keyword arguments make no layout.
#[derive(Debug)]
pub enum KeywordError {
    /// The kind takes no keyword of this name.
    Unknown(String),
    /// A value is not allowed.
    Value(Error),
}

fn allowed() -> String {
    let forms = OPTIONS.iter().flat_map(|option| option.forms);
    forms.map(|form| format!("'{form}'")).collect::<Vec<_>>().join(", ")
}
