//! Whether the region and every price a cluster needs are in the price book.

use super::codes::{MISSING_PRICE, UNKNOWN_REGION};
use super::document::Problems;
use super::reader::Reader;
use super::values::listed;
use crate::billing::PriceBook;
use crate::diagnostic::{Diagnostic, nearest};
use crate::model::ClusterSpec;

/// Reports an unknown region, or else each price that is missing for a cluster.
pub(super) fn check(
    root: Reader<'_>,
    region: Option<&str>,
    (readers, clusters): (&[Reader<'_>], &[Option<ClusterSpec>]),
    problems: &mut Problems,
) {
    let Some(region) = region else {
        return;
    };
    let book = PriceBook::embedded();
    if !book.regions().any(|known| known == region) {
        let message = format!("there are no prices for a region `{region}`");
        let hint = match nearest(region, book.regions()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("it can be {}", listed(book.regions())),
        };
        let diagnostic = Diagnostic::error(UNKNOWN_REGION, message).hint(hint);
        root.problem("region", diagnostic, problems);
        return;
    }
    for (reader, cluster) in readers.iter().zip(clusters) {
        let Some(cluster) = cluster else {
            continue;
        };
        for missing in book.rates_for(region, cluster).err().unwrap_or_default() {
            let mut diagnostic = Diagnostic::error(MISSING_PRICE, missing.to_string());
            diagnostic.hint = missing.hint();
            match (reader.given_inner("ec2"), reader.given_inner("fargate")) {
                (Some(group), _) => group.problem("instance_type", diagnostic, problems),
                (None, Some(fargate)) => fargate.problem("architecture", diagnostic, problems),
                (None, None) => reader.problem("name", diagnostic, problems),
            }
        }
    }
}
