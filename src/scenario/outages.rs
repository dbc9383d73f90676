//! From `[[outage]]` and `[[shortage]]` to [`Disruptions`].

use super::clusters::check_type;
use super::codes::{CONFLICT, NO_EFFECT, UNKNOWN_ZONE};
use super::document::Problems;
use super::reader::{Reader, optional};
use super::windows::{Subject, Window, Windows};
use super::workloads::Horizon;
use crate::diagnostic::Diagnostic;
use crate::model::{
    Capacity, ClusterSpec, Disruptions, Outage, Purchase, Scarce, Shortage, ZoneId,
};

/// What a shortage is of, and in which zone if not in all.
type Scarcity = (Scarce, Option<ZoneId>);

/// What outages and shortages may be about: a region's zones, and what clusters have there. `None`
/// where a cluster does not read, which may have anything.
#[derive(Clone, Copy)]
struct Around<'a> {
    region: &'a str,
    clusters: Option<&'a [Option<ClusterSpec>]>,
}

impl Subject for ZoneId {
    const KIND: &'static str = "outage";

    fn meets(&self, other: &Self) -> bool {
        self == other
    }

    fn holds(&self, other: &Self) -> bool {
        self == other
    }
}

impl Subject for Scarcity {
    const KIND: &'static str = "shortage";

    fn meets(&self, other: &Self) -> bool {
        meet(self.1.as_ref(), other.1.as_ref())
            && match (&self.0, &other.0) {
                (
                    Scarce::Instances { kind, purchase },
                    Scarce::Instances {
                        kind: other,
                        purchase: other_purchase,
                    },
                ) => {
                    meet(kind.as_ref(), other.as_ref())
                        && meet(purchase.as_ref(), other_purchase.as_ref())
                }
                (of, other) => of == other,
            }
    }

    fn holds(&self, other: &Self) -> bool {
        hold(self.1.as_ref(), other.1.as_ref())
            && match (&self.0, &other.0) {
                (
                    Scarce::Instances { kind, purchase },
                    Scarce::Instances {
                        kind: other,
                        purchase: other_purchase,
                    },
                ) => {
                    hold(kind.as_ref(), other.as_ref())
                        && hold(purchase.as_ref(), other_purchase.as_ref())
                }
                (of, other) => of == other,
            }
    }
}

/// Whether two filters let something through together. One that is not there lets all through.
fn meet<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> bool {
    one.is_none() || other.is_none() || one == other
}

/// Whether a filter lets all through that another does.
fn hold<T: PartialEq>(outer: Option<&T>, inner: Option<&T>) -> bool {
    outer.is_none() || outer == inner
}

/// All windows, in the order of the file.
pub(super) fn all(
    root: Reader<'_>,
    (horizon, clusters): (Horizon, &[Option<ClusterSpec>]),
    problems: &mut Problems,
) -> Option<Disruptions> {
    let around = Around {
        region: root.text("region").unwrap_or_default(),
        clusters: clusters.iter().all(Option::is_some).then_some(clusters),
    };
    let mut outages = Windows::none();
    let mut shortages = Windows::none();
    for reader in root.list("outage") {
        let zones = around.zones(|_| true);
        let zone = zone(
            reader,
            around.region,
            ("the clusters have", zones),
            problems,
        );
        outages.add(reader, (horizon, zone), problems);
    }
    for reader in root.list("shortage") {
        let scarcity = scarcity(reader, around, problems);
        shortages.add(reader, (horizon, scarcity), problems);
    }
    let retry = root.duration("launch_retry");
    Some(Disruptions {
        outages: outages.whole()?.map(|window| outage(&window)).collect(),
        shortages: shortages.whole()?.map(shortage).collect(),
        retry: retry?,
    })
}

fn outage(window: &Window<'_, ZoneId>) -> Outage {
    Outage {
        zone: window.what,
        from: window.from,
        until: window.until,
    }
}

fn shortage(window: Window<'_, Scarcity>) -> Shortage {
    let (of, zone) = window.what;
    Shortage {
        of,
        zone,
        from: window.from,
        until: window.until,
    }
}

impl Around<'_> {
    /// In how many zones clusters have capacity of some kind; `None` where they have none, or where
    /// that cannot be told.
    fn zones(self, is_meant: impl Fn(&Capacity) -> bool) -> Option<u8> {
        let providers = self.clusters?.iter().flatten().flat_map(|it| &it.providers);
        let meant = providers.filter(|provider| is_meant(&provider.capacity));
        let zones = meant.map(|provider| match &provider.capacity {
            Capacity::Ec2(group) => group.zones,
            Capacity::Fargate(fargate) => fargate.zones,
        });
        zones.max()
    }

    /// Whether it is sure that no cluster has capacity of some kind.
    fn lacks(self, is_meant: impl Fn(&Capacity) -> bool) -> bool {
        self.clusters.is_some() && self.zones(is_meant).is_none()
    }
}

/// The zone that was written: a letter, or the region and a letter. What it is about is in so many
/// zones.
fn zone(
    reader: Reader<'_>,
    region: &str,
    (what_has, zones): (&str, Option<u8>),
    problems: &mut Problems,
) -> Option<ZoneId> {
    let typed = reader.text("zone")?;
    let letter = typed.strip_prefix(region).unwrap_or(typed);
    let (message, hint) = match letter.as_bytes() {
        [letter @ b'a'..=b'z'] => {
            let zone = ZoneId(letter - b'a');
            match zones.filter(|zones| zone.0 >= *zones) {
                None => return Some(zone),
                Some(zones) => (
                    format!(
                        "there is no zone `{typed}`: {what_has} {}",
                        ZoneId::first(zones)
                    ),
                    "take one of these, or let a cluster have more `zones`".to_owned(),
                ),
            }
        }
        _ => (
            format!("`{region}` has no zone `{typed}`"),
            format!("write its letter, as `\"b\"`, or `\"{region}b\"`"),
        ),
    };
    let diagnostic = Diagnostic::error(UNKNOWN_ZONE, message).hint(hint);
    reader.problem("zone", diagnostic, problems);
    None
}

/// What a shortage is of, and where.
fn scarcity(reader: Reader<'_>, around: Around<'_>, problems: &mut Problems) -> Option<Scarcity> {
    let scarce = scarce(reader, around, problems);
    let zone = reader.given("zone").map(|_| {
        let is_meant = |capacity: &Capacity| scarce.as_ref().is_none_or(|it| is_of(it, capacity));
        // What is of no effect at all has been said; its zone can still be wrong.
        let zones = around.zones(is_meant).or(around.zones(|_| true));
        zone(
            reader,
            around.region,
            (what_has(scarce.as_ref()), zones),
            problems,
        )
    });
    Some((scarce?, optional(zone)?))
}

/// What has zones, and its verb.
const fn what_has(scarce: Option<&Scarce>) -> &'static str {
    match scarce {
        Some(Scarce::Instances { .. }) => "these instances have",
        Some(Scarce::Fargate { is_spot: false }) => "Fargate has",
        Some(Scarce::Fargate { is_spot: true }) => "Fargate Spot has",
        None => "the clusters have",
    }
}

/// What a shortage is of.
fn scarce(reader: Reader<'_>, around: Around<'_>, problems: &mut Problems) -> Option<Scarce> {
    let of = reader.word("of")?;
    let is_spot = match of {
        "fargate" => false,
        "fargate-spot" => true,
        _ => return instances(reader, around, problems),
    };
    for key in ["instance_type", "purchase"] {
        if reader.given(key).is_some() {
            let message = format!("`{key}` cannot stand beside `of = \"{of}\"`");
            let hint = "Fargate has no instances; Fargate Spot is `of = \"fargate-spot\"`";
            let diagnostic = Diagnostic::error(CONFLICT, message).hint(hint);
            reader.problem(key, diagnostic, problems);
        }
    }
    let scarce = Scarce::Fargate { is_spot };
    if around.lacks(|capacity| is_of(&scarce, capacity)) {
        let name = if is_spot { "Fargate Spot" } else { "Fargate" };
        let message = format!("no cluster runs tasks on {name}");
        let hint = "a shortage of instances is `of = \"instances\"`";
        idle(reader, "of", (message, hint), problems);
    }
    Some(scarce)
}

fn instances(reader: Reader<'_>, around: Around<'_>, problems: &mut Problems) -> Option<Scarce> {
    let kind = match reader.given("instance_type") {
        Some(node) => Some(check_type(node, problems)?),
        None => None,
    };
    let purchase = reader.given("purchase").map(|_| {
        let word = reader.word("purchase")?;
        Some(match word {
            "spot" => Purchase::Spot,
            _ => Purchase::OnDemand,
        })
    });
    let purchase = optional(purchase)?;
    let of = |kind: &Option<String>, purchase| Scarce::Instances {
        kind: kind.clone(),
        purchase,
    };
    let lacks = |scarce: Scarce| around.lacks(|capacity| is_of(&scarce, capacity));
    if lacks(of(&None, None)) {
        let message = "no cluster has instances".to_owned();
        let hint = "a shortage of Fargate is `of = \"fargate\"`";
        idle(reader, "of", (message, hint), problems);
    } else if let Some(known) = &kind
        && lacks(of(&kind, None))
    {
        let message = format!("no cluster launches instances of type `{known}`");
        let hint = "leave `instance_type` out for a shortage of all types";
        idle(reader, "instance_type", (message, hint), problems);
    } else if lacks(of(&kind, purchase)) {
        let message = "no cluster buys these instances on Spot".to_owned();
        let hint = "leave `purchase` out, or give a group a section `spot`";
        idle(reader, "purchase", (message, hint), problems);
    }
    Some(Scarce::Instances { kind, purchase })
}

/// Reports a key for which a shortage is of nothing that there is.
fn idle(reader: Reader<'_>, key: &str, (message, hint): (String, &str), problems: &mut Problems) {
    let diagnostic = Diagnostic::warning(NO_EFFECT, message).hint(hint);
    reader.problem(key, diagnostic, problems);
}

/// Whether a shortage is of this capacity.
fn is_of(scarce: &Scarce, capacity: &Capacity) -> bool {
    match (scarce, capacity) {
        (Scarce::Instances { kind, purchase }, Capacity::Ec2(group)) => {
            let mut types = group.instance_types.iter();
            kind.as_ref()
                .is_none_or(|kind| types.any(|known| known.name == *kind))
                && (*purchase != Some(Purchase::Spot) || group.buys_spot())
        }
        (Scarce::Fargate { is_spot }, Capacity::Fargate(fargate)) => fargate.is_spot == *is_spot,
        (Scarce::Instances { .. }, Capacity::Fargate(_))
        | (Scarce::Fargate { .. }, Capacity::Ec2(_)) => false,
    }
}
