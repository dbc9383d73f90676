//! The parts that a run's speed is made of: the event list, placement, and reading.
//!
//! Each prints nothing but its time; that the work is right is what the tests are for, which
//! compare the same structures with naive ones.

#[path = "common/workload.rs"]
mod workload;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ecsim::model::{
    Arrivals, Claim, ContainerInstanceId, Fleet, GroupId, InstanceShape, PlacementStrategy,
    ProviderId, SpreadField, ViewId, ViewRule,
};
use ecsim::policy::{Ask, Verdict, ordering, place};
use ecsim::rng::{Concern, Dice, Entity, Seed};
use ecsim::sim::{EventList, Rank};
use ecsim::trace::{ReadOptions, TraceReader};
use ecsim::units::{SimDuration, SimTime, Size};
use workload::Parameters;

/// The hold model: take the earliest event and schedule it anew, a random time later.
fn event_list(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("event list, hold");
    for pending in [1_000_u32, 100_000, 1_000_000] {
        let mut dice = Seed::new(1).dice(Concern::Arrival, 0);
        let mut later = move || SimDuration::from_ms(1 + dice.below(1 << 33));
        let mut list = EventList::new();
        for number in 0..pending {
            list.schedule(SimTime::ZERO + later(), Rank::Progress, number);
        }
        group.bench_function(BenchmarkId::from_parameter(pending), |bencher| {
            bencher.iter(|| {
                if let Some((at, event)) = list.take() {
                    list.schedule(at + later(), Rank::Progress, event);
                }
            });
        });
    }
    group.finish();
}

/// A fleet about three quarters full, on which tasks come and go.
struct Busy {
    fleet: Fleet,
    view: ViewId,
    placed: Vec<(ContainerInstanceId, Size, GroupId)>,
    dice: Dice,
    seed: Seed,
    tasks: u32,
}

impl Busy {
    fn new(hosts: u32, strategies: &[PlacementStrategy]) -> Self {
        let mut fleet = Fleet::new(&[(3, 1)]);
        let view = fleet.view(&ViewRule::plain(ProviderId(0), ordering(strategies)));
        let size = Size::new(8_192, 32_768);
        for _ in 0..hosts {
            let shape = InstanceShape {
                kind: 0,
                purchase: ecsim::model::Purchase::OnDemand,
                nominal: size,
                registered: size,
                interfaces: 0,
                gpus: 0,
            };
            let id = fleet.launch(ProviderId(0), shape, SimTime::ZERO);
            fleet.register(id, SimTime::ZERO, &[]);
        }
        let seed = Seed::new(7);
        let dice = seed.dice(Concern::Shape, 0);
        let mut busy = Self {
            fleet,
            view,
            placed: Vec::new(),
            dice,
            seed,
            tasks: 0,
        };
        for _ in 0..hosts * 7 {
            busy.place();
        }
        busy
    }

    fn place(&mut self) {
        let cpu = 256 << self.dice.below(4);
        let size = Size::new(cpu, 512 << self.dice.below(4));
        self.tasks += 1;
        let ask = Ask {
            fate: Entity::from(self.tasks),
            provider: ProviderId(0),
            view: self.view,
            size,
            group: GroupId(self.tasks & 3),
            demands: None,
        };
        if let Verdict::On(id) = place(&ask, &self.fleet, |_, _| true, &self.seed) {
            self.fleet.reserve(id, &claim(size, ask.group));
            self.placed.push((id, size, ask.group));
        }
    }

    fn end_any(&mut self) {
        let any = self.dice.below(self.placed.len() as u64);
        let (id, size, group) = self.placed.swap_remove(usize::try_from(any).unwrap_or(0));
        self.fleet.release(id, &claim(size, group));
    }
}

const fn claim(size: Size, group: GroupId) -> Claim<'static> {
    Claim {
        size,
        group,
        extras: None,
    }
}

/// One task ends and one is placed.
fn placement(criterion: &mut Criterion) {
    let policies: [(&str, &[PlacementStrategy]); 5] = [
        ("first fit", &[]),
        ("binpack memory", &[PlacementStrategy::BinpackMemory]),
        (
            "spread zone, binpack memory",
            &[
                PlacementStrategy::Spread(SpreadField::Zone),
                PlacementStrategy::BinpackMemory,
            ],
        ),
        (
            "spread instance",
            &[PlacementStrategy::Spread(SpreadField::Instance)],
        ),
        ("random", &[PlacementStrategy::Random]),
    ];
    for (name, strategies) in policies {
        let mut group = criterion.benchmark_group(format!("placement, {name}"));
        for hosts in [100, 1_000, 10_000] {
            let mut busy = Busy::new(hosts, strategies);
            group.bench_function(BenchmarkId::from_parameter(hosts), |bencher| {
                bencher.iter(|| {
                    busy.end_any();
                    busy.place();
                });
            });
        }
        group.finish();
    }
}

/// The native format, from memory to checked tasks.
fn reading(criterion: &mut Criterion) {
    let parameters = Parameters {
        tasks: 100_000,
        hosts: 100,
        utilisation_percent: 75,
    };
    let mut csv = Vec::new();
    parameters
        .write_csv(&mut csv)
        .expect("memory takes everything");
    let mut group = criterion.benchmark_group("reading, native CSV");
    group.throughput(Throughput::Bytes(csv.len() as u64));
    group.sample_size(20);
    group.bench_function("100,000 tasks", |bencher| {
        bencher.iter(|| {
            let options = ReadOptions {
                workload: "common".to_owned(),
                ..ReadOptions::default()
            };
            let read = std::io::Cursor::new(csv.clone());
            let reader = TraceReader::open(read, "common.csv", options);
            let mut reader = reader.unwrap_or_else(|_| unreachable!("the header is right"));
            let mut total = 0;
            while let Some(task) = reader.peek() {
                total += task.duration.as_ms();
                reader.advance();
            }
            black_box(total)
        });
    });
    group.finish();
}

criterion_group!(benches, event_list, placement, reading);
criterion_main!(benches);
