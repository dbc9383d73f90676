//! Whether images and layers of one name are the same wherever the scenario has them.
//!
//! Instances keep what they have pulled by its name alone, so that a name with two sizes would mean
//! whichever comes first.

use std::collections::BTreeMap;

use super::super::codes::CONFLICT;
use super::super::document::{Origin, Problems};
use crate::diagnostic::Diagnostic;
use crate::model::{Image, Layer};

/// An image as the scenario writes it.
pub(super) struct WrittenImage {
    pub(super) image: Image,
    /// Where its size stands, or else its name or its layers.
    pub(super) origin: Origin,
    /// Where each of its layers stands.
    pub(super) layers: Vec<Origin>,
}

/// Reports images and layers that had another size in an earlier definition. Of one definition the
/// images have been judged already.
pub(super) fn check(definitions: &[(String, Vec<WrittenImage>)], problems: &mut Problems) {
    let mut images: BTreeMap<&str, (&Image, usize)> = BTreeMap::new();
    let mut layers: BTreeMap<&str, (&Layer, &str)> = BTreeMap::new();
    for (number, (_, written)) in definitions.iter().enumerate() {
        for WrittenImage {
            image,
            origin,
            layers: places,
        } in written
        {
            let (known, first) = *images.entry(&image.name).or_insert((image, number));
            if !are_same(known, image) {
                if first != number {
                    let diagnostic = other_image(image, known, &definitions[first].0);
                    problems.push(origin, diagnostic);
                }
                continue;
            }
            for (layer, place) in image.layers.iter().zip(places) {
                let (known, of) = *layers.entry(&layer.name).or_insert((layer, &image.name));
                if known.kilobytes != layer.kilobytes {
                    problems.push(place, other_layer(layer, known, of));
                }
            }
        }
    }
}

/// Whether both have one size and the same layers, in whatever order.
fn are_same(one: &Image, other: &Image) -> bool {
    let sorted = |image: &Image| {
        let mut layers = image.layers.clone();
        layers.sort_unstable();
        layers
    };
    one.kilobytes == other.kilobytes && sorted(one) == sorted(other)
}

fn other_image(image: &Image, known: &Image, definition: &str) -> Diagnostic {
    let name = &image.name;
    let message = if image.kilobytes == known.kilobytes {
        format!("image `{name}` has other layers here than in task definition `{definition}`")
    } else {
        let (here, there) = (size(image.kilobytes), size(known.kilobytes));
        format!("image `{name}` has {here} here, and {there} in task definition `{definition}`")
    };
    Diagnostic::error(CONFLICT, message)
        .hint("an image of one name is the same everywhere: give another one another name or tag")
}

fn other_layer(layer: &Layer, known: &Layer, image: &str) -> Diagnostic {
    let (here, there) = (size(layer.kilobytes), size(known.kilobytes));
    let message = format!(
        "layer `{}` has {here} here, and {there} in image `{image}`",
        layer.name
    );
    Diagnostic::error(CONFLICT, message)
        .hint("a layer of one name is the same everywhere: give another one another name")
}

/// In the larger unit that leaves it whole.
fn size(kilobytes: u64) -> String {
    if kilobytes.rem_euclid(1_000) == 0 {
        format!("{} MB", kilobytes.div_euclid(1_000))
    } else {
        format!("{kilobytes} kB")
    }
}
