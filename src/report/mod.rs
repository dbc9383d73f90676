//! Results made readable: charts and tables, as strings and bytes.
//!
//! Nothing here opens a file, reads a clock or changes a number: a report is a pure function of
//! the results it is given.

pub mod chart;
