//! Did a service have the tasks it wanted, and did they keep up with its requests?

use plotters::style::RGBColor;

use super::palette::{LineStyle, Marker, RUNNING, RUNNING_FILL};
use super::sheet::{PX, Sheet, identifier};
use super::stack::{self, Curve, Group, Rule, Unit};
use super::{Chart, ChartError, Heading, ServiceLife};

const DESIRED: LineStyle = LineStyle {
    colour: RGBColor(0x22, 0x30, 0x46),
    dash: &[6 * PX, 3 * PX],
    marker: Marker::Square,
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
    let name = format!("service-{}-{}", identifier(service), identifier(cluster));
    stack::chart(Sheet::new(heading, &title)?, name, (&groups_of(life), 0))
}

fn groups_of(life: &ServiceLife) -> Vec<Group<'_>> {
    let mut groups = vec![tasks(life)];
    let Some(requests) = &life.requests else {
        return groups;
    };
    let targets = life.cpu_targets_milli_percent.iter().copied();
    groups.push(Group {
        heading: "CPU utilisation",
        note: "of what running tasks reserve".to_owned(),
        unit: Unit::Percent,
        curves: vec![Curve::new("utilisation", USED, &requests.cpu_milli_percent)],
        rules: targets.map(Rule::target).collect(),
        height: 120 * PX,
    });
    groups.push(Group {
        heading: "Requests per second",
        note: life.note.clone(),
        unit: Unit::Rate,
        curves: vec![
            Curve::new("served", RUNNING, &requests.served_milli).filled(RUNNING_FILL),
            Curve::new("offered", OFFERED, &requests.offered_milli),
            Curve::new("lost", LOST, &requests.lost_milli),
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
            Curve::new("running", RUNNING, &life.running_milli).filled(RUNNING_FILL),
            Curve::new("desired", DESIRED, &life.desired_milli),
        ],
        rules: Vec::new(),
        height: if has_more { 150 * PX } else { 240 * PX },
    }
}
