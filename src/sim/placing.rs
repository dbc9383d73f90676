//! From a submission to a place: arrival, provider, placement, and the queue of those who wait.

use super::engine::Engine;
use super::event::{Event, Rank, TaskSlot};
use super::kinds::{Kind, KindId};
use super::queue::{Likeness, Waiting};
use super::site::{Refusal, SiteCapacity};
use super::tasks::Origin;
use crate::model::{
    Arrivals, Claim, ContainerInstanceId, FargateSize, Introduction, ProviderId, Refusals,
    TooLarge, Unplaceable, WaitReason,
};
use crate::policy::{Ask, Verdict, place};
use crate::record::{Fact, Observer};
use crate::units::Size;

impl<O: Observer> Engine<'_, O> {
    #[inline]
    pub(super) fn on_arrival<A: Arrivals>(&mut self, arrivals: &mut A) {
        let Some(submission) = arrivals.peek().copied() else {
            return;
        };
        self.now = submission.arrival;
        let provider = self.provider_of_next(submission.workload);
        let definition = submission.definition.index();
        let kind = self.kinds.of_submitted(submission.workload, definition);
        let admitted = self.admissible(submission.size, kind, provider);
        let room = (provider, admitted.unwrap_or(Size::ZERO));
        let slot = self.tasks.arrive(&submission, room, Origin::Submitted);
        if self.memory.is_some() {
            self.state_memory(slot, arrivals.memory_used());
        }
        self.introduce(slot, arrivals.introduce());
        match admitted {
            Ok(_) => self.enter(slot, kind),
            Err(because) => self.turn_away(slot, because),
        }
        arrivals.advance();
    }

    /// A submitted task that can never run here is gone again.
    #[inline(never)]
    pub(super) fn turn_away(&mut self, slot: TaskSlot, because: Unplaceable) {
        self.record_task(slot, |task| Fact::TaskUnplaceable { task, because });
        self.on_task_gone(slot);
        self.tasks.forget(slot, true);
    }

    #[inline(always)]
    pub(super) fn introduce(&mut self, slot: TaskSlot, introduction: Introduction<'_>) {
        if !self.kinds.are_plain() {
            self.remember_group(slot, introduction.group);
        }
        self.record_task(slot, |task| Fact::TaskArrived { task, introduction });
    }

    /// Groups' names are kept where a query may ask for them.
    #[inline(never)]
    fn remember_group(&mut self, slot: TaskSlot, name: &str) {
        let number = self.tasks.get(slot).group.0 as usize;
        if self.groups.len() <= number {
            self.groups.resize(number + 1, String::new());
        }
        if self.groups[number].is_empty() {
            name.clone_into(&mut self.groups[number]);
        }
    }

    /// What a task will hold, or why it can never run at this provider.
    #[inline(always)]
    pub(super) fn admissible(
        &self,
        size: Size,
        kind: KindId,
        provider: ProviderId,
    ) -> Result<Size, Unplaceable> {
        if kind != KindId::PLAIN && !self.kinds.get(kind).is_possible(provider) {
            return Err(Unplaceable::Requirements);
        }
        match &self.sites[provider.index()].capacity {
            SiteCapacity::Ec2(group) => group.admissible(size),
            SiteCapacity::Fargate(fargate) => match FargateSize::round_up_on(fargate.os(), size) {
                Ok(size) => Ok(size.size()),
                Err(TooLarge::Cpu) => Err(Unplaceable::Cpu),
                Err(TooLarge::Memory) => Err(Unplaceable::Memory),
            },
        }
    }

    /// A task looks for a place, or lines up for one.
    #[inline(always)]
    pub(super) fn admit(&mut self, slot: TaskSlot, kind: KindId) {
        if let Some(refusals) = self.find_place(slot, kind) {
            self.record_task(slot, |task| Fact::TaskWaits { task, refusals });
            self.line_up(slot, kind);
        }
    }

    /// A task looks for a place, and begins if it finds one. Why not, if it does not.
    #[inline(always)]
    pub(super) fn find_place(&mut self, slot: TaskSlot, kind: KindId) -> Option<Refusals> {
        let provider = self.tasks.get(slot).provider;
        let site = &self.sites[provider.index()];
        if site.queue.blocks_arrivals() {
            return Some(self.behind_others(provider));
        }
        if self.has_schedulers(provider) {
            self.decide_later(slot);
            return None;
        }
        if let Err(refusals) = self.try_place(slot, kind) {
            return Some(refusals);
        }
        self.begin(slot);
        // A task without any duration may already have left its place again.
        self.move_queue(provider.index());
        None
    }

    /// Why a task waits that may not pass those ahead of it.
    pub(super) fn behind_others(&self, provider: ProviderId) -> Refusals {
        Refusals {
            instances: self.sites[provider.index()].active(&self.fleet),
            reason: WaitReason::BehindOthers,
        }
    }

    /// A task that found no place waits for one.
    #[inline(never)]
    pub(super) fn line_up(&mut self, slot: TaskSlot, kind: KindId) {
        let turn = self.next_turn();
        self.stand_in_line(slot, kind, turn);
        self.be_patient(slot);
    }

    /// The turn of one more task, after all that came before it.
    pub(super) const fn next_turn(&mut self) -> u64 {
        self.turns += 1;
        self.turns
    }

    /// A task waits at the place of its turn.
    pub(super) fn stand_in_line(&mut self, slot: TaskSlot, kind: KindId, turn: u64) {
        if self.keeps_tickets {
            self.tasks.duty(slot).turn = turn;
        }
        let alike = self.likeness(slot, kind);
        let provider = self.tasks.get(slot).provider;
        let queue = &mut self.sites[provider.index()].queue;
        queue.push(Waiting { turn, slot, alike });
        self.scaling_due = true;
    }

    /// What a task is like to those who wait.
    pub(super) fn likeness(&self, slot: TaskSlot, kind: KindId) -> Likeness {
        let task = self.tasks.get(slot);
        Likeness {
            decider: self.decider_of(task),
            size: task.reserved,
            kind,
        }
    }

    /// Reserves room for a task, if there is any.
    #[inline(always)]
    pub(super) fn try_place(&mut self, slot: TaskSlot, kind: KindId) -> Result<(), Refusals> {
        let task = self.tasks.get(slot);
        let provider = task.provider;
        if let SiteCapacity::Fargate(site) = &mut self.sites[provider.index()].capacity {
            let zone =
                site.launch(task, self.now, &mut self.events)
                    .map_err(|Refusal { reason }| Refusals {
                        instances: 0,
                        reason,
                    })?;
            let task = self.tasks.get_mut(slot);
            task.zone = Some(zone);
            task.placed_at = Some(self.now);
        } else {
            let instance = self.choose(slot, kind)?;
            self.occupy(slot, kind, instance);
        }
        Ok(())
    }

    /// Where the placement policy sends a task, or why nowhere.
    #[inline(always)]
    pub(super) fn choose(
        &self,
        slot: TaskSlot,
        kind: KindId,
    ) -> Result<ContainerInstanceId, Refusals> {
        let task = self.tasks.get(slot);
        let of_kind = self.kinds.get(kind);
        if let Some(named) = &of_kind.start_on {
            return self.choose_named(slot, of_kind, named);
        }
        let ask = Ask {
            fate: task.fate,
            provider: task.provider,
            view: of_kind.view(task.provider),
            size: task.reserved,
            group: task.group,
            demands: of_kind.demands.as_ref(),
        };
        let satisfies = |id, query: &_| self.satisfies(id, query);
        match place(&ask, &self.fleet, satisfies, self.seed) {
            Verdict::On(id) => Ok(id),
            Verdict::Nowhere(refusals) => Err(refusals),
        }
    }

    /// `StartTask`: the first of the instances it names that can take the task. Strategies and
    /// constraints are not asked.
    ///
    /// Source: ECS API Reference, `StartTask`.
    #[inline(never)]
    fn choose_named(
        &self,
        slot: TaskSlot,
        kind: &Kind,
        named: &[ContainerInstanceId],
    ) -> Result<ContainerInstanceId, Refusals> {
        let task = self.tasks.get(slot);
        let mut refusals = Refusals::default();
        for id in named {
            if id.index() >= self.fleet.launched() {
                continue;
            }
            let instance = self.fleet.instance(*id);
            if !instance.takes_tasks() || instance.provider != task.provider {
                continue;
            }
            let free = self.fleet.free(*id);
            refusals.instances += 1;
            refusals.reason = if task.reserved.cpu > free.cpu {
                WaitReason::Cpu
            } else if task.reserved.memory > free.memory {
                WaitReason::Memory
            } else if !self.fleet.has_pieces(*id, kind.extras.as_ref()) {
                WaitReason::Interfaces
            } else if !self.fleet.has_ports(*id, kind.ports()) {
                WaitReason::Ports
            } else {
                return Ok(*id);
            };
        }
        Err(refusals)
    }

    /// A task takes its place on an instance.
    #[inline(always)]
    pub(super) fn occupy(&mut self, slot: TaskSlot, kind: KindId, id: ContainerInstanceId) {
        let task = self.tasks.get(slot);
        if self.kinds.get(kind).is_daemon() {
            self.use_room(slot, id);
        } else if let SiteCapacity::Ec2(group) = &mut self.sites[task.provider.index()].capacity {
            group.before_reserve(id, &self.fleet, &mut self.events);
        }
        let task = self.tasks.get(slot);
        let claim = Claim {
            size: task.reserved,
            group: task.group,
            extras: self.kinds.get(kind).extras.as_ref(),
        };
        self.fleet.reserve(id, &claim);
        self.launched_in_vain = 0;
        let zone = self.fleet.instance(id).zone;
        let task = self.tasks.get_mut(slot);
        task.instance = Some(id);
        task.zone = Some(zone);
        task.placed_at = Some(self.now);
    }

    /// Gives waiting tasks of a provider that may fit now their chance, in the order of the
    /// queue's rule.
    #[inline]
    pub(super) fn move_queue(&mut self, provider: usize) {
        if !self.sites[provider].queue.is_empty() {
            self.move_those_who_wait(provider);
        }
    }

    #[inline(never)]
    fn move_those_who_wait(&mut self, provider: usize) {
        if self.schedulers.is_some() && self.sites[provider].is_ec2() {
            return self.call_schedulers(provider);
        }
        while let Some(candidate) = self.sites[provider].queue.candidate() {
            let Err(refusals) = self.try_place(candidate.slot, candidate.alike.kind) else {
                self.sites[provider].queue.taken(&candidate);
                self.lose_patience(candidate.slot);
                self.begin(candidate.slot);
                continue;
            };
            // Where nothing at all is launched now, nobody else need ask; all of them may hope.
            let is_shut = matches!(
                refusals.reason,
                WaitReason::Throttled | WaitReason::Capacity
            );
            if is_shut || !self.sites[provider].queue.refused(&candidate) {
                return;
            }
        }
    }

    /// Throttled launches go on.
    pub(super) fn on_tokens(&mut self, provider: ProviderId) {
        let site = &mut self.sites[provider.index()];
        if let SiteCapacity::Fargate(fargate) = &mut site.capacity {
            fargate.tokens_came();
        }
        site.queue.room_came(Size::MAX);
        self.move_queue(provider.index());
    }

    /// Where scaling is managed, ECS stops a task that has waited for long; a service starts another.
    /// `Assumption:` one with a launch type, which ECS refuses at once, is tried again until there is room.
    #[inline(never)]
    pub(super) fn be_patient(&mut self, slot: TaskSlot) {
        let task = self.tasks.get(slot);
        let is_service = task.service.is_some();
        if self.kinds.get(self.kinds.of(task)).is_unseen {
            return;
        }
        let Some(timeout) = self.sites[task.provider.index()].patience(is_service) else {
            return;
        };
        let at = self.now + timeout;
        let ticket = self
            .events
            .schedule(at, Rank::Progress, Event::WaitEnds(slot));
        self.tasks.duty(slot).patience = Some(ticket);
    }

    /// The task waits no longer.
    #[inline]
    pub(super) fn lose_patience(&mut self, slot: TaskSlot) {
        if self.keeps_tickets
            && let Some(ticket) = self.tasks.duty(slot).patience.take()
        {
            self.events.cancel(ticket);
        }
    }
}
