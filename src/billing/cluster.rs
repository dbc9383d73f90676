//! The meters of one cluster, and on which of them a task or an instance counts.
//!
//! A cluster has one meter for each *kind* of thing, whoever provides it: two groups of the same
//! instance type count on one meter, and all root volumes do.
//!
//! ```text
//!  ec2       m5.large ─────────▶ m5.large      ◀───────── m5.large   ec2-more
//!            30 GiB ───────────▶ gp3 volumes   ◀─────────── 50 GiB
//!  fargate   vCPU, memory ─────▶ Fargate vCPU, Fargate memory
//!  spot      vCPU, memory ─────▶ Fargate Spot vCPU, Fargate Spot memory
//! ```
//!
//! Which meter that is, is worked out once, before a run. A record then costs an index or two and
//! no search. So is what each task definition asks for of ephemeral storage: a provider gives it to
//! every task, and a definition that asks for its own gets that instead.

use super::meter::{FREE_EPHEMERAL_STORAGE_GIB, Meter};
use crate::model::{
    Capacity, ClusterSpec, ContainerInstance, CpuMode, CreditMode, Ec2Capacity, FargateCapacity,
    InstanceType, OperatingSystem, ProviderId, Purchase, Task, TaskDefinition,
};

/// What is metered on one cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterMeters {
    /// Each once, in order.
    list: Vec<Meter>,
    /// By the provider's number.
    providers: Vec<ProviderMeters>,
}

/// The meters of one capacity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
enum ProviderMeters {
    Ec2(Ec2Meters),
    Fargate(FargateMeters),
}

/// On which meters the instances of a group count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ec2Meters {
    /// The meter of each instance type, by its number within the provider.
    kinds: Vec<usize>,
    /// The same on Spot; empty where the group buys none.
    on_spot: Vec<usize>,
    /// Whether a series may have the prices of its Spot instances.
    follows_series: bool,
    /// The meter of its surplus CPU credits, likewise, where any can be charged.
    surplus: Vec<Option<usize>>,
    volume: Held,
}

/// On which meters Fargate tasks count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FargateMeters {
    os: OperatingSystem,
    vcpu: usize,
    memory: usize,
    /// Of each task whose definition does not say.
    storage: Held,
    /// Of a task of each definition, by its number; empty where none of them says.
    storage_by_definition: Box<[Held]>,
    licence: Option<usize>,
}

/// So many base units of the meter with this number in [`ClusterMeters::list`]. None of meter 0
/// stands for nothing at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) meter: usize,
    pub(super) amount: u32,
}

impl ClusterMeters {
    /// What is metered on the cluster described by `spec`, in a scenario with these `definitions`,
    /// in the order of their numbers.
    pub fn of(spec: &ClusterSpec, definitions: &[TaskDefinition]) -> Self {
        let capacities = || spec.providers.iter().map(|provider| &provider.capacity);
        let meters = |capacity| meters_of(capacity, spec.cpu, definitions);
        let mut list: Vec<Meter> = capacities().flat_map(meters).collect();
        list.sort();
        list.dedup();
        let provider = |capacity: &Capacity| match capacity {
            Capacity::Ec2(group) => ProviderMeters::Ec2(Ec2Meters::of(group, spec.cpu, &list)),
            Capacity::Fargate(fargate) => {
                ProviderMeters::Fargate(FargateMeters::of(fargate, definitions, &list))
            }
        };
        let providers = capacities().map(provider).collect();
        Self { list, providers }
    }

    /// The meters, each once, in the order of [`Category::ALL`](super::Category::ALL) and then of
    /// their names. What a cluster does not use is not listed, and so needs no price.
    pub fn list(&self) -> &[Meter] {
        &self.list
    }

    /// The meters of a provider of tasks; `None` for a group of instances.
    #[inline]
    pub(super) fn fargate(&self, provider: ProviderId) -> Option<&FargateMeters> {
        match &self.providers[provider.index()] {
            ProviderMeters::Ec2(_) => None,
            ProviderMeters::Fargate(meters) => Some(meters),
        }
    }

    /// The meters of a group of instances; `None` for a provider of tasks.
    #[inline]
    pub(super) fn ec2(&self, provider: ProviderId) -> Option<&Ec2Meters> {
        match &self.providers[provider.index()] {
            ProviderMeters::Ec2(meters) => Some(meters),
            ProviderMeters::Fargate(_) => None,
        }
    }
}

impl Ec2Meters {
    fn of(group: &Ec2Capacity, cpu: CpuMode, list: &[Meter]) -> Self {
        let types = group.instance_types.iter();
        let kinds = types
            .clone()
            .map(|known| number(list, &instance(&known.name)));
        let surplus = types.map(|known| {
            let meter = surplus(group, cpu, known)?;
            Some(number(list, &meter))
        });
        let on_spot = group.spot.iter().flat_map(|_| &group.instance_types);
        Self {
            kinds: kinds.collect(),
            on_spot: on_spot
                .map(|known| number(list, &spot(&known.name)))
                .collect(),
            follows_series: group
                .spot
                .as_ref()
                .is_some_and(|spot| spot.series.is_some()),
            surplus: surplus.collect(),
            volume: some_of(list, &Meter::RootVolume, group.root_volume_gib),
        }
    }

    /// What an instance counts as while it is `running`.
    #[inline]
    pub(super) fn running(&self, instance: &ContainerInstance) -> Held {
        let kinds = match instance.purchase {
            Purchase::OnDemand => &self.kinds,
            Purchase::Spot => &self.on_spot,
        };
        let meter = kinds[usize::from(instance.kind)];
        Held { meter, amount: 1 }
    }

    /// Whether a series may have the price of an instance.
    #[inline]
    pub(super) fn follows_series(&self, instance: &ContainerInstance) -> bool {
        self.follows_series && instance.purchase == Purchase::Spot
    }

    /// On what its surplus CPU credits count; `None` where it has none to pay for.
    pub(super) fn surplus(&self, instance: &ContainerInstance) -> Option<usize> {
        self.surplus[usize::from(instance.kind)]
    }

    /// The root volume of each instance, from launch to termination.
    #[inline]
    pub(super) const fn volume(&self) -> Held {
        self.volume
    }
}

impl FargateMeters {
    fn of(fargate: &FargateCapacity, definitions: &[TaskDefinition], list: &[Meter]) -> Self {
        let [vcpu, memory] = vcpu_and_memory(fargate).map(|meter| number(list, &meter));
        let licence = licence(fargate).map(|meter| number(list, &meter));
        let meter = storage(fargate);
        let storage = |own| some_of(list, &meter, paid_storage_gib(fargate, own));
        let own = definitions.iter().map(|it| it.ephemeral_storage_gib);
        let storage_by_definition = if own.clone().any(|gib| gib.is_some()) {
            own.map(storage).collect()
        } else {
            Box::default()
        };
        Self {
            os: fargate.platform.os,
            vcpu,
            memory,
            storage: storage(None),
            storage_by_definition,
            licence,
        }
    }

    /// Which operating system decides how long a task is billed for.
    #[inline]
    pub(super) const fn os(&self) -> OperatingSystem {
        self.os
    }

    /// What a task holds from the start of its image pull to the end of its containers: CPU,
    /// memory, storage, licensed CPU.
    #[inline]
    pub(super) fn holds(&self, task: &Task) -> [Held; 4] {
        let cpu = task.reserved.cpu.0;
        let own = self.storage_by_definition.get(task.definition.index());
        let of = |meter, amount| Held { meter, amount };
        [
            of(self.vcpu, cpu),
            of(self.memory, task.reserved.memory.0),
            own.map_or(self.storage, |own| *own),
            self.licence.map_or(Held::default(), |meter| of(meter, cpu)),
        ]
    }
}

fn meters_of(capacity: &Capacity, cpu: CpuMode, definitions: &[TaskDefinition]) -> Vec<Meter> {
    let mut meters = Vec::new();
    match capacity {
        Capacity::Ec2(group) => {
            let types = group.instance_types.iter();
            meters.extend(types.clone().map(|known| instance(&known.name)));
            if group.spot.is_some() {
                meters.extend(types.clone().map(|known| spot(&known.name)));
            }
            meters.extend(types.filter_map(|known| surplus(group, cpu, known)));
            if group.root_volume_gib > 0 {
                meters.push(Meter::RootVolume);
            }
        }
        Capacity::Fargate(fargate) => {
            meters.extend(vcpu_and_memory(fargate));
            let own = definitions.iter().map(|it| it.ephemeral_storage_gib);
            let mut all = std::iter::once(None).chain(own);
            if all.any(|own| paid_storage_gib(fargate, own) > 0) {
                meters.push(storage(fargate));
            }
            meters.extend(licence(fargate));
        }
    }
    meters
}

fn instance(name: &str) -> Meter {
    let instance_type = name.into();
    Meter::Ec2Instance { instance_type }
}

fn spot(name: &str) -> Meter {
    let instance_type = name.into();
    Meter::Ec2Spot { instance_type }
}

/// What surplus CPU credits of instances of this type count on, where there can be any to pay for.
fn surplus(group: &Ec2Capacity, cpu: CpuMode, of_type: &InstanceType) -> Option<Meter> {
    let is_paid = match (cpu, group.credits) {
        (CpuMode::Shared, CreditMode::Unlimited) => of_type.credits_per_hour.is_some(),
        (CpuMode::Reserved, _) | (_, CreditMode::Standard) => false,
    };
    let architecture = of_type.architecture;
    is_paid.then_some(Meter::SurplusCredits { architecture })
}

const fn vcpu_and_memory(fargate: &FargateCapacity) -> [Meter; 2] {
    let platform = fargate.platform;
    if fargate.is_spot {
        [
            Meter::FargateSpotVcpu { platform },
            Meter::FargateSpotMemory { platform },
        ]
    } else {
        [
            Meter::FargateVcpu { platform },
            Meter::FargateMemory { platform },
        ]
    }
}

/// One meter for tasks on demand and on Spot. `Assumption:` storage is not cheaper there, since no
/// price of its own is published.
const fn storage(fargate: &FargateCapacity) -> Meter {
    let platform = fargate.platform;
    Meter::FargateStorage { platform }
}

const fn licence(fargate: &FargateCapacity) -> Option<Meter> {
    let platform = fargate.platform;
    match platform.os {
        OperatingSystem::Linux => None,
        OperatingSystem::Windows => Some(Meter::FargateLicence { platform }),
    }
}

/// What a task pays for that asks for so many GiB of its `own`, or for as many as the provider gives
/// every task.
fn paid_storage_gib(fargate: &FargateCapacity, own: Option<u32>) -> u32 {
    let gib = own.unwrap_or(fargate.ephemeral_storage_gib);
    gib.saturating_sub(FREE_EPHEMERAL_STORAGE_GIB)
}

/// The number of a meter that is on the list.
fn number(list: &[Meter], meter: &Meter) -> usize {
    let found = list.binary_search(meter);
    found.expect("the list has every provider's meters")
}

/// So much of a meter, which is on the list unless that is nothing.
fn some_of(list: &[Meter], meter: &Meter, amount: u32) -> Held {
    if amount == 0 {
        return Held::default();
    }
    let meter = number(list, meter);
    Held { meter, amount }
}
