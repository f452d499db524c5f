//! How each node is divided into workers: the layout, its text form and its options. A new option is a row of
//! `options.rs`.

pub(crate) mod class_names;
pub(crate) mod gpus;
pub(crate) mod keep_time;
pub(crate) mod kind;
pub(crate) mod layout_text;
pub(crate) mod memory_fraction;
pub(crate) mod node_layout;
pub(crate) mod node_layout_text;
pub(crate) mod one_worker;
pub(crate) mod option_value;
pub(crate) mod options;
pub(crate) mod pin;
pub(crate) mod rules;
pub(crate) mod selector;
pub(crate) mod startup;
