//! Draws a profile as a page of HTML that stands alone.
