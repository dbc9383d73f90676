//! One field at a time: what a quantity, a date, a priority and an exit may look like.

use std::borrow::Cow;

use super::columns::{Column, Role};
use super::row::Judge;
use crate::diagnostic::Code;
use crate::model::Exit;
use crate::units::quantity::{self, QuantityError};
use crate::units::{Mib, SimTime};

/// A task that asks for no CPU or no memory.
pub(super) const ZERO_SIZE: Code = Code {
    id: "T0101",
    meaning: "a task asks for no CPU or no memory",
};
/// A row that arrives before the one above it.
pub(super) const UNSORTED: Code = Code {
    id: "T0102",
    meaning: "a row arrives before the row above it",
};
/// A field that is not the quantity it should be.
pub(super) const NOT_A_QUANTITY: Code = Code {
    id: "T0104",
    meaning: "a field is not a number, has a wrong unit, or is no whole number of base units",
};
/// A negative quantity.
pub(super) const NEGATIVE: Code = Code {
    id: "T0105",
    meaning: "a quantity is negative",
};
/// A quantity that does not fit.
pub(super) const TOO_LARGE: Code = Code {
    id: "T0106",
    meaning: "a quantity is too large",
};
/// A date before the scenario's start.
pub(super) const BEFORE_START: Code = Code {
    id: "T0107",
    meaning: "an arrival's date is before the scenario's start",
};
/// A priority that is no whole number of 32 bits.
pub(super) const BAD_PRIORITY: Code = Code {
    id: "T0110",
    meaning: "a priority is not a whole number of 32 bits",
};
/// An exit that is neither a code nor a known word.
pub(super) const BAD_EXIT: Code = Code {
    id: "T0111",
    meaning: "an exit is neither a whole number nor a known word",
};

/// Arrivals and durations reach this many milliseconds: a century, as long as any run or bill.
pub(super) const TIME_MS_MAX: u64 = 876_600 * 3_600_000;

impl Judge<'_> {
    /// CPU or memory; 1 after a problem, so that it is not reported again as zero.
    pub(super) fn amount(&mut self, column: Column, text: &str, at: (usize, usize)) -> u32 {
        let read = if column.role == Role::Cpu {
            quantity::parse_cpu(&in_unit(column, text, "vCPU")).map(|cpu| cpu.0)
        } else {
            quantity::parse_memory(&in_unit(column, text, "GiB")).map(|memory| memory.0)
        };
        match read {
            Ok(0) => {
                let noun = column.role.noun();
                self.error(ZERO_SIZE, format!("the {noun} is zero"), at)
                    .hint("a task needs some of both; leave it out of the trace if it never ran");
                1
            }
            Ok(amount) => amount,
            Err(error) => {
                self.not_a_quantity(column.role, text, error, at);
                1
            }
        }
    }

    /// What a task really uses: nothing, where the row does not say.
    pub(super) fn memory_used(
        &mut self,
        column: Column,
        text: &str,
        at: (usize, usize),
    ) -> Option<Mib> {
        if text.is_empty() {
            return None;
        }
        match quantity::parse_memory(&in_unit(column, text, "GiB")) {
            Ok(memory) => Some(memory),
            Err(error) => {
                self.not_a_quantity(column.role, text, error, at);
                None
            }
        }
    }

    pub(super) fn time(&mut self, column: Column, text: &str, at: (usize, usize)) -> u64 {
        let read = quantity::parse_duration(text, u64::from(column.scale));
        let read = read.and_then(|time| match time.as_ms() {
            ms if ms > TIME_MS_MAX => Err(QuantityError::TooLarge),
            ms => Ok(ms),
        });
        read.unwrap_or_else(|error| {
            self.not_a_quantity(column.role, text, error, at);
            self.rules.arrived_ms
        })
    }

    pub(super) fn arrival(&mut self, column: Column, text: &str, at: (usize, usize)) -> u64 {
        let errors_before = self.report.errors();
        let arrival_ms = if looks_like_a_date(text) {
            self.date(text, at)
        } else {
            self.time(column, text, at)
        };
        let above = self.rules.arrived_ms;
        if self.report.errors() == errors_before && arrival_ms < above {
            let (now, above) = (SimTime::from_ms(arrival_ms), SimTime::from_ms(above));
            let message = format!("this task arrives {} before the row above it", above - now);
            self.error(UNSORTED, message, at)
                .hint("sort the rows by arrival");
        }
        arrival_ms
    }

    fn date(&mut self, text: &str, at: (usize, usize)) -> u64 {
        date_ms(text, self.rules.epoch_ms).unwrap_or_else(|refusal| {
            self.refuse(refusal, at);
            self.rules.arrived_ms
        })
    }

    pub(super) fn priority(&mut self, text: &str, at: (usize, usize)) -> i32 {
        if text.is_empty() {
            return 0;
        }
        text.parse().unwrap_or_else(|_| {
            self.error(BAD_PRIORITY, format!("`{text}` is not a priority"), at)
                .hint("write a whole number such as `0`, `5` or `-1`; more is more urgent");
            0
        })
    }

    pub(super) fn exit(&mut self, text: &str, at: (usize, usize)) -> Exit {
        match text.to_ascii_lowercase().as_str() {
            "" => Exit::Unstated,
            "completed" | "succeeded" | "success" => Exit::Code(0),
            "failed" => Exit::Code(1),
            word => word.parse().map_or_else(
                |_| {
                    self.error(BAD_EXIT, format!("`{text}` is not an exit"), at)
                        .hint("write an exit code, `completed`, `failed`, or nothing");
                    Exit::Unstated
                },
                Exit::Code,
            ),
        }
    }

    fn not_a_quantity(&mut self, role: Role, text: &str, error: QuantityError, at: (usize, usize)) {
        let hint = match (role, error == QuantityError::TooLarge) {
            (Role::Cpu, true) => "at most 4294967295 CPU units fit",
            (Role::Memory | Role::MemoryUsed, true) => "at most 4294967295 MiB fit",
            (_, true) => "at most 3155760000000 ms, a century, fit",
            (Role::Cpu, false) => "write CPU units like `256`, or vCPUs like `0.25 vCPU`",
            (Role::Memory | Role::MemoryUsed, false) => {
                "write MiB like `512`, or with a unit like `2 GiB`"
            }
            (Role::Arrival, false) => {
                "write the time since the start like `1500` or `90s`, or a date like \
                 `2026-03-01T00:04:10Z`"
            }
            (_, false) => "write milliseconds like `1500`, or with a unit like `90s`",
        };
        self.refuse(Refusal::of_quantity(role.noun(), text, error, hint), at);
    }

    fn refuse(&mut self, refusal: Refusal, at: (usize, usize)) {
        self.error(refusal.code, refusal.message, at)
            .hint(refusal.hint);
    }
}

/// A bare number in a column that counts larger units, with the unit written out.
fn in_unit<'a>(column: Column, text: &'a str, unit: &str) -> Cow<'a, str> {
    let mut bytes = text.bytes();
    let is_bare = bytes.all(|byte| byte.is_ascii_digit() || byte == b'.');
    if column.scale > 1 && is_bare && !text.is_empty() {
        Cow::Owned(format!("{text} {unit}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Why a field is not taken, and the way out.
pub(super) struct Refusal {
    pub(super) code: Code,
    pub(super) message: String,
    pub(super) hint: Cow<'static, str>,
}

impl Refusal {
    pub(super) fn new(
        code: Code,
        message: impl Into<String>,
        hint: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            code,
            message: message.into(),
            hint: hint.into(),
        }
    }

    /// A text that is not the quantity that `noun` names.
    pub(super) fn of_quantity(
        noun: &str,
        text: &str,
        error: QuantityError,
        hint: &'static str,
    ) -> Self {
        let code = match error {
            QuantityError::Negative => NEGATIVE,
            QuantityError::TooLarge => TOO_LARGE,
            QuantityError::Empty
            | QuantityError::NotANumber
            | QuantityError::UnknownUnit { .. }
            | QuantityError::NotWhole { .. } => NOT_A_QUANTITY,
        };
        let message = if error == QuantityError::Empty {
            format!("the {noun} is missing")
        } else {
            format!("`{text}` is no {noun}: {error}")
        };
        Self::new(code, message, hint)
    }
}

/// A date and time as milliseconds from the scenario's start.
pub(super) fn date_ms(text: &str, epoch_ms: i64) -> Result<u64, Refusal> {
    let refusal =
        |code, what, hint: &'static str| Refusal::new(code, format!("`{text}` is {what}"), hint);
    let Ok(moment) = text.parse::<jiff::Timestamp>() else {
        let hint = "write it like `2026-03-01T00:04:10Z`";
        return Err(refusal(NOT_A_QUANTITY, "not a date and time", hint));
    };
    if moment.subsec_nanosecond().rem_euclid(1_000_000) != 0 {
        let what = "not a whole number of milliseconds";
        let hint = "keep three decimals of the seconds";
        return Err(refusal(NOT_A_QUANTITY, what, hint));
    }
    u64::try_from(moment.as_millisecond() - epoch_ms).map_err(|_| {
        let hint = "set the scenario's `start` to the first arrival or earlier";
        refusal(BEFORE_START, "before the scenario's start", hint)
    })
}

/// `2026-03-…` or `…:…`: no quantity of time looks like that.
pub(super) fn looks_like_a_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.contains(&b':') || bytes.iter().skip(1).any(|byte| *byte == b'-')
}
