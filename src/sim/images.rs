//! Images on their way to tasks: what an instance has of them already, and how long the rest takes.
//!
//! ```text
//!  image  = its own layers + layers that others have too
//!  pull   = nothing of it there: latency, and all its bytes
//!           some layers there:   latency, and the bytes of the others
//!           the image there:     the whole pull of an image that is there
//! ```
//!
//! An instance keeps what it has pulled; a Fargate task begins with nothing, and pulls a layer that
//! two of its images have only once.
//!
//! Source: Amazon ECS container agent, image pull behaviour: layers that are there are not pulled
//! again. AWS Fargate: no image is kept.

use std::collections::BTreeMap;

use crate::model::{ContainerInstanceId, Image, ImagePull};
use crate::units::{SimDuration, SimTime};

/// Numbers for images and layers, by name.
#[derive(Debug, Default)]
pub(super) struct ImageNumbers {
    images: BTreeMap<String, u32>,
    layers: BTreeMap<String, u32>,
    given: u32,
}

/// An image that tasks of a kind pull.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pull {
    number: u32,
    /// Kilobytes that no other image has.
    own: u64,
    /// Layers that others may have: number and kilobytes.
    layers: Vec<(u32, u64)>,
}

/// What instances have, and from when on.
#[derive(Debug, Default)]
pub(super) struct KeptImages {
    /// By instance.
    there: Vec<Vec<(u32, SimTime)>>,
}

impl ImageNumbers {
    /// The pull of an image.
    pub(super) fn pull(&mut self, image: &Image) -> Pull {
        let given = &mut self.given;
        let mut next = || {
            *given += 1;
            *given
        };
        let number = *self
            .images
            .entry(image.name.clone())
            .or_insert_with(&mut next);
        let mut own = image.kilobytes;
        let mut layers = Vec::new();
        for layer in &image.layers {
            own = own.saturating_sub(layer.kilobytes);
            let known = self.layers.entry(layer.name.clone());
            layers.push((*known.or_insert_with(&mut next), layer.kilobytes));
        }
        Pull {
            number,
            own,
            layers,
        }
    }
}

impl KeptImages {
    /// How long an instance takes to have all these images, one after the other. What another task
    /// is pulling is there when that one has it.
    pub(super) fn pull(
        &mut self,
        id: ContainerInstanceId,
        images: &[Pull],
        (how, now): (&ImagePull, SimTime),
    ) -> SimDuration {
        if self.there.len() <= id.index() {
            self.there.resize(id.index() + 1, Vec::new());
        }
        let there = &mut self.there[id.index()];
        let mut at = now;
        for image in images {
            let since = |number: u32, there: &[(u32, SimTime)]| {
                let known = there.iter().find(|(known, _)| *known == number);
                known.map(|(_, from)| *from)
            };
            if let (Some(from), Some(cached)) = (since(image.number, there), how.cached) {
                at = from.max(at + cached);
                continue;
            }
            let mut kilobytes = image.own;
            let mut others = at;
            for (layer, size) in &image.layers {
                match since(*layer, there) {
                    Some(from) => others = others.max(from),
                    None => kilobytes += size,
                }
            }
            at = others.max(at + pull_time(how, kilobytes));
            if how.cached.is_some() {
                let layers = image.layers.iter().map(|(layer, _)| *layer);
                for piece in layers.chain([image.number]) {
                    if since(piece, there).is_none() {
                        there.push((piece, at));
                    }
                }
            }
        }
        at - now
    }
}

impl KeptImages {
    /// How long the same takes of which nothing comes: a pull that fails leaves nothing behind.
    #[inline(never)]
    pub(super) fn pull_in_vain(
        &mut self,
        id: ContainerInstanceId,
        images: &[Pull],
        at: (&ImagePull, SimTime),
    ) -> SimDuration {
        let before = self.there.get(id.index()).cloned().unwrap_or_default();
        let length = self.pull(id, images, at);
        self.there[id.index()] = before;
        length
    }
}

/// How long all these images take where nothing is there yet, one after the other.
pub(super) fn pull_afresh(images: &[Pull], how: &ImagePull) -> SimDuration {
    let mut layers = Vec::new();
    let mut sum = SimDuration::ZERO;
    for image in images {
        let mut kilobytes = image.own;
        for (layer, size) in &image.layers {
            if !layers.contains(layer) {
                layers.push(*layer);
                kilobytes += size;
            }
        }
        sum += pull_time(how, kilobytes);
    }
    sum
}

/// How long the pull of so much takes that is not there.
fn pull_time(how: &ImagePull, kilobytes: u64) -> SimDuration {
    let transfer = kilobytes
        .saturating_mul(1_000)
        .div_ceil(how.kilobytes_per_second);
    how.latency + SimDuration::from_ms(transfer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Layer;

    const HERE: ContainerInstanceId = ContainerInstanceId(0);

    /// 10 MB a second after 1 s, and half a second for what is there.
    const HOW: ImagePull = ImagePull {
        latency: SimDuration::from_ms(1_000),
        kilobytes_per_second: 10_000,
        cached: Some(SimDuration::from_ms(500)),
    };

    fn image(name: &str, megabytes: u64, layers: &[(&str, u64)]) -> Image {
        let layers = layers.iter().map(|(name, megabytes)| Layer {
            name: (*name).to_owned(),
            kilobytes: megabytes * 1_000,
        });
        Image {
            name: name.to_owned(),
            kilobytes: megabytes * 1_000,
            layers: layers.collect(),
        }
    }

    #[test]
    fn a_layer_that_is_there_is_not_pulled_again() {
        let mut numbers = ImageNumbers::default();
        let web = numbers.pull(&image("web", 100, &[("base", 60)]));
        let api = numbers.pull(&image("api", 90, &[("base", 60), ("jdk", 20)]));
        let plain = numbers.pull(&image("plain", 30, &[]));
        let mut kept = KeptImages::default();
        let mut pull = |of: &Pull, seconds: u64| {
            let now = SimTime::from_ms(seconds * 1_000);
            kept.pull(HERE, std::slice::from_ref(of), (&HOW, now))
                .as_ms()
        };
        assert_eq!(pull(&web, 0), 11_000, "all 100 MB");
        assert_eq!(pull(&web, 20), 500, "it is there");
        assert_eq!(pull(&api, 20), 4_000, "20 and 10 of 90 MB");
        assert_eq!(pull(&api, 21), 3_000, "when the other task has it");
        assert_eq!(pull(&plain, 30), 4_000);
        // On another instance nothing is there; `base` comes with the one, and the other waits.
        let there = ContainerInstanceId(3);
        let both = [web, api];
        let now = SimTime::ZERO;
        assert_eq!(kept.pull(there, &both, (&HOW, now)).as_ms(), 15_000);
        let soon = SimTime::from_ms(1_000);
        assert_eq!(kept.pull(there, &both[1..], (&HOW, soon)).as_ms(), 14_000);
    }

    #[test]
    fn a_layer_on_its_way_is_waited_for() {
        let mut numbers = ImageNumbers::default();
        let web = numbers.pull(&image("web", 100, &[("base", 60)]));
        let api = numbers.pull(&image("api", 70, &[("base", 60)]));
        let mut kept = KeptImages::default();
        assert_eq!(
            kept.pull(HERE, &[web], (&HOW, SimTime::ZERO)).as_ms(),
            11_000
        );
        // Its own 10 MB take 2 s, but `base` is there after 11 s only.
        let soon = SimTime::from_ms(3_000);
        assert_eq!(kept.pull(HERE, &[api], (&HOW, soon)).as_ms(), 8_000);
    }

    #[test]
    fn a_pull_that_fails_leaves_nothing_behind() {
        let mut numbers = ImageNumbers::default();
        let web = [numbers.pull(&image("web", 100, &[("base", 60)]))];
        let mut kept = KeptImages::default();
        let at = (&HOW, SimTime::ZERO);
        assert_eq!(kept.pull_in_vain(HERE, &web, at).as_ms(), 11_000);
        assert_eq!(kept.pull_in_vain(HERE, &web, at).as_ms(), 11_000);
        assert_eq!(kept.pull(HERE, &web, at).as_ms(), 11_000);
    }

    #[test]
    fn fargate_pulls_a_shared_layer_once_for_each_task() {
        let mut numbers = ImageNumbers::default();
        let web = numbers.pull(&image("web", 100, &[("base", 60)]));
        let log = numbers.pull(&image("log", 70, &[("base", 60)]));
        let images = [web, log];
        assert_eq!(pull_afresh(&images, &HOW).as_ms(), 11_000 + 2_000);
        assert_eq!(pull_afresh(&images[1..], &HOW).as_ms(), 8_000);
    }
}
