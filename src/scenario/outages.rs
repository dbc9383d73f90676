//! From `[[outage]]` and `[[shortage]]` to [`Disruptions`].

use super::clusters::check_type;
use super::codes::{CONFLICT, NO_EFFECT, OVERLAP, UNKNOWN_ZONE};
use super::document::Problems;
use super::moments;
use super::reader::{Reader, optional};
use super::workloads::Horizon;
use crate::diagnostic::Diagnostic;
use crate::model::{
    Capacity, ClusterSpec, Disruptions, Outage, Purchase, Scarce, Shortage, ZoneId,
};
use crate::units::{SimDuration, SimTime};

/// A window of time.
struct Window<T> {
    /// What of the scenario it is about: no two of the same may overlap.
    what: T,
    from: SimTime,
    until: SimTime,
}

/// Windows of one kind, and whether all of them read.
struct Windows<T> {
    read: Vec<Window<T>>,
    all_read: bool,
}

impl<T> Windows<T> {
    const fn none() -> Self {
        Self {
            read: Vec::new(),
            all_read: true,
        }
    }

    fn whole(self) -> Option<impl Iterator<Item = Window<T>>> {
        self.all_read.then(|| self.read.into_iter())
    }
}

/// All windows, in the order of the file.
pub(super) fn all(
    root: Reader<'_>,
    (horizon, clusters): (Horizon, &[Option<ClusterSpec>]),
    problems: &mut Problems,
) -> Option<Disruptions> {
    let region = root.text("region").unwrap_or_default();
    let mut outages = Windows::none();
    let mut shortages = Windows::none();
    for reader in root.list("outage") {
        let zone = zone(reader, (region, clusters), problems);
        add(reader, (horizon, zone), &mut outages, problems);
    }
    for reader in root.list("shortage") {
        let zone = reader
            .given("zone")
            .map(|_| zone(reader, (region, clusters), problems));
        let scarce = scarce(reader, clusters, problems);
        let what = optional(zone).and_then(|zone| Some((scarce?, zone)));
        add(reader, (horizon, what), &mut shortages, problems);
    }
    let retry = root.duration("launch_retry");
    Some(Disruptions {
        outages: outages.whole()?.map(|window| outage(&window)).collect(),
        shortages: shortages.whole()?.map(shortage).collect(),
        retry: retry?,
    })
}

fn outage(window: &Window<ZoneId>) -> Outage {
    Outage {
        zone: window.what,
        from: window.from,
        until: window.until,
    }
}

fn shortage(window: Window<(Scarce, Option<ZoneId>)>) -> Shortage {
    let (of, zone) = window.what;
    Shortage {
        of,
        zone,
        from: window.from,
        until: window.until,
    }
}

/// One more window, unless it does not read or overlaps another of the same thing.
fn add<T: PartialEq>(
    reader: Reader<'_>,
    (horizon, what): (Horizon, Option<T>),
    to: &mut Windows<T>,
    problems: &mut Problems,
) {
    let from = moments::once(reader, horizon, problems);
    let until = from
        .zip(reader.duration("for"))
        .map(|(from, lasts)| from.checked_add(lasts).unwrap_or(SimTime::MAX));
    let ((Some(from), Some(until)), Some(what)) = ((from, until), what) else {
        to.all_read = false;
        return;
    };
    let same = |other: &&Window<T>| other.what == what && other.from < until && from < other.until;
    if let Some(other) = to.read.iter().find(same) {
        let length = |at: SimTime| SimDuration::from_ms(at.as_ms());
        let message = format!(
            "there is one of the same from {} to {} already",
            length(other.from),
            length(other.until)
        );
        let diagnostic = Diagnostic::error(OVERLAP, message)
            .hint("let one begin when the other is over, or make one of the two");
        reader.problem("at", diagnostic, problems);
    }
    to.read.push(Window { what, from, until });
}

/// The zone that was written: a letter, or the region and a letter.
fn zone(
    reader: Reader<'_>,
    (region, clusters): (&str, &[Option<ClusterSpec>]),
    problems: &mut Problems,
) -> Option<ZoneId> {
    let typed = reader.text("zone")?;
    let letter = typed.strip_prefix(region).unwrap_or(typed);
    let [letter @ b'a'..=b'z'] = letter.as_bytes() else {
        let message = format!("`{region}` has no zone `{typed}`");
        let hint = format!("write its letter, as `\"b\"`, or `\"{region}b\"`");
        let diagnostic = Diagnostic::error(UNKNOWN_ZONE, message).hint(hint);
        reader.problem("zone", diagnostic, problems);
        return None;
    };
    let number = letter - b'a';
    let providers = || clusters.iter().flatten().flat_map(|it| &it.providers);
    let most = providers().map(|provider| match &provider.capacity {
        Capacity::Ec2(group) => group.zones,
        Capacity::Fargate(fargate) => fargate.zones,
    });
    // A cluster that does not read may have used it.
    if clusters.iter().all(Option::is_some) && most.max().is_some_and(|most| number >= most) {
        let message = format!("no cluster uses zone `{typed}`");
        let hint = "clusters use the first zones of their region: `zones = 3` are a, b and c";
        let diagnostic = Diagnostic::warning(NO_EFFECT, message).hint(hint);
        reader.problem("zone", diagnostic, problems);
    }
    Some(ZoneId(number))
}

/// What a shortage is of.
fn scarce(
    reader: Reader<'_>,
    clusters: &[Option<ClusterSpec>],
    problems: &mut Problems,
) -> Option<Scarce> {
    let of = reader.word("of")?;
    let is_spot = match of {
        "fargate" => false,
        "fargate-spot" => true,
        _ => return instances(reader, clusters, problems),
    };
    for key in ["instance_type", "purchase"] {
        if reader.given(key).is_some() {
            let message = format!("`{key}` cannot stand beside `of = \"{of}\"`");
            let hint = "Fargate has no instances; Fargate Spot is `of = \"fargate-spot\"`";
            let diagnostic = Diagnostic::error(CONFLICT, message).hint(hint);
            reader.problem(key, diagnostic, problems);
        }
    }
    Some(Scarce::Fargate { is_spot })
}

fn instances(
    reader: Reader<'_>,
    clusters: &[Option<ClusterSpec>],
    problems: &mut Problems,
) -> Option<Scarce> {
    let kind = match reader.given("instance_type") {
        Some(node) => Some(check_type(node, problems)?),
        None => None,
    };
    if let Some(kind) = &kind
        && clusters
            .iter()
            .flatten()
            .all(|cluster| !has_type(cluster, kind))
        && clusters.iter().all(Option::is_some)
    {
        let message = format!("no cluster launches instances of type `{kind}`");
        let diagnostic = Diagnostic::warning(NO_EFFECT, message)
            .hint("leave `instance_type` out for a shortage of all types");
        reader.problem("instance_type", diagnostic, problems);
    }
    let purchase = reader.given("purchase").map(|_| {
        let word = reader.word("purchase")?;
        Some(match word {
            "spot" => Purchase::Spot,
            _ => Purchase::OnDemand,
        })
    });
    Some(Scarce::Instances {
        kind,
        purchase: optional(purchase)?,
    })
}

fn has_type(cluster: &ClusterSpec, name: &str) -> bool {
    cluster
        .providers
        .iter()
        .any(|provider| match &provider.capacity {
            Capacity::Ec2(group) => group.instance_types.iter().any(|known| known.name == name),
            Capacity::Fargate(_) => false,
        })
}
