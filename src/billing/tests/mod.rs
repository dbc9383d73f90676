//! Bills of small runs, made by hand: what AWS publishes, what others published, and what must
//! hold for any.

mod bill;
mod properties;
mod providers;
mod published;
mod replacements;
mod stage;
mod vectors;
