//! Did a service have the tasks it wanted, and did they keep up with its requests?

use plotters::style::RGBColor;

use super::columns::{bucket_rows, table};
use super::palette::{LineStyle, Marker};
use super::sheet::{PX, Sheet, identifier};
use super::stack::{self, Curve, Group, Rule, Unit};
use super::{Chart, ChartError, Heading, ServiceLife, format};

const DESIRED: LineStyle = LineStyle {
    colour: RGBColor(0x22, 0x30, 0x46),
    dash: &[6 * PX, 3 * PX],
    marker: Marker::Square,
};
const RUNNING: LineStyle = LineStyle {
    colour: RGBColor(0x1f, 0x8a, 0x70),
    dash: &[],
    marker: Marker::Disc,
};
const OFFERED: LineStyle = LineStyle {
    dash: &[],
    ..DESIRED
};
const USED: LineStyle = LineStyle {
    colour: RGBColor(0x2f, 0x7f, 0xc1),
    dash: &[],
    marker: Marker::Disc,
};
const TARGET: LineStyle = LineStyle {
    colour: RGBColor(0x5b, 0x68, 0x79),
    dash: &[2 * PX, 3 * PX],
    marker: Marker::Diamond,
};
const LOST: LineStyle = LineStyle {
    colour: RGBColor(0xb9, 0x43, 0x0a),
    dash: &[],
    marker: Marker::Triangle,
};

/// Draws "Did `<service>` keep up with its requests on `<cluster>`?": desired and running tasks,
/// CPU utilisation with its target, and requests offered, served and lost. A service without
/// requests is asked whether it had the tasks it wanted, and shows only these.
///
/// CSV: `series,start_ms,end_ms,mean`, where `series` is `desired` or `running` (tasks),
/// `utilisation` (per cent), `offered`, `served` or `lost` (requests per second).
///
/// # Errors
///
/// Only if drawing itself fails; see [`ChartError`].
pub fn service_over_time(heading: &Heading, life: &ServiceLife) -> Result<Chart, ChartError> {
    let (service, cluster) = (&life.service, &life.cluster);
    let title = if life.requests.is_some() {
        format!("Did {service} keep up with its requests on {cluster}?")
    } else {
        format!("Did {service} have the tasks it wanted on {cluster}?")
    };
    let mut sheet = Sheet::new(heading, &title)?;
    let groups = groups_of(life);
    let bottom = stack::draw(&mut sheet, &groups, 0);
    let curves = groups.iter().flat_map(|group| &group.curves);
    let rows = curves.flat_map(|curve| bucket_rows(curve.name, curve.buckets, format::exact_milli));
    let csv = table(["series", "start_ms", "end_ms", "mean"], rows)?;
    let name = format!("service-{}-{}", identifier(service), identifier(cluster));
    sheet.finish(name, bottom, csv)
}

fn groups_of(life: &ServiceLife) -> Vec<Group<'_>> {
    let mut groups = vec![tasks(life)];
    let Some(requests) = &life.requests else {
        return groups;
    };
    let curve = |name, style, fill, buckets| Curve {
        name,
        style,
        fill,
        buckets,
    };
    let rule = |value: &u64| Rule {
        name: "target",
        style: TARGET,
        value: *value,
    };
    groups.push(Group {
        heading: "CPU utilisation",
        note: "of what running tasks reserve".to_owned(),
        unit: Unit::Percent,
        curves: vec![curve(
            "utilisation",
            USED,
            None,
            &requests.cpu_milli_percent,
        )],
        rules: life.cpu_targets_milli_percent.iter().map(rule).collect(),
        height: 120 * PX,
    });
    let fill = Some(RGBColor(0xd6, 0xef, 0xe7));
    groups.push(Group {
        heading: "Requests per second",
        note: life.note.clone(),
        unit: Unit::Rate,
        curves: vec![
            curve("served", RUNNING, fill, &requests.served_milli),
            curve("offered", OFFERED, None, &requests.offered_milli),
            curve("lost", LOST, None, &requests.lost_milli),
        ],
        rules: Vec::new(),
        height: 140 * PX,
    });
    groups
}

fn tasks(life: &ServiceLife) -> Group<'_> {
    let has_more = life.requests.is_some();
    Group {
        heading: "Tasks",
        note: String::new(),
        unit: Unit::Count,
        curves: vec![
            Curve {
                name: "running",
                style: RUNNING,
                fill: Some(RGBColor(0xd6, 0xef, 0xe7)),
                buckets: &life.running_milli,
            },
            Curve {
                name: "desired",
                style: DESIRED,
                fill: None,
                buckets: &life.desired_milli,
            },
        ],
        rules: Vec::new(),
        height: if has_more { 150 * PX } else { 240 * PX },
    }
}
