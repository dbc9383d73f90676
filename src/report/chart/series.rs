//! Series over time: stepped lines and areas, and their names at the right-hand end.

use plotters::style::RGBColor;

use super::Bucket;
use super::palette::{INK, LineStyle, MUTED, draw_marker};
use super::scale::Scale;
use super::sheet::{At, Label, PX, Sheet, TEXT};

/// Least distance between the middles of two end labels, in sheet units.
const LABEL_PITCH: i32 = 17 * PX;

/// From the first start to the last end of several series, in milliseconds.
pub(super) fn time_range<'a>(all: impl IntoIterator<Item = &'a [Bucket]>) -> (u64, u64) {
    let drawn = |bucket: &&Bucket| bucket.start_ms < bucket.end_ms;
    let ends = all
        .into_iter()
        .flatten()
        .filter(drawn)
        .map(|b| (b.start_ms, b.end_ms));
    ends.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
        .unwrap_or((0, 0))
}

/// The largest mean of several series, in their unit.
pub(super) fn peak<'a>(all: impl IntoIterator<Item = &'a [Bucket]>) -> u64 {
    all.into_iter()
        .flatten()
        .map(|bucket| bucket.mean)
        .max()
        .unwrap_or(0)
}

/// The integral of a series, in its unit times milliseconds, and the time it covers.
pub(super) fn integral(buckets: &[Bucket]) -> (u128, u128) {
    buckets.iter().fold((0, 0), |(area, time), bucket| {
        let length = u128::from(bucket.end_ms.saturating_sub(bucket.start_ms));
        (
            area.saturating_add(u128::from(bucket.mean) * length),
            time + length,
        )
    })
}

/// The stepped outline of `buckets`, one piece between any two gaps.
pub(super) fn steps(buckets: &[Bucket], x: &Scale, y: &Scale) -> Vec<Vec<At>> {
    let mut pieces: Vec<Vec<At>> = Vec::new();
    let mut reached_ms = None;
    for bucket in buckets
        .iter()
        .filter(|bucket| bucket.start_ms < bucket.end_ms)
    {
        let level = y.at(bucket.mean.into());
        let step = [bucket.start_ms, bucket.end_ms].map(|ms| (x.at(ms.into()), level));
        match pieces.last_mut() {
            Some(piece) if reached_ms == Some(bucket.start_ms) => piece.extend(step),
            _ => pieces.push(step.to_vec()),
        }
        reached_ms = Some(bucket.end_ms);
    }
    pieces.into_iter().map(|piece| thinned(&piece)).collect()
}

/// Fills below the outlines `pieces` down to `floor`.
pub(super) fn fill_below(sheet: &mut Sheet, pieces: &[Vec<At>], floor: i32, colour: RGBColor) {
    for piece in pieces {
        let ends = piece
            .last()
            .into_iter()
            .chain(piece.first())
            .map(|end| (end.0, floor));
        sheet.polygon(piece.iter().copied().chain(ends).collect(), colour);
    }
}

/// The same line with no more than four points in any column and no needless ones: the first, the
/// highest, the lowest and the last of each column look just like all of them.
pub(super) fn thinned(points: &[At]) -> Vec<At> {
    let mut kept: Vec<At> = Vec::new();
    for column in points.chunk_by(|a, b| a.0 == b.0) {
        let (Some(&first), Some(&last)) = (column.first(), column.last()) else {
            continue;
        };
        let low = column
            .iter()
            .copied()
            .min_by_key(|at| at.1)
            .unwrap_or(first);
        let high = column
            .iter()
            .copied()
            .max_by_key(|at| at.1)
            .unwrap_or(first);
        for point in [first, low, high, last] {
            if kept.last() != Some(&point) {
                push_straightened(&mut kept, point);
            }
        }
    }
    kept
}

/// The same line without stairs smaller than a pixel or so, which would blur its dashes: points
/// too near the last one kept are left out, unless a long stretch begins at them.
pub(super) fn smoothed(points: &[At]) -> Vec<At> {
    let is_far = |a: At, b: At| (a.0 - b.0).abs().max((a.1 - b.1).abs()) > PX;
    let mut kept: Vec<At> = points.iter().take(1).copied().collect();
    for pair in points.windows(2).skip(1) {
        let (point, next) = (pair[0], pair[1]);
        if kept.last().is_some_and(|&last| is_far(last, point)) || is_far(point, next) {
            kept.push(point);
        }
    }
    kept.extend(points.iter().skip(1).last());
    kept
}

/// Appends `point`, dropping the one before where the line passes level through it.
fn push_straightened(kept: &mut Vec<At>, point: At) {
    if let [.., before, last] = kept.as_slice()
        && before.1 == last.1
        && last.1 == point.1
    {
        kept.pop();
    }
    kept.push(point);
}

/// The name of a line at its end.
#[derive(Clone, Debug)]
pub(super) struct EndLabel {
    /// Where the line ends.
    pub(super) end: At,
    /// What it is called.
    pub(super) name: String,
    /// What is said after the name, in bold; may be empty.
    pub(super) value: String,
    /// The line's look; its marker sits at the end.
    pub(super) style: LineStyle,
}

impl EndLabel {
    fn name_width(&self, sheet: &Sheet) -> i32 {
        let gap = if self.value.is_empty() { 0 } else { 8 * PX };
        sheet.fonts.width(&self.name, TEXT, false) + gap
    }

    fn value_width(&self, sheet: &Sheet) -> i32 {
        if self.value.is_empty() {
            0
        } else {
            sheet.fonts.width(&self.value, TEXT, true)
        }
    }
}

/// Width that the words of `labels` take up together, names and values being columns.
pub(super) fn end_labels_width(sheet: &Sheet, labels: &[EndLabel]) -> i32 {
    let names = labels
        .iter()
        .map(|label| label.name_width(sheet))
        .max()
        .unwrap_or(0);
    names
        + labels
            .iter()
            .map(|label| label.value_width(sheet))
            .max()
            .unwrap_or(0)
}

/// Writes `labels` from `x` on, moved apart where they would touch but kept within
/// `top..=bottom` as far as they fit, and led to by thin lines.
pub(super) fn end_labels(
    sheet: &mut Sheet,
    x: i32,
    (top, bottom): (i32, i32),
    mut labels: Vec<EndLabel>,
) {
    labels.sort_by_key(|label| label.end.1);
    let wanted: Vec<i32> = labels.iter().map(|label| label.end.1).collect();
    let places = apart(&wanted, LABEL_PITCH, (top, bottom));
    let values_end = x + end_labels_width(sheet, &labels);
    for (label, y) in labels.iter().zip(places) {
        let elbow = label.end.0.max(x - 26 * PX);
        let leader = vec![label.end, (elbow, label.end.1), (x - 5 * PX, y)];
        sheet.line(leader, 3, label.style.colour);
        let name_colour = if label.value.is_empty() { INK } else { MUTED };
        sheet.text(Label::new(label.name.as_str(), (x, y)).colour(name_colour));
        if !label.value.is_empty() {
            sheet.text(
                Label::new(label.value.as_str(), (values_end, y))
                    .bold()
                    .ending(),
            );
        }
    }
    for label in &labels {
        draw_marker(sheet, label.end, label.style);
    }
}

/// Ascending places near the ascending `wanted` ones, at least `pitch` apart.
fn apart(wanted: &[i32], pitch: i32, (top, bottom): (i32, i32)) -> Vec<i32> {
    // Neighbours that touch become a block around the mean of what they want; blocks that touch
    // merge, until none do.
    let mut blocks: Vec<(i64, i64)> = Vec::new(); // sum of wanted middles, number of labels
    let reach = |(sum, count): (i64, i64)| {
        let half = (count - 1) * i64::from(pitch);
        let middle = sum.div_euclid(count) * 2;
        let room = (i64::from(top) * 2 + half, i64::from(bottom) * 2 - half);
        let middle = middle.min(room.1).max(room.0);
        ((middle - half).div_euclid(2), (middle + half).div_euclid(2))
    };
    for &place in wanted {
        let mut block = (i64::from(place), 1);
        while let Some(&above) = blocks.last() {
            if reach(above).1 + i64::from(pitch) <= reach(block).0 {
                break;
            }
            blocks.pop();
            block = (block.0 + above.0, block.1 + above.1);
        }
        blocks.push(block);
    }
    let placed = |block: (i64, i64)| {
        (0..block.1).map(move |index| reach(block).0 + index * i64::from(pitch))
    };
    blocks
        .iter()
        .flat_map(|&block| placed(block))
        .map(|y| i32::try_from(y).unwrap_or(top))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_move_apart_and_stay_within_bounds() {
        assert_eq!(apart(&[100, 300], 20, (0, 400)), [100, 300]);
        assert_eq!(apart(&[100, 100, 100], 20, (0, 400)), [80, 100, 120]);
        assert_eq!(apart(&[0, 0, 395, 400], 20, (0, 400)), [0, 20, 380, 400]);
        assert_eq!(apart(&[5; 4], 20, (0, 30)), [0, 20, 40, 60]);
        assert_eq!(apart(&[], 20, (0, 30)), Vec::<i32>::new());
    }

    #[test]
    fn steps_leave_gaps_and_skip_empty_buckets() {
        let scale = Scale::new((0, 100), (0, 100));
        let bucket = |start_ms, end_ms, mean| Bucket {
            start_ms,
            end_ms,
            mean,
        };
        let buckets = [
            bucket(0, 10, 5),
            bucket(10, 10, 99),
            bucket(10, 20, 7),
            bucket(30, 40, 1),
        ];
        assert_eq!(
            steps(&buckets, &scale, &scale),
            [
                vec![(0, 5), (10, 5), (10, 7), (20, 7)],
                vec![(30, 1), (40, 1)]
            ]
        );
        assert_eq!(time_range([buckets.as_slice()]), (0, 40));
        assert_eq!(integral(&buckets), (50 + 70 + 10, 30));
    }

    #[test]
    fn smoothing_keeps_long_stretches_and_both_ends() {
        let stairs = [
            (0, 0),
            (1, 0),
            (1, 1),
            (2, 1),
            (2, 30),
            (3, 30),
            (3, 31),
            (4, 31),
        ];
        assert_eq!(smoothed(&stairs), [(0, 0), (2, 1), (2, 30), (4, 31)]);
        assert_eq!(smoothed(&[(0, 0)]), [(0, 0)]);
        assert_eq!(smoothed(&[]), []);
    }

    #[test]
    fn thinning_keeps_the_extremes_of_a_column() {
        let crowded = [
            (0, 5),
            (1, 5),
            (2, 5),
            (2, 9),
            (2, 1),
            (2, 4),
            (2, 6),
            (3, 6),
        ];
        assert_eq!(
            thinned(&crowded),
            [(0, 5), (2, 5), (2, 1), (2, 9), (2, 6), (3, 6)]
        );
    }
}
