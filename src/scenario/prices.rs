//! Whether the region and every price a cluster needs are in the price book.

use super::clusters::Provides;
use super::codes::{MISSING_PRICE, UNKNOWN_REGION};
use super::definitions::Definitions;
use super::document::{Node, Problems};
use super::price_files::Asked;
use super::reader::Reader;
use super::values::{self, listed};
use crate::billing::{ClusterMeters, Meter};
use crate::diagnostic::{Diagnostic, nearest};
use crate::model::{ClusterSpec, TaskDefinition};

/// Reports an unknown region, or else each price that is missing for a cluster.
pub(super) fn check(
    (root, asked): (Reader<'_>, &Asked),
    region: Option<&str>,
    (readers, clusters): (&[Reader<'_>], &[Option<ClusterSpec>]),
    definitions: &Definitions,
    problems: &mut Problems,
) {
    let Some(region) = region else {
        return;
    };
    // A file that does not read has been reported, and may have what seems to be missing.
    if !asked.is_whole {
        return;
    }
    let book = &asked.prices.book;
    if !book.regions().any(|known| known == region) {
        let message = format!("there are no prices for a region `{region}`");
        let book = asked.everywhere();
        let hint = match nearest(region, book.regions()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("it can be {}", listed(book.regions())),
        };
        let diagnostic = Diagnostic::error(UNKNOWN_REGION, message).hint(hint);
        root.problem("region", diagnostic, problems);
        return;
    }
    // A definition that does not read has been reported, and asks for nothing.
    let definitions: Vec<TaskDefinition> = definitions.list.iter().flatten().cloned().collect();
    for (reader, cluster) in readers.iter().zip(clusters) {
        let Some(cluster) = cluster else {
            continue;
        };
        if book.rates_for(region, (cluster, &definitions)).is_ok() {
            continue;
        }
        // What is missing here may be had elsewhere: that takes the whole book to tell.
        let book = asked.everywhere();
        for missing in book
            .rates_for(region, (cluster, &definitions))
            .err()
            .unwrap_or_default()
        {
            let mut diagnostic = Diagnostic::error(MISSING_PRICE, missing.to_string());
            let elsewhere =
                || format!("leave it out, or compare in another region than `{region}`");
            diagnostic.hint = missing.hint().or_else(|| Some(elsewhere()));
            let needed = missing.key.meter().and_then(|meter| {
                let provides = needed_by(meter, *reader, (cluster, &definitions))?;
                Some((meter, provides))
            });
            match needed {
                Some((meter, provides)) => {
                    let place = place_of(meter, provides, root);
                    report(meter, (provides, place), diagnostic, problems);
                }
                None => reader.problem("name", diagnostic, problems),
            }
        }
    }
}

/// The first of the cluster's providers that needs this price.
fn needed_by<'a>(
    meter: &Meter,
    reader: Reader<'a>,
    (cluster, definitions): (&ClusterSpec, &[TaskDefinition]),
) -> Option<Provides<'a>> {
    let mut providers = cluster.providers.iter().zip(Provides::all(reader));
    let found = providers.find(|(provider, _)| {
        let alone = ClusterSpec {
            providers: vec![(*provider).clone()],
            ..cluster.clone()
        };
        ClusterMeters::of(&alone, definitions)
            .list()
            .contains(meter)
    });
    found.and_then(|(_, provides)| provides)
}

/// The task definition that makes the provider need the price, if it is not the provider that does.
fn place_of<'a>(meter: &Meter, provides: Provides<'a>, root: Reader<'a>) -> Option<Reader<'a>> {
    let asks = |reader: &Reader<'_>| reader.given("ephemeral_storage").is_some();
    match (provides, meter) {
        (Provides::Fargate(reader), Meter::FargateStorage { .. }) if !asks(&reader) => {
            root.list("task_definition").into_iter().find(asks)
        }
        (Provides::Fargate(_) | Provides::Ec2(_), _) => None,
    }
}

/// Reports at the key that makes the provider need the price.
fn report(
    meter: &Meter,
    (provides, definition): (Provides<'_>, Option<Reader<'_>>),
    diagnostic: Diagnostic,
    problems: &mut Problems,
) {
    if let Some(definition) = definition {
        return definition.problem("ephemeral_storage", diagnostic, problems);
    }
    let (reader, key) = match (provides, meter) {
        (Provides::Ec2(group), Meter::Ec2Instance { instance_type }) => {
            let nodes = group.one_or_more("instance_type").unwrap_or_default();
            let is_meant =
                |node: &&Node| values::text(&node.value).is_ok_and(|text| text == &**instance_type);
            if let Some(node) = nodes.iter().find(is_meant) {
                return problems.push(&node.origin, diagnostic);
            }
            (group, "instance_type")
        }
        (Provides::Ec2(group), Meter::SurplusCredits { .. }) => (group, "instance_type"),
        (Provides::Ec2(group), _) if group.given("root_volume").is_some() => (group, "root_volume"),
        (Provides::Ec2(group), _) => (group, "instance_type"),
        (Provides::Fargate(reader), Meter::FargateStorage { .. }) => (reader, "ephemeral_storage"),
        (Provides::Fargate(reader), Meter::FargateLicence { .. }) => (reader, "os"),
        (Provides::Fargate(reader), _) => {
            let is_spot = reader.flag("spot") == Some(true);
            (reader, if is_spot { "spot" } else { "architecture" })
        }
    };
    reader.problem(key, diagnostic, problems);
}
