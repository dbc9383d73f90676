//! From `[cluster.ec2.failures]` to [`HostFailures`].

use super::super::codes::{CONFLICT, MISSING_KEY};
use super::super::document::Problems;
use super::super::failures::even;
use super::super::reader::{Reader, optional};
use super::super::workloads::distribution;
use super::no_effect;
use crate::diagnostic::Diagnostic;
use crate::model::{Disconnects, HostFailures, HostHazard};
use crate::rng::Distribution;

/// How a group's instances fail.
pub(super) fn failures(reader: Reader<'_>, problems: &mut Problems) -> Option<HostFailures> {
    let (rate, after) = (reader.given("rate"), reader.given("after"));
    if rate.is_some() && after.is_some() {
        let message = "`rate` and `after` both say when an instance fails";
        let hint = "keep `rate` for the same danger at every age, `after` for anything else";
        let diagnostic = Diagnostic::error(CONFLICT, message).hint(hint);
        reader.problem("after", diagnostic, problems);
        return None;
    }
    let fails_for_good = rate.is_some() || after.is_some();
    if !fails_for_good {
        let hint = "add `rate` or `after`";
        no_effect(reader, "what", "without a failure", (hint, problems));
    }
    let hazard = fails_for_good.then(|| {
        Some(HostHazard {
            after: when(reader, problems)?,
            is_impaired: reader.word("what")? == "impaired",
        })
    });
    let inner = reader.given_inner("disconnects");
    let disconnects = inner.map(|inner| disconnects(inner, problems));
    let says_more = reader.given("disconnects").is_some() || reader.given("trace").is_some();
    if !fails_for_good && !says_more {
        let message = "`cluster.ec2.failures` says of nothing that it fails";
        let diagnostic = Diagnostic::error(MISSING_KEY, message)
            .hint("add `rate` or `after` for instances, `disconnects` for their agents, `trace` for a file");
        problems.push(reader.origin(), diagnostic);
        return None;
    }
    Some(HostFailures {
        ends: optional(hazard)?,
        disconnects: optional(disconnects)?,
        trace: match reader.given("trace") {
            Some(_) => Some(reader.text("trace")?.to_owned()),
            None => None,
        },
    })
}

fn disconnects(reader: Reader<'_>, problems: &mut Problems) -> Option<Disconnects> {
    let after = when(reader, problems);
    let lasts = distribution(reader, "lasts", problems);
    Some(Disconnects {
        after: after?,
        lasts: lasts?,
    })
}

/// When something happens, from `rate` or `after`.
fn when(reader: Reader<'_>, problems: &mut Problems) -> Option<Distribution> {
    if reader.given("rate").is_some() {
        reader.rate("rate").map(even)
    } else {
        distribution(reader, "after", problems)
    }
}
