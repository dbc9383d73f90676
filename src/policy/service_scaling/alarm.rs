//! A CloudWatch alarm of so many datapoints, all of which have to breach.
//!
//! Each minute has a datapoint that breaches the threshold, one that does not, or none. An alarm
//! looks at a little more than the datapoints it needs, so that a missing one can be made up for by
//! an older one:
//!
//! ```text
//!  3 of 3, `X` breaches, `0` does not, `-` is missing; the newest is on the right
//!
//!    0 X X - X   rings     three datapoints, all of them breach
//!    0 - X - X   is quiet  three datapoints, one does not
//!    - - X - -   rings     only one, but it is three minutes old and nothing speaks against it
//!    - - - - X   is quiet  only one, and new
//!    - - - - -   is quiet  insufficient data
//! ```
//!
//! These are minutes as bits of two words, so an alarm costs a shift or two a minute and keeps no
//! history beyond the range it looks at.

use crate::model::ALARM_DATAPOINTS_MAX;

/// Minutes that an alarm looks at beyond the datapoints it needs.
///
/// Source: CloudWatch User Guide, alarms and missing data: an alarm retrieves more datapoints than
/// its evaluation periods; the guide's example has five for three. `Assumption:` it is two more for
/// every alarm of one-minute datapoints.
pub(super) const EXTRA_MINUTES: u32 = 2;

/// An alarm, and what it remembers of the last minutes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Alarm {
    /// Minutes whose datapoint breaches, the newest in the lowest bit; none older than the newest
    /// that does not.
    breaching: u64,
    /// Minutes whose datapoint does not breach.
    fine: u64,
    /// The minutes it looks at.
    range: u64,
    /// Datapoints it needs, N of N.
    datapoints: u32,
}

impl Alarm {
    /// An alarm of `datapoints` of `datapoints` that has seen nothing yet. Panics unless that is
    /// between 1 and [`ALARM_DATAPOINTS_MAX`].
    pub(super) fn new(datapoints: u32) -> Self {
        assert!(
            (1..=ALARM_DATAPOINTS_MAX).contains(&datapoints),
            "an alarm needs 1 to {ALARM_DATAPOINTS_MAX} datapoints, not {datapoints}"
        );
        Self {
            breaching: 0,
            fine: 0,
            range: u64::MAX >> (64 - datapoints - EXTRA_MINUTES),
            datapoints,
        }
    }

    /// Takes the next minute: whether its datapoint breaches, or `None` when there is none.
    pub(super) fn observe(&mut self, breaches: Option<bool>) {
        match breaches {
            Some(true) => {
                self.breaching = ((self.breaching << 1) | 1) & self.range;
                self.fine = (self.fine << 1) & self.range;
            }
            Some(false) => {
                self.breaching = 0;
                self.fine = ((self.fine << 1) | 1) & self.range;
            }
            None => {
                self.breaching = (self.breaching << 1) & self.range;
                self.fine = (self.fine << 1) & self.range;
            }
        }
    }

    /// Whether it is in ALARM.
    ///
    /// Source: CloudWatch User Guide, alarms and missing data, treated as `missing`. With enough
    /// datapoints in range, the newest decide. With fewer, all of them do, and then a breach as old
    /// as the datapoints needed is enough when everything newer breaches or is missing.
    pub(super) fn is_ringing(&self) -> bool {
        self.breaching != 0
            && (self.breaching.count_ones() >= self.datapoints
                || (self.fine == 0 && self.breaching >> (self.datapoints - 1) != 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rings(datapoints: u32, minutes: &str) -> bool {
        let mut alarm = Alarm::new(datapoints);
        for minute in minutes.split_whitespace() {
            alarm.observe(match minute {
                "X" => Some(true),
                "0" => Some(false),
                _ => None,
            });
        }
        alarm.is_ringing()
    }

    #[test]
    fn cloudwatchs_own_table() {
        assert!(!rings(3, "0 - X - X"));
        assert!(!rings(3, "- - - - 0"));
        assert!(!rings(3, "- - - - -"));
        assert!(rings(3, "0 X X - X"));
        assert!(rings(3, "- - X - -"));
    }

    #[test]
    fn it_needs_all_datapoints_and_forgets_what_is_out_of_range() {
        assert!(!rings(3, "X X"));
        assert!(rings(3, "X X X"));
        assert!(!rings(3, "X X X 0"));
        assert!(!rings(3, "X X X 0 X X"));
        assert!(rings(3, "X X X 0 X X X"));
        assert!(rings(3, "X - - - X"));
        assert!(!rings(3, "X - - - - X"), "the old breach is out of range");
        assert!(
            !rings(3, "0 X - - X"),
            "there are three, and one does not breach"
        );
        assert!(
            rings(3, "0 X - - - X"),
            "what speaks against it is out of range"
        );
        assert!(rings(1, "0 X"));
        assert!(!rings(1, "X 0"));
        let all = "X ".repeat(62);
        assert!(rings(62, &all));
        assert!(!rings(62, &all[2..]));
        assert!(!rings(15, &"X ".repeat(14)));
        assert!(rings(15, &"X ".repeat(15)));
    }
}
