//! How many instances and tasks were there on a cluster?

use plotters::style::RGBColor;

use super::axis::{Panel, Tick, gutter, level_grid, time_axis};
use super::columns::{bucket_rows, table};
use super::palette::{LineStyle, Marker, draw_line};
use super::scale::{Scale, decimal_steps, ticks};
use super::series::{EndLabel, end_labels, fill_below, peak, steps, time_range};
use super::sheet::{BODY_TOP, MARGIN, PX, Sheet, TEXT, WIDTH, identifier};
use super::{Bucket, Chart, ChartError, Heading, Population, format};

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

/// One series of counts, in thousandths.
struct Count<'a> {
    name: &'static str,
    style: LineStyle,
    fill: Option<RGBColor>,
    buckets: &'a [Bucket],
}

/// Counts that share a panel, and the panel's height in sheet units.
struct Group<'a> {
    heading: &'static str,
    counts: Vec<Count<'a>>,
    height: i32,
}

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
    let counts = || groups.iter().flat_map(|group| &group.counts);
    let range = time_range(counts().map(|count| count.buckets));
    let labels: Vec<Vec<Tick>> = groups.iter().map(labels_of).collect();
    let left = gutter(&sheet, labels.iter().flatten());
    let words = counts()
        .map(|count| sheet.fonts.width(count.name, TEXT, false))
        .max();
    let right = WIDTH - MARGIN - words.unwrap_or(0) - 30 * PX;
    let mut top = BODY_TOP + 28 * PX;
    for (index, (group, labels)) in groups.iter().zip(&labels).enumerate() {
        let panel = Panel {
            left,
            right,
            top,
            bottom: top + group.height,
        };
        let high = labels.last().map_or(1, |label| label.0);
        let y = Scale::new((0, high), panel.upwards());
        level_grid(&mut sheet, panel, &y, labels);
        let x = time_axis(&mut sheet, panel, range, index + 1 == groups.len());
        panel.heading(&mut sheet, group.heading, "");
        draw_group(&mut sheet, panel, group, (&x, &y));
        top = panel.bottom + 46 * PX;
    }
    let rows =
        counts().flat_map(|count| bucket_rows(count.name, count.buckets, format::exact_milli));
    let csv = table(["series", "start_ms", "end_ms", "mean"], rows)?;
    let name = format!("instances_and_tasks-{}", identifier(&cluster.cluster));
    sheet.finish(name, top + 8 * PX, csv)
}

fn groups_of(cluster: &Population) -> Vec<Group<'_>> {
    let fill = Some(RGBColor(0xd6, 0xef, 0xe7));
    let tasks = vec![
        Count {
            name: "running",
            style: RUNNING,
            fill,
            buckets: &cluster.running_milli,
        },
        Count {
            name: "waiting",
            style: WAITING,
            fill: None,
            buckets: &cluster.waiting_milli,
        },
    ];
    let Some(instances) = &cluster.instances_milli else {
        return vec![Group {
            heading: "Tasks",
            counts: tasks,
            height: 330 * PX,
        }];
    };
    let fill = Some(RGBColor(0xea, 0xee, 0xf4));
    let instances = Count {
        name: "instances",
        style: INSTANCES,
        fill,
        buckets: instances,
    };
    vec![
        Group {
            heading: "Container instances",
            counts: vec![instances],
            height: 120 * PX,
        },
        Group {
            heading: "Tasks",
            counts: tasks,
            height: 210 * PX,
        },
    ]
}

fn labels_of(group: &Group<'_>) -> Vec<Tick> {
    let high = peak(group.counts.iter().map(|count| count.buckets)).max(1000);
    let most = if group.height > 150 * PX { 6 } else { 4 };
    let found = ticks((0, high.into()), decimal_steps(1000), most);
    let words = |tick: i128| (tick, format::quantity(tick.unsigned_abs(), 1000, 0));
    found.values.into_iter().map(words).collect()
}

fn draw_group(sheet: &mut Sheet, panel: Panel, group: &Group<'_>, (x, y): (&Scale, &Scale)) {
    let mut ends = Vec::new();
    for count in &group.counts {
        let pieces = steps(count.buckets, x, y);
        if let Some(colour) = count.fill {
            fill_below(sheet, &pieces, panel.bottom, colour);
        }
        for piece in &pieces {
            draw_line(sheet, piece, count.style, 7);
        }
        let most = format::quantity(peak([count.buckets]).into(), 1000, 1);
        sheet.finding(format!("At most {most} {}.", count.name));
        if let Some(&end) = pieces.last().and_then(|piece| piece.last()) {
            let (name, value) = (count.name.to_owned(), String::new());
            ends.push(EndLabel {
                end,
                name,
                value,
                style: count.style,
            });
        }
    }
    if ends.is_empty() {
        panel.note(sheet, "There was nothing to count.");
    }
    end_labels(
        sheet,
        panel.right + 30 * PX,
        (panel.top, panel.bottom),
        ends,
    );
}
