//! The kinds of problem a price file can have. Numbers are stable and never reused.

use crate::diagnostic::Code;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $meaning:literal;)*) => {
        $($(#[$doc])* pub(in crate::billing::book) const $name: Code = Code {
            id: $id,
            meaning: $meaning,
        };)*

        /// Every code that price files raise, for `docs/diagnostics.md`.
        pub const CODES: &[Code] = &[$($name),*];
    };
}

codes! {
    /// Neither CSV nor JSON.
    SYNTAX = "P0001", "A price file is not valid CSV or JSON.";
    /// Nothing below the header.
    NO_ROWS = "P0002", "A price file has no rows.";
    /// A column or field that means nothing here.
    UNKNOWN_COLUMN = "P0003", "A column of a price file is not known, or stands there twice.";
    /// A column that is needed.
    MISSING_COLUMN = "P0004", "A price file lacks a column that it needs.";
    /// A field that is needed, and others of which one is.
    MISSING_VALUE = "P0005", "A row of a price file does not say where, what or how much.";
    /// Fields of which only one can hold.
    CONFLICT = "P0006", "Fields of a row of a price file exclude each other.";
    /// A region that AWS does not have.
    UNKNOWN_REGION = "P0007", "A region of a price file is none of AWS's.";
    /// A thing without a price.
    UNKNOWN_ITEM = "P0008", "An item of a price file is not known.";
    /// A price that is no decimal number, or does not fit.
    BAD_PRICE = "P0009", "A price cannot be read, or cannot be billed.";
    /// A price below zero.
    NEGATIVE_PRICE = "P0010", "A price is negative.";
    /// A percentage that cannot be read, or is more than all.
    BAD_DISCOUNT = "P0011", "A discount is not a percentage from 0% to 100%.";
    /// A day that cannot be read, or an end before its beginning.
    BAD_DATE = "P0012", "A day cannot be read, or the last one comes before the first.";
    /// Another unit than the thing has.
    WRONG_UNIT = "P0013", "A price is for another unit than its item has.";
    /// Another currency than dollars.
    WRONG_CURRENCY = "P0014", "A price is not in US dollars.";
    /// Two rows about one thing and one day.
    OVERLAP = "P0015", "Two rows of a price file hold for the same thing on the same day.";
    /// Days for which nothing is said.
    GAP = "P0016", "Between two rows of a price file there are days without a price.";
    /// A contract about what has no list price.
    NO_LIST_PRICE = "P0017", "A contracted price is for something without a list price.";
    /// A row that changes nothing.
    HITS_NOTHING = "P0101", "Warning: a discount is for things without a price.";
    /// A file that says nothing about the day.
    NOT_YET = "P0102", "Warning: no row of a price file holds on the day whose prices are charged.";
}
