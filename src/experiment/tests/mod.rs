//! Services on stage, for tests of everything that is made from their records.

pub(crate) mod stage;
