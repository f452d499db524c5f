//! Draws a profile as a page of HTML that stands alone: it needs no network and no other file.

mod data;
mod page;
