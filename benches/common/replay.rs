//! The common workload through the whole simulator, and what its placements were.

use ecsim::metrics::RunMetrics;
use ecsim::model::{
    Applications, Architecture, Capacity, CapacityProvider, ClusterSpec, CpuMode, CreditMode,
    Ec2Capacity, GroupBounds, GroupScaling, HealthChecks, ImagePull, InstanceType, LaunchTimes,
    PlacementStrategy, ProvisioningLimits, QueueRule, TaskTimes, TerminationPolicy,
};
use ecsim::record::{Fact, Observer, Record};
use ecsim::rng::{Distribution, Seed};
use ecsim::sim::{Setup, run};
use ecsim::trace::{ReadOptions, TraceReader};
use ecsim::units::{Mib, SimDuration, Size};

use super::bound::{Outcome, Policy};
use super::workload::{HOST_CPU_UNITS, HOST_MEMORY_MIB};

/// The published checksum of placements, and how long the queue got.
struct Placements {
    hash: u64,
    placed: u64,
    waiting: u64,
    waiting_max: u64,
}

impl Observer for Placements {
    fn on_record(&mut self, record: &Record<'_>) {
        match record.fact {
            Fact::TaskWaits { .. } => {
                self.waiting += 1;
                self.waiting_max = self.waiting_max.max(self.waiting);
            }
            Fact::TaskPlaced { task } => {
                let host = task.instance.map_or(u64::MAX, |id| u64::from(id.0));
                self.hash = (self.hash ^ host).wrapping_mul(0x0100_0000_01B3);
                self.placed += 1;
                if task.arrived_at < record.at {
                    self.waiting -= 1;
                }
            }
            Fact::TaskArrived { .. }
            | Fact::TaskRetried { .. }
            | Fact::TaskUnplaceable { .. }
            | Fact::TaskPullStarted { .. }
            | Fact::TaskStarted { .. }
            | Fact::TaskExecutionStopped { .. }
            | Fact::TaskStopped { .. }
            | Fact::InstanceLaunched { .. }
            | Fact::InstanceRunning { .. }
            | Fact::InstanceRegistered { .. }
            | Fact::InstanceTerminated { .. }
            | Fact::TaskActivating { .. }
            | Fact::TaskHealthy { .. }
            | Fact::TaskUnhealthy { .. }
            | Fact::TaskStopOrdered { .. }
            | Fact::TaskStopping { .. }
            | Fact::Disrupted { .. }
            | Fact::PlacementConflict { .. }
            | Fact::InstanceStopped { .. }
            | Fact::SpotRecommendation { .. }
            | Fact::SpotNotice { .. }
            | Fact::CpuShared { .. }
            | Fact::SurplusCharged { .. }
            | Fact::MemoryUsed { .. }
            | Fact::MemoryKilled { .. }
            | Fact::InstanceResumed { .. }
            | Fact::AgentDisconnected { .. }
            | Fact::AgentConnected { .. }
            | Fact::InstanceDraining { .. }
            | Fact::ProviderMeasured { .. }
            | Fact::ServiceScaled { .. }
            | Fact::DeploymentChanged { .. }
            | Fact::ServiceMeasured { .. }
            | Fact::RunEnded => {}
        }
    }
}

/// The cluster of the common workload: equal hosts, a strict queue, phases that take no time.
pub(crate) fn cluster(hosts: u32, policy: Policy) -> ClusterSpec {
    let size = Size::new(HOST_CPU_UNITS, HOST_MEMORY_MIB);
    let none = Distribution::Constant(SimDuration::ZERO);
    let placement = match policy {
        Policy::FirstFit => Vec::new(),
        Policy::BestFit => vec![PlacementStrategy::BinpackMemory],
    };
    let group = Ec2Capacity {
        instance_types: vec![InstanceType {
            name: "m5.2xlarge".to_owned(),
            architecture: Architecture::X86_64,
            nominal: size,
            registered: size,
            task_interfaces: 3,
            trunked_interfaces: None,
            gpus: 0,
            credits_per_hour: None,
        }],
        reserved_memory: Mib(0),
        zones: 1,
        credits: CreditMode::Unlimited,
        bounds: GroupBounds {
            min: hosts,
            max: hosts,
        },
        scaling: GroupScaling::Scheduled,
        launch_times: LaunchTimes {
            pending: none.clone(),
            registration: none.clone(),
        },
        placement,
        root_volume_gib: 0,
        trunking: false,
        attributes: Vec::new(),
        image_pull: ImagePull {
            latency: SimDuration::ZERO,
            kilobytes_per_second: 1,
            cached: None,
        },
        termination: vec![TerminationPolicy::Default],
        schedule: Vec::new(),
        warm_pool: None,
        rebalances_zones: false,
        health_checks: HealthChecks::default(),
        spot: None,
        incidents: Vec::new(),
        failures: None,
    };
    let provider = CapacityProvider {
        name: "ec2".to_owned(),
        base: 0,
        weight: 1,
        capacity: Capacity::Ec2(Box::new(group)),
        task_times: TaskTimes {
            interface: none.clone(),
            pre_pull: none.clone(),
            pull: none.clone(),
            start: none,
            deprovision: SimDuration::ZERO,
        },
    };
    ClusterSpec {
        name: "common".to_owned(),
        providers: vec![provider],
        queue: QueueRule::Fifo,
        cpu: CpuMode::Reserved,
        schedulers: None,
        provisioning: ProvisioningLimits::PUBLISHED,
        run_task: None,
    }
}

/// Replays a CSV file, given as its bytes, and sums up what the bare bound sums up.
pub(crate) fn replay(csv: Vec<u8>, hosts: u32, policy: Policy) -> Outcome {
    let options = ReadOptions {
        workload: "common".to_owned(),
        ..ReadOptions::default()
    };
    let reader = TraceReader::open(std::io::Cursor::new(csv), "common.csv", options);
    let mut reader = reader.expect("a header in the native format");
    let placements = Placements {
        hash: 0xCBF2_9CE4_8422_2325,
        placed: 0,
        waiting: 0,
        waiting_max: 0,
    };
    let mut observer = (placements, RunMetrics::new());
    let seed = Seed::new(1);
    let cluster = cluster(hosts, policy);
    let setup = Setup {
        cluster: &cluster,
        apps: Applications::none(),
        seed: &seed,
        horizon: None,
    };
    run(&setup, &mut reader, &mut observer);
    assert!(!reader.finish().report.has_errors(), "the trace is sound");
    let totals = observer.1.finish();
    let wait_ms = totals.placement_wait.sum_ms();
    Outcome {
        tasks: observer.0.placed,
        placements: observer.0.hash,
        wait_ms: u64::try_from(wait_ms).expect("waits of a bench fit"),
        queued: totals.waits.total(),
        queue_max: observer.0.waiting_max,
    }
}
