//! The range of a scalable target.

use super::MinuteView;

/// The least and the most tasks a service may be scaled to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) min: u32,
    pub(super) max: u32,
}

impl Bounds {
    /// What a scale-out to `capacity` comes to, or `None` when that adds nothing.
    ///
    /// Source: ECS Developer Guide, service auto scaling: a desired count below the minimum is
    /// lifted to it and then scaled as the policy asks; one above the maximum stays.
    pub(super) fn scaled_out(self, minute: &MinuteView, capacity: u32) -> Option<u32> {
        let desired = capacity.max(self.min).min(self.max);
        (desired > minute.desired).then_some(desired)
    }

    /// What a scale-in to `capacity` comes to, or `None` when that takes nothing away.
    ///
    /// Source: ECS Developer Guide, service auto scaling: a desired count above the maximum is
    /// brought to it and then scaled as the policy asks; one below the minimum stays.
    pub(super) fn scaled_in(self, minute: &MinuteView, capacity: u32) -> Option<u32> {
        let desired = capacity.min(self.max).max(self.min);
        (desired < minute.desired).then_some(desired)
    }

    /// The nearest count within them.
    pub(super) fn pulled(self, desired: u32) -> u32 {
        desired.max(self.min).min(self.max)
    }
}

/// The maximum that predictive scaling may go to: the forecast with a buffer of so many per cent
/// when the forecast reaches the maximum, and the maximum as it is otherwise.
///
/// Source: EC2 Auto Scaling User Guide, predictive scaling: a forecast of 50 with a maximum of 40
/// and a buffer of 10 % may go to 55. `Assumption:` a fraction of a task counts as one.
pub fn predictive_max(max: u32, forecast: u32, buffer_percent: u32) -> u32 {
    if forecast < max {
        return max;
    }
    let buffered = (u64::from(forecast) * (100 + u64::from(buffer_percent))).div_ceil(100);
    u32::try_from(buffered).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::predictive_max;

    #[test]
    fn tv_109_a_forecast_past_the_maximum_gets_a_buffer() {
        assert_eq!(predictive_max(40, 50, 10), 55);
        assert_eq!(predictive_max(40, 39, 10), 40);
        assert_eq!(predictive_max(40, 40, 0), 40);
        assert_eq!(predictive_max(40, 41, 10), 46, "45.1");
        assert_eq!(predictive_max(u32::MAX, u32::MAX, 100), u32::MAX);
    }
}
