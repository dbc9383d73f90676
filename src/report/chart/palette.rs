//! Colours, dashes, markers and hatching that still differ without colour.
//!
//! Neighbours in either list differ in lightness by a good step, so that a grey print and the
//! common colour-blindnesses keep them apart; the second channel (dashes and markers for lines,
//! hatching for areas) does not need colour at all.

use plotters::style::RGBColor;

use super::sheet::{At, PX, Sheet};
use super::stroke;

/// The background.
pub(super) const PAPER: RGBColor = RGBColor(255, 255, 255);
/// Text, and outlines that matter.
pub(super) const INK: RGBColor = RGBColor(0x1b, 0x26, 0x36);
/// Text that explains.
pub(super) const MUTED: RGBColor = RGBColor(0x5b, 0x68, 0x79);
/// The zero line and the frame of a panel.
pub(super) const AXIS: RGBColor = RGBColor(0x94, 0xa0, 0xb0);
/// Grid lines.
pub(super) const GRID: RGBColor = RGBColor(0xe5, 0xe9, 0xef);

/// The shape that marks a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marker {
    /// A disc.
    Disc,
    /// A square on its side.
    Square,
    /// A triangle, point upwards.
    Triangle,
    /// A square on its corner.
    Diamond,
    /// A triangle, point downwards.
    Wedge,
}

/// How one line looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct LineStyle {
    /// Its colour.
    pub(super) colour: RGBColor,
    /// Lengths of dash, gap, dash, gap… in sheet units; empty for a whole line.
    pub(super) dash: &'static [i32],
    /// Its marker.
    pub(super) marker: Marker,
}

/// Instances, wherever they are counted.
pub(super) const INSTANCES: LineStyle = LineStyle {
    colour: RGBColor(0x22, 0x30, 0x46),
    dash: &[],
    marker: Marker::Square,
};
/// What is below their line.
pub(super) const INSTANCES_FILL: RGBColor = RGBColor(0xea, 0xee, 0xf4);

/// Tasks that run, and what they serve.
pub(super) const RUNNING: LineStyle = LineStyle {
    colour: RGBColor(0x1f, 0x8a, 0x70),
    dash: &[],
    marker: Marker::Disc,
};
/// What is below their line.
pub(super) const RUNNING_FILL: RGBColor = RGBColor(0xd6, 0xef, 0xe7);

/// A value that something is steered to.
pub(super) const TARGET: LineStyle = LineStyle {
    colour: MUTED,
    dash: &[2 * PX, 3 * PX],
    marker: Marker::Diamond,
};

/// Diagonal lines over an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hatch {
    /// None.
    Plain,
    /// From bottom left to top right.
    Rising,
    /// From top left to bottom right.
    Falling,
    /// Both.
    Crossed,
}

/// How one area looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct AreaStyle {
    /// Its colour.
    pub(super) colour: RGBColor,
    /// Its hatching.
    pub(super) hatch: Hatch,
    /// Colour of the hatching.
    pub(super) hatch_colour: RGBColor,
    /// Colour of text upon it.
    pub(super) text: RGBColor,
}

const LINE_COLOURS: [RGBColor; 8] = [
    RGBColor(0x12, 0x3f, 0x73), // deep blue
    RGBColor(0xe0, 0x74, 0x0c), // orange
    RGBColor(0x1f, 0x8a, 0x70), // green
    RGBColor(0x86, 0x1f, 0x52), // wine
    RGBColor(0x3d, 0x9a, 0xdd), // sky blue
    RGBColor(0x4b, 0x4f, 0x58), // slate
    RGBColor(0xb0, 0x7d, 0x12), // ochre
    RGBColor(0x5d, 0x3f, 0xa8), // violet
];

const DASHES: [&[i32]; 5] = [
    &[],
    &[9 * PX, 4 * PX],
    &[2 * PX, 3 * PX],
    &[11 * PX, 3 * PX, 2 * PX, 3 * PX],
    &[5 * PX, 3 * PX],
];

const MARKERS: [Marker; 5] = [
    Marker::Disc,
    Marker::Square,
    Marker::Triangle,
    Marker::Diamond,
    Marker::Wedge,
];

/// Horizontal distance between the lines of a hatching, in sheet units.
const HATCH_PITCH: i32 = 6 * PX;

const HATCHES: [Hatch; 4] = [Hatch::Plain, Hatch::Rising, Hatch::Falling, Hatch::Crossed];

const AREA_COLOURS: [RGBColor; 8] = [
    RGBColor(0x1d, 0x43, 0x77), // deep blue
    RGBColor(0xa9, 0xd3, 0xf2), // light blue
    RGBColor(0xe3, 0x83, 0x1f), // orange
    RGBColor(0xf9, 0xdc, 0xa8), // sand
    RGBColor(0x17, 0x6b, 0x5b), // green
    RGBColor(0xb4, 0xdf, 0xb6), // mint
    RGBColor(0x7c, 0x2a, 0x58), // wine
    RGBColor(0xe9, 0xbd, 0xd2), // rose
];

/// The look of the `index`th line; the first forty differ.
pub(super) fn line_style(index: usize) -> LineStyle {
    LineStyle {
        colour: cycled(&LINE_COLOURS, index),
        dash: cycled(&DASHES, index),
        marker: cycled(&MARKERS, index),
    }
}

/// The look of the `index`th area; the first eight differ even in grey.
pub(super) fn area_style(index: usize) -> AreaStyle {
    let colour = cycled(&AREA_COLOURS, index);
    let is_dark = luminance(colour) < 120;
    AreaStyle {
        colour,
        hatch: cycled(&HATCHES, index.div_euclid(2)),
        hatch_colour: if is_dark {
            lighter(colour)
        } else {
            darker(colour)
        },
        text: if is_dark { PAPER } else { INK },
    }
}

/// Fills a rectangle in the look of `style`.
pub(super) fn fill(sheet: &mut Sheet, from: At, to: At, style: AreaStyle) {
    if from.0 >= to.0 || from.1 >= to.1 {
        return;
    }
    sheet.rectangle(from, to, style.colour);
    let (width, height) = (to.0 - from.0, to.1 - from.1);
    let is_rising = matches!(style.hatch, Hatch::Rising | Hatch::Crossed);
    let is_falling = matches!(style.hatch, Hatch::Falling | Hatch::Crossed);
    let mut offset = HATCH_PITCH - from.0.rem_euclid(HATCH_PITCH);
    while offset < width + height {
        // A stroke from bottom left to top right, cut off at the rectangle's sides.
        let low = (
            from.0 + (offset - height).max(0),
            from.1 + offset.min(height),
        );
        let high = (from.0 + offset.min(width), from.1 + (offset - width).max(0));
        if is_rising {
            sheet.line(vec![low, high], PX.unsigned_abs(), style.hatch_colour);
        }
        if is_falling {
            let mirrored = [low, high].map(|(x, y)| (from.0 + to.0 - x, y));
            sheet.line(mirrored.to_vec(), PX.unsigned_abs(), style.hatch_colour);
        }
        offset += HATCH_PITCH;
    }
}

/// Draws a line in the look of `style`, `width` sheet units thick.
pub(super) fn draw_line(sheet: &mut Sheet, points: &[At], style: LineStyle, width: u32) {
    for dash in stroke::dashes(points, style.dash) {
        sheet.line(dash, width, style.colour);
    }
}

/// Draws the marker of `style` around `centre`, with a rim of paper.
pub(super) fn draw_marker(sheet: &mut Sheet, centre: At, style: LineStyle) {
    for (radius, colour) in [(5 * PX + 1, PAPER), (4 * PX, style.colour)] {
        let corners: &[At] = match style.marker {
            Marker::Disc => {
                sheet.disc(centre, radius, colour);
                continue;
            }
            Marker::Square => &[(-9, -9), (9, -9), (9, 9), (-9, 9)],
            Marker::Triangle => &[(0, -12), (12, 9), (-12, 9)],
            Marker::Diamond => &[(0, -12), (12, 0), (0, 12), (-12, 0)],
            Marker::Wedge => &[(0, 12), (12, -9), (-12, -9)],
        };
        let tenths = |part: i32| (part * radius).div_euclid(10);
        let placed = corners
            .iter()
            .map(|&(x, y)| (centre.0 + tenths(x), centre.1 + tenths(y)));
        sheet.polygon(placed.collect(), colour);
    }
}

fn cycled<T: Copy>(list: &[T], index: usize) -> T {
    list[index.rem_euclid(list.len())]
}

/// Perceived lightness, 0 to 255.
fn luminance(RGBColor(red, green, blue): RGBColor) -> u32 {
    (u32::from(red) * 299 + u32::from(green) * 587 + u32::from(blue) * 114).div_euclid(1000)
}

fn lighter(RGBColor(red, green, blue): RGBColor) -> RGBColor {
    let raised = |channel: u8| channel + (255 - channel).div_euclid(4);
    RGBColor(raised(red), raised(green), raised(blue))
}

fn darker(RGBColor(red, green, blue): RGBColor) -> RGBColor {
    let lowered = |channel: u8| channel - channel.div_euclid(5);
    RGBColor(lowered(red), lowered(green), lowered(blue))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_areas_differ_in_grey() {
        for index in 0..16 {
            let [this, next] = [index, index + 1].map(|i| luminance(area_style(i).colour));
            assert!(
                this.abs_diff(next) >= 40,
                "areas {index} and its neighbour: {this}, {next}"
            );
        }
    }

    #[test]
    fn areas_alike_in_grey_differ_in_hatching() {
        let all: Vec<AreaStyle> = (0..8).map(area_style).collect();
        for (index, this) in all.iter().enumerate() {
            for other in all.iter().skip(index + 1) {
                let step = luminance(this.colour).abs_diff(luminance(other.colour));
                assert!(
                    this.hatch != other.hatch || step >= 40,
                    "{this:?} and {other:?}"
                );
            }
        }
    }

    #[test]
    fn neighbouring_lines_differ_in_grey_and_in_dashes() {
        for index in 0..40 {
            let [this, next] = [index, index + 1].map(line_style);
            assert!(
                luminance(this.colour).abs_diff(luminance(next.colour)) >= 15,
                "{index}"
            );
            assert_ne!((this.dash, this.marker), (next.dash, next.marker));
            assert!(luminance(this.colour) < 150, "too pale on white: {index}");
        }
    }
}
