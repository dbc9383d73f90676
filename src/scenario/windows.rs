//! Windows of time in which something is not to be had: each begins within the run, and no two say
//! the same twice.
//!
//! ```text
//!  all instances        ├────────────┤
//!  instances in zone a        ├────┤               nothing of its own: a warning
//!  Spot instances                 ├────────┤       in part: a warning
//!  all instances                     ├────────┤    the first once more: an error
//! ```
//!
//! Two windows of the same thing are a mistake, since nobody can tell what the second is for. Windows
//! whose things are different and have some launches in common can both be meant: a launch that both
//! refuse is refused once.

use super::codes::{NO_EFFECT, OVERLAP, OVERLAP_IN_PART};
use super::document::{Origin, Problems};
use super::moments;
use super::reader::Reader;
use super::workloads::Horizon;
use crate::diagnostic::Diagnostic;
use crate::units::{SimDuration, SimTime};

/// What a window is about.
pub(super) trait Subject: PartialEq {
    /// What such a window is called.
    const KIND: &'static str;

    /// Whether something is part of both.
    fn meets(&self, other: &Self) -> bool;

    /// Whether all of the other is part of this one.
    fn holds(&self, other: &Self) -> bool;
}

/// A window of time that reads.
pub(super) struct Window<'a, T> {
    pub(super) what: T,
    pub(super) from: SimTime,
    pub(super) until: SimTime,
    /// Where its beginning stands.
    origin: &'a Origin,
}

/// Windows of one kind, and whether all of them read.
pub(super) struct Windows<'a, T> {
    read: Vec<Window<'a, T>>,
    all_read: bool,
}

impl<'a, T: Subject> Windows<'a, T> {
    pub(super) const fn none() -> Self {
        Self {
            read: Vec::new(),
            all_read: true,
        }
    }

    /// One more, unless it does not read or is not within the run; says what it has in common with
    /// those before it.
    pub(super) fn add(
        &mut self,
        reader: Reader<'a>,
        (horizon, what): (Horizon, Option<T>),
        problems: &mut Problems,
    ) {
        let span = moments::span(reader, "for", horizon, problems);
        let (Some((from, until)), Some(what)) = (span, what) else {
            self.all_read = false;
            return;
        };
        let at = reader.given("at");
        let window = Window {
            what,
            from,
            until,
            origin: at.map_or(reader.origin(), |node| &node.origin),
        };
        let found = self.read.iter().filter_map(|other| window.beside(other));
        if let Some((_, (other, found))) = found.min_by_key(|(rank, _)| *rank) {
            let message = format!(
                "{} the {} {}, from {} to {}",
                found.message(),
                T::KIND,
                problems.whereabouts(other.origin),
                length(other.from),
                length(other.until)
            );
            reader.problem("at", found.diagnostic(message), problems);
        }
        self.read.push(window);
    }

    /// All of them, if they read.
    pub(super) fn whole(self) -> Option<impl Iterator<Item = Window<'a, T>>> {
        self.all_read.then(|| self.read.into_iter())
    }
}

/// What two windows that overlap have to do with each other.
#[derive(Clone, Copy)]
enum Overlap {
    /// They are about the same.
    Same,
    /// The other has all of this one in it.
    IsWithin,
    /// This one has all of the other in it.
    Holds,
    /// Some of both is the same.
    InPart,
}

impl Overlap {
    /// What is wrong, up to the other window.
    const fn message(self) -> &'static str {
        match self {
            Self::Same => "this is about the same as, and overlaps,",
            Self::IsWithin => "this changes nothing: all of it is within",
            Self::Holds => "this leaves nothing to change to",
            Self::InPart => "this overlaps, and has launches in common with,",
        }
    }

    fn diagnostic(self, message: String) -> Diagnostic {
        match self {
            Self::Same => Diagnostic::error(OVERLAP, message)
                .hint("let one begin when the other is over, or make one of the two"),
            Self::IsWithin => Diagnostic::warning(NO_EFFECT, message)
                .hint("leave it out, or let it begin when the other is over"),
            Self::Holds => Diagnostic::warning(NO_EFFECT, message)
                .hint("leave the other out, or let one begin when the other is over"),
            Self::InPart => Diagnostic::warning(OVERLAP_IN_PART, message).hint(
                "where both are meant all is well: a launch is refused once; else let one begin \
                 when the other is over",
            ),
        }
    }
}

impl<'a, T: Subject> Window<'a, T> {
    /// What this has to do with another before it, if anything, and how bad that is: the least is the
    /// worst.
    fn beside<'b>(&self, other: &'b Self) -> Option<(u8, (&'b Window<'a, T>, Overlap))> {
        let is_at_once = other.from < self.until && self.from < other.until;
        if !is_at_once || !self.what.meets(&other.what) {
            return None;
        }
        let lies_in = |inner: &Self, outer: &Self| {
            outer.what.holds(&inner.what) && outer.from <= inner.from && inner.until <= outer.until
        };
        Some(if self.what == other.what {
            (0, (other, Overlap::Same))
        } else if lies_in(self, other) {
            (1, (other, Overlap::IsWithin))
        } else if lies_in(other, self) {
            (2, (other, Overlap::Holds))
        } else {
            (3, (other, Overlap::InPart))
        })
    }
}

/// A moment as the scenario writes it.
const fn length(at: SimTime) -> SimDuration {
    SimDuration::from_ms(at.as_ms())
}
