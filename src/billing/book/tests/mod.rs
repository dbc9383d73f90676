//! The book: what is compiled in, and what files make of it.

mod embedded;
mod files;
mod published;
