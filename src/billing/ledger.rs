//! The bill: one line per meter, hour and list price, each rounded once.

use std::collections::BTreeMap;
use std::fmt;

use super::meter::{Category, Meter};
use super::rates::Rates;
use super::usage::{BILLED_HOURS_MAX, Usage};
use crate::units::{Money, Rate, SimDuration, SimTime};

/// One line of a bill: a meter in an hour, at one price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillLine {
    /// What was used.
    pub meter: Meter,
    /// The start of the hour.
    pub starts_at: SimTime,
    /// Its end, not included; the full hour, even if the run ended within it.
    pub ends_at: SimTime,
    /// How much, in base units × milliseconds; never zero.
    pub amount: u128,
    /// At what price: what was agreed on, or the list price.
    pub rate: Rate,
    /// What it costs: `amount` × `rate`, rounded to the nano-dollar, halves to even.
    pub cost: Money,
    /// What AWS asks.
    pub list_rate: Rate,
    /// What it would cost at that price, rounded likewise.
    pub list_cost: Money,
}

/// A bill: its lines by hour, within an hour in the order of [`Category::ALL`], and those of one meter
/// by list price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    region: String,
    lines: Vec<BillLine>,
    total: Money,
}

/// Why there is no bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BillError {
    /// A line or the total exceeds 9.2 billion dollars.
    TooMuchMoney,
    /// Something is used later than [`BILLED_HOURS_MAX`] hours after the scenario's start.
    TooLong,
    /// A line lies outside the calendar, whose years go from −9999 to 9999.
    NoSuchDate,
}

impl Ledger {
    /// Prices `usage` at `rates`. Panics when the rates are those of a cluster with other meters.
    ///
    /// # Errors
    ///
    /// Usage that exceeds what a bill can show is refused whole; see [`BillError`].
    pub fn price(usage: &Usage, rates: &Rates) -> Result<Self, BillError> {
        assert_eq!(usage.meters(), rates.meters(), "rates of another cluster");
        if usage.is_truncated() {
            return Err(BillError::TooLong);
        }
        let meters = usage.meters().list();
        let hours = usage.by_hour().first().map_or(0, Vec::len);
        let mut priced = rates.price_pools(usage.pools());
        let mut lines = Vec::new();
        let mut total = Money::ZERO;
        let mut starts_at = SimTime::ZERO;
        for hour in 0..hours {
            let ends_at = starts_at + SimDuration::HOUR;
            for (index, meter) in meters.iter().enumerate() {
                let amount = usage.by_hour()[index][hour];
                if amount == 0 {
                    continue;
                }
                let rate = rates.list()[index];
                for (list_rate, amount) in by_price(amount, rate, priced.remove(&(hour, index))) {
                    let rate = rates.contracts()[index].of_rate(list_rate);
                    let line = BillLine {
                        meter: meter.clone(),
                        starts_at,
                        ends_at,
                        amount,
                        rate,
                        cost: charge(rate, amount, meter)?,
                        list_rate,
                        list_cost: charge(list_rate, amount, meter)?,
                    };
                    total = checked_sum(total, line.cost)?;
                    lines.push(line);
                }
            }
            starts_at = ends_at;
        }
        assert!(priced.is_empty(), "what has a price is used");
        let region = rates.region().to_owned();
        Ok(Self {
            region,
            lines,
            total,
        })
    }

    /// The region whose prices these are.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// All lines.
    pub fn lines(&self) -> &[BillLine] {
        &self.lines
    }

    /// The sum of all lines.
    pub const fn total(&self) -> Money {
        self.total
    }

    /// The sum of each category's lines, in the order of [`Category::ALL`], with zero for those
    /// that have none. Adds up to [`total`](Self::total).
    pub fn by_category(&self) -> Vec<(Category, Money)> {
        let sum = |category| {
            let lines = self.lines.iter();
            let of_category = lines.filter(|line| line.meter.category() == category);
            of_category.map(|line| line.cost).sum()
        };
        let sums = Category::ALL.map(|category| (category, sum(category)));
        sums.to_vec()
    }

    /// What had been spent at the start and after every hour with a line. The last is exactly
    /// [`total`](Self::total), and may be later than the end of the run: at the end of its hour.
    pub fn cumulative(&self) -> Vec<(SimTime, Money)> {
        let mut points = vec![(SimTime::ZERO, Money::ZERO)];
        let mut spent = Money::ZERO;
        for hour in self.lines.chunk_by(|one, next| one.ends_at == next.ends_at) {
            spent += hour.iter().map(|line| line.cost).sum();
            points.push((hour[0].ends_at, spent));
        }
        points
    }
}

impl BillLine {
    /// How much was used in priced units, as a decimal: `1.5` vCPU-Hours. Rounded to nine
    /// decimals, halves to even; the cost is not made from it but from the exact amount.
    pub fn quantity(&self) -> String {
        let per_unit = u128::from(self.meter.base_units_per_priced_unit());
        let divisor = per_unit * u128::from(self.rate.period().as_ms());
        let whole = self.amount.div_euclid(divisor);
        // The rest is below the divisor, which is below 2⁴⁴: the product fits.
        let rest = (self.amount - whole * divisor) * 1_000_000_000;
        let nanos = whole * 1_000_000_000 + crate::units::div_half_even(rest, divisor);
        crate::units::quantity::decimal_text(nanos, 9)
    }
}

/// The amount of an hour by its list prices, the lowest first: what a series has prices for at those, and
/// the rest at the book's.
fn by_price(
    amount: u128,
    rate: Rate,
    priced: Option<BTreeMap<Rate, u128>>,
) -> BTreeMap<Rate, u128> {
    let mut all = priced.unwrap_or_default();
    let has_price: u128 = all.values().sum();
    let rest = amount.checked_sub(has_price);
    let rest = rest.expect("what has a price is part of what is used");
    if rest > 0 {
        *all.entry(rate).or_default() += rest;
    }
    all
}

fn charge(rate: Rate, amount: u128, meter: &Meter) -> Result<Money, BillError> {
    let cost = rate.charge(amount, meter.base_units_per_priced_unit());
    cost.ok_or(BillError::TooMuchMoney)
}

fn checked_sum(one: Money, other: Money) -> Result<Money, BillError> {
    let nanos = one.as_nanos().checked_add(other.as_nanos());
    nanos.map(Money::from_nanos).ok_or(BillError::TooMuchMoney)
}

impl fmt::Display for BillError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMuchMoney => formatter.write_str("the bill exceeds 9.2 billion dollars"),
            Self::TooLong => write!(
                formatter,
                "something is used later than {BILLED_HOURS_MAX} hours after the start"
            ),
            Self::NoSuchDate => formatter.write_str("the bill leaves the calendar"),
        }
    }
}

impl std::error::Error for BillError {}
