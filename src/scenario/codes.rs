//! The kinds of problem a scenario can have. Numbers are stable and never reused.

use crate::diagnostic::Code;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $meaning:literal;)*) => {
        $($(#[$doc])* pub const $name: Code = Code { id: $id, meaning: $meaning };)*

        /// Every code this module raises, by number.
        pub const CODES: &[Code] = &[$($name),*];
    };
}

codes! {
    /// The file is no TOML.
    SYNTAX = "S0001", "The scenario is not valid TOML.";
    /// A key that means nothing here.
    UNKNOWN_KEY = "S0002", "A key that is not known in its section.";
    /// A key that has no default is not there.
    MISSING_KEY = "S0003", "A required key is missing.";
    /// Text where a number belongs, and the like.
    WRONG_TYPE = "S0004", "A value has another type than its key.";
    /// A text that is no time, size, rate, share or date.
    BAD_QUANTITY = "S0005", "A time, size, rate, share or date cannot be read.";
    /// Too small or too large.
    OUT_OF_RANGE = "S0006", "A value is outside its range.";
    /// A word that is not on the list.
    UNKNOWN_WORD = "S0007", "A word is not one of those its key knows.";
    /// A name that could not name a folder.
    BAD_NAME = "S0008", "A name is not fit for a folder.";
    /// Two keys of which only one can hold.
    CONFLICT = "S0009", "Keys exclude each other.";
    /// Two things of one name.
    DUPLICATE_NAME = "S0010", "Two workloads or two clusters have the same name.";
    /// An override without a key or a value.
    BAD_OVERRIDE = "S0011", "A `--set` is not of the form `key=value`.";
    /// An override of something that is not there.
    UNKNOWN_PATH = "S0012", "A `--set` names nothing in the scenario.";
    /// A minimum above its maximum, and the like.
    DISORDERED = "S0013", "Values that belong together are in the wrong order.";
    /// A generator that would go on for ever.
    UNBOUNDED = "S0014", "A generator has no end.";
    /// An instance type the catalog does not have.
    UNKNOWN_INSTANCE_TYPE = "S0015", "An instance type is not in the catalog.";
    /// A region the price book does not have.
    UNKNOWN_REGION = "S0016", "A region is not in the price book.";
    /// A price that is needed and not known.
    MISSING_PRICE = "S0017", "A cluster needs a price that the price book does not have.";
    /// A size that Fargate does not sell, where only exact sizes are wanted.
    NO_FARGATE_SIZE = "S0018", "A generated task has no Fargate size, and `sizing` is `exact`.";
    /// A key that changes nothing beside the others.
    NO_EFFECT = "S0101", "Warning: a key has no effect beside the others.";
    /// A task that a cluster could never hold.
    NEVER_FITS = "S0102", "Warning: a generated task is too large for a cluster.";
}
