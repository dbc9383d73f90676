//! From `[cluster.fargate]` to [`FargateCapacity`].

use super::super::codes::CONFLICT;
use super::super::document::Problems;
use super::super::reader::{Reader, optional};
use super::super::workloads::distribution;
use super::{image_pull, no_effect, zones};
use crate::diagnostic::Diagnostic;
use crate::model::{
    Architecture, BucketSpec, EPHEMERAL_STORAGE_GIB, FargateCapacity, FargateSizing,
    OperatingSystem, Platform,
};
use crate::units::CpuUnits;

/// A bucket, if launches are limited.
struct LaunchRate(Option<BucketSpec>);

pub(super) fn fargate(reader: Reader<'_>, problems: &mut Problems) -> Option<FargateCapacity> {
    let platform = Platform {
        os: match reader.word("os")? {
            "windows" => OperatingSystem::Windows,
            _ => OperatingSystem::Linux,
        },
        architecture: match reader.word("architecture")? {
            "arm64" => Architecture::Arm64,
            _ => Architecture::X86_64,
        },
    };
    let is_spot = reader.flag("spot")?;
    let exists = check_windows(reader, (platform, is_spot), problems);
    if !is_spot {
        let hint = "add `spot = true`, or leave it out";
        no_effect(
            reader,
            "interrupted_after",
            "without `spot = true`",
            (hint, problems),
        );
    }
    let interruption = reader
        .given("interrupted_after")
        .map(|_| distribution(reader, "interrupted_after", problems));
    let sizing = match reader.word("sizing")? {
        "exact" => FargateSizing::Exact,
        _ => FargateSizing::RoundUp,
    };
    let ephemeral_storage_gib = match reader.given("ephemeral_storage") {
        Some(_) => reader.volume("ephemeral_storage")?,
        None => *EPHEMERAL_STORAGE_GIB.start(),
    };
    let quota = match reader.given("vcpu_quota") {
        Some(_) => Some(CpuUnits(reader.whole_32("vcpu_quota")?.checked_mul(1_024)?)),
        None => None,
    };
    let rate = reader.inner("launch_rate")?;
    let LaunchRate(launch_rate) = launch_rate(rate, problems)?;
    if !exists {
        return None;
    }
    Some(FargateCapacity {
        platform,
        sizing,
        ephemeral_storage_gib,
        is_spot,
        interruption: optional(interruption)?.filter(|_| is_spot),
        zones: zones(reader)?,
        image_pull: image_pull(reader, false)?,
        launch_rate,
        quota,
    })
}

/// Whether there is Fargate like this.
///
/// Source: ECS Developer Guide, Fargate capacity providers and Windows on Fargate: neither ARM nor
/// Spot.
fn check_windows(
    reader: Reader<'_>,
    (platform, is_spot): (Platform, bool),
    problems: &mut Problems,
) -> bool {
    let is_arm = platform.architecture == Architecture::Arm64;
    if platform.os != OperatingSystem::Windows {
        return true;
    }
    let refusals = [
        (is_arm, "architecture", "on arm64"),
        (is_spot, "spot", "on Spot"),
    ];
    for (_, key, what) in refusals.iter().filter(|(is_meant, ..)| *is_meant) {
        let message = format!("Fargate has no Windows {what}");
        let hint = format!("leave `{key}` out, or take `os = \"linux\"`");
        let diagnostic = Diagnostic::error(CONFLICT, message).hint(hint);
        reader.problem(key, diagnostic, problems);
    }
    !is_arm && !is_spot
}

fn launch_rate(reader: Reader<'_>, problems: &mut Problems) -> Option<LaunchRate> {
    if !reader.flag("limited")? {
        for key in ["burst", "per_second"] {
            let hint = "leave `limited` out to have a limit";
            no_effect(reader, key, "beside `limited = false`", (hint, problems));
        }
        return Some(LaunchRate(None));
    }
    Some(LaunchRate(Some(BucketSpec {
        burst: reader.whole_32("burst")?,
        per_second: reader.whole_32("per_second")?,
    })))
}
