//! How full was a cluster? What it had, and what its tasks had reserved of it.

use plotters::style::RGBColor;

use super::axis::{Panel, Tick, gutter, level_grid, time_axis};
use super::columns::{bucket_rows, table};
use super::palette::{LineStyle, Marker, draw_line};
use super::scale::{Scale, Ticks, binary_steps, cpu_steps, ticks};
use super::series::{EndLabel, end_labels, fill_below, integral, peak, steps, time_range};
use super::sheet::{BODY_TOP, MARGIN, PX, Sheet, TEXT, WIDTH, identifier};
use super::{Bucket, Chart, ChartError, Fullness, Heading, format};

const PROVISIONED: LineStyle = LineStyle {
    colour: RGBColor(0x22, 0x30, 0x46),
    dash: &[],
    marker: Marker::Square,
};
const RESERVED: LineStyle = LineStyle {
    colour: RGBColor(0x2f, 0x7f, 0xc1),
    dash: &[],
    marker: Marker::Disc,
};
const USED: LineStyle = LineStyle {
    colour: RGBColor(0xc8, 0x5a, 0x11),
    dash: &[],
    marker: Marker::Triangle,
};
const UNUSED_FILL: RGBColor = RGBColor(0xf1, 0xf4, 0xf8);
const RESERVED_FILL: RGBColor = RGBColor(0xa9, 0xcf, 0xee);

/// One resource: its name, its unit, and its two series in 1024ths of that unit.
struct Resource<'a> {
    name: &'static str,
    unit: &'static str,
    provisioned: &'a [Bucket],
    reserved: &'a [Bucket],
    used: Option<&'a [Bucket]>,
    found: Ticks,
}

/// Draws "How full was `<cluster>`?": CPU above memory, each with what was provisioned as an
/// outline and what was reserved as a filled area, and the share over the whole run. What tasks used,
/// where that is known, is a line.
///
/// CSV: `series,start_ms,end_ms,mean`, where `series` is `cpu_provisioned`, `cpu_reserved` or
/// `cpu_used` (CPU units), or `memory_provisioned`, `memory_reserved` or `memory_used` (MiB).
///
/// # Errors
///
/// Only if drawing itself fails; see [`ChartError`].
pub fn reserved_against_provisioned(
    heading: &Heading,
    cluster: &Fullness,
) -> Result<Chart, ChartError> {
    let mut sheet = Sheet::new(heading, &format!("How full was {}?", cluster.cluster))?;
    let resources = resources_of(cluster);
    let range = time_range(resources.iter().flat_map(|r| [r.provisioned, r.reserved]));
    let labels: Vec<Vec<Tick>> = resources.iter().map(labels_of).collect();
    let left = gutter(&sheet, labels.iter().flatten());
    let words = sheet.fonts.width("provisioned", TEXT, false);
    let right = WIDTH - MARGIN - words - 30 * PX;
    let mut top = BODY_TOP + 28 * PX;
    for (index, (resource, labels)) in resources.iter().zip(&labels).enumerate() {
        let panel = Panel {
            left,
            right,
            top,
            bottom: top + 165 * PX,
        };
        let is_lowest = index + 1 == resources.len();
        let y = Scale::new(resource.found.range(), panel.upwards());
        level_grid(&mut sheet, panel, &y, labels);
        let x = time_axis(&mut sheet, panel, range, is_lowest);
        draw_resource(&mut sheet, panel, resource, (&x, &y));
        top = panel.bottom + 46 * PX;
    }
    let name = format!(
        "reserved_against_provisioned-{}",
        identifier(&cluster.cluster)
    );
    sheet.finish(name, top + 8 * PX, csv(cluster)?)
}

fn csv(cluster: &Fullness) -> Result<String, ChartError> {
    let whole = |mean: u64| mean.to_string();
    let series = [
        ("cpu_provisioned", Some(&cluster.cpu_provisioned)),
        ("cpu_reserved", Some(&cluster.cpu_reserved)),
        ("cpu_used", cluster.cpu_used.as_ref()),
        ("memory_provisioned", Some(&cluster.memory_provisioned)),
        ("memory_reserved", Some(&cluster.memory_reserved)),
        ("memory_used", cluster.memory_used.as_ref()),
    ];
    let rows = series
        .into_iter()
        .filter_map(|(name, buckets)| Some((name, buckets?)))
        .flat_map(|(name, buckets)| bucket_rows(name, buckets, whole));
    table(["series", "start_ms", "end_ms", "mean"], rows)
}

fn resources_of(cluster: &Fullness) -> [Resource<'_>; 2] {
    let height = |series: [&[Bucket]; 3]| match peak(series) {
        0 => (0, 1024),
        peak => (0, i128::from(peak)),
    };
    let cpu = [&cluster.cpu_provisioned, &cluster.cpu_reserved].map(Vec::as_slice);
    let cpu_used = cluster.cpu_used.as_deref();
    let memory = [&cluster.memory_provisioned, &cluster.memory_reserved].map(Vec::as_slice);
    let memory_used = cluster.memory_used.as_deref();
    let all = |[provisioned, reserved]: [_; 2], used: Option<_>| {
        height([provisioned, reserved, used.unwrap_or_default()])
    };
    [
        Resource {
            name: "CPU",
            unit: "vCPU",
            provisioned: cpu[0],
            reserved: cpu[1],
            used: cpu_used,
            found: ticks(all(cpu, cpu_used), cpu_steps(), 5),
        },
        Resource {
            name: "Memory",
            unit: "GiB",
            provisioned: memory[0],
            reserved: memory[1],
            used: memory_used,
            found: ticks(all(memory, memory_used), binary_steps(), 5),
        },
    ]
}

fn labels_of(resource: &Resource<'_>) -> Vec<Tick> {
    let words = |&tick: &i128| (tick, format::quantity(tick.unsigned_abs(), 1024, 4));
    resource.found.values.iter().map(words).collect()
}

fn draw_resource(
    sheet: &mut Sheet,
    panel: Panel,
    resource: &Resource<'_>,
    (x, y): (&Scale, &Scale),
) {
    let [provisioned, reserved] =
        [resource.provisioned, resource.reserved].map(|buckets| steps(buckets, x, y));
    fill_below(sheet, &provisioned, panel.bottom, UNUSED_FILL);
    fill_below(sheet, &reserved, panel.bottom, RESERVED_FILL);
    let used = resource.used.map(|buckets| steps(buckets, x, y));
    let used = used.unwrap_or_default();
    let lines = [
        (&reserved, RESERVED, 5),
        (&provisioned, PROVISIONED, 7),
        (&used, USED, 5),
    ];
    for (pieces, style, width) in lines {
        for piece in pieces {
            draw_line(sheet, piece, style, width);
        }
    }

    let share = share(resource);
    panel.heading(
        sheet,
        &format!("{} in {}", resource.name, resource.unit),
        &share,
    );
    sheet.finding(format!("{}: {share}.", resource.name));
    let named = [
        (&provisioned, PROVISIONED, "provisioned"),
        (&reserved, RESERVED, "reserved"),
        (&used, USED, "used"),
    ];
    let ends: Vec<EndLabel> = named
        .into_iter()
        .filter_map(|(pieces, style, name)| {
            let end = *pieces.last()?.last()?;
            Some(EndLabel {
                end,
                name: name.to_owned(),
                value: String::new(),
                style,
            })
        })
        .collect();
    if ends.is_empty() {
        panel.note(sheet, "There was nothing to fill.");
    }
    end_labels(
        sheet,
        panel.right + 30 * PX,
        (panel.top, panel.bottom),
        ends,
    );
}

/// How much of a resource was reserved over the whole run, and used where that is known, in words.
fn share(resource: &Resource<'_>) -> String {
    let ((provisioned, time), (reserved, _)) =
        (integral(resource.provisioned), integral(resource.reserved));
    let used = resource.used.map(|buckets| integral(buckets).0);
    if provisioned == 0 {
        return "none was provisioned".to_owned();
    }
    // No cluster is so large that its area comes near the limit of the type, but if one is, the
    // last bits are not missed.
    let shift = u128::BITS - 24;
    let largest = provisioned.max(reserved).max(used.unwrap_or_default());
    let coarse = if largest >> shift == 0 { 0 } else { 24 };
    let [provisioned, reserved, time] = [provisioned, reserved, time].map(|x| x >> coarse);
    let used = used.map(|used| format!("; {} used", format::percent(used >> coarse, provisioned)));
    let mean = |area: u128| {
        let thousandths = (area * 1000).div_euclid(time.max(1) * 1024);
        format::quantity(thousandths, 1000, 1)
    };
    let share = format::percent(reserved, provisioned);
    let (had, unit) = (mean(provisioned), resource.unit);
    format!(
        "{share} reserved: on average {} of {had} {unit}{}",
        mean(reserved),
        used.unwrap_or_default()
    )
}
