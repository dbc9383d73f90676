//! The sheet a chart is laid out on: marks at whole quarters of a pixel, then two pictures of them.
//!
//! A layout only appends marks. [`Sheet::finish`] hands the same list to plotters twice, over the
//! SVG surface and over the PNG surface, which is why the two can never disagree.

use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, RGBColor, TextStyle};
use plotters_backend::DrawingBackend;

use super::font::Fonts;
use super::palette::{INK, MUTED, PAPER};
use super::svg::{SvgSurface, SvgText};
use super::{Chart, ChartError, Heading, png};

/// Sheet units in one pixel of the layout.
pub(super) const PX: i32 = 4;
/// Width of every chart, in sheet units.
pub(super) const WIDTH: i32 = 960 * PX;
/// Distance kept from the left and right edges, in sheet units.
pub(super) const MARGIN: i32 = 28 * PX;
/// Where the picture proper may begin, below title and subtitle, in sheet units.
pub(super) const BODY_TOP: i32 = 84 * PX;
/// Em of ordinary text, in sheet units.
pub(super) const TEXT: i32 = 12 * PX;
/// Em of axis labels and notes, in sheet units.
pub(super) const SMALL: i32 = 11 * PX + 2;

/// A place on the sheet, in sheet units from the top left.
pub(super) type At = (i32, i32);

/// One thing drawn.
#[derive(Clone)]
pub(super) enum Mark {
    /// A filled rectangle from its top left to just before its bottom right.
    Rectangle { from: At, to: At, colour: RGBColor },
    /// An open line.
    Line {
        points: Vec<At>,
        width: u32,
        colour: RGBColor,
    },
    /// A filled shape.
    Polygon { points: Vec<At>, colour: RGBColor },
    /// A filled disc.
    Disc {
        centre: At,
        radius: i32,
        colour: RGBColor,
    },
    /// A line of text.
    Text(Label),
}

/// A line of text and how it is set.
#[derive(Clone)]
pub(super) struct Label {
    text: String,
    at: At,
    size: i32,
    bold: bool,
    colour: RGBColor,
    horizontal: HPos,
}

impl Label {
    /// Ordinary text that begins at `at.0`, its capitals centred on `at.1`.
    pub(super) fn new(text: impl Into<String>, at: At) -> Self {
        let (text, size, colour) = (text.into(), TEXT, INK);
        Self {
            text,
            at,
            size,
            bold: false,
            colour,
            horizontal: HPos::Left,
        }
    }

    /// Its em, in sheet units.
    pub(super) fn size(self, size: i32) -> Self {
        Self { size, ..self }
    }

    /// In bold.
    pub(super) fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    /// In this colour.
    pub(super) fn colour(self, colour: RGBColor) -> Self {
        Self { colour, ..self }
    }

    /// Ends at its place instead of beginning there.
    pub(super) fn ending(self) -> Self {
        Self {
            horizontal: HPos::Right,
            ..self
        }
    }

    /// Has its middle at its place.
    pub(super) fn centred(self) -> Self {
        Self {
            horizontal: HPos::Center,
            ..self
        }
    }
}

/// A chart in the making.
pub(super) struct Sheet {
    /// For measuring while laying out.
    pub(super) fonts: Fonts,
    id: String,
    title: String,
    provenance: String,
    findings: Vec<String>,
    marks: Vec<Mark>,
}

impl Sheet {
    /// An empty sheet under `heading`, whose `title` is the question it answers.
    pub(super) fn new(heading: &Heading, title: &str) -> Result<Self, ChartError> {
        let digest: String = heading.digest.chars().take(12).collect();
        let provenance = format!(
            "scenario {}  ·  seed {}  ·  run {digest}",
            heading.scenario, heading.seed
        );
        let (id, title) = (identifier(&heading.id), title.to_owned());
        let (findings, marks) = (Vec::new(), Vec::new());
        Ok(Self {
            fonts: Fonts::embedded()?,
            id,
            title,
            provenance,
            findings,
            marks,
        })
    }

    /// Adds a sentence to the description that screen readers read.
    pub(super) fn finding(&mut self, sentence: String) {
        self.findings.push(sentence);
    }

    /// Adds a filled rectangle.
    pub(super) fn rectangle(&mut self, from: At, to: At, colour: RGBColor) {
        if from.0 < to.0 && from.1 < to.1 {
            self.marks.push(Mark::Rectangle { from, to, colour });
        }
    }

    /// Adds an open line, `width` sheet units thick.
    pub(super) fn line(&mut self, points: Vec<At>, width: u32, colour: RGBColor) {
        if points.len() > 1 {
            self.marks.push(Mark::Line {
                points,
                width,
                colour,
            });
        }
    }

    /// Adds a filled shape.
    pub(super) fn polygon(&mut self, points: Vec<At>, colour: RGBColor) {
        if points.len() > 2 {
            self.marks.push(Mark::Polygon { points, colour });
        }
    }

    /// Adds a filled disc.
    pub(super) fn disc(&mut self, centre: At, radius: i32, colour: RGBColor) {
        self.marks.push(Mark::Disc {
            centre,
            radius,
            colour,
        });
    }

    /// Adds a line of text.
    pub(super) fn text(&mut self, label: Label) {
        self.marks.push(Mark::Text(label));
    }

    /// Draws everything, `height` sheet units high, twice; `csv` goes along.
    pub(super) fn finish(
        self,
        name: String,
        height: i32,
        csv: String,
    ) -> Result<Chart, ChartError> {
        let size = (WIDTH.unsigned_abs(), height.unsigned_abs());
        let fonts = &self.fonts;
        let mut marks = vec![Mark::Rectangle {
            from: (0, 0),
            to: (WIDTH, height),
            colour: PAPER,
        }];
        marks.extend(self.header());
        marks.extend(self.marks.iter().cloned());

        let description = format!("{}. {}", self.provenance, self.findings.join(" "));
        let text = SvgText {
            id: &self.id,
            title: &self.title,
            description: &description,
        };
        let mut svg = String::new();
        paint(&marks, SvgSurface::new(&mut svg, fonts, size, text))?;
        let png = png::render(size, fonts, |surface| paint(&marks, surface))?;
        Ok(Chart {
            name,
            svg,
            png,
            csv,
        })
    }

    fn header(&self) -> [Mark; 2] {
        let room = WIDTH - 2 * MARGIN;
        let title = self.fonts.elide(&self.title, 19 * PX, true, room);
        let provenance = self.fonts.elide(&self.provenance, TEXT, false, room);
        [
            Mark::Text(Label::new(title, (MARGIN, 34 * PX)).size(19 * PX).bold()),
            Mark::Text(Label::new(provenance, (MARGIN, 57 * PX)).colour(MUTED)),
        ]
    }
}

/// `text` with everything but letters, digits, `-` and `_` as `-`: for ids and file names.
pub(super) fn identifier(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    text.chars()
        .map(|c| if plain(c) { c } else { '-' })
        .collect()
}

/// Draws `marks` in order on `surface`, through plotters.
fn paint<S: DrawingBackend>(marks: &[Mark], surface: S) -> Result<(), ChartError> {
    let area = surface.into_drawing_area();
    for mark in marks {
        paint_one(mark, &area)?;
    }
    area.present()
        .map_err(|cause| ChartError::Drawing(cause.to_string()))
}

fn paint_one<S: DrawingBackend>(
    mark: &Mark,
    area: &DrawingArea<S, Shift>,
) -> Result<(), ChartError> {
    let drawn = match mark {
        Mark::Rectangle { from, to, colour } => {
            area.draw(&Rectangle::new([*from, *to], colour.filled()))
        }
        Mark::Line {
            points,
            width,
            colour,
        } => area.draw(&PathElement::new(
            points.as_slice(),
            colour.stroke_width(*width),
        )),
        Mark::Polygon { points, colour } => {
            area.draw(&Polygon::new(points.as_slice(), colour.filled()))
        }
        Mark::Disc {
            centre,
            radius,
            colour,
        } => area.draw(&Circle::new(*centre, *radius, colour.filled())),
        Mark::Text(label) => {
            let cut = if label.bold {
                FontStyle::Bold
            } else {
                FontStyle::Normal
            };
            let font = FontDesc::new(FontFamily::SansSerif, f64::from(label.size), cut);
            let anchor = Pos::new(label.horizontal, VPos::Center);
            let style = TextStyle::from(font).color(&label.colour).pos(anchor);
            area.draw(&Text::new(label.text.as_str(), label.at, style))
        }
    };
    drawn.map_err(|cause| ChartError::Drawing(cause.to_string()))
}
