//! The EC2 instance types we know: their shape, and what ECS can use of it.
//!
//! The table lies beside this file as `instances.csv` and is compiled in, so a run needs no
//! network and two people with the same version see the same instances. Blank means "does not
//! apply". The baseline of a burstable type is what it earns, so nothing reads its column.
//!
//! Source: EC2's describe-instance-types, as released in October 2026; metal sizes and sizes of
//! 32xlarge and up are left out.

use super::instance::{Architecture, InstanceType};
use crate::units::{CPU_UNITS_PER_VCPU, Size};

const TABLE: &str = include_str!("instances.csv");

/// Instance types by name, in the table's order: by family, then by size.
///
/// What ECS *registers* is not what is advertised. CPU is the vCPUs × 1024. Memory is what the
/// kernel calls `MemTotal`, which is less than the advertised memory by what firmware and kernel
/// keep, and so depends on the machine image. The table holds the `MemTotal` of booted instances,
/// measured on all its types in December 2025, rather than what ECS agents were seen to register,
/// which is known for 15 types only and partly from older images; where both are known they
/// differ by at most 2.2 percent.
///
/// `Assumption:` a user's image leaves as much memory as the measured one. For a type that is not
/// in the table, 95.5 percent of the advertised memory on Nitro and 97.5 percent on Xen are fair.
///
/// Source: ECS Developer Guide, container instance memory management.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalog {
    types: Vec<InstanceType>,
}

impl Catalog {
    /// The table compiled into the program.
    pub fn embedded() -> Self {
        let types = TABLE
            .lines()
            .skip(1)
            .map(|row| parse_row(row).unwrap_or_else(|| panic!("instances.csv: `{row}`")))
            .collect();
        Self { types }
    }

    /// The type called `name`, spelt as AWS does: `m5.large`.
    pub fn find(&self, name: &str) -> Option<&InstanceType> {
        self.types.iter().find(|known| known.name == name)
    }

    /// The names of all types, in the table's order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.types.iter().map(|known| known.name.as_str())
    }
}

fn parse_row(row: &str) -> Option<InstanceType> {
    let mut cells = row.split(',');
    let name = cells.next()?.to_owned();
    let cpu = cells.next()?.parse::<u32>().ok()? * CPU_UNITS_PER_VCPU;
    let advertised = cells.next()?.parse().ok()?;
    let architecture = match cells.next()? {
        "x86_64" => Architecture::X86_64,
        "arm64" => Architecture::Arm64,
        _ => return None,
    };
    let registered = cells.next()?.parse().ok()?;
    let interfaces: u32 = cells.next()?.parse().ok()?;
    let trunked = cells.next()?.parse::<u32>().ok();
    let credits_per_hour = cells.next()?.parse().ok();
    let gpus = cells.nth(1)?.parse().ok()?;
    Some(InstanceType {
        name,
        architecture,
        nominal: Size::new(cpu, advertised),
        registered: Size::new(cpu, registered),
        task_interfaces: interfaces.saturating_sub(1),
        trunked_interfaces: trunked,
        gpus,
        credits_per_hour,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_type_is_found_by_its_name() {
        let catalog = Catalog::embedded();
        let large = catalog.find("m5.large").unwrap();
        assert_eq!(large.architecture, Architecture::X86_64);
        assert_eq!(large.nominal, Size::new(2_048, 8_192));
        assert_eq!(large.registered, Size::new(2_048, 7_811));
        assert_eq!(
            (large.task_interfaces, large.trunked_interfaces),
            (2, Some(10))
        );
        assert_eq!(large.gpus, 0);
        let burstable = catalog.find("t3.large").unwrap();
        assert_eq!(burstable.task_interfaces, 2);
        assert_eq!(burstable.trunked_interfaces, None);
        assert_eq!(burstable.credits_per_hour, Some(36));
        assert_eq!(large.credits_per_hour, None);
        assert_eq!(catalog.find("g5.12xlarge").unwrap().gpus, 4);
        let graviton = catalog.find("m7g.large").unwrap();
        assert_eq!(graviton.architecture, Architecture::Arm64);
        assert_eq!(catalog.find("m5.gigantic"), None);
    }

    #[test]
    fn credits_are_the_baseline_of_the_table() {
        let rows = TABLE.lines().skip(1).map(|row| row.split(',').collect());
        for cells in rows.collect::<Vec<Vec<&str>>>() {
            let known = parse_row(&cells.join(",")).unwrap();
            assert_eq!(
                known.credits_per_hour.is_some(),
                known.name.starts_with('t')
            );
            let Some(credits) = known.credits_per_hour else {
                continue;
            };
            let [vcpus, percent]: [u32; 2] = [cells[1], cells[8]].map(|it| it.parse().unwrap());
            // An hour has 60 credits for each vCPU at 100 %.
            assert_eq!(credits * 100, vcpus * 60 * percent, "{}", known.name);
        }
    }

    #[test]
    fn two_tasks_of_half_the_advertised_memory_do_not_fit() {
        let catalog = Catalog::embedded();
        let room = catalog.find("m5.large").unwrap().registered;
        assert!(!Size::new(2 * 1_024, 2 * 4_096).fits(room));
    }

    #[test]
    fn every_row_is_plausible_and_named_once() {
        let catalog = Catalog::embedded();
        assert_eq!(catalog.names().count(), 246);
        let mut seen = BTreeSet::new();
        for known in &catalog.types {
            assert!(seen.insert(&known.name), "{} twice", known.name);
            let advertised = u64::from(known.nominal.memory.0);
            let registered = u64::from(known.registered.memory.0);
            assert!(registered < advertised, "{}", known.name);
            // A nano keeps a fifth for itself; from 1 GiB on it is an eighth at most.
            let share_min = if advertised < 1_024 { 79 } else { 88 };
            assert!(registered * 100 >= advertised * share_min, "{}", known.name);
            assert_eq!(known.registered.cpu, known.nominal.cpu);
            assert!(known.nominal.cpu.0 > 0);
        }
    }
}
