//! One service on Fargate whose requests come in steps: its datapoints, and what target tracking
//! makes of them.
//!
//! Tasks start at once, one every 120 ms, and end at once, so that all of the service is a fluid,
//! a number of tasks, and the rules of its policies read from the list of all datapoints. Its tasks are
//! shared out among up to three providers by a strategy of its own.

mod world;

use std::sync::Arc;

use ecsim::audit::Auditor;
use ecsim::model::{
    Applications, ClusterSpec, ContainerDraft, Demand, DemandCurve, DeploymentRule, Launch,
    ProviderShare, RequestRate, ScalingMetric, ScalingReason, Scheduling, ServiceScaling,
    ServiceSpec, StepsBuilder, TargetTracking, TaskDefinitionDraft,
};
use ecsim::record::{Fact, Observer, Record};
use ecsim::rng::Seed;
use ecsim::sim::{Setup, run};
use ecsim::units::{CpuUnits, Mib, SimDuration, SimTime};

use super::draw::Draw;
use crate::support::{Listed, fargate, no_task_times};
use world::World;

const MINUTE: u64 = 60_000;

/// A service, its policies and its requests.
#[derive(Debug)]
struct Case {
    /// CPU units of a task.
    cpu: u32,
    desired: u32,
    scaling: ServiceScaling,
    us_per_request: u64,
    timeout: u64,
    /// The providers, in the order in which the service's strategy names them: the place of each in the
    /// cluster, its base and its weight. One more has no part.
    shares: Vec<(usize, u32, u32)>,
    /// From when on so many thousandths of a request come in an hour.
    rates: Vec<(u64, u64)>,
    horizon: u64,
}

/// A minute's end, or a new desired count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Happening {
    Measured {
        running: u32,
        cpu: Option<u64>,
        requests: Option<u64>,
    },
    Scaled {
        desired: u32,
        because: ScalingReason,
    },
    Started {
        provider: usize,
    },
    Stopped {
        provider: usize,
    },
}

/// Retells the engine's records.
#[derive(Default)]
struct Listener(Vec<(u64, Happening)>);

impl Observer for Listener {
    fn on_record(&mut self, record: &Record<'_>) {
        let happening = if let Fact::ServiceMeasured { counts, minute, .. } = record.fact {
            Happening::Measured {
                running: counts.running,
                cpu: minute.and_then(|it| it.metric(ScalingMetric::Cpu)),
                requests: minute.and_then(|it| it.metric(ScalingMetric::RequestsPerTarget)),
            }
        } else if let Fact::ServiceScaled {
            desired,
            because: Some(because),
            ..
        } = record.fact
        {
            Happening::Scaled { desired, because }
        } else if let Fact::TaskPlaced { task, .. } = record.fact {
            let provider = task.provider.index();
            Happening::Started { provider }
        } else if let Fact::TaskStopOrdered { task } = record.fact {
            let provider = task.provider.index();
            Happening::Stopped { provider }
        } else {
            return;
        };
        self.0.push((record.at.as_ms(), happening));
    }
}

impl Case {
    fn applications(&self) -> Applications {
        let draft = TaskDefinitionDraft {
            name: "web".to_owned(),
            cpu: Some(CpuUnits(self.cpu)),
            memory: Some(Mib(2_048)),
            containers: vec![ContainerDraft::new("app")],
            ..TaskDefinitionDraft::default()
        };
        let mut definition = draft.check().expect("a sound definition");
        definition.exits_after = SimDuration::ZERO;
        let mut steps = StepsBuilder::new();
        for (at, units) in &self.rates {
            let rate = RequestRate::from_units(*units).expect("a small rate");
            steps.rate(SimTime::from_ms(*at), rate).expect("in order");
        }
        let service = ServiceSpec {
            name: "web".to_owned(),
            definition: 0,
            scheduling: Scheduling::Replica {
                desired: self.desired,
            },
            deployment: DeploymentRule {
                minimum_healthy_percent: 100,
                maximum_percent: 200,
                circuit_breaker: None,
            },
            deployments: Vec::new(),
            target_group: None,
            health_check_grace: SimDuration::ZERO,
            placement: None,
            constraints: Vec::new(),
            launch: self.launch(),
            zone_rebalancing: false,
            demand: Some(Demand {
                curve: DemandCurve::File {
                    path: String::new(),
                    scale_milli: 1_000,
                },
                cpu_per_request_us: self.us_per_request,
                memory_idle_mib: 64,
                memory_per_request_kib: 0,
                timeout: SimDuration::from_ms(self.timeout),
                slo: None,
            }),
            scaling: Some(self.scaling.clone()),
        };
        Applications {
            definitions: vec![definition],
            services: vec![service],
            demand_steps: vec![Some(Arc::new(steps.finish().expect("rates")))],
            region: "us-east-1".to_owned(),
            epoch_ms: 0,
            ..Applications::default()
        }
    }

    fn launch(&self) -> Launch {
        let share = |(number, base, weight): &(usize, u32, u32)| ProviderShare {
            provider: format!("provider-{number}"),
            base: *base,
            weight: *weight,
        };
        Launch::Strategy(self.shares.iter().map(share).collect())
    }

    /// As many providers as the service names, and one that the cluster's own strategy takes.
    fn cluster(&self) -> ClusterSpec {
        let mut made = fargate(no_task_times());
        "own".clone_into(&mut made.providers[0].name);
        for number in 0..self.shares.len() {
            let mut provider = made.providers[0].clone();
            provider.name = format!("provider-{number}");
            provider.weight = 0;
            made.providers.insert(number, provider);
        }
        made
    }

    fn by_engine(&self, number: u64) -> Vec<(u64, Happening)> {
        let mut observer = (Listener::default(), Auditor::new());
        let setup = Setup {
            cluster: &self.cluster(),
            apps: &self.applications(),
            seed: &Seed::new(1),
            horizon: Some(SimTime::from_ms(self.horizon)),
        };
        run(&setup, &mut Listed::new(Vec::new()), &mut observer);
        assert_eq!(observer.1.findings(), Vec::<String>::new(), "case {number}");
        observer.0.0
    }
}

fn target(draw: &mut Draw) -> TargetTracking {
    let metric = draw.pick(&[
        ScalingMetric::Cpu,
        ScalingMetric::Cpu,
        ScalingMetric::RequestsPerTarget,
    ]);
    TargetTracking {
        metric,
        target: match metric {
            ScalingMetric::RequestsPerTarget => draw.long(20_000, 400_000),
            ScalingMetric::Cpu | ScalingMetric::Memory => draw.long(20_000, 90_000),
        },
        scale_out_cooldown: SimDuration::from_ms(draw.time(600)),
        scale_in_cooldown: SimDuration::from_ms(draw.time(600)),
        disable_scale_in: draw.one_in(5),
    }
}

/// One to three providers in any order.
fn shares(draw: &mut Draw) -> Vec<(usize, u32, u32)> {
    let count = draw.pick(&[1, 1, 2, 3]);
    let mut shares: Vec<(usize, u32, u32)> = (0..count)
        .map(|number| (number, 0, draw.pick(&[0, 1, 1, 2, 5])))
        .collect();
    let first = draw.within(0, u32::try_from(count).expect("few") - 1);
    shares.rotate_left(first as usize);
    shares[0].2 += 1;
    let based = draw.within(0, u32::try_from(count).expect("few") - 1);
    shares[based as usize].1 = draw.pick(&[0, 1, 3]);
    shares
}

fn case(number: u64) -> Case {
    let mut draw = Draw::new(number);
    let horizon = MINUTE * u64::from(draw.within(60, 240));
    let min = draw.within(1, 4);
    let max = min + draw.within(0, 20);
    let count = draw.pick(&[1, 1, 2, 3]);
    let scaling = ServiceScaling {
        min,
        max,
        targets: (0..count).map(|_| target(&mut draw)).collect(),
        steps: Vec::new(),
        schedule: Vec::new(),
    };
    let cpu = draw.pick(&[256, 512, 1_024]);
    let us_per_request = draw.long(1_000, 400_000);
    // Enough for some twenty tasks at most, in steps that last a while.
    let most = (20 * u64::from(cpu) * 3_515_625_000).div_euclid(us_per_request);
    let longest = draw.pick(&[120, 900, 2_400]);
    let (mut at, mut rates) = (0, Vec::new());
    while at < horizon {
        let rate = draw.long(0, most);
        let step = [rate, rate.div_euclid(8), 0];
        rates.push((at, draw.pick(&step)));
        at += 1 + draw.time(longest);
    }
    rates.push((horizon, 0));
    Case {
        shares: shares(&mut draw),
        cpu,
        desired: draw.within(0, max + 3),
        scaling,
        us_per_request,
        timeout: draw.pick(&[0, 1_000, 30_000]),
        rates,
        horizon,
    }
}

#[test]
fn target_tracking_follows_demand_as_the_naive_service_does() {
    let (mut out, mut scale_in, mut moves) = (0, 0, 0);
    for number in 0..2_000 {
        let case = case(number);
        let (engine, naive) = (case.by_engine(number), World::new(&case).run());
        let pairs = engine.iter().zip(&naive);
        let alike = pairs.take_while(|(a, b)| a == b).count();
        assert!(
            engine == naive,
            "case {number}: {case:?}\n\nafter {:?}\nthe engine has {:?}\nthe naive one {:?}",
            &naive[alike.saturating_sub(18)..alike],
            engine.get(alike),
            naive.get(alike)
        );
        let mut before = case.desired;
        for (_, happening) in naive {
            if let Happening::Started { provider } | Happening::Stopped { provider } = happening {
                moves += u32::from(provider != case.shares[0].0);
            }
            if let Happening::Scaled { desired, .. } = happening {
                *(if desired > before {
                    &mut out
                } else {
                    &mut scale_in
                }) += 1;
                before = desired;
            }
        }
    }
    assert!(out > 2_000 && scale_in > 1_000, "{out} out, {scale_in} in");
    assert!(
        moves > 1_000,
        "{moves} starts and stops away from the first provider"
    );
}
