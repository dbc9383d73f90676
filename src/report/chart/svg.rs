//! A plotters surface that writes small, readable SVG.
//!
//! Coordinates arrive in quarters of a pixel and leave with at most two decimals. Every letter's
//! outline is defined once and used wherever it occurs; the letters of a line share a group whose
//! `aria-label` is the line itself, so that a picture still diffs, and greps, as text. Lines of one
//! colour and thickness that follow one another become one path.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Write;

use ab_glyph::GlyphId;
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontStyle, FontTransform,
};

use super::font::{CAP_HEIGHT_MILLI_EM, Fonts, Line, scaled};

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

/// What the document says about itself.
#[derive(Clone, Copy)]
pub(super) struct SvgText<'a> {
    /// Prefix of every id; letters, digits, `-` and `_` only.
    pub(super) id: &'a str,
    /// The accessible name.
    pub(super) title: &'a str,
    /// The accessible description.
    pub(super) description: &'a str,
}

/// The surface. The document is in `out` once plotters has presented it.
pub(super) struct SvgSurface<'a> {
    out: &'a mut String,
    fonts: &'a Fonts,
    size: (u32, u32),
    text: SvgText<'a>,
    glyphs: BTreeMap<(bool, GlyphId), String>,
    body: String,
    stroke: Option<Stroke>,
}

/// Lines drawn but not yet written, because the next may join them.
struct Stroke {
    style: String,
    path: String,
}

impl<'a> SvgSurface<'a> {
    /// An empty surface of `size` quarters of a pixel, which will write to `out`.
    pub(super) fn new(
        out: &'a mut String,
        fonts: &'a Fonts,
        size: (u32, u32),
        text: SvgText<'a>,
    ) -> Self {
        let (glyphs, body) = (BTreeMap::new(), String::new());
        Self {
            out,
            fonts,
            size,
            text,
            glyphs,
            body,
            stroke: None,
        }
    }

    fn push(&mut self, element: &str) {
        if let Some(Stroke { style, path }) = self.stroke.take() {
            writeln!(self.body, "<path d=\"{path}\" {style}/>").unwrap_or_default();
        }
        self.body.push_str(element);
    }

    fn push_stroke(&mut self, style: String, path: &str) {
        match &mut self.stroke {
            Some(stroke) if stroke.style == style => stroke.path.push_str(path),
            _ => {
                self.push("");
                self.stroke = Some(Stroke {
                    style,
                    path: path.to_owned(),
                });
            }
        }
    }

    /// The letters of `line` as uses of their definitions.
    fn uses(&mut self, line: &Line, bold: bool) -> String {
        let mut uses = String::new();
        for glyph in &line.glyphs {
            let Some(path) = self.fonts.path_data(glyph.id, bold) else {
                continue;
            };
            let name = glyph_name(self.text.id, bold, glyph.id);
            self.glyphs.entry((bold, glyph.id)).or_insert(path);
            let x = glyph.x_milli_em;
            let place = if x == 0 {
                String::new()
            } else {
                format!(" x=\"{x}\"")
            };
            write!(uses, "<use href=\"#{name}\"{place}/>").unwrap_or_default();
        }
        uses
    }
}

impl DrawingBackend for SvgSurface<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        self.push("");
        let SvgText {
            id,
            title,
            description,
        } = self.text;
        let (title, description) = (escaped(title), escaped(description));
        let [width, height] = [self.size.0, self.size.1].map(|side| side.div_ceil(4));
        self.out.clear();
        write!(
            self.out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
             role=\"img\" aria-labelledby=\"{id}-title {id}-desc\">\n\
             <title id=\"{id}-title\">{title}</title>\n\
             <desc id=\"{id}-desc\">{description}</desc>\n<defs>\n"
        )
        .unwrap_or_default();
        for ((bold, glyph), path) in &self.glyphs {
            let name = glyph_name(id, *bold, *glyph);
            writeln!(self.out, "<path id=\"{name}\" d=\"{path}\"/>").unwrap_or_default();
        }
        write!(self.out, "</defs>\n{}</svg>\n", self.body).unwrap_or_default();
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, colour: BackendColor) -> Drawn {
        self.draw_rect((x, y), (x + 1, y + 1), &colour, true)
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (left, top): BackendCoord,
        (right, bottom): BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        if !fill {
            let corners = [
                (left, top),
                (right, top),
                (right, bottom),
                (left, bottom),
                (left, top),
            ];
            return self.draw_path(corners, style);
        }
        let [x, y, width, height] = [left, top, right - left, bottom - top].map(quarters);
        let paint = paint("fill", style.color());
        self.push(&format!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" {paint}/>\n"
        ));
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let width = i32::try_from(style.stroke_width()).unwrap_or(i32::MAX);
        let paint = paint("stroke", style.color());
        let style = format!(
            "fill=\"none\" {paint} stroke-width=\"{}\" stroke-linejoin=\"round\"",
            quarters(width)
        );
        self.push_stroke(style, &path_data(path));
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        (x, y): BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let radius = i32::try_from(radius).unwrap_or(i32::MAX);
        let [x, y, radius] = [x, y, radius].map(quarters);
        let paint = if fill {
            paint("fill", style.color())
        } else {
            format!("fill=\"none\" {}", paint("stroke", style.color()))
        };
        self.push(&format!(
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" {paint}/>\n"
        ));
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        corners: I,
        style: &S,
    ) -> Drawn {
        let paint = paint("fill", style.color());
        self.push(&format!("<path d=\"{}Z\" {paint}/>\n", path_data(corners)));
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, at: BackendCoord) -> Drawn {
        let setting = Setting::of(text, style, self.fonts);
        let uses = self.uses(&setting.line, setting.bold);
        let [x, y, dx, dy] = [at.0, at.1, setting.dx, setting.dy].map(quarters);
        let place = match style.transform() {
            FontTransform::None => {
                let [x, y] = [at.0 + setting.dx, at.1 + setting.dy].map(quarters);
                format!("translate({x} {y})")
            }
            FontTransform::Rotate90 => format!("translate({x} {y})rotate(90)translate({dx} {dy})"),
            FontTransform::Rotate180 => {
                format!("translate({x} {y})rotate(180)translate({dx} {dy})")
            }
            FontTransform::Rotate270 => {
                format!("translate({x} {y})rotate(270)translate({dx} {dy})")
            }
        };
        let (label, paint) = (escaped(text), paint("fill", style.color()));
        let scale = thousandth_of_quarters(setting.size);
        self.push(&format!(
            "<g aria-label=\"{label}\" transform=\"{place}scale({scale})\" {paint}>{uses}</g>\n"
        ));
        Ok(())
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        Ok(Setting::of(text, style, self.fonts).extent())
    }
}

/// A line of text as both surfaces set it: letters, size, and the way from its place to where its
/// first letter stands.
pub(super) struct Setting {
    /// The letters.
    pub(super) line: Line,
    /// Whether they are bold.
    pub(super) bold: bool,
    /// Their em, in surface units.
    pub(super) size: i32,
    /// From the text's place to its origin, rightwards, in surface units.
    pub(super) dx: i32,
    /// From the text's place to its baseline, downwards, in surface units.
    pub(super) dy: i32,
}

impl Setting {
    /// Sets `text` as `style` asks; the capitals' height is what is aligned vertically.
    pub(super) fn of<S: BackendTextStyle>(text: &str, style: &S, fonts: &Fonts) -> Self {
        let bold = matches!(style.style(), FontStyle::Bold);
        let line = fonts.set(text, bold);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "text is set in whole units"
        )]
        let size = style.size().round() as i32;
        let (width, height) = (
            scaled(line.width_milli_em, size),
            scaled(CAP_HEIGHT_MILLI_EM, size),
        );
        let anchor = style.anchor();
        let dx = match anchor.h_pos {
            HPos::Left => 0,
            HPos::Center => -width.div_euclid(2),
            HPos::Right => -width,
        };
        let dy = match anchor.v_pos {
            VPos::Top => height,
            VPos::Center => height.div_euclid(2),
            VPos::Bottom => 0,
        };
        Self {
            line,
            bold,
            size,
            dx,
            dy,
        }
    }

    /// Width and height of its capitals, in surface units.
    pub(super) fn extent(&self) -> (u32, u32) {
        let lengths = [self.line.width_milli_em, CAP_HEIGHT_MILLI_EM];
        let [width, height] = lengths.map(|length| scaled(length, self.size).unsigned_abs());
        (width, height)
    }
}

fn glyph_name(prefix: &str, bold: bool, glyph: GlyphId) -> String {
    format!("{prefix}-{}{}", if bold { 'b' } else { 'r' }, glyph.0)
}

/// `fill` or `stroke` with its colour, and an opacity where it is not solid.
fn paint(property: &str, colour: BackendColor) -> String {
    let (red, green, blue) = colour.rgb;
    let solid = format!("{property}=\"#{red:02x}{green:02x}{blue:02x}\"");
    if colour.alpha < 1.0 {
        format!("{solid} {property}-opacity=\"{:.2}\"", colour.alpha)
    } else {
        solid
    }
}

/// Path data through `points`, with the short commands for level and upright strokes.
fn path_data(points: impl IntoIterator<Item = BackendCoord>) -> String {
    let mut path = String::new();
    let mut pen: Option<BackendCoord> = None;
    for (x, y) in points {
        let step = match pen {
            None => format!("M{} {}", quarters(x), quarters(y)),
            Some(last) if last == (x, y) => String::new(),
            Some((_, level)) if level == y => format!("H{}", quarters(x)),
            Some((upright, _)) if upright == x => format!("V{}", quarters(y)),
            Some(_) => format!("L{} {}", quarters(x), quarters(y)),
        };
        path.push_str(&step);
        pen = Some((x, y));
    }
    path
}

/// A length in quarters of a pixel, in pixels.
fn quarters(length: i32) -> String {
    let sign = if length < 0 { "-" } else { "" };
    let whole = length.unsigned_abs().div_euclid(4);
    let rest = ["", ".25", ".5", ".75"][usize::from(length.unsigned_abs().to_le_bytes()[0] & 3)];
    format!("{sign}{whole}{rest}")
}

/// A thousandth of a positive length in quarters of a pixel, in pixels.
fn thousandth_of_quarters(length: i32) -> String {
    let hundred_thousandths = length.unsigned_abs().saturating_mul(25);
    let whole = hundred_thousandths.div_euclid(100_000);
    let digits = format!("{whole}.{:05}", hundred_thousandths.rem_euclid(100_000));
    digits
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_owned()
}

/// `text` for XML: markup escaped, and what XML forbids left out.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\t' | '\n' | '\r' => safe.push(' '),
            '\u{fffe}' | '\u{ffff}' => {}
            other if other.is_control() => {}
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_no_more_digits_than_they_need() {
        let written = [0, 1, 6, 7, -1, -6, 3840].map(quarters);
        assert_eq!(
            written,
            ["0", "0.25", "1.5", "1.75", "-0.25", "-1.5", "960"]
        );
        assert_eq!(
            [48, 46, 4].map(thousandth_of_quarters),
            ["0.012", "0.0115", "0.001"]
        );
    }

    #[test]
    fn text_is_escaped_and_cleaned() {
        assert_eq!(
            escaped("a<b> & \"c\"\u{1}\n"),
            "a&lt;b&gt; &amp; &quot;c&quot; "
        );
    }

    #[test]
    fn paths_use_short_commands() {
        let path = path_data([(0, 0), (4, 0), (4, 8), (4, 8), (8, 9)]);
        assert_eq!(path, "M0 0H1V2L2 2.25");
    }
}
