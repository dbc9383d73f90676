//! What one thing costs: a quote for a unit, and what a contract makes of it.
//!
//! Most things are paid for by unit and time, some by the piece, and a few fees are a share of
//! another price. A contract replaces the list price or takes something off it; both are known
//! afterwards, since FOCUS asks for both.

use std::fmt;

use crate::units::quantity::{Decimal, decimal_text};
use crate::units::{Period, Rate, RateError, div_half_even};

/// A million parts are the whole.
const WHOLE_PPM: u32 = 1_000_000;

/// The unit that a thing is priced in, as AWS's price lists name it. GB means GiB, as it does there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PricedUnit {
    /// One of it for an hour.
    Hour,
    /// An EC2 instance for an hour.
    InstanceHour,
    /// A vCPU for an hour.
    VcpuHour,
    /// A GB for an hour.
    GbHour,
    /// A GB for a month of 730 hours.
    GbMonth,
    /// An I/O operation a second for a month of 730 hours.
    IopsMonth,
    /// A MiB a second for a month of 730 hours.
    MibpsMonth,
    /// A load balancer capacity unit for an hour.
    LcuHour,
    /// One in each zone for an hour.
    ZoneHour,
    /// A metric for a month of 730 hours.
    MetricMonth,
    /// A cluster for an hour.
    ClusterHour,
    /// A registered resource for a month of 730 hours.
    ResourceMonth,
    /// A GB, once.
    Gb,
    /// A call, once.
    Call,
    /// A share of the on-demand price of what it is for.
    Share,
}

/// What is asked for one [`PricedUnit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quote {
    /// Dollars for a unit and a time.
    Timed(Rate),
    /// Pico-dollars (10⁻¹² dollars) for a unit, however long it lasts.
    Each(u64),
    /// Millionths of the price of something else; at most all of it.
    Share(u32),
}

/// A part of a price that a contract takes off, in millionths; at most all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Discount(u32);

/// Why a text is no [`Discount`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiscountError {
    /// It has no `%`.
    NoPercent,
    /// What stands before the `%` is no decimal number.
    NotANumber,
    /// It has a minus sign.
    Negative,
    /// More than 100 %.
    AboveAll,
    /// Finer than a ten-thousandth of a per cent.
    TooFine,
}

/// What a contract says about a price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Contract {
    /// Nothing: the list price is paid.
    #[default]
    List,
    /// This is paid, whatever the list says.
    Price(Quote),
    /// So much less than the list price is paid.
    Discount(Discount),
}

impl PricedUnit {
    /// Its name in price files and tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::InstanceHour => "instance-hour",
            Self::VcpuHour => "vCPU-hour",
            Self::GbHour => "GB-hour",
            Self::GbMonth => "GB-month",
            Self::IopsMonth => "IOPS-month",
            Self::MibpsMonth => "MiBps-month",
            Self::LcuHour => "LCU-hour",
            Self::ZoneHour => "zone-hour",
            Self::MetricMonth => "metric-month",
            Self::ClusterHour => "cluster-hour",
            Self::ResourceMonth => "resource-month",
            Self::Gb => "GB",
            Self::Call => "call",
            Self::Share => "of the price",
        }
    }

    /// The time that its price is for; `None` where time does not matter.
    pub const fn period(self) -> Option<Period> {
        match self {
            Self::Hour
            | Self::InstanceHour
            | Self::VcpuHour
            | Self::GbHour
            | Self::LcuHour
            | Self::ZoneHour
            | Self::ClusterHour => Some(Period::Hour),
            Self::GbMonth
            | Self::IopsMonth
            | Self::MibpsMonth
            | Self::MetricMonth
            | Self::ResourceMonth => Some(Period::Month730),
            Self::Gb | Self::Call | Self::Share => None,
        }
    }

    /// Whether this is what `text` means: its name in whatever case, or its time alone.
    pub fn is_called(self, text: &str) -> bool {
        let time = match self.period() {
            Some(Period::Hour) => "hour",
            Some(Period::Month730) => "month",
            Some(Period::Second) | None => self.name(),
        };
        [self.name(), time]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(text))
    }

    /// Reads a price in this unit: dollars, or for a share a decimal such as `0.12`.
    ///
    /// # Errors
    ///
    /// See [`RateError`]; a share above 1 is out of range.
    pub fn quote(self, text: &str) -> Result<Quote, RateError> {
        let period = self.period();
        // The time does not change how the dollars read.
        let rate = Rate::parse(text, period.unwrap_or(Period::Hour))?;
        if self == Self::Share {
            let decimal = Decimal::parse(text).ok_or(RateError::NotANumber)?;
            let ppm = decimal.scaled(u64::from(WHOLE_PPM));
            let ppm = ppm.and_then(|ppm| u32::try_from(ppm).ok());
            let ppm = ppm.filter(|ppm| *ppm <= WHOLE_PPM);
            return ppm.map(Quote::Share).ok_or(RateError::OutOfRange);
        }
        Ok(match period {
            Some(_) => Quote::Timed(rate),
            None => Quote::Each(rate.pico()),
        })
    }
}

impl Quote {
    /// The price by unit and time, if it is one.
    pub const fn rate(self) -> Option<Rate> {
        match self {
            Self::Timed(rate) => Some(rate),
            Self::Each(_) | Self::Share(_) => None,
        }
    }

    /// Its number, exactly and without trailing zeros: `0.04048`; dollars, or for a share the part.
    pub fn text(self) -> String {
        match self {
            Self::Timed(rate) => rate.dollars(),
            Self::Each(pico) => decimal_text(u128::from(pico), 12),
            Self::Share(ppm) => decimal_text(u128::from(ppm), 6),
        }
    }

    /// Its number in the finest parts that it can have; comparable among quotes of one unit.
    pub fn parts(self) -> u64 {
        match self {
            Self::Timed(rate) => rate.pico(),
            Self::Each(pico) => pico,
            Self::Share(ppm) => u64::from(ppm),
        }
    }

    /// The same quote with another number.
    fn with_parts(self, parts: u64) -> Self {
        match self {
            Self::Timed(rate) => Self::Timed(Rate::new(parts, rate.period())),
            Self::Each(_) => Self::Each(parts),
            Self::Share(ppm) => Self::Share(u32::try_from(parts).unwrap_or(ppm)),
        }
    }
}

impl Discount {
    /// Reads a percentage: `12%`, `7.25 %`.
    ///
    /// # Errors
    ///
    /// See [`DiscountError`]. A bare number is refused: it could be a share or per cent.
    pub fn parse(text: &str) -> Result<Self, DiscountError> {
        let number = text.strip_suffix('%').ok_or(DiscountError::NoPercent)?;
        let number = number.trim_end();
        if number.starts_with('-') {
            return Err(DiscountError::Negative);
        }
        let decimal = Decimal::parse(number).ok_or(DiscountError::NotANumber)?;
        let ppm = decimal.scaled(u64::from(WHOLE_PPM).div_euclid(100));
        match ppm.map(u32::try_from) {
            None => Err(DiscountError::TooFine),
            Some(Ok(ppm)) if ppm <= WHOLE_PPM => Ok(Self(ppm)),
            Some(_) => Err(DiscountError::AboveAll),
        }
    }

    /// In millionths.
    pub const fn ppm(self) -> u32 {
        self.0
    }

    /// What is left of so many parts of a price, rounded to whole parts, halves to even. Prices are
    /// kept in pico-dollars, so that only prices of more than six decimals are ever rounded here.
    fn off(self, parts: u64) -> u64 {
        let left = u128::from(WHOLE_PPM - self.0);
        let product = u128::from(parts) * left;
        let rest = div_half_even(product, u128::from(WHOLE_PPM));
        u64::try_from(rest).expect("no more than before")
    }
}

impl Contract {
    /// What is paid where `list` is asked.
    pub fn of(self, list: Quote) -> Quote {
        match self {
            Self::List => list,
            Self::Price(quote) => quote,
            Self::Discount(discount) => list.with_parts(discount.off(list.parts())),
        }
    }

    /// The same for a price by unit and time; a contract about something else changes nothing.
    pub fn of_rate(self, list: Rate) -> Rate {
        self.of(Quote::Timed(list)).rate().unwrap_or(list)
    }
}

/// Prints a percentage: `12%`.
impl fmt::Display for Discount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}%", decimal_text(u128::from(self.0), 4))
    }
}

impl fmt::Display for DiscountError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NoPercent => "it has no `%`",
            Self::NotANumber => "it is not a decimal number",
            Self::Negative => "it is negative",
            Self::AboveAll => "it takes off more than all",
            Self::TooFine => "it is finer than a ten-thousandth of a per cent",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_twelfth_less_is_exact_and_the_rest_is_rounded_to_even() {
        let list = PricedUnit::VcpuHour.quote("0.04048").unwrap();
        let contract = Contract::Discount(Discount::parse("12 %").unwrap());
        assert_eq!(contract.of(list).text(), "0.0356224");
        // Half of three parts is one and a half, half of five two and a half: both become two.
        let half = Discount::parse("50%").unwrap();
        assert_eq!([half.off(3), half.off(5), half.off(0)], [2, 2, 0]);
        let all = Contract::Discount(Discount::parse("100%").unwrap());
        assert_eq!(all.of(list).text(), "0");
    }

    #[test]
    fn discounts_are_percentages() {
        let ppm = |text: &str| Discount::parse(text).map(Discount::ppm);
        assert_eq!(ppm("7.25%"), Ok(72_500));
        assert_eq!(ppm("0.0001%"), Ok(1));
        assert_eq!(ppm("100.0%"), Ok(WHOLE_PPM));
        assert_eq!(ppm("0.12"), Err(DiscountError::NoPercent));
        assert_eq!(ppm("-1%"), Err(DiscountError::Negative));
        assert_eq!(ppm("a lot%"), Err(DiscountError::NotANumber));
        assert_eq!(ppm("100.0001%"), Err(DiscountError::AboveAll));
        assert_eq!(ppm("99999999999%"), Err(DiscountError::AboveAll));
        assert_eq!(ppm("0.00001%"), Err(DiscountError::TooFine));
        assert_eq!(Discount::parse("12.50%").unwrap().to_string(), "12.5%");
    }

    #[test]
    fn a_unit_decides_what_a_number_means() {
        let timed = PricedUnit::GbMonth.quote("0.08").unwrap();
        assert_eq!(timed.rate().map(Rate::period), Some(Period::Month730));
        assert_eq!(
            PricedUnit::Gb.quote("0.09"),
            Ok(Quote::Each(90_000_000_000))
        );
        assert_eq!(PricedUnit::Share.quote("0.078"), Ok(Quote::Share(78_000)));
        assert_eq!(PricedUnit::Share.quote("1.2"), Err(RateError::OutOfRange));
        assert_eq!(PricedUnit::Gb.quote("-1"), Err(RateError::Negative));
        assert!(PricedUnit::VcpuHour.is_called("hour"));
        assert!(PricedUnit::VcpuHour.is_called("vcpu-hour"));
        assert!(!PricedUnit::VcpuHour.is_called("month"));
        assert!(PricedUnit::Gb.is_called("gb"));
    }
}
