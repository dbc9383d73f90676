//! Groups that follow their waiting tasks, at a pace at which everything meets everything: all
//! times are a few milliseconds.

use ecsim::model::PlacementStrategy;
use ecsim::units::Size;

use super::draw::{Draw, Habits};
use super::{Case, check};
use crate::support::ec2;
use PlacementStrategy::{BinpackCpu, BinpackMemory, Spread};
use ecsim::model::SpreadField::{Instance, Zone};

const SEQUENCES: [&[PlacementStrategy]; 9] = [
    &[],
    &[BinpackCpu],
    &[BinpackMemory],
    &[Spread(Zone)],
    &[Spread(Instance)],
    &[Spread(Zone), BinpackMemory],
    &[Spread(Zone), Spread(Instance)],
    &[BinpackMemory, Spread(Zone)],
    &[Spread(Instance), Spread(Zone), BinpackCpu],
];

fn case(number: u64) -> Case {
    let mut draw = Draw::new(number);
    let sequence = SEQUENCES[usize::try_from(number.rem_euclid(9)).unwrap()];
    let min = draw.within(0, 4);
    let max = (min + draw.pick(&[0, 0, 0, 1, 2, 3, 4])).max(1);
    let queue = draw.queue();
    let cluster = ec2((min, max), Size::new(1024, 2048), sequence, queue);
    let habits = Habits {
        count: (1, 40),
        gap: draw.long(1, 40),
        duration: (0, 150),
        sizes: 20,
        definitions: 0,
    };
    Case {
        cluster,
        kinds: Vec::new(),
        tasks: draw.tasks(habits),
        horizon: 3_600_000,
        asks: Vec::new(),
    }
}

#[test]
fn the_engine_places_as_the_naive_world_does() {
    for number in 0..1_800 {
        check(number, &case(number));
    }
}
