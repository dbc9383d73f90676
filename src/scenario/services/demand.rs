//! What reaches a service.

use super::super::codes::{CONFLICT, TOO_MUCH_DEMAND};
use super::super::document::Problems;
use super::super::reader::Reader;
use super::super::workloads::daily_wave;
use crate::diagnostic::Diagnostic;
use crate::model::{Demand, DemandCurve, RequestRate, TIMEOUT_MS_MAX};
use crate::units::SimDuration;

/// KiB of a MiB.
const KIB_PER_MIB: u64 = 1_024;

pub(super) fn demand(reader: Reader<'_>, problems: &mut Problems) -> Option<Demand> {
    check_scale(reader, problems);
    let curve = curve(reader, problems);
    let timeout = timeout(reader, problems);
    let idle = memory_idle(reader, problems);
    let demand = Demand {
        curve: curve?,
        cpu_per_request_us: reader.cpu_time("cpu_per_request")?,
        memory_idle_mib: idle?,
        memory_per_request_kib: reader.footprint("memory_per_request")?,
        timeout: timeout?,
        slo: match reader.given("slo") {
            Some(_) => Some(reader.duration("slo")?),
            None => None,
        },
    };
    let is_file = matches!(demand.curve, DemandCurve::File { .. });
    let most = demand.rate_max();
    let peak = demand.curve.peak(None);
    if !is_file && peak.is_none_or(|peak| peak > most) {
        let message = match peak {
            Some(peak) => format!("{peak} is more than can be replayed"),
            None => "this is more than can be replayed".to_owned(),
        };
        let hint = format!("with this `cpu_per_request`, {most} is the most");
        let diagnostic = Diagnostic::error(TOO_MUCH_DEMAND, message).hint(hint);
        let key = if reader.given("wave").is_some() {
            "wave"
        } else {
            "constant"
        };
        reader.problem(key, diagnostic, problems);
        return None;
    }
    Some(demand)
}

/// A rate that is written out needs no factor.
fn check_scale(reader: Reader<'_>, problems: &mut Problems) {
    if reader.given("scale").is_some() && reader.given("file").is_none() {
        let message = "`scale` is for a `file` alone";
        let hint = "leave it out, and write the rates that you mean";
        let diagnostic = Diagnostic::error(CONFLICT, message).hint(hint);
        reader.problem("scale", diagnostic, problems);
    }
}

fn curve(reader: Reader<'_>, problems: &mut Problems) -> Option<DemandCurve> {
    if let Some(wave) = reader.given_inner("wave") {
        return self::wave(wave, problems);
    }
    if reader.given("file").is_some() {
        let path = reader.text("file")?.to_owned();
        if path.trim().is_empty() {
            let hint =
                "write the path of a request-rate file, for example `file = \"requests.csv\"`";
            reader.out_of_range("file", "`file` names no file", hint, problems);
            return None;
        }
        let scale_milli = u64::from(reader.percent("scale")?);
        return Some(DemandCurve::File { path, scale_milli });
    }
    reader.given("constant")?;
    Some(DemandCurve::Constant(rate(reader, "constant")?))
}

fn wave(reader: Reader<'_>, problems: &mut Problems) -> Option<DemandCurve> {
    let wave = daily_wave(reader, problems)?;
    Some(DemandCurve::Wave {
        trough: RequestRate::from_units(wave.trough)?,
        peak: RequestRate::from_units(wave.peak)?,
        peak_at: wave.peak_at,
        weekend_per_mille: wave.weekend_per_mille,
        noise_per_mille: reader.percent("noise")?,
    })
}

/// Thousandths per hour are the unit of both.
fn rate(reader: Reader<'_>, key: &str) -> Option<RequestRate> {
    RequestRate::from_units(reader.rate(key)?)
}

fn timeout(reader: Reader<'_>, problems: &mut Problems) -> Option<SimDuration> {
    let timeout = reader.duration("timeout")?;
    let most = SimDuration::from_ms(TIMEOUT_MS_MAX);
    if timeout > most {
        let seconds = most.as_ms().div_euclid(1_000);
        let message = format!("`timeout` is {timeout}, but must be {seconds}s at most");
        reader.out_of_range(
            "timeout",
            message,
            "no load balancer waits longer",
            problems,
        );
        return None;
    }
    Some(timeout)
}

fn memory_idle(reader: Reader<'_>, problems: &mut Problems) -> Option<u32> {
    let kib = reader.footprint("memory_idle")?;
    if kib.rem_euclid(KIB_PER_MIB) != 0 {
        let message = "`memory_idle` is not a whole number of MiB";
        let hint = "write it like `memory_idle = \"180 MiB\"`";
        reader.out_of_range("memory_idle", message, hint, problems);
        return None;
    }
    u32::try_from(kib.div_euclid(KIB_PER_MIB)).ok()
}
