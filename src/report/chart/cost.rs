//! What does each cluster cost, and for what? Stacked bars, one per cluster.

use super::axis::{Panel, upright_grid};
use super::columns::table;
use super::palette::{AXIS, Hatch, MUTED, PAPER, area_style, fill};
use super::scale::{Scale, decimal_steps, ticks};
use super::sheet::{At, BODY_TOP, Label, MARGIN, PX, SMALL, Sheet, TEXT, WIDTH};
use super::{Chart, ChartError, ClusterCost, Heading, format};

/// Side of a swatch in the legend, in sheet units.
const SWATCH: i32 = 12 * PX;

/// One cluster's bar: its name, what it cost per category of the chart, the sum, the largest such
/// sum of the chart, and whether it is one of those that are compared.
struct Bar {
    name: String,
    costs: Vec<i128>,
    total: i128,
    largest: i128,
    is_ranked: bool,
}

/// Draws "What does each cluster cost, and for what?": a bar per cluster, in the order given,
/// stacked by category in the order in which categories first occur.
///
/// The total stands at the bar's end, with its distance from the cheapest cluster; those that
/// did less work than others are no measure for them. Credits (negative costs) are stacked to
/// the left of zero. CSV: `cluster,category,cost_usd`.
///
/// # Errors
///
/// Only if drawing itself fails; see [`ChartError`].
pub fn cost_by_category(heading: &Heading, clusters: &[ClusterCost]) -> Result<Chart, ChartError> {
    let mut sheet = Sheet::new(heading, "What does each cluster cost, and for what?")?;
    let categories = categories_of(clusters);
    let mut bars: Vec<Bar> = clusters
        .iter()
        .map(|cluster| bar(&sheet, cluster, &categories))
        .collect();
    let largest = bars
        .iter()
        .map(|bar| bar.total)
        .max_by_key(|total| total.abs())
        .unwrap_or(0);
    for bar in &mut bars {
        bar.largest = largest;
    }
    let ranked = bars.iter().filter(|bar| bar.is_ranked);
    let cheapest = ranked.map(|bar| bar.total).min().unwrap_or(0);
    let verdicts: Vec<String> = bars
        .iter()
        .map(|bar| verdict(bar, cheapest, bars.len()))
        .collect();

    let widest = |texts: &mut dyn Iterator<Item = (&str, bool)>| {
        texts
            .map(|(text, bold)| sheet.fonts.width(text, TEXT, bold))
            .max()
            .unwrap_or(0)
    };
    let names = widest(&mut bars.iter().map(|bar| (bar.name.as_str(), false)));
    let totals: Vec<String> = bars
        .iter()
        .map(|bar| format::sum_beside(bar.total, bar.largest))
        .collect();
    let total_width = widest(&mut totals.iter().map(|text| (text.as_str(), true)));
    let verdict_width = widest(&mut verdicts.iter().map(|text| (text.as_str(), false)));

    let top = legend(&mut sheet, &categories) + 14 * PX;
    let pitch = if bars.len() > 8 { 27 * PX } else { 38 * PX };
    let rows = i32::try_from(bars.len()).unwrap_or(0).max(1);
    let panel = Panel {
        left: MARGIN + names + 12 * PX,
        right: WIDTH - MARGIN - total_width - verdict_width - 20 * PX,
        top,
        bottom: top + rows * pitch + 6 * PX,
    };
    let scale = money_axis(&mut sheet, panel, &bars);
    for (index, bar) in (0..).zip(&bars) {
        let middle = panel.top + 3 * PX + index * pitch + pitch.div_euclid(2);
        let end = draw_bar(&mut sheet, bar, &scale, (middle, pitch - 12 * PX));
        sheet.text(Label::new(bar.name.as_str(), (panel.left - 12 * PX, middle)).ending());
        let verdict = verdicts.get(usize::try_from(index).unwrap_or(0));
        let verdict = verdict.map_or("", String::as_str);
        write_total(&mut sheet, bar, verdict, (end, middle));
    }
    sheet.rectangle(
        (scale.at(0) - 2, panel.top),
        (scale.at(0) + 2, panel.bottom),
        AXIS,
    );
    if bars.is_empty() {
        panel.note(&mut sheet, "There was no cluster to compare.");
    }
    sheet.finish(
        "cost_by_category".to_owned(),
        panel.bottom + 54 * PX,
        csv(clusters)?,
    )
}

fn csv(clusters: &[ClusterCost]) -> Result<String, ChartError> {
    let rows = clusters.iter().flat_map(|cluster| {
        cluster.lines.iter().map(|line| {
            let cost = format::exact_dollars(line.nano_dollars.into());
            [cluster.cluster.clone(), line.category.clone(), cost]
        })
    });
    table(["cluster", "category", "cost_usd"], rows)
}

/// Every category, in order of first occurrence.
fn categories_of(clusters: &[ClusterCost]) -> Vec<&str> {
    let mut categories: Vec<&str> = Vec::new();
    for line in clusters.iter().flat_map(|cluster| &cluster.lines) {
        if !categories.contains(&line.category.as_str()) {
            categories.push(&line.category);
        }
    }
    categories
}

fn bar(sheet: &Sheet, cluster: &ClusterCost, categories: &[&str]) -> Bar {
    let cost_of = |category: &&str| {
        let lines = cluster
            .lines
            .iter()
            .filter(|line| line.category == *category);
        lines.map(|line| i128::from(line.nano_dollars)).sum()
    };
    let costs: Vec<i128> = categories.iter().map(cost_of).collect();
    let name = sheet.fonts.elide(&cluster.cluster, TEXT, false, 190 * PX);
    let total = costs.iter().sum();
    Bar {
        name,
        costs,
        total,
        largest: total,
        is_ranked: cluster.is_ranked,
    }
}

/// How a bar compares with the cheapest; nothing to say about a single or a free one.
fn verdict(bar: &Bar, cheapest: i128, bars: usize) -> String {
    if !bar.is_ranked {
        return "for less work".to_owned();
    }
    if bars < 2 || cheapest <= 0 {
        return String::new();
    }
    let more = (bar.total - cheapest).unsigned_abs();
    if more == 0 {
        "cheapest".to_owned()
    } else {
        format!("+{}", format::percent(more, cheapest.unsigned_abs()))
    }
}

/// Swatches and names of the categories, in as many rows as they need; returns the lower edge.
fn legend(sheet: &mut Sheet, categories: &[&str]) -> i32 {
    let (mut x, mut y) = (MARGIN, BODY_TOP + 4 * PX);
    for (index, category) in categories.iter().enumerate() {
        let words = sheet.fonts.elide(category, TEXT, false, 240 * PX);
        let width = SWATCH + 7 * PX + sheet.fonts.width(&words, TEXT, false);
        if x + width > WIDTH - MARGIN && x > MARGIN {
            (x, y) = (MARGIN, y + 20 * PX);
        }
        let half = SWATCH.div_euclid(2);
        fill(
            sheet,
            (x, y - half),
            (x + SWATCH, y + half),
            area_style(index),
        );
        sheet.text(Label::new(words, (x + SWATCH + 7 * PX, y)));
        x += width + 22 * PX;
    }
    y + 10 * PX
}

fn money_axis(sheet: &mut Sheet, panel: Panel, bars: &[Bar]) -> Scale {
    let part = |bar: &Bar, keep: fn(&&i128) -> bool| bar.costs.iter().filter(keep).sum::<i128>();
    let highest = bars
        .iter()
        .map(|bar| part(bar, |cost| **cost > 0))
        .max()
        .unwrap_or(0);
    let lowest = bars
        .iter()
        .map(|bar| part(bar, |cost| **cost < 0))
        .min()
        .unwrap_or(0);
    let high = if highest == lowest {
        1_000_000_000
    } else {
        highest
    };
    let found = ticks((lowest, high), decimal_steps(1), 6);
    // The axis ends with the longest bar, not with the next tick: totals stand beyond it.
    let scale = Scale::new((found.range().0.min(lowest), high), panel.rightwards());
    let decimals = format::money_decimals(found.step);
    let within = found.values.iter().filter(|&&tick| tick <= high);
    let marks: Vec<(i32, String)> = within
        .map(|&tick| (scale.at(tick), format::money(tick, decimals)))
        .collect();
    upright_grid(sheet, panel, &marks, "cost of the whole run (US dollars)");
    scale
}

/// Writes the sum beyond the end of a bar, and its verdict, where grid lines do not cross them.
fn write_total(sheet: &mut Sheet, bar: &Bar, verdict: &str, (end, middle): At) {
    let words = format::sum_beside(bar.total, bar.largest);
    let x = end + 9 * PX;
    let verdict_x = x + sheet.fonts.width(&words, TEXT, true) + 9 * PX;
    let right = verdict_x + sheet.fonts.width(verdict, TEXT, false);
    sheet.finding(format!("{}: {words}.", bar.name));
    sheet.rectangle(
        (x - 3 * PX, middle - 8 * PX),
        (right, middle + 8 * PX),
        PAPER,
    );
    sheet.text(Label::new(words, (x, middle)).bold());
    if !verdict.is_empty() {
        sheet.text(Label::new(verdict, (verdict_x, middle)).colour(MUTED));
    }
}

/// Draws one stack around `middle`, and returns where it ends on the right.
fn draw_bar(sheet: &mut Sheet, bar: &Bar, scale: &Scale, (middle, height): (i32, i32)) -> i32 {
    let (top, bottom) = (middle - height.div_euclid(2), middle + height.div_euclid(2));
    let (mut credit, mut charge) = (0, 0);
    for (index, &cost) in bar.costs.iter().enumerate() {
        let reached = if cost < 0 { &mut credit } else { &mut charge };
        let ends = [*reached, *reached + cost].map(|sum: i128| scale.at(sum));
        *reached += cost;
        let (from, to) = (ends[0].min(ends[1]), ends[0].max(ends[1]));
        let style = area_style(index);
        fill(sheet, (from, top), (to - 2, bottom), style);
        let words = format::sum_beside(cost, bar.largest);
        let width = sheet.fonts.width(&words, SMALL, false);
        if to - from > width + 16 * PX {
            let centre = (from + to).div_euclid(2);
            if style.hatch != Hatch::Plain {
                let half = width.div_euclid(2) + 5 * PX;
                sheet.rectangle((centre - half, top), (centre + half, bottom), style.colour);
            }
            let label = Label::new(words, (centre, middle)).size(SMALL).centred();
            sheet.text(label.colour(style.text));
        }
    }
    scale.at(charge)
}
