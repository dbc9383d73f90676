//! `capacity.csv`: what managed scaling saw, and `events.csv`: what was decided, and why.

use std::fmt::Write;

use super::services::{field, milli};
use crate::experiment::ClusterRun;
use crate::metrics::{Entry, Lack, ProviderCause, ProviderLevel, TaskTurn, Turn};
use crate::model::{DeploymentState, ProviderId, ScalingMetric, ScalingReason, ZoneId};
use crate::units::{SimTime, decimal_text};

/// `capacity.csv`: each managed provider over time.
pub(super) fn capacity_csv<E>(run: &ClusterRun<E>) -> String {
    let mut out = String::from("provider,start_ms,end_ms,datapoints");
    for level in ProviderLevel::ALL {
        let _ = write!(out, ",{0}_mean,{0}_max", level_name(level));
    }
    out.push('\n');
    for provider in &run.control.providers {
        let name = field(&provider.name);
        for (number, stretch) in provider.series.stretches().iter().enumerate() {
            let (start, end) = provider.series.bounds(number, run.totals.end);
            let _ = write!(out, "{name},{start},{end},{}", stretch.datapoints);
            for level in ProviderLevel::ALL {
                // A reservation counts in thousandths already.
                let places = if level == ProviderLevel::Reservation {
                    3
                } else {
                    0
                };
                let mean = stretch.mean_milli(level).map_or_else(String::new, |mean| {
                    decimal_text(u128::from(mean), places + 3)
                });
                let most = decimal_text(u128::from(stretch.most(level)), places);
                let _ = write!(out, ",{mean},{most}");
            }
            out.push('\n');
        }
    }
    out
}

/// `events.csv`: a row for each decision that changed something.
pub(super) fn events_csv<E>(run: &ClusterRun<E>) -> String {
    let mut out = Row::HEADER.to_owned();
    for (at, entry) in run.control.journal.entries() {
        Row::of(run, entry).write(&mut out, *at);
    }
    out
}

/// A row of `events.csv`; what does not apply is empty.
#[derive(Default)]
struct Row {
    event: &'static str,
    service: String,
    provider: String,
    instance: String,
    deployment: String,
    before: String,
    after: String,
    because: &'static str,
    /// The metric that was looked at, its newest value and what it was held against.
    metric: Option<(&'static str, u64, Option<u64>)>,
    zone: Option<ZoneId>,
}

impl Row {
    const HEADER: &'static str = "at_ms,event,service,provider,instance,deployment,before,after,\
                                  because,metric,value,aim,zone\n";

    fn of<E>(run: &ClusterRun<E>, entry: &Entry) -> Self {
        let service = |number: usize| field(&run.control.services[number].totals.name);
        let provider = |number: usize| field(&run.spec.providers[number].name);
        match *entry {
            Entry::ServiceScaled {
                service: id,
                before,
                after,
                because,
            } => Self {
                event: "service-scaled",
                service: service(id.index()),
                before: before.to_string(),
                after: after.to_string(),
                because: because.map_or("created", reason_name),
                metric: because.and_then(metric_of),
                ..Self::default()
            },
            Entry::Deployment {
                service: id,
                number,
                state,
            } => Self {
                event: deployment_event(state),
                service: service(id.index()),
                deployment: number.to_string(),
                ..Self::default()
            },
            Entry::ProviderScaled {
                provider: id,
                before,
                after,
                because,
                metric_milli,
            } => {
                let target = target_of(run, id);
                Self {
                    event: "provider-scaled",
                    provider: provider(id.index()),
                    before: before.to_string(),
                    after: after.to_string(),
                    because: because.map_or("", ProviderCause::name),
                    metric: Some(("capacity-provider-reservation", metric_milli, target)),
                    ..Self::default()
                }
            }
            Entry::Task {
                service: id,
                provider: of,
                instance,
                turn,
            } => Self {
                service: id.map_or_else(String::new, |id| service(id.index())),
                provider: provider(of.index()),
                instance: instance.map_or_else(String::new, |id| format!("i{}", id.0)),
                ..Self::of_task(turn)
            },
            Entry::Lack(lack) => Self::of_lack(lack, provider),
            Entry::Instance {
                instance,
                provider: id,
                turn,
            } => Self {
                provider: provider(id.index()),
                instance: format!("i{}", instance.0),
                ..Self::of_turn(turn)
            },
        }
    }

    /// What a row says of an instance's turn, but for whose it is.
    fn of_turn(turn: Turn) -> Self {
        let (event, because) = turn_words(turn);
        Self {
            event,
            because,
            ..Self::default()
        }
    }

    /// What a row says of a task's turn, but for whose it is.
    fn of_task(turn: TaskTurn) -> Self {
        let kill = match turn {
            TaskTurn::Killed(kill) => kill,
            TaskTurn::Unhealthy => {
                return Self {
                    event: "task-unhealthy",
                    ..Self::default()
                };
            }
        };
        let used = (kill.used_kib * 1_000).div_ceil(1_024);
        let allowed = u64::from(kill.allowed.0) * 1_000;
        Self {
            event: if kill.is_end {
                "task-killed"
            } else {
                "container-killed"
            },
            because: kill.limit.name(),
            metric: Some(("memory-mib", used, Some(allowed))),
            ..Self::default()
        }
    }

    /// What was not to be had; `provider` gives the name of one.
    fn of_lack(lack: Lack, provider: impl Fn(usize) -> String) -> Self {
        match lack {
            Lack::Zone { zone, is_lost } => Self {
                event: if is_lost { "zone-lost" } else { "zone-back" },
                zone: Some(zone),
                ..Self::default()
            },
            Lack::Shortage {
                of,
                zone,
                has_begun,
            } => Self {
                event: if has_begun {
                    "shortage-begun"
                } else {
                    "shortage-over"
                },
                because: of,
                zone,
                ..Self::default()
            },
            Lack::Missed { provider: id } => Self {
                event: "failure-missed",
                provider: provider(id.index()),
                ..Self::default()
            },
            Lack::FellBack {
                provider: id,
                instance,
            } => Self {
                event: "on-demand-fallback",
                provider: provider(id.index()),
                instance: format!("i{}", instance.0),
                ..Self::default()
            },
            Lack::Refused {
                provider: id,
                instances,
                because,
            } => Self {
                event: "launches-refused",
                provider: provider(id.index()),
                after: instances.to_string(),
                because: because.name(),
                ..Self::default()
            },
        }
    }

    fn write(&self, out: &mut String, at: SimTime) {
        let (metric, value, aim) = self
            .metric
            .map_or_else(Default::default, |(name, value, aim)| {
                (name, milli(value), aim.map_or_else(String::new, milli))
            });
        let _ = writeln!(
            out,
            "{},{},{},{},{},{},{},{},{},{metric},{value},{aim},{}",
            at.as_ms(),
            self.event,
            self.service,
            self.provider,
            self.instance,
            self.deployment,
            self.before,
            self.after,
            self.because,
            self.zone
                .map_or_else(String::new, |zone| zone.letter().to_string()),
        );
    }
}

/// What a managed provider's metric is held against, in thousandths of a per cent.
fn target_of<E>(run: &ClusterRun<E>, id: ProviderId) -> Option<u64> {
    let name = &run.spec.providers[id.index()].name;
    let mut managed = run.control.providers.iter();
    let managed = managed.find(|provider| provider.name == *name);
    managed.map(|it| u64::from(it.target_capacity) * 1_000)
}

const fn turn_words(turn: Turn) -> (&'static str, &'static str) {
    match turn {
        Turn::Draining(because) => ("instance-draining", because.name()),
        Turn::Lost(because) => ("instance-lost", because.name()),
        Turn::SpotRecommendation => ("rebalance-recommendation", ""),
        Turn::SpotNotice => ("spot-notice", ""),
        Turn::OutOfContact => ("agent-disconnected", ""),
        Turn::InContact => ("agent-connected", ""),
    }
}

const fn level_name(level: ProviderLevel) -> &'static str {
    match level {
        ProviderLevel::Reservation => "reservation_percent",
        ProviderLevel::Needed => "instances_needed",
        ProviderLevel::Instances => "instances_running",
        ProviderLevel::Desired => "instances_desired",
        ProviderLevel::Waiting => "tasks_waiting",
    }
}

const fn deployment_event(state: DeploymentState) -> &'static str {
    match state {
        DeploymentState::InProgress => "deployment-begun",
        DeploymentState::Completed => "deployment-completed",
        DeploymentState::Failed => "deployment-failed",
        DeploymentState::Replaced => "deployment-replaced",
    }
}

const fn reason_name(reason: ScalingReason) -> &'static str {
    match reason {
        ScalingReason::Target { .. } => "target-tracking",
        ScalingReason::Step { .. } => "step-scaling",
        ScalingReason::Bounds => "bounds",
        ScalingReason::Scheduled => "scheduled",
        ScalingReason::Instances => "instances",
    }
}

const fn metric_of(reason: ScalingReason) -> Option<(&'static str, u64, Option<u64>)> {
    match reason {
        ScalingReason::Target {
            metric,
            value,
            target: aim,
            ..
        }
        | ScalingReason::Step {
            metric,
            value,
            threshold: aim,
            ..
        } => {
            let name = match metric {
                ScalingMetric::Cpu => "cpu",
                ScalingMetric::Memory => "memory",
                ScalingMetric::RequestsPerTarget => "requests-per-target",
            };
            Some((name, value, Some(aim)))
        }
        ScalingReason::Bounds | ScalingReason::Scheduled | ScalingReason::Instances => None,
    }
}
