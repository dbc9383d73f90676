//! Numbers with names: time, money, CPU, memory and ratios, all integers.
//!
//! Nothing that decides anything in this crate is a float. A moment is [`SimTime`], a length of
//! time is [`SimDuration`], and two moments cannot be added. Money is whole nano-dollars, a price
//! is whole pico-dollars per unit and period, and the only rounding between them happens in
//! [`Rate::charge`]. Text becomes one of these types in [`quantity`], without passing through a
//! float, and never loses a digit: what does not fit is refused with the reason.

mod digest;
mod money;
pub mod quantity;
mod ratio;
mod resources;
mod time;

pub use digest::Digest;
pub use money::{Money, Period, Rate, RateError, div_half_even};
pub use quantity::decimal_text;
pub use ratio::{Ratio, RatioError};
pub use resources::{CPU_UNITS_PER_VCPU, CpuUnits, MIB_PER_GIB, Mib, Size};
pub use time::{SimDuration, SimTime};
