//! How many instances and tasks were there on a cluster?

use plotters::style::RGBColor;

use super::palette::{INSTANCES, INSTANCES_FILL, LineStyle, Marker, RUNNING, RUNNING_FILL};
use super::sheet::{PX, Sheet, identifier};
use super::stack::{self, Curve, Group, Unit};
use super::{Chart, ChartError, Heading, Population};

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
    let name = format!("instances_and_tasks-{}", identifier(&cluster.cluster));
    stack::chart(Sheet::new(heading, &title)?, name, (&groups_of(cluster), 0))
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
    let tasks = vec![
        Curve::new("running", RUNNING, &cluster.running_milli).filled(RUNNING_FILL),
        Curve::new("waiting", WAITING, &cluster.waiting_milli),
    ];
    let Some(instances) = &cluster.instances_milli else {
        return vec![group("Tasks", tasks, 330 * PX)];
    };
    let instances = Curve::new("instances", INSTANCES, instances).filled(INSTANCES_FILL);
    vec![
        group("Container instances", vec![instances], 120 * PX),
        group("Tasks", tasks, 210 * PX),
    ]
}
