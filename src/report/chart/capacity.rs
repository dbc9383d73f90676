//! Did a capacity provider have the instances that its tasks needed?

use plotters::style::RGBColor;

use super::palette::{INSTANCES, INSTANCES_FILL, LineStyle, Marker};
use super::sheet::{PX, Sheet, identifier};
use super::stack::{self, Curve, Group, Rule, Unit};
use super::{CapacityLife, Chart, ChartError, Heading};

const NEEDED: LineStyle = LineStyle {
    colour: RGBColor(0xb9, 0x43, 0x0a),
    dash: &[6 * PX, 3 * PX],
    marker: Marker::Triangle,
};
const RESERVATION: LineStyle = LineStyle {
    colour: RGBColor(0x2f, 0x7f, 0xc1),
    dash: &[],
    marker: Marker::Disc,
};

/// Draws "Did provider `<provider>` have the instances it needed on `<cluster>`?": instances
/// running (N) against instances needed (M), and below them `CapacityProviderReservation`, which is
/// M ÷ N × 100, with its target.
///
/// CSV: `series,start_ms,end_ms,mean`, where `series` is `running` or `needed` (instances), or
/// `reservation` (per cent).
///
/// # Errors
///
/// Only if drawing itself fails; see [`ChartError`].
pub fn capacity_over_time(heading: &Heading, life: &CapacityLife) -> Result<Chart, ChartError> {
    let (provider, cluster) = (&life.provider, &life.cluster);
    let title = format!("Did provider {provider} have the instances it needed on {cluster}?");
    let name = format!("capacity-{}-{}", identifier(provider), identifier(cluster));
    let sheet = Sheet::new(heading, &title)?;
    stack::chart(sheet, name, (&groups_of(life), life.end_ms))
}

fn groups_of(life: &CapacityLife) -> Vec<Group<'_>> {
    let instances = vec![
        Curve::new("running", INSTANCES, &life.instances_milli).filled(INSTANCES_FILL),
        Curve::new("needed", NEEDED, &life.needed_milli),
    ];
    let reservation = &life.reservation_milli_percent;
    vec![
        Group {
            heading: "Container instances",
            note: String::new(),
            unit: Unit::Count,
            curves: instances,
            rules: Vec::new(),
            height: 210 * PX,
        },
        Group {
            heading: "CapacityProviderReservation",
            note: "needed ÷ running".to_owned(),
            unit: Unit::Percent,
            curves: vec![Curve::new("reservation", RESERVATION, reservation)],
            rules: vec![Rule::target(life.target_milli_percent)],
            height: 130 * PX,
        },
    ]
}
