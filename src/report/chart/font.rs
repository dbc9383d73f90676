//! The one typeface of all charts, embedded: widths, eliding and outlines.
//!
//! Text is measured in thousandths of an em, rounded once per letter, so that a line is exactly as
//! wide in the SVG as in the PNG and on every machine. Floats appear where the font file has them.

#![expect(clippy::float_arithmetic, reason = "font units become pixels here")]

use std::fmt::Write;

use ab_glyph::{Font, FontRef, GlyphId, OutlineCurve, OutlinedGlyph, Point, PxScale, point};

use super::ChartError;

/// Height of a capital letter in thousandths of an em: what text is centred on.
pub(super) const CAP_HEIGHT_MILLI_EM: i32 = 729;

/// The regular and the bold cut.
pub(super) struct Fonts {
    regular: FontRef<'static>,
    bold: FontRef<'static>,
}

/// One letter of a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlacedGlyph {
    /// Which outline.
    pub(super) id: GlyphId,
    /// Distance of its origin from the line's, in thousandths of an em.
    pub(super) x_milli_em: i32,
}

/// A line of text, set.
#[derive(Debug)]
pub(super) struct Line {
    /// Its letters, from left to right.
    pub(super) glyphs: Vec<PlacedGlyph>,
    /// Its width in thousandths of an em.
    pub(super) width_milli_em: i32,
}

impl Fonts {
    /// Reads the embedded font.
    pub(super) fn embedded() -> Result<Self, ChartError> {
        let read = |bytes| FontRef::try_from_slice(bytes).map_err(|_| ChartError::Font);
        Ok(Self {
            regular: read(dejavu::sans::regular())?,
            bold: read(dejavu::sans::bold())?,
        })
    }

    /// Sets `text` on one line, with kerning.
    pub(super) fn set(&self, text: &str, bold: bool) -> Line {
        let font = self.cut(bold);
        let mut line = Line {
            glyphs: Vec::new(),
            width_milli_em: 0,
        };
        for letter in text.chars() {
            let id = font.glyph_id(letter);
            if let Some(previous) = line.glyphs.last() {
                line.width_milli_em += milli_em(font, font.kern_unscaled(previous.id, id));
            }
            line.glyphs.push(PlacedGlyph {
                id,
                x_milli_em: line.width_milli_em,
            });
            line.width_milli_em += milli_em(font, font.h_advance_unscaled(id));
        }
        line
    }

    /// Width of `text` whose em is `size`, in the unit of `size`, rounded up.
    pub(super) fn width(&self, text: &str, size: i32, bold: bool) -> i32 {
        scaled(self.set(text, bold).width_milli_em, size) + 1
    }

    /// `text`, or as much of its beginning and end as fits into `width` around an ellipsis.
    ///
    /// The end is kept because long names tend to differ there.
    pub(super) fn elide(&self, text: &str, size: i32, bold: bool, width: i32) -> String {
        if self.width(text, size, bold) <= width {
            return text.to_owned();
        }
        let letters: Vec<char> = text.chars().collect();
        (2..letters.len())
            .rev()
            .map(|kept| {
                let tail = (2 * kept).div_euclid(5);
                let head: String = letters.iter().take(kept - tail).collect();
                let end: String = letters.iter().skip(letters.len() - tail).collect();
                format!("{head}…{end}")
            })
            .find(|candidate| self.width(candidate, size, bold) <= width)
            .unwrap_or_else(|| "…".to_owned())
    }

    /// The outline of a letter as SVG path data, in thousandths of an em, y downwards; `None` for
    /// letters without ink.
    pub(super) fn path_data(&self, id: GlyphId, bold: bool) -> Option<String> {
        let font = self.cut(bold);
        let at = |p: Point| (milli_em(font, p.x), -milli_em(font, p.y));
        let mut path = String::new();
        let mut pen = None;
        for curve in font.outline(id)?.curves {
            let (from, through, to) = match curve {
                OutlineCurve::Line(a, b) => (at(a), vec![], at(b)),
                OutlineCurve::Quad(a, b, c) => (at(a), vec![at(b)], at(c)),
                OutlineCurve::Cubic(a, b, c, d) => (at(a), vec![at(b), at(c)], at(d)),
            };
            if pen != Some(from) {
                path.push_str(if pen.is_some() { "ZM" } else { "M" });
                push_point(&mut path, from);
            }
            path.push_str(["L", "Q", "C"].get(through.len()).copied().unwrap_or("L"));
            for (index, control) in through.into_iter().chain([to]).enumerate() {
                if index > 0 {
                    path.push(' ');
                }
                push_point(&mut path, control);
            }
            pen = Some(to);
        }
        if pen.is_some() {
            path.push('Z');
        }
        (!path.is_empty()).then_some(path)
    }

    /// A letter whose em is `size` pixels, with its origin at (`x`, `y`) pixels, ready to be
    /// rasterized; `None` for letters without ink.
    pub(super) fn outlined(
        &self,
        id: GlyphId,
        bold: bool,
        size: i32,
        (x, y): (i32, i32),
    ) -> Option<OutlinedGlyph> {
        let font = self.cut(bold);
        let em = font.units_per_em().unwrap_or(1000.0);
        let scale = PxScale::from(pixels(size) * font.height_unscaled() / em);
        font.outline_glyph(id.with_scale_and_position(scale, point(pixels(x), pixels(y))))
    }

    fn cut(&self, bold: bool) -> &FontRef<'static> {
        if bold { &self.bold } else { &self.regular }
    }
}

/// A length of `milli_em` thousandths where the em is `size`, in the unit of `size`.
pub(super) fn scaled(milli_em: i32, size: i32) -> i32 {
    let product = i64::from(milli_em) * i64::from(size) + 500;
    i32::try_from(product.div_euclid(1000)).unwrap_or(i32::MAX)
}

fn push_point(path: &mut String, (x, y): (i32, i32)) {
    let gap = if y < 0 { "" } else { " " };
    write!(path, "{x}{gap}{y}").unwrap_or_default();
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a letter is a few thousand units wide"
)]
fn milli_em(font: &FontRef<'static>, units: f32) -> i32 {
    (units * 1000.0 / font.units_per_em().unwrap_or(1000.0)).round() as i32
}

#[expect(
    clippy::cast_precision_loss,
    reason = "pixels stay far below the 24 bits of an f32"
)]
fn pixels(whole: i32) -> f32 {
    whole as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_keep_their_ends() {
        let fonts = Fonts::embedded().unwrap();
        let name = "production-eu-central-1-batch-workers-blue";
        let short = fonts.elide(name, 48, false, 600);

        assert!(short.starts_with("production") && short.contains('…') && short.ends_with("blue"));
        assert!(fonts.width(&short, 48, false) <= 600);
        assert_eq!(fonts.elide("ec2", 48, false, 600), "ec2");
        assert_eq!(fonts.elide("ec2", 48, false, 0), "…");
    }

    #[test]
    fn outlines_are_whole_numbers_and_closed() {
        let fonts = Fonts::embedded().unwrap();
        let line = fonts.set("1 i", false);
        let one = fonts.path_data(line.glyphs[0].id, false).unwrap();

        assert!(
            one.starts_with('M') && one.ends_with('Z') && !one.contains('.'),
            "{one}"
        );
        assert_eq!(fonts.path_data(line.glyphs[1].id, false), None);
        assert_eq!(
            fonts
                .path_data(line.glyphs[2].id, true)
                .unwrap()
                .matches('Z')
                .count(),
            2
        );
    }
}
