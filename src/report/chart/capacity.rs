//! Did a capacity provider have the instances that its tasks needed?

use plotters::style::RGBColor;

use super::columns::{bucket_rows, table};
use super::palette::{LineStyle, Marker};
use super::sheet::{PX, Sheet, identifier};
use super::stack::{self, Curve, Group, Rule, Unit};
use super::{CapacityLife, Chart, ChartError, Heading, format};

const NEEDED: LineStyle = LineStyle {
    colour: RGBColor(0xb9, 0x43, 0x0a),
    dash: &[6 * PX, 3 * PX],
    marker: Marker::Triangle,
};
const INSTANCES: LineStyle = LineStyle {
    colour: RGBColor(0x22, 0x30, 0x46),
    dash: &[],
    marker: Marker::Square,
};
const RESERVATION: LineStyle = LineStyle {
    colour: RGBColor(0x2f, 0x7f, 0xc1),
    dash: &[],
    marker: Marker::Disc,
};
const TARGET: LineStyle = LineStyle {
    colour: RGBColor(0x5b, 0x68, 0x79),
    dash: &[2 * PX, 3 * PX],
    marker: Marker::Diamond,
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
    let mut sheet = Sheet::new(heading, &title)?;
    let groups = groups_of(life);
    let bottom = stack::draw(&mut sheet, &groups, life.end_ms);
    let curves = groups.iter().flat_map(|group| &group.curves);
    let rows = curves.flat_map(|curve| bucket_rows(curve.name, curve.buckets, format::exact_milli));
    let csv = table(["series", "start_ms", "end_ms", "mean"], rows)?;
    let name = format!("capacity-{}-{}", identifier(provider), identifier(cluster));
    sheet.finish(name, bottom, csv)
}

fn groups_of(life: &CapacityLife) -> Vec<Group<'_>> {
    let curve = |name, style, fill, buckets| Curve {
        name,
        style,
        fill,
        buckets,
    };
    let fill = Some(RGBColor(0xea, 0xee, 0xf4));
    let instances = vec![
        curve("running", INSTANCES, fill, &life.instances_milli),
        curve("needed", NEEDED, None, &life.needed_milli),
    ];
    let reservation = curve(
        "reservation",
        RESERVATION,
        None,
        &life.reservation_milli_percent,
    );
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
            curves: vec![reservation],
            rules: vec![Rule {
                name: "target",
                style: TARGET,
                value: life.target_milli_percent,
            }],
            height: 130 * PX,
        },
    ]
}
