//! The geometry of lines: dashes for both surfaces, outlines and filled rows for the PNG's.
//!
//! All of it is integer arithmetic in sheet units, so that a slope has the same stairs everywhere.

use super::sheet::At;

/// Directions to the corners of a regular sixteen-gon, in thousandths of its radius.
const SIXTEENTHS: [At; 16] = [
    (1000, 0),
    (924, 383),
    (707, 707),
    (383, 924),
    (0, 1000),
    (-383, 924),
    (-707, 707),
    (-924, 383),
    (-1000, 0),
    (-924, -383),
    (-707, -707),
    (-383, -924),
    (0, -1000),
    (383, -924),
    (707, -707),
    (924, -383),
];

/// `points` cut into dashes: `pattern` has the lengths of dash, gap, dash, gap…, in sheet units,
/// and begins anew when it ends. An empty pattern leaves the line whole.
pub(super) fn dashes(points: &[At], pattern: &[i32]) -> Vec<Vec<At>> {
    if pattern.len() < 2 || pattern.iter().any(|&length| length <= 0) {
        return vec![points.to_vec()];
    }
    let mut lengths = pattern.iter().copied().enumerate().cycle();
    let (mut is_dash, mut left) = (
        true,
        lengths.next().map_or(1, |(_, length)| i64::from(length)),
    );
    let mut dash: Vec<At> = points.iter().take(1).copied().collect();
    let mut done = Vec::new();
    for pair in points.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let length = distance(from, to);
        let mut walked = 0;
        while length - walked > left {
            walked += left;
            let here = along(from, to, walked, length);
            dash.push(here);
            if is_dash {
                done.push(std::mem::take(&mut dash));
            }
            dash = vec![here];
            let (index, next) = lengths.next().unwrap_or((0, 1));
            (is_dash, left) = (index.rem_euclid(2) == 0, i64::from(next));
        }
        left -= length - walked;
        dash.push(to);
    }
    if is_dash && dash.len() > 1 {
        done.push(dash);
    }
    done
}

/// The shapes that together cover a line of `width` units: one for each stretch, and a round joint
/// between stretches.
pub(super) fn outlines(points: &[At], width: i32) -> Vec<Vec<At>> {
    let mut shapes = Vec::new();
    let (before, after) = (width.div_euclid(2), width - width.div_euclid(2));
    for pair in points.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        if y0 == y1 {
            let (top, bottom) = (y0 - before, y0 + after);
            shapes.push(vec![(x0, top), (x1, top), (x1, bottom), (x0, bottom)]);
        } else if x0 == x1 {
            let (left, right) = (x0 - before, x0 + after);
            shapes.push(vec![(left, y0), (right, y0), (right, y1), (left, y1)]);
        } else {
            let length = distance((x0, y0), (x1, y1)).max(1) * 2;
            let side = |across: i32| {
                let product = i64::from(across) * i64::from(width);
                i32::try_from((product + length.div_euclid(2)).div_euclid(length)).unwrap_or(0)
            };
            let (dx, dy) = (side(y0 - y1), side(x1 - x0));
            shapes.push(vec![
                (x0 + dx, y0 + dy),
                (x1 + dx, y1 + dy),
                (x1 - dx, y1 - dy),
                (x0 - dx, y0 - dy),
            ]);
        }
    }
    let inner = points.iter().skip(1).take(points.len().saturating_sub(2));
    shapes.extend(inner.map(|&joint| disc(joint, after)));
    shapes
}

/// A disc, near enough, as a polygon.
pub(super) fn disc((x, y): At, radius: i32) -> Vec<At> {
    let reach = |milli: i32| (milli * radius + 500).div_euclid(1000);
    SIXTEENTHS
        .iter()
        .map(|&(right, down)| (x + reach(right), y + reach(down)))
        .collect()
}

/// The rows of dots inside a polygon, as (row, first dot, dot after the last).
///
/// A dot is inside when its centre is, by the even-odd rule, so that neighbours share no dot.
pub(super) fn spans(corners: &[At]) -> Vec<(i32, i32, i32)> {
    let top = corners.iter().map(|corner| corner.1).min().unwrap_or(0);
    let bottom = corners.iter().map(|corner| corner.1).max().unwrap_or(0);
    let rows = usize::try_from(bottom - top).unwrap_or(0);
    let mut crossings: Vec<Vec<i32>> = vec![Vec::new(); rows];
    for (&one, &other) in corners.iter().zip(corners.iter().cycle().skip(1)) {
        let (high, low) = if one.1 < other.1 {
            (one, other)
        } else {
            (other, one)
        };
        let height = i64::from(low.1 - high.1);
        for y in high.1..low.1 {
            // The edge crosses the middle of row `y` at `numerator / (2 * height)`; the first dot
            // whose centre lies to the right of that is the quotient, rounded.
            let halves = i64::from(2 * (y - high.1) + 1);
            let numerator =
                2 * height * i64::from(high.0) + halves * i64::from(low.0 - high.0) + height;
            let dot = (numerator - 1).div_euclid(2 * height);
            let row = usize::try_from(y - top)
                .ok()
                .and_then(|row| crossings.get_mut(row));
            if let (Some(row), Ok(dot)) = (row, i32::try_from(dot)) {
                row.push(dot);
            }
        }
    }
    let mut spans = Vec::new();
    for (y, row) in (top..bottom).zip(&mut crossings) {
        row.sort_unstable();
        let pairs = row.chunks_exact(2).filter(|pair| pair[0] < pair[1]);
        spans.extend(pairs.map(|pair| (y, pair[0], pair[1])));
    }
    spans
}

fn distance(from: At, to: At) -> i64 {
    let (dx, dy) = (i64::from(to.0 - from.0), i64::from(to.1 - from.1));
    (dx * dx + dy * dy).isqrt()
}

/// The place `walked` of `length` on the way from `from` to `to`.
fn along(from: At, to: At, walked: i64, length: i64) -> At {
    let part = |a: i32, b: i32| {
        let way = (i64::from(b - a) * walked).div_euclid(length.max(1));
        a + i32::try_from(way).unwrap_or(0)
    };
    (part(from.0, to.0), part(from.1, to.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_turn_corners() {
        let cut = dashes(&[(0, 0), (10, 0), (10, 10)], &[8, 4]);
        assert_eq!(cut, [vec![(0, 0), (8, 0)], vec![(10, 2), (10, 10)]]);
        assert_eq!(dashes(&[(0, 0), (10, 0)], &[]), [vec![(0, 0), (10, 0)]]);
        assert_eq!(dashes(&[], &[8, 4]), Vec::<Vec<At>>::new());
    }

    #[test]
    fn neighbouring_shapes_share_no_dot_and_leave_none_out() {
        let left = spans(&[(0, 0), (7, 0), (3, 9), (0, 9)]);
        let right = spans(&[(7, 0), (12, 0), (12, 9), (3, 9)]);
        for (l, r) in left.iter().zip(&right) {
            assert_eq!((l.0, l.1, l.2, r.2), (r.0, 0, r.1, 12));
        }
        assert_eq!((left.len(), right.len()), (9, 9));
    }

    #[test]
    fn a_level_line_is_as_thick_as_asked() {
        let rows = spans(&outlines(&[(0, 10), (20, 10)], 7)[0]);
        assert_eq!(rows.len(), 7);
        assert_eq!(spans(&[]), []);
    }
}
