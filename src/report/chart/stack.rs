//! Panels above one another on one time axis, each with a few stepped lines of counts or shares.

use plotters::style::RGBColor;

use super::axis::{Panel, Tick, gutter, level_grid, time_axis};
use super::columns::{bucket_rows, table};
use super::palette::{LineStyle, TARGET, draw_line};
use super::scale::{Scale, decimal_steps, ticks};
use super::series::{EndLabel, end_labels, fill_below, peak, steps, time_range};
use super::sheet::{At, BODY_TOP, MARGIN, PX, Sheet, TEXT, WIDTH};
use super::{Bucket, Chart, ChartError, format};

/// One line of a panel, in thousandths of the panel's unit.
pub(super) struct Curve<'a> {
    pub(super) name: &'static str,
    pub(super) style: LineStyle,
    /// What it is filled with down to zero.
    pub(super) fill: Option<RGBColor>,
    pub(super) buckets: &'a [Bucket],
}

/// A value that never changes, as a level line, in thousandths of the panel's unit.
pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) style: LineStyle,
    pub(super) value: u64,
}

/// What a panel's numbers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Whole things.
    Count,
    /// Anything that may be less than one.
    Rate,
    /// Per cent.
    Percent,
}

/// Lines that share a panel.
pub(super) struct Group<'a> {
    pub(super) heading: &'static str,
    /// Said after the heading, in grey.
    pub(super) note: String,
    pub(super) unit: Unit,
    pub(super) curves: Vec<Curve<'a>>,
    pub(super) rules: Vec<Rule>,
    /// In sheet units.
    pub(super) height: i32,
}

impl<'a> Curve<'a> {
    /// A line with nothing below it.
    pub(super) const fn new(name: &'static str, style: LineStyle, buckets: &'a [Bucket]) -> Self {
        Self {
            name,
            style,
            fill: None,
            buckets,
        }
    }

    /// The same, filled down to zero.
    pub(super) const fn filled(self, colour: RGBColor) -> Self {
        Self {
            fill: Some(colour),
            ..self
        }
    }
}

impl Rule {
    /// What the lines beside it are steered to.
    pub(super) const fn target(value: u64) -> Self {
        Self {
            name: "target",
            style: TARGET,
            value,
        }
    }
}

/// Draws the groups from top to bottom, on a time axis that goes to `end_ms` at least.
///
/// CSV: `series,start_ms,end_ms,mean`, for every line.
pub(super) fn chart(
    mut sheet: Sheet,
    name: String,
    (groups, end_ms): (&[Group<'_>], u64),
) -> Result<Chart, ChartError> {
    let bottom = draw(&mut sheet, groups, end_ms);
    let curves = groups.iter().flat_map(|group| &group.curves);
    let rows = curves.flat_map(|curve| bucket_rows(curve.name, curve.buckets, format::exact_milli));
    let csv = table(["series", "start_ms", "end_ms", "mean"], rows)?;
    sheet.finish(name, bottom, csv)
}

/// Draws the groups, and returns where the sheet may end.
fn draw(sheet: &mut Sheet, groups: &[Group<'_>], end_ms: u64) -> i32 {
    let curves = || groups.iter().flat_map(|group| &group.curves);
    let (start_ms, drawn_to_ms) = time_range(curves().map(|curve| curve.buckets));
    let range = (start_ms, drawn_to_ms.max(end_ms));
    let labels: Vec<Vec<Tick>> = groups.iter().map(labels_of).collect();
    let left = gutter(sheet, labels.iter().flatten());
    let rules = groups.iter().flat_map(|group| &group.rules);
    let names = curves()
        .map(|curve| curve.name)
        .chain(rules.map(|rule| rule.name));
    let words = names.map(|name| sheet.fonts.width(name, TEXT, false)).max();
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
        level_grid(sheet, panel, &y, labels);
        let x = time_axis(sheet, panel, range, index + 1 == groups.len());
        panel.heading(sheet, group.heading, &group.note);
        draw_group(sheet, panel, group, (&x, &y));
        top = panel.bottom + 46 * PX;
    }
    top + 8 * PX
}

fn labels_of(group: &Group<'_>) -> Vec<Tick> {
    let ruled = group.rules.iter().map(|rule| rule.value).max();
    let high = peak(group.curves.iter().map(|curve| curve.buckets));
    let high = high.max(ruled.unwrap_or(0)).max(group.unit.least());
    let most = if group.height > 150 * PX { 6 } else { 4 };
    let found = ticks((0, high.into()), decimal_steps(group.unit.step()), most);
    let words = |tick: i128| {
        let number = format::quantity(tick.unsigned_abs(), 1000, 3);
        (tick, number + group.unit.suffix())
    };
    found.values.into_iter().map(words).collect()
}

fn draw_group(sheet: &mut Sheet, panel: Panel, group: &Group<'_>, (x, y): (&Scale, &Scale)) {
    let mut ends = Vec::new();
    let mut end = |place: At, name: &str, style: LineStyle| {
        ends.push(EndLabel {
            end: place,
            name: name.to_owned(),
            value: String::new(),
            style,
        });
    };
    for rule in &group.rules {
        let level = y.at(rule.value.into());
        let points = [(panel.left, level), (panel.right, level)];
        draw_line(sheet, &points, rule.style, 5);
        end(points[1], rule.name, rule.style);
    }
    let mut is_empty = true;
    for curve in &group.curves {
        let pieces = steps(curve.buckets, x, y);
        if let Some(colour) = curve.fill {
            fill_below(sheet, &pieces, panel.bottom, colour);
        }
        for piece in &pieces {
            draw_line(sheet, piece, curve.style, 7);
        }
        let most = format::quantity(peak([curve.buckets]).into(), 1000, 1);
        let suffix = group.unit.suffix();
        sheet.finding(format!("At most {most}{suffix} {}.", curve.name));
        if let Some(&place) = pieces.last().and_then(|piece| piece.last()) {
            end(place, curve.name, curve.style);
            is_empty = false;
        }
    }
    if is_empty {
        panel.note(sheet, "There was nothing to count.");
    }
    end_labels(
        sheet,
        panel.right + 30 * PX,
        (panel.top, panel.bottom),
        ends,
    );
}

impl Unit {
    /// The smallest distance between ticks, in thousandths.
    const fn step(self) -> i128 {
        match self {
            Self::Count | Self::Percent => 1_000,
            Self::Rate => 1,
        }
    }

    /// The least height of a panel, in thousandths.
    const fn least(self) -> u64 {
        match self {
            Self::Count => 1_000,
            Self::Rate => 1,
            Self::Percent => 100_000,
        }
    }

    const fn suffix(self) -> &'static str {
        match self {
            Self::Count | Self::Rate => "",
            Self::Percent => " %",
        }
    }
}
