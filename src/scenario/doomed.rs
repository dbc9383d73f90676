//! Groups whose instances are gone before they can take a task.
//!
//! An instance is billed from EC2's `running` on and takes tasks from ACTIVE on. Where AWS wants it back
//! before that, time and again, or it fails the moment it is ACTIVE, whoever waits for it waits for ever,
//! and each instance is followed by another:
//!
//! ```text
//!  running ── interrupted_after ──▶ notice ── notice ──▶ gone
//!  running ──────────── registration ──────────────────────────▶ ACTIVE
//! ```
//!
//! With a horizon that has an end, and is a warning; without one it has none, and is a mistake.
//! Everything else that fails and is tried again comes to an end by itself: attempts of tasks are
//! counted, and services need a horizon.

use super::clusters::Provides;
use super::codes::{GONE_BEFORE_ACTIVE, UNBOUNDED};
use super::document::Problems;
use super::reader::Reader;
use super::workloads::Horizon;
use crate::diagnostic::Diagnostic;
use crate::model::{Capacity, ClusterSpec, Ec2Capacity, SpotCapacity};
use crate::rng::Distribution;
use crate::units::SimDuration;

/// Reports each group none of whose instances lives to take a task.
pub(super) fn check(
    readers: &[Reader<'_>],
    (clusters, horizon): (&[Option<ClusterSpec>], Horizon),
    problems: &mut Problems,
) {
    for (reader, cluster) in readers.iter().zip(clusters) {
        let Some(cluster) = cluster else {
            continue;
        };
        let provides = Provides::all(*reader);
        for (provider, provides) in cluster.providers.iter().zip(provides) {
            if let (Capacity::Ec2(group), Some(Provides::Ec2(reader))) =
                (&provider.capacity, provides)
            {
                of_group(reader, group, horizon, problems);
            }
        }
    }
}

fn of_group(reader: Reader<'_>, group: &Ec2Capacity, horizon: Horizon, problems: &mut Problems) {
    let tell = |inner: Reader<'_>, key, (message, is_endless), problems: &mut Problems| {
        let diagnostic = if is_endless && !horizon.is_given {
            let message = format!("{message}, and another follows without an end");
            Diagnostic::error(UNBOUNDED, message)
                .hint("let instances live longer, or give the scenario a `horizon`")
        } else {
            let hint = "let instances live longer, or be ACTIVE sooner";
            Diagnostic::warning(GONE_BEFORE_ACTIVE, message).hint(hint)
        };
        inner.problem(key, diagnostic, problems);
    };
    if let (Some(spot), Some(inner)) = (&group.spot, reader.given_inner("spot"))
        && let Some(message) = taken_back(group, spot)
    {
        let buys_nothing_else = spot.mixed.on_demand_base == 0 && spot.mixed.on_demand_percent == 0;
        // Those that are there when the run begins may do all the work.
        let is_endless = buys_nothing_else && group.bounds.min == 0;
        tell(inner, "interrupted_after", (message, is_endless), problems);
    }
    let ends = group.failures.as_ref().and_then(|it| it.ends.as_ref());
    if let (Some(ends), Some(inner)) = (ends, reader.given_inner("failures"))
        && ends.after.most() == Some(SimDuration::ZERO)
    {
        let message = "no instance lives to take a task: each fails the moment it is ACTIVE";
        tell(inner, "after", (message.to_owned(), true), problems);
    }
}

/// What is to be said where AWS wants instances back before they are ACTIVE.
fn taken_back(group: &Ec2Capacity, spot: &SpotCapacity) -> Option<String> {
    let ready = group.launch_times.registration.least();
    let age = ready.as_ms().saturating_sub(spot.notice.as_ms());
    let how = doom(spot, SimDuration::from_ms(age))?;
    Some(format!(
        "{how} on Spot lives to take a task: it is ACTIVE {ready} after `running` at the earliest, \
         and gone by then"
    ))
}

/// How many instances get as old as this, in words, if that is none or next to none.
fn doom(spot: &SpotCapacity, age: SimDuration) -> Option<&'static str> {
    let lives = spot.pools.iter().map(|pool| pool.interruption.as_ref());
    let lives = lives.collect::<Option<Vec<&Distribution>>>()?;
    let is_over = |life: &&Distribution| life.most().is_some_and(|most| most < age);
    if lives.iter().all(is_over) {
        Some("no instance")
    } else if lives.iter().all(|life| life.hardly_reaches(age)) {
        Some("hardly one instance in 100,000")
    } else {
        None
    }
}
