//! What of a bill was paid for nothing, because something failed: three meters beside the bill's own.

use crate::billing::{BillError, FailedStartMeter, Ledger, LostWorkMeter, Rates, ReplacementMeter};
use crate::model::{Applications, ClusterSpec};
use crate::record::{Observer, Record};
use crate::units::{Money, SimTime};

/// What of a bill was paid for nothing, because something failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InVain {
    /// For what replaced something that had failed, before any task ran there.
    pub idle_replacements: Money,
    /// For tasks on Fargate that failed to start, and for the rest of the minute of those that failed
    /// before it was over.
    pub failed_starts: Money,
    /// For work in vain.
    pub lost_work: Money,
}

/// Meters it, where anything can fail.
pub(super) struct InVainMeter(Option<Meters>);

struct Meters {
    idle: ReplacementMeter,
    starts: FailedStartMeter,
    lost: LostWorkMeter,
}

impl InVainMeter {
    pub(super) fn new(cluster: &ClusterSpec, apps: &Applications) -> Self {
        let idle = ReplacementMeter::new(cluster, apps);
        Self(idle.map(|idle| Meters {
            idle,
            starts: FailedStartMeter::new(cluster, &apps.definitions),
            lost: LostWorkMeter::new(cluster, &apps.definitions),
        }))
    }

    /// What it was of the bill of a run that ended at `end`.
    pub(super) fn finish(
        self,
        end: SimTime,
        (ledger, rates): (&Ledger, &Rates),
    ) -> Result<InVain, BillError> {
        let Some(meters) = self.0 else {
            return Ok(InVain::default());
        };
        let idle = Ledger::price(&meters.idle.finish(end), rates)?;
        let starts = Ledger::price(&meters.starts.finish(end), rates)?;
        let lost = meters.lost.finish(end);
        let on_fargate = Ledger::price(&lost.fargate, rates)?.total();
        Ok(InVain {
            idle_replacements: idle.total(),
            failed_starts: starts.total(),
            lost_work: on_fargate + lost.on_instances.of(ledger, &idle),
        })
    }
}

impl Observer for InVainMeter {
    #[inline]
    fn on_record(&mut self, record: &Record<'_>) {
        if let Some(meters) = &mut self.0 {
            meters.idle.on_record(record);
            meters.starts.on_record(record);
            meters.lost.on_record(record);
        }
    }
}
