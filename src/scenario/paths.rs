//! The files of data that a scenario names, for those who find that one cannot be opened.

use super::clusters::Provides;
use super::document::Problems;
use super::reader::Reader;
use crate::diagnostic::Place;

/// A file's path as the scenario gives it, and where it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPath {
    /// The path.
    pub path: String,
    /// Where it is written.
    pub place: Place,
}

/// Traces, request-rate files, failure traces and Spot series, each as often as it is named.
pub(super) fn all(root: Reader<'_>, problems: &Problems) -> Vec<NamedPath> {
    let mut found: Vec<(Reader<'_>, &str)> = Vec::new();
    found.extend(root.list("workload").into_iter().map(|it| (it, "trace")));
    for service in root.list("service") {
        found.extend(service.given_inner("demand").map(|it| (it, "file")));
    }
    for cluster in root.list("cluster") {
        for provides in Provides::all(cluster).into_iter().flatten() {
            if let Provides::Ec2(group) = provides {
                found.extend(group.given_inner("failures").map(|it| (it, "trace")));
                found.extend(group.given_inner("spot").map(|it| (it, "series")));
            }
        }
    }
    let named = found.into_iter().filter_map(|(reader, key)| {
        let node = reader.given(key)?;
        Some(NamedPath {
            path: reader.text(key)?.to_owned(),
            place: problems.place(&node.origin),
        })
    });
    named.collect()
}
