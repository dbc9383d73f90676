//! Tasks that no trace holds: drawn one at a time from a recipe and a seed.
//!
//! Three streams of dice serve one workload: arrivals, shapes and durations. So making tasks larger
//! leaves their arrivals as they were. A rate that changes with the hour is *thinned*: candidates
//! arrive at the highest rate there is, and each is kept with the chance (rate now ÷ highest rate).
#![expect(
    clippy::float_arithmetic,
    reason = "times between arrivals and the day's cosine are drawn here"
)]

use super::names::{NamedArrivals, Naming, TaskNames};
use super::values::TIME_MS_MAX;
use crate::model::{
    ArrivalProcess, Arrivals, DefinitionId, Exit, Generator, GroupId, Introduction, Label,
    Submission,
};
use crate::rng::{Concern, Dice, Seed};
use crate::units::{SimDuration, SimTime};

const DAY_MS: i64 = 86_400_000;

/// The tasks of one generated workload, in order of arrival and without end in memory.
///
/// Their labels are the workload's name and numbers from 0. They are of the generator's definition
/// and the group of its family; without one, the workload's name is both.
#[derive(Clone, Debug)]
pub struct GeneratedTasks {
    generator: Generator,
    workload: String,
    names: TaskNames,
    group: GroupId,
    definition: DefinitionId,
    clock: Clock,
    shape_dice: Dice,
    duration_dice: Dice,
    weights: u64,
    shown: Option<Submission>,
    is_loaded: bool,
    count: u64,
    threads: u16,
}

/// When the next task arrives.
#[derive(Clone, Debug)]
struct Clock {
    dice: Dice,
    epoch_ms: i64,
    /// Milliseconds since the start, with fractions, so that high rates do not drift.
    now_ms: f64,
    /// Tasks that have arrived.
    arrived: u64,
}

impl GeneratedTasks {
    /// Tasks of the workload called `workload`, the `index`th of its scenario.
    ///
    /// `epoch_ms` is the scenario's start in milliseconds since 1970-01-01 UTC: it says which hour
    /// and weekday a moment is. Panics when no shape has any weight, which no scenario allows.
    pub fn new(
        generator: &Generator,
        seed: &Seed,
        (index, workload): (u32, &str),
        epoch_ms: i64,
    ) -> Self {
        let weights = generator.shapes.iter().map(|it| u64::from(it.weight)).sum();
        assert!(weights > 0, "a generator has a shape with some weight");
        let mut naming = Naming::new(workload.to_owned(), generator.definition.clone());
        let (group, definition) = naming.ids(b"", b"").expect("empty is UTF-8");
        Self {
            generator: generator.clone(),
            workload: workload.to_owned(),
            names: naming.into_names(),
            group,
            definition,
            clock: Clock {
                dice: seed.dice(Concern::Arrival, index),
                epoch_ms,
                now_ms: 0.0,
                arrived: 0,
            },
            shape_dice: seed.dice(Concern::Shape, index),
            duration_dice: seed.dice(Concern::Duration, index),
            weights,
            shown: None,
            is_loaded: false,
            count: 0,
            threads: 0,
        }
    }

    /// The same tasks, which can use so many vCPUs at once: see [`Submission::threads`].
    #[must_use]
    pub const fn with_threads(mut self, threads: u16) -> Self {
        self.threads = threads;
        self
    }

    fn draw(&mut self) -> Option<Submission> {
        if self.count >= self.generator.count_max {
            return None;
        }
        let arrival = self.clock.next(&self.generator)?;
        if arrival >= self.generator.until {
            return None;
        }
        let mut left = self.shape_dice.below(self.weights);
        let shape = self.generator.shapes.iter().find(|shape| {
            let weight = u64::from(shape.weight);
            let is_chosen = left < weight;
            left = left.saturating_sub(weight);
            is_chosen
        });
        Some(Submission {
            arrival,
            size: shape.expect("a draw below the sum of weights").size,
            duration: self.generator.duration.draw(&mut self.duration_dice),
            group: self.group,
            definition: self.definition,
            priority: 0,
            exit: Exit::Unstated,
            workload: 0,
            threads: self.threads,
        })
    }
}

impl Arrivals for GeneratedTasks {
    fn peek(&mut self) -> Option<&Submission> {
        if !self.is_loaded {
            self.shown = self.draw();
            self.is_loaded = true;
        }
        self.shown.as_ref()
    }

    fn label(&self) -> Label<'_> {
        Label::Generated {
            workload: &self.workload,
            number: self.count,
        }
    }

    fn introduce(&self) -> Introduction<'_> {
        Introduction {
            label: self.label(),
            group: self.names.group(self.group),
            definition: self.names.definition(self.definition),
        }
    }

    fn advance(&mut self) {
        if self.shown.take().is_some() {
            self.is_loaded = false;
            self.count += 1;
        }
    }
}

impl NamedArrivals for GeneratedTasks {
    fn names(&self) -> &TaskNames {
        &self.names
    }
}

impl Clock {
    /// The next arrival; `None` when there will be none, or none before the generator's end.
    fn next(&mut self, generator: &Generator) -> Option<SimTime> {
        let number = self.arrived;
        self.arrived += 1;
        let nth = |first: SimTime, every: SimDuration, turn: u64| {
            let after = every.as_ms().checked_mul(turn)?;
            first.checked_add(SimDuration::from_ms(after))
        };
        match &generator.arrivals {
            ArrivalProcess::Regular { every } => nth(SimTime::ZERO, *every, number),
            ArrivalProcess::Bursts { first, every, size } => {
                nth(*first, *every, number.div_euclid(u64::from(*size)))
            }
            ArrivalProcess::Poisson { milli_per_hour } => {
                self.step(per_ms(*milli_per_hour), generator.until)
            }
            ArrivalProcess::Diurnal {
                trough_milli_per_hour,
                peak_milli_per_hour,
                peak_at,
                weekend_per_mille,
            } => {
                let trough = per_ms(*trough_milli_per_hour);
                let peak = per_ms(*peak_milli_per_hour);
                let weekend = f64::from(*weekend_per_mille) / 1_000.0;
                let highest = peak.max(trough) * weekend.max(1.0);
                loop {
                    let at = self.step(highest, generator.until)?;
                    let day = 0.5 + 0.5 * self.cosine(at, *peak_at);
                    let week = if self.is_weekend(at) { weekend } else { 1.0 };
                    let rate = (trough + (peak - trough) * day) * week;
                    if unit(&mut self.dice) * highest < rate {
                        return Some(at);
                    }
                }
            }
        }
    }

    /// Moves on to the next of independent arrivals at `rate` per millisecond.
    fn step(&mut self, rate: f64, until: SimTime) -> Option<SimTime> {
        if rate <= 0.0 {
            return None;
        }
        self.now_ms -= libm::log(unit(&mut self.dice)) / rate;
        let is_over = self.now_ms >= from_u64(until.as_ms()) || self.now_ms > from_u64(TIME_MS_MAX);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and 10^15"
        )]
        (!is_over).then_some(SimTime::from_ms(self.now_ms as u64))
    }

    /// 1 at `peak_at` of each day (UTC), −1 twelve hours from it.
    fn cosine(&self, at: SimTime, peak_at: SimDuration) -> f64 {
        let of_day = self.unix_ms(at).rem_euclid(DAY_MS).unsigned_abs();
        let turn = (from_u64(of_day) - from_u64(peak_at.as_ms())) / 86_400_000.0;
        libm::cos(std::f64::consts::TAU * turn)
    }

    /// Whether it is Saturday or Sunday (UTC).
    fn is_weekend(&self, at: SimTime) -> bool {
        // 1970-01-01 was a Thursday, four days after a Sunday.
        let from_sunday = (self.unix_ms(at).div_euclid(DAY_MS) + 4).rem_euclid(7);
        from_sunday == 0 || from_sunday == 6
    }

    fn unix_ms(&self, at: SimTime) -> i64 {
        self.epoch_ms
            .saturating_add_unsigned(at.as_ms().min(i64::MAX.unsigned_abs()))
    }
}

fn per_ms(milli_per_hour: u64) -> f64 {
    from_u64(milli_per_hour) / 3_600_000_000.0
}

/// A uniform number strictly between 0 and 1, on a grid of 2⁻⁵³.
fn unit(dice: &mut Dice) -> f64 {
    (from_u64(dice.word() >> 11) + 0.5) / 9_007_199_254_740_992.0
}

#[expect(
    clippy::cast_precision_loss,
    reason = "exact to 2^53, and near enough beyond: such a time is never reached"
)]
const fn from_u64(value: u64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Shape;
    use crate::rng::Distribution;
    use crate::units::Size;

    fn arrivals(process: ArrivalProcess, until: SimTime, epoch_ms: i64) -> Vec<u64> {
        let shape = |cpu, weight| Shape {
            size: Size::new(cpu, 512),
            weight,
        };
        let generator = Generator {
            definition: None,
            arrivals: process,
            shapes: vec![shape(1, 0), shape(256, 3), shape(512, 1)],
            duration: Distribution::Constant(SimDuration::SECOND),
            until,
            count_max: 100_000,
        };
        let mut tasks = GeneratedTasks::new(&generator, &Seed::new(1), (0, "w"), epoch_ms);
        let mut arrivals = Vec::new();
        while let Some(task) = tasks.peek() {
            assert_ne!(task.size.cpu.0, 1, "a weight of zero is never drawn");
            arrivals.push(task.arrival.as_ms());
            let (workload, number) = ("w", arrivals.len() as u64 - 1);
            assert_eq!(tasks.label(), Label::Generated { workload, number });
            tasks.advance();
        }
        tasks.advance();
        assert!(tasks.peek().is_none(), "an end is an end");
        arrivals
    }

    fn hours(hours: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_ms(hours * 3_600_000)
    }

    #[test]
    fn regular_and_bursts_are_exact() {
        let every = SimDuration::SECOND;
        let regular = ArrivalProcess::Regular { every };
        assert_eq!(
            arrivals(regular, SimTime::from_ms(3_000), 0),
            [0, 1_000, 2_000]
        );
        let first = SimTime::from_ms(500);
        let bursts = ArrivalProcess::Bursts {
            first,
            every,
            size: 2,
        };
        let expected = [500, 500, 1_500, 1_500];
        assert_eq!(arrivals(bursts, SimTime::from_ms(2_500), 0), expected);
    }

    #[test]
    fn poisson_has_its_rate_and_no_rate_has_no_tasks() {
        let poisson = |milli_per_hour| ArrivalProcess::Poisson { milli_per_hour };
        let count = arrivals(poisson(1_000_000), hours(40), 0).len();
        assert!((39_000..41_000).contains(&count), "{count}");
        assert!(arrivals(poisson(0), SimTime::MAX, 0).is_empty());
    }

    #[test]
    fn a_day_peaks_when_it_should_and_the_weekend_is_quieter() {
        let diurnal = ArrivalProcess::Diurnal {
            trough_milli_per_hour: 0,
            peak_milli_per_hour: 400_000,
            peak_at: SimDuration::from_ms(14 * 3_600_000),
            weekend_per_mille: 500,
        };
        // 2026-03-02 was a Monday; the run starts at 06:00.
        let monday_six = 1_772_409_600_000 + 6 * 3_600_000;
        let all = arrivals(diurnal, hours(7 * 24), monday_six);
        let mut by_hour = [0_u32; 24];
        let mut by_day = [0_u32; 8];
        for ms in all {
            let hour = usize::try_from(ms.div_euclid(3_600_000)).unwrap() + 6;
            by_hour[hour.rem_euclid(24)] += 1;
            by_day[hour.div_euclid(24)] += 1;
        }
        let busiest = (0..24).max_by_key(|hour| by_hour[*hour]).unwrap();
        assert!((12..=15).contains(&busiest), "{by_hour:?}");
        assert!(by_hour[2] * 20 < by_hour[13], "{by_hour:?}");
        assert!((4_500..5_100).contains(&by_day[2]), "{by_day:?}");
        assert!((2_250..2_550).contains(&by_day[5]), "{by_day:?}");
    }
}
