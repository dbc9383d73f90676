//! What services and workloads ask of their cluster, from dice of its own.

use ecsim::model::{Applications, Capacity, ClusterSpec, Launch, ProviderShare, Scheduling};
use ecsim::rng::{Concern, Dice, Seed};

use super::clusters::fargate_of;
use super::{one_in, small};

/// In one world of two, services and workloads ask for capacity of their own, and beside a group there is
/// Fargate, or Fargate Spot, for those that do.
pub(super) fn ask(apps: &mut Applications, cluster: &mut ClusterSpec, seed: &Seed) {
    let dice = &mut seed.dice(Concern::Shape, 5);
    if one_in(dice, 2) {
        return;
    }
    if let Capacity::Ec2(_) = cluster.providers[0].capacity {
        let mut apart = fargate_of(dice).providers.remove(0);
        "apart".clone_into(&mut apart.name);
        apart.weight = 0;
        cluster.providers.push(apart);
    }
    for service in &mut apps.services {
        let launch = launch(dice);
        if service.scheduling != Scheduling::Daemon {
            service.launch = launch;
        }
    }
    for rules in &mut apps.workloads {
        rules.launch = launch(dice);
    }
}

/// Of groups and Fargate, no strategy has both.
fn launch(dice: &mut Dice) -> Launch {
    let share = |provider: &str, base, weight| ProviderShare {
        provider: provider.to_owned(),
        base,
        weight,
    };
    match dice.below(5) {
        0 => Launch::Cluster,
        1 => Launch::Ec2,
        2 => Launch::Fargate,
        3 => Launch::Strategy(vec![share("FARGATE_SPOT", 0, 0)]),
        _ => Launch::Strategy(vec![
            share("other", small(dice, 0, 2), small(dice, 1, 3)),
            share("ec2", 0, small(dice, 0, 3)),
        ]),
    }
}
