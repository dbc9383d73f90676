//! Panels and their axes: a thin grid, round numbers, and words that say the unit.

use super::format;
use super::palette::{AXIS, GRID, INK, MUTED};
use super::scale::{Scale, ticks, time_steps};
use super::sheet::{Label, MARGIN, PX, SMALL, Sheet, TEXT};

/// Thickness of grid and axis lines, in sheet units.
const HAIR: i32 = 3;

/// The rectangle that data is drawn in, in sheet units.
#[derive(Clone, Copy, Debug)]
pub(super) struct Panel {
    /// Left edge.
    pub(super) left: i32,
    /// Right edge.
    pub(super) right: i32,
    /// Upper edge.
    pub(super) top: i32,
    /// Lower edge.
    pub(super) bottom: i32,
}

/// A tick: the value and the words for it.
pub(super) type Tick = (i128, String);

impl Panel {
    /// The range for a vertical scale: bottom first.
    pub(super) fn upwards(self) -> (i32, i32) {
        (self.bottom, self.top)
    }

    /// The range for a horizontal scale: left first.
    pub(super) fn rightwards(self) -> (i32, i32) {
        (self.left, self.right)
    }

    /// Says `words` in its middle, where there is nothing to draw.
    pub(super) fn note(self, sheet: &mut Sheet, words: &str) {
        let middle = (
            (self.left + self.right).div_euclid(2),
            (self.top + self.bottom).div_euclid(2),
        );
        sheet.finding(words.to_owned());
        sheet.text(
            Label::new(words, middle)
                .size(15 * PX)
                .colour(MUTED)
                .centred(),
        );
    }

    /// What it shows and in which unit, above its upper left corner; `note` follows in grey.
    pub(super) fn heading(self, sheet: &mut Sheet, words: &str, note: &str) {
        let y = self.top - 17 * PX;
        let after = self.left + sheet.fonts.width(words, TEXT, true) + 10 * PX;
        sheet.text(Label::new(words, (self.left, y)).bold());
        if !note.is_empty() {
            sheet.text(Label::new(note, (after, y)).colour(MUTED));
        }
    }
}

/// How far from the sheet's left edge a panel must begin to leave room for these labels.
pub(super) fn gutter<'a>(sheet: &Sheet, labels: impl IntoIterator<Item = &'a Tick>) -> i32 {
    let width = |tick: &Tick| sheet.fonts.width(&tick.1, SMALL, false);
    MARGIN + labels.into_iter().map(width).max().unwrap_or(0) + 9 * PX
}

/// Level grid lines with labels to the left; the line at zero is darker.
pub(super) fn level_grid(sheet: &mut Sheet, panel: Panel, scale: &Scale, labels: &[Tick]) {
    for (value, words) in labels {
        let y = scale.at(*value);
        let colour = if *value == 0 { AXIS } else { GRID };
        sheet.rectangle((panel.left, y - 1), (panel.right, y - 1 + HAIR), colour);
        let at = (panel.left - 9 * PX, y);
        sheet.text(
            Label::new(words.as_str(), at)
                .size(SMALL)
                .colour(MUTED)
                .ending(),
        );
    }
}

/// Upright grid lines with labels below; the line at zero is darker and `title` says the unit.
pub(super) fn upright_grid(sheet: &mut Sheet, panel: Panel, marks: &[(i32, String)], title: &str) {
    for (x, words) in marks {
        sheet.rectangle((x - 1, panel.top), (x - 1 + HAIR, panel.bottom), GRID);
        let at = (*x, panel.bottom + 14 * PX);
        sheet.text(
            Label::new(words.as_str(), at)
                .size(SMALL)
                .colour(MUTED)
                .centred(),
        );
    }
    let middle = (panel.left + panel.right).div_euclid(2);
    let at = (middle, panel.bottom + 35 * PX);
    sheet.text(Label::new(title, at).size(SMALL).colour(INK).centred());
}

/// A time axis below `panel` (titled, if it is the lowest of its sheet), and its scale.
pub(super) fn time_axis(
    sheet: &mut Sheet,
    panel: Panel,
    (start_ms, end_ms): (u64, u64),
    is_lowest: bool,
) -> Scale {
    let range = (i128::from(start_ms), i128::from(end_ms));
    let scale = Scale::new(range, panel.rightwards());
    let found = ticks(range, time_steps(), 9);
    let step_ms = u64::try_from(found.step).unwrap_or(1);
    let within = found
        .values
        .into_iter()
        .filter_map(|tick| u64::try_from(tick).ok());
    let marks: Vec<(i32, String)> = within
        .filter(|ms| (start_ms..=end_ms).contains(ms))
        .map(|ms| {
            let words = if is_lowest {
                format::time_tick(ms, step_ms)
            } else {
                String::new()
            };
            (scale.at(ms.into()), words)
        })
        .collect();
    if is_lowest {
        upright_grid(sheet, panel, &marks, "time since the start of the scenario");
    } else {
        for (x, _) in marks {
            sheet.rectangle((x - 1, panel.top), (x - 1 + HAIR, panel.bottom), GRID);
        }
    }
    scale
}
