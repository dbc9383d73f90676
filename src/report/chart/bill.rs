//! How does the bill grow over time? A line per cluster.

use super::axis::{Panel, Tick, gutter, level_grid, time_axis};
use super::columns::table;
use super::palette::{draw_line, line_style};
use super::scale::{Scale, decimal_steps, ticks};
use super::series::{EndLabel, end_labels, end_labels_width, thinned};
use super::sheet::{At, BODY_TOP, MARGIN, PX, Sheet, TEXT, WIDTH};
use super::{BillPoint, Chart, ChartError, ClusterBill, Heading, format};

/// Draws "How does the bill grow over time?": a line per cluster, its name and last sum at its
/// end.
///
/// CSV: `cluster,at_ms,total_usd`.
///
/// # Errors
///
/// Only if drawing itself fails; see [`ChartError`].
pub fn cumulative_cost(heading: &Heading, clusters: &[ClusterBill]) -> Result<Chart, ChartError> {
    let mut sheet = Sheet::new(heading, "How does the bill grow over time?")?;
    let points = || clusters.iter().flat_map(|cluster| &cluster.points);
    let start_ms = points().map(|point| point.at_ms).min().unwrap_or(0);
    let end_ms = points().map(|point| point.at_ms).max().unwrap_or(0);
    let totals = || points().map(|point| i128::from(point.total_nano_dollars));
    let (low, high) = (
        totals().min().unwrap_or(0).min(0),
        totals().max().unwrap_or(0).max(0),
    );
    let largest = high.max(-low);
    let high = if low == high { 1_000_000_000 } else { high };

    let found = ticks((low, high), decimal_steps(1), 6);
    let decimals = format::money_decimals(found.step);
    let label = |&tick: &i128| (tick, format::money(tick, decimals));
    let labels: Vec<Tick> = found.values.iter().map(label).collect();
    let mut ends: Vec<EndLabel> = (0..clusters.len())
        .map(|index| end_label(&sheet, index, &clusters[index], largest))
        .collect();
    let words = end_labels_width(&sheet, &ends);
    let height = i32::try_from(clusters.len()).unwrap_or(0) * 17 * PX;
    let panel = Panel {
        left: gutter(&sheet, &labels),
        right: WIDTH - MARGIN - words - 34 * PX,
        top: BODY_TOP + 28 * PX,
        bottom: BODY_TOP + 28 * PX + height.max(350 * PX),
    };
    panel.heading(&mut sheet, "Bill so far", "in US dollars");
    let y = Scale::new(found.range(), panel.upwards());
    level_grid(&mut sheet, panel, &y, &labels);
    let x = time_axis(&mut sheet, panel, (start_ms, end_ms), true);

    let place = |point: &BillPoint| -> At {
        (
            x.at(point.at_ms.into()),
            y.at(point.total_nano_dollars.into()),
        )
    };
    for (index, cluster) in clusters.iter().enumerate() {
        let line: Vec<At> = cluster.points.iter().map(place).collect();
        draw_line(&mut sheet, &thinned(&line), line_style(index), 9);
    }
    for (end, cluster) in ends.iter_mut().zip(clusters) {
        sheet.finding(format!("{}: {}.", end.name, end.value));
        end.end = cluster.points.last().map_or((panel.left, y.at(0)), place);
    }
    if points().next().is_none() {
        panel.note(&mut sheet, "There was nothing to pay for.");
    } else {
        end_labels(
            &mut sheet,
            panel.right + 34 * PX,
            (panel.top, panel.bottom),
            ends,
        );
    }
    let rows = clusters.iter().flat_map(|cluster| {
        cluster.points.iter().map(|point| {
            let total = format::exact_dollars(point.total_nano_dollars.into());
            [cluster.cluster.clone(), point.at_ms.to_string(), total]
        })
    });
    let csv = table(["cluster", "at_ms", "total_usd"], rows)?;
    sheet.finish("cumulative_cost".to_owned(), panel.bottom + 54 * PX, csv)
}

fn end_label(sheet: &Sheet, index: usize, cluster: &ClusterBill, largest: i128) -> EndLabel {
    let total = cluster
        .points
        .last()
        .map_or(0, |point| point.total_nano_dollars);
    EndLabel {
        end: (0, 0),
        name: sheet.fonts.elide(&cluster.cluster, TEXT, false, 165 * PX),
        value: format::sum_beside(total.into(), largest),
        style: line_style(index),
    }
}
