//! How long did tasks wait for a place? The share of tasks that waited no longer than so long.
//!
//! The time axis is logarithmic but begins at zero: a wait `w` stands at `ln(1 + w / u)`, where
//! `u` is one second, or ten milliseconds where nobody waited for ten seconds. That keeps the tasks
//! that did not wait at all, often nearly all of them, on the chart.

#![expect(clippy::float_arithmetic, reason = "a logarithmic axis, in pixels")]

use super::axis::{Panel, Tick, gutter, level_grid, upright_grid};
use super::columns::table;
use super::palette::{LineStyle, MUTED, draw_line, draw_marker, line_style};
use super::scale::{Scale, decimal_steps, ticks};
use super::series::{smoothed, thinned};
use super::sheet::{At, BODY_TOP, Label, MARGIN, PX, SMALL, Sheet, TEXT, WIDTH};
use super::{Chart, ChartError, ClusterWaits, Heading, format};

/// All of the tasks, in the unit of shares: parts per million.
const ALL: u64 = 1_000_000;

/// Where the share axis may begin, in parts per million: the highest that hides no curve.
const FLOORS: [u64; 6] = [990_000, 950_000, 900_000, 800_000, 500_000, 0];

/// Ticks of the time axis and what to call them.
const TICKS_MS: [(u64, &str); 13] = [
    (0, "0"),
    (10, "10 ms"),
    (100, "100 ms"),
    (1000, "1 s"),
    (10_000, "10 s"),
    (60_000, "1 min"),
    (600_000, "10 min"),
    (3_600_000, "1 h"),
    (21_600_000, "6 h"),
    (86_400_000, "1 d"),
    (864_000_000, "10 d"),
    (8_640_000_000, "100 d"),
    (86_400_000_000, "1,000 d"),
];

/// Draws "How long did tasks wait for a place?": for each cluster, the share of its tasks that
/// waited at most so long, over a logarithmic axis that begins at zero.
///
/// Percentiles in the key are nearest-rank, over all tasks, those never placed included. The share
/// axis begins higher than zero, and says so, where every curve does. If no task of any cluster
/// waited, the chart says that instead. CSV: `cluster,waited_ms,tasks,tasks_so_far,tasks_in_all`.
///
/// # Errors
///
/// Only if drawing itself fails; see [`ChartError`].
pub fn placement_wait(heading: &Heading, clusters: &[ClusterWaits]) -> Result<Chart, ChartError> {
    let mut sheet = Sheet::new(heading, "How long did tasks wait for a place?")?;
    let floor = floor_of(clusters);
    let found = ticks((floor.into(), ALL.into()), decimal_steps(1), 5);
    let label = |&tick: &i128| {
        (
            tick,
            format!("{} %", format::quantity(tick.unsigned_abs(), 10_000, 2)),
        )
    };
    let labels: Vec<Tick> = found.values.iter().map(label).collect();
    let (key_left, top) = (WIDTH - MARGIN - 232 * PX, BODY_TOP + 28 * PX);
    let key_bottom = key(&mut sheet, clusters, (key_left, top));
    let panel = Panel {
        left: gutter(&sheet, &labels),
        right: key_left - 28 * PX,
        top,
        bottom: key_bottom.max(top + 340 * PX),
    };
    let note = format!(
        "of those submitted, from {}",
        labels.first().map_or("", |tick| &tick.1)
    );
    panel.heading(
        &mut sheet,
        "Share of tasks placed",
        if floor > 0 { &note } else { "" },
    );
    let y = Scale::new((floor.into(), ALL.into()), panel.upwards());
    level_grid(&mut sheet, panel, &y, &labels);

    let x = WaitScale::new(longest_ms(clusters), panel);
    upright_grid(
        &mut sheet,
        panel,
        &x.marks(),
        "wait from submission to placement (log scale)",
    );
    if clusters.iter().all(|cluster| in_all(cluster) == 0) {
        panel.note(&mut sheet, "No task was submitted.");
    } else if clusters.iter().all(did_not_wait) {
        panel.note(
            &mut sheet,
            "No task waited: every one found a place at once.",
        );
    } else {
        for (index, cluster) in clusters.iter().enumerate().filter(|(_, c)| in_all(c) > 0) {
            let line = curve(cluster, panel, &x, &y);
            draw_line(&mut sheet, &line, line_style(index), 9);
        }
        for (index, cluster) in clusters.iter().enumerate().filter(|(_, c)| in_all(c) > 0) {
            let line = curve(cluster, panel, &x, &y);
            markers(&mut sheet, &line, panel, (index, clusters.len()));
        }
    }
    sheet.finish(
        "placement_wait".to_owned(),
        panel.bottom + 54 * PX,
        csv(clusters)?,
    )
}

fn csv(clusters: &[ClusterWaits]) -> Result<String, ChartError> {
    let rows = clusters.iter().flat_map(|cluster| {
        let all = in_all(cluster);
        cumulated(cluster).map(move |(waited_ms, tasks, so_far)| {
            let [waited, tasks, all] = [waited_ms, tasks, all].map(|count| count.to_string());
            [
                cluster.cluster.clone(),
                waited,
                tasks,
                so_far.to_string(),
                all,
            ]
        })
    });
    table(
        [
            "cluster",
            "waited_ms",
            "tasks",
            "tasks_so_far",
            "tasks_in_all",
        ],
        rows,
    )
}

/// Each wait that occurred, how many tasks waited so long, and how many no longer.
fn cumulated(cluster: &ClusterWaits) -> impl Iterator<Item = (u64, u64, u64)> {
    cluster
        .tasks_by_wait_ms
        .iter()
        .filter(|(_, tasks)| **tasks > 0)
        .scan(0_u64, |so_far, (&waited_ms, &tasks)| {
            *so_far = so_far.saturating_add(tasks);
            Some((waited_ms, tasks, *so_far))
        })
}

fn in_all(cluster: &ClusterWaits) -> u64 {
    let placed = cumulated(cluster).last().map_or(0, |(_, _, so_far)| so_far);
    placed.saturating_add(cluster.never_placed)
}

fn did_not_wait(cluster: &ClusterWaits) -> bool {
    cluster.never_placed == 0 && cumulated(cluster).all(|(waited_ms, _, _)| waited_ms == 0)
}

fn longest_ms(clusters: &[ClusterWaits]) -> u64 {
    clusters
        .iter()
        .flat_map(cumulated)
        .map(|(waited_ms, _, _)| waited_ms)
        .max()
        .unwrap_or(0)
}

/// `part` of `all` in parts per million, rounded down.
fn share(part: u64, all: u64) -> i128 {
    (i128::from(part) * i128::from(ALL)).div_euclid(i128::from(all.max(1)))
}

fn floor_of(clusters: &[ClusterWaits]) -> u64 {
    let at_zero = |cluster: &ClusterWaits| match cumulated(cluster).next() {
        Some((0, _, so_far)) => share(so_far, in_all(cluster)),
        _ => 0,
    };
    let waited = clusters.iter().filter(|cluster| in_all(cluster) > 0);
    let lowest = waited.map(at_zero).min().unwrap_or(0);
    if clusters.iter().all(did_not_wait) {
        return 0;
    }
    FLOORS
        .into_iter()
        .find(|&floor| i128::from(floor) < lowest)
        .unwrap_or(0)
}

/// The wait that `per_cent` of all tasks did not exceed, in words; nearest rank.
fn percentile(cluster: &ClusterWaits, per_cent: u64) -> String {
    let rank = (u128::from(in_all(cluster)) * u128::from(per_cent)).div_ceil(100);
    let found = cumulated(cluster).find(|(_, _, so_far)| u128::from(*so_far) >= rank);
    found.map_or_else(
        || "never".to_owned(),
        |(waited_ms, _, _)| format::duration(waited_ms),
    )
}

/// Looks, names and percentiles of the clusters, downwards from `from`; returns the lower edge.
fn key(sheet: &mut Sheet, clusters: &[ClusterWaits], (left, top): At) -> i32 {
    let (sample, gap) = (34 * PX, 10 * PX);
    let mut y = top + 6 * PX;
    for (index, cluster) in clusters.iter().enumerate() {
        let style = line_style(index);
        draw_line(sheet, &[(left, y), (left + sample, y)], style, 9);
        draw_marker(sheet, (left + sample.div_euclid(2), y), style);
        let (x, room) = (left + sample + gap, WIDTH - MARGIN - left - sample - gap);
        let name = sheet.fonts.elide(&cluster.cluster, TEXT, false, room);
        let waits = match in_all(cluster) {
            0 => "no tasks".to_owned(),
            _ => format!(
                "p50 {} · p99 {}",
                percentile(cluster, 50),
                percentile(cluster, 99)
            ),
        };
        sheet.finding(format!(
            "{name}: {waits}, {} never placed.",
            cluster.never_placed
        ));
        sheet.text(Label::new(name, (x, y)));
        y += 15 * PX;
        sheet.text(Label::new(waits, (x, y)).size(SMALL).colour(MUTED));
        if cluster.never_placed > 0 {
            y += 15 * PX;
            let words = format!(
                "{} never placed",
                format::grouped(cluster.never_placed.into())
            );
            sheet.text(Label::new(words, (x, y)).size(SMALL).colour(MUTED));
        }
        y += 24 * PX;
    }
    y
}

/// The curve of one cluster, from its share at zero to the right edge.
fn curve(cluster: &ClusterWaits, panel: Panel, x: &WaitScale, y: &Scale) -> Vec<At> {
    let all = in_all(cluster);
    let mut points = Vec::new();
    for (waited_ms, _, so_far) in cumulated(cluster) {
        let level = points.last().map_or(panel.bottom, |point: &At| point.1);
        if waited_ms > 0 && points.is_empty() {
            points.push((panel.left, level));
        }
        if waited_ms > 0 {
            points.push((x.at(waited_ms), level));
        }
        points.push((x.at(waited_ms), y.at(share(so_far, all))));
    }
    let level = points.last().map_or(panel.bottom, |point| point.1);
    if points.is_empty() {
        points.push((panel.left, level));
    }
    points.push((panel.right, level));
    smoothed(&thinned(&points))
}

/// Puts a few markers on a curve, each cluster's at other places than its neighbours'.
fn markers(sheet: &mut Sheet, line: &[At], panel: Panel, (index, clusters): (usize, usize)) {
    let [index, clusters] = [index, clusters].map(|count| i32::try_from(count).unwrap_or(1));
    let style: LineStyle = line_style(usize::try_from(index).unwrap_or(0));
    let stretch = (panel.right - panel.left).div_euclid(4);
    for quarter in 0..4 {
        let within = (stretch * (2 * index + 1)).div_euclid(2 * clusters.max(1));
        let x = panel.left + quarter * stretch + within;
        if let Some(point) = line.iter().rev().find(|point| point.0 <= x) {
            draw_marker(sheet, (x, point.1), style);
        }
    }
}

/// Places waits at `ln(1 + w / u)`.
struct WaitScale {
    unit_ms: u64,
    longest_ms: u64,
    left: i32,
    width: i32,
}

impl WaitScale {
    /// A scale for waits up to `longest_ms`, and a little room.
    fn new(longest_ms: u64, panel: Panel) -> Self {
        let unit_ms = if (1..10_000).contains(&longest_ms) {
            10
        } else {
            1000
        };
        let room = longest_ms.saturating_add(longest_ms.div_euclid(8));
        let (left, width) = (panel.left, panel.right - panel.left);
        Self {
            unit_ms,
            longest_ms: room.max(10 * unit_ms),
            left,
            width,
        }
    }

    fn at(&self, waited_ms: u64) -> i32 {
        let part = self.logarithm(waited_ms) / self.logarithm(self.longest_ms);
        #[expect(clippy::cast_possible_truncation, reason = "a place on the sheet")]
        let way = libm::round(part * f64::from(self.width)) as i32;
        self.left + way
    }

    fn logarithm(&self, waited_ms: u64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "pixels need no 53 bits")]
        let units = waited_ms as f64 / self.unit_ms as f64;
        libm::log1p(units)
    }

    fn marks(&self) -> Vec<(i32, String)> {
        let shown = |ms: u64| ms == 0 || (self.unit_ms..=self.longest_ms).contains(&ms);
        let ticks = TICKS_MS.iter().filter(|tick| shown(tick.0));
        ticks
            .map(|&(ms, words)| (self.at(ms), words.to_owned()))
            .collect()
    }
}
