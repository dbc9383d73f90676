//! One field of a cron expression: which values it stands for.

use super::{Part, ScheduleError};

/// What may stand in a field.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    /// Its values, in the plural, for messages.
    pub(super) noun: &'static str,
    /// The least value.
    pub(super) min: u32,
    /// The greatest; less than 256 above the least.
    pub(super) max: u32,
    /// Names of values, the first for the least.
    pub(super) names: &'static [&'static str],
    /// Whether `/` is allowed.
    pub(super) has_steps: bool,
}

/// The values that a field stands for, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Values([u64; 4]);

impl Values {
    /// Adds the value that is `offset` above the least, below 256.
    pub(super) fn insert(&mut self, offset: u32) {
        for (word, base) in self.0.iter_mut().zip([0, 64, 128, 192]) {
            if let Some(bit @ 0..64) = offset.checked_sub(base) {
                *word |= 1 << bit;
            }
        }
    }

    /// Whether it has the value that is `offset` above the least.
    pub(super) fn contains(&self, offset: u32) -> bool {
        let mut words = self.0.iter().zip([0, 64, 128, 192]);
        words.any(|(word, base)| {
            let bit = offset.checked_sub(base).filter(|bit| *bit < 64);
            bit.is_some_and(|bit| (word >> bit) & 1 == 1)
        })
    }
}

impl Field {
    /// Reads a list of values, ranges and steps.
    pub(super) fn parse(&self, part: Part<'_>) -> Result<Values, ScheduleError> {
        let mut values = Values::default();
        for item in part.split(|letter| letter == ',') {
            self.item(item, &mut values)?;
        }
        Ok(values)
    }

    /// Whether a value is among those read.
    pub(super) fn has(&self, values: &Values, value: u32) -> bool {
        let offset = value.checked_sub(self.min);
        value <= self.max && offset.is_some_and(|offset| values.contains(offset))
    }

    /// Reads `*`, a value, a range, or one of them with a step, and adds what it stands for.
    pub(super) fn item(&self, item: Part<'_>, values: &mut Values) -> Result<(), ScheduleError> {
        let (base, step) = match item.split(|letter| letter == '/')[..] {
            [base] => (base, None),
            [base, step] if self.has_steps => (base, Some(step)),
            _ => return item.wrong(format!("`{}` is no value here", item.text)),
        };
        let (first, last) = match base.split(|letter| letter == '-')[..] {
            [all] if all.text == "*" => (self.min, self.max),
            // `5/10` goes on to the end.
            [value] if step.is_some() => (self.value(value)?, self.max),
            [value] => (self.value(value)?, self.value(value)?),
            [first, last] => (self.value(first)?, self.value(last)?),
            _ => return base.wrong("a range has two ends, like `1-5`"),
        };
        if first > last {
            return base.wrong("a range goes upwards; write two ranges with a comma between them");
        }
        let step = match step.map(|step| (step, step.number())) {
            None => 1,
            Some((_, Some(number @ 1..))) => number,
            Some((step, _)) => return step.wrong("a step is a whole number from 1 on"),
        };
        let mut value = first;
        while value <= last {
            values.insert(value - self.min);
            value = value.saturating_add(step);
        }
        Ok(())
    }

    /// Reads one value, by number or by name.
    pub(super) fn value(&self, part: Part<'_>) -> Result<u32, ScheduleError> {
        let mut known = self.names.iter().zip(self.min..);
        let by_name = known.find(|(name, _)| name.eq_ignore_ascii_case(part.text));
        let value = by_name.map(|(_, value)| value).or(part.number());
        match value {
            Some(value) if (self.min..=self.max).contains(&value) => Ok(value),
            Some(_) | None => {
                let (noun, min, max) = (self.noun, self.min, self.max);
                let names = match (self.names.first(), self.names.last()) {
                    (Some(first), Some(last)) => format!(" or {first} to {last}"),
                    _ => String::new(),
                };
                part.wrong(format!("{noun} are {min} to {max}{names}"))
            }
        }
    }
}
