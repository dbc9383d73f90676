//! How many instances and tasks were there on a cluster?

use plotters::style::RGBColor;

use super::columns::{bucket_rows, table};
use super::palette::{LineStyle, Marker};
use super::sheet::{PX, Sheet, identifier};
use super::stack::{self, Curve, Group, Unit};
use super::{Chart, ChartError, Heading, Population, format};

const INSTANCES: LineStyle = LineStyle {
    colour: RGBColor(0x22, 0x30, 0x46),
    dash: &[],
    marker: Marker::Square,
};
const RUNNING: LineStyle = LineStyle {
    colour: RGBColor(0x1f, 0x8a, 0x70),
    dash: &[],
    marker: Marker::Disc,
};
const WAITING: LineStyle = LineStyle {
    colour: RGBColor(0xb9, 0x43, 0x0a),
    dash: &[6 * PX, 3 * PX],
    marker: Marker::Triangle,
};

/// Draws "How many instances and tasks were there on `<cluster>`?": instances above tasks, or
/// only tasks where the cluster has no instances of its own.
///
/// CSV: `series,start_ms,end_ms,mean`, where `series` is `instances`, `running` or `waiting`.
///
/// # Errors
///
/// Only if drawing itself fails; see [`ChartError`].
pub fn instances_and_tasks(heading: &Heading, cluster: &Population) -> Result<Chart, ChartError> {
    let what = if cluster.instances_milli.is_some() {
        "instances and tasks"
    } else {
        "tasks"
    };
    let title = format!("How many {what} were there on {}?", cluster.cluster);
    let mut sheet = Sheet::new(heading, &title)?;
    let groups = groups_of(cluster);
    let bottom = stack::draw(&mut sheet, &groups, 0);
    let curves = groups.iter().flat_map(|group| &group.curves);
    let rows = curves.flat_map(|curve| bucket_rows(curve.name, curve.buckets, format::exact_milli));
    let csv = table(["series", "start_ms", "end_ms", "mean"], rows)?;
    let name = format!("instances_and_tasks-{}", identifier(&cluster.cluster));
    sheet.finish(name, bottom, csv)
}

fn groups_of(cluster: &Population) -> Vec<Group<'_>> {
    let group = |heading, curves, height| Group {
        heading,
        note: String::new(),
        unit: Unit::Count,
        curves,
        rules: Vec::new(),
        height,
    };
    let fill = Some(RGBColor(0xd6, 0xef, 0xe7));
    let tasks = vec![
        Curve {
            name: "running",
            style: RUNNING,
            fill,
            buckets: &cluster.running_milli,
        },
        Curve {
            name: "waiting",
            style: WAITING,
            fill: None,
            buckets: &cluster.waiting_milli,
        },
    ];
    let Some(instances) = &cluster.instances_milli else {
        return vec![group("Tasks", tasks, 330 * PX)];
    };
    let instances = Curve {
        name: "instances",
        style: INSTANCES,
        fill: Some(RGBColor(0xea, 0xee, 0xf4)),
        buckets: instances,
    };
    vec![
        group("Container instances", vec![instances], 120 * PX),
        group("Tasks", tasks, 210 * PX),
    ]
}
