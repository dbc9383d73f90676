//! Whether tasks share CPU, and keys that say something only if they do.

use super::super::document::Problems;
use super::super::reader::Reader;
use super::{Provides, no_effect};
use crate::model::{Capacity, CapacityProvider, ClusterSpec, CpuMode};

/// What decides how long tasks run, given the providers as far as they read.
pub(super) fn mode(
    cluster: Reader<'_>,
    providers: Option<&[CapacityProvider]>,
    problems: &mut Problems,
) -> Option<CpuMode> {
    let mode = match cluster.word("cpu")? {
        "shared" => CpuMode::Shared,
        _ => CpuMode::Reserved,
    };
    let groups: Vec<Reader<'_>> = Provides::all(cluster)
        .into_iter()
        .filter_map(|provides| match provides? {
            Provides::Ec2(group) => Some(group),
            Provides::Fargate(_) => None,
        })
        .collect();
    match mode {
        CpuMode::Reserved => {
            let hint = "add `cpu = \"shared\"` to the cluster; else instances know no credits";
            for group in groups {
                no_effect(
                    group,
                    "credits",
                    "where CPU is not shared",
                    (hint, problems),
                );
            }
        }
        CpuMode::Shared if groups.is_empty() => {
            let hint = "each Fargate task has its CPU to itself";
            no_effect(cluster, "cpu", "on Fargate", (hint, problems));
        }
        CpuMode::Shared => {
            for (provider, provides) in providers
                .unwrap_or_default()
                .iter()
                .zip(Provides::all(cluster))
            {
                if let (Capacity::Ec2(group), Some(Provides::Ec2(reader))) =
                    (&provider.capacity, provides)
                    && group
                        .instance_types
                        .iter()
                        .all(|it| it.credits_per_hour.is_none())
                {
                    let hint = "burstable types are those of T3, T3a and T4g";
                    let why = "on instances that are not burstable";
                    no_effect(reader, "credits", why, (hint, problems));
                }
            }
        }
    }
    Some(mode)
}

/// Warns of `threads` in workloads and task definitions where no cluster shares CPU.
pub(in crate::scenario) fn check_threads(
    readers: &[Reader<'_>],
    clusters: &[Option<ClusterSpec>],
    problems: &mut Problems,
) {
    let shares = |cluster: &Option<ClusterSpec>| {
        // One that does not read may have been meant to.
        cluster.as_ref().is_none_or(|it| it.cpu == CpuMode::Shared)
    };
    if clusters.iter().any(shares) {
        return;
    }
    let hint = "add `cpu = \"shared\"` to a cluster; else a task has the CPU that it reserves";
    // What does not read has been reported already.
    let reads = |reader: &&Reader<'_>| reader.whole("threads").is_some();
    for reader in readers.iter().filter(reads) {
        no_effect(
            *reader,
            "threads",
            "where no cluster shares CPU",
            (hint, problems),
        );
    }
}
