//! A plotters surface for pixels, smoother than plotters' own, and its PNG.
//!
//! The sheet has four units to a pixel of the layout. It is drawn with one dot per unit and then
//! halved, so that the picture has two dots per pixel of the layout, each the mean of four: lines
//! and slopes come out smooth although plotters' bitmap has hard edges.

use plotters::backend::BitMapBackend;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};

use super::ChartError;
use super::font::Fonts;
use super::stroke;
use super::svg::Setting;

/// A bitmap whose shapes cover exactly what the SVG's cover, and whose text is set alike.
pub(super) struct PngSurface<'a> {
    bitmap: BitMapBackend<'a>,
    fonts: &'a Fonts,
}

type Problem<'a> = <BitMapBackend<'a> as DrawingBackend>::ErrorType;
type Drawn<'a> = Result<(), DrawingErrorKind<Problem<'a>>>;

/// Lets `draw` draw on a surface of `size` units and packs the result, half that size, as a PNG.
pub(super) fn render(
    size: (u32, u32),
    fonts: &Fonts,
    draw: impl FnOnce(PngSurface<'_>) -> Result<(), ChartError>,
) -> Result<Vec<u8>, ChartError> {
    let [width, height] = [size.0, size.1].map(|side| usize::try_from(side).unwrap_or_default());
    let mut dots = vec![0; width * height * 3];
    draw(PngSurface {
        bitmap: BitMapBackend::with_buffer(&mut dots, size),
        fonts,
    })?;
    let halved = halved(&dots, width * 3);
    packed(&halved, (size.0.div_euclid(2), size.1.div_euclid(2)))
        .map_err(|cause| ChartError::Png(cause.to_string()))
}

/// Each dot the mean of two by two; `stride` is the bytes in a row, and both sides are even.
fn halved(dots: &[u8], stride: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(dots.len().div_euclid(4));
    for rows in dots.chunks_exact(stride * 2) {
        let (upper, lower) = rows.split_at(stride);
        for (above, below) in upper.chunks_exact(6).zip(lower.chunks_exact(6)) {
            for channel in 0..3 {
                let four = [
                    above[channel],
                    above[channel + 3],
                    below[channel],
                    below[channel + 3],
                ];
                let sum: u16 = four.into_iter().map(u16::from).sum();
                out.push((sum + 2).div_euclid(4).to_le_bytes()[0]);
            }
        }
    }
    out
}

fn packed(dots: &[u8], (width, height): (u32, u32)) -> Result<Vec<u8>, png::EncodingError> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_filter(png::FilterType::Up);
    encoder.set_compression(png::Compression::Default);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(dots)?;
    writer.finish()?;
    Ok(out)
}

impl<'a> DrawingBackend for PngSurface<'a> {
    type ErrorType = Problem<'a>;

    fn get_size(&self) -> (u32, u32) {
        self.bitmap.get_size()
    }

    fn ensure_prepared(&mut self) -> Drawn<'a> {
        self.bitmap.ensure_prepared()
    }

    fn present(&mut self) -> Drawn<'a> {
        self.bitmap.present()
    }

    fn draw_pixel(&mut self, at: BackendCoord, colour: BackendColor) -> Drawn<'a> {
        self.bitmap.draw_pixel(at, colour)
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Drawn<'a> {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (left, top): BackendCoord,
        (right, bottom): BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn<'a> {
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
        self.bitmap
            .draw_rect((left, top), (right, bottom), style, true)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn<'a> {
        let points: Vec<BackendCoord> = path.into_iter().collect();
        let width = i32::try_from(style.stroke_width()).unwrap_or(i32::MAX);
        for outline in stroke::outlines(&points, width) {
            self.fill_polygon(outline, &style.color())?;
        }
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        corners: I,
        style: &S,
    ) -> Drawn<'a> {
        let corners: Vec<BackendCoord> = corners.into_iter().collect();
        for (y, left, right) in stroke::spans(&corners) {
            self.draw_rect((left, y), (right, y + 1), style, true)?;
        }
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        centre: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn<'a> {
        if !fill {
            return self.bitmap.draw_circle(centre, radius, style, false);
        }
        self.fill_polygon(
            stroke::disc(centre, i32::try_from(radius).unwrap_or(i32::MAX)),
            style,
        )
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        at: BackendCoord,
    ) -> Drawn<'a> {
        let setting = Setting::of(text, style, self.fonts);
        let turn = style.transform();
        for glyph in &setting.line.glyphs {
            let x = super::font::scaled(glyph.x_milli_em, setting.size);
            let origin = (setting.dx + x, setting.dy);
            let Some(ink) = self
                .fonts
                .outlined(glyph.id, setting.bold, setting.size, origin)
            else {
                continue;
            };
            let corner = ink.px_bounds().min;
            #[expect(clippy::cast_possible_truncation, reason = "bounds are whole pixels")]
            let (left, top) = (corner.x as i32, corner.y as i32);
            let mut dots = Vec::new();
            ink.draw(|x, y, cover| dots.push((x, y, cover)));
            for (x, y, cover) in dots {
                let (x, y) = turn.transform(
                    left.saturating_add_unsigned(x),
                    top.saturating_add_unsigned(y),
                );
                let colour = style.color().mix(f64::from(cover.min(1.0)));
                self.bitmap.draw_pixel((at.0 + x, at.1 + y), colour)?;
            }
        }
        Ok(())
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Problem<'a>>> {
        Ok(Setting::of(text, style, self.fonts).extent())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halving_takes_the_mean_of_four() {
        let dots = [0, 0, 0, 4, 8, 255, 0, 0, 0, 4, 8, 255];
        assert_eq!(halved(&dots, 6), [2, 4, 128]);
    }
}
