//! Bound C: the least a portable program must do to replay the common workload.
//!
//! It knows arrivals, completions and placement, and nothing else: no statistics but three sums, no
//! bill, no services, no scaling. It is the yardstick for the simulator, which does all of that, so
//! it is written the way a good programmer would write it in an afternoon: read the whole file,
//! parse it, keep the completions in a 4-ary heap and the hosts in a binary tree of maxima. There
//! is no vector code, no memory mapping, and nothing that knows the sizes tasks come in.
//!
//! ```text
//! bytes ─▶ Vec<Row> ─▶ arrivals in order ─┐
//!                                         ├─▶ earliest first ─▶ place or wait ─▶ Outcome
//!              heap of completions ───────┘        │  ▲
//!                    ▲                             │  └── queue, drained after each completion
//!                    └─────────────────────────────┘
//! ```
//!
//! At one instant completions come before arrivals, and among themselves they go by task. The queue
//! is strictly first in, first out: while its head does not fit, nobody behind it is tried.
//!
//! What it did is proved by the [`Outcome`], which holds a checksum over all placements in order;
//! [`RESULTS`] has the published ones.

#![allow(dead_code, reason = "each bench uses a part of this file")]

use std::collections::{BTreeSet, VecDeque};
use std::fmt;

use super::workload::{HEADER, HOST_CPU_UNITS, HOST_MEMORY_MIB, Parameters};

/// What a run comes to: equal outcomes mean equal placements, all but certainly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Tasks placed, which is all of them.
    pub(crate) tasks: u64,
    /// FNV-1a over the host index of every placement in order, one step per index.
    pub(crate) placements: u64,
    /// Sum over all tasks of the time from arrival to start.
    pub(crate) wait_ms: u64,
    /// Tasks that were put into the queue.
    pub(crate) queued: u64,
    /// The most tasks that were in the queue at once.
    pub(crate) queue_max: u64,
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            tasks,
            placements,
            wait_ms,
            queued,
            queue_max,
        } = self;
        write!(
            formatter,
            "{tasks} {placements:016x} {wait_ms} {queued} {queue_max}"
        )
    }
}

/// How a host is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Policy {
    /// The lowest host index that has the CPU and the memory.
    FirstFit,
    /// The host with the least free memory that has both; the lowest index among equals.
    BestFit,
}

/// The published outcomes of one workload.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Results {
    /// Which workload.
    pub(crate) parameters: Parameters,
    /// What first fit comes to.
    pub(crate) first_fit: Outcome,
    /// What best fit comes to.
    pub(crate) best_fit: Outcome,
}

/// Every published outcome. The overload of a million tasks has none.
pub(crate) const RESULTS: [Results; 5] = [
    Results::unqueued(100_000, 100, 0xa9e9_b4bb_e03b_7cff, 0x43ee_fd54_04ab_bae6),
    Results::unqueued(
        1_000_000,
        1_000,
        0x8606_7b17_876e_ee23,
        0x0228_f981_d811_b87a,
    ),
    Results::unqueued(
        1_000_000,
        10_000,
        0x35f2_0301_645f_eadd,
        0x7ac3_7549_b67b_158d,
    ),
    Results::unqueued(
        10_000_000,
        10_000,
        0x92b1_f263_a752_e629,
        0x694a_6054_267e_b6b8,
    ),
    Results {
        parameters: Parameters {
            tasks: 100_000,
            hosts: 100,
            utilisation_percent: 97,
        },
        first_fit: Outcome {
            tasks: 100_000,
            placements: 0xbb21_da35_08f5_555a,
            wait_ms: 3_907_391_862,
            queued: 63_921,
            queue_max: 364,
        },
        best_fit: Outcome {
            tasks: 100_000,
            placements: 0x56c6_7bfa_2acf_bce5,
            wait_ms: 5_610_650_118,
            queued: 72_917,
            queue_max: 399,
        },
    },
];

impl Results {
    /// A workload at 75 %, in which no task ever waits.
    const fn unqueued(tasks: u64, hosts: u32, first_fit: u64, best_fit: u64) -> Self {
        let outcome = Outcome {
            tasks,
            placements: first_fit,
            wait_ms: 0,
            queued: 0,
            queue_max: 0,
        };
        Self {
            parameters: Parameters {
                tasks,
                hosts,
                utilisation_percent: 75,
            },
            first_fit: outcome,
            best_fit: Outcome {
                placements: best_fit,
                ..outcome
            },
        }
    }

    /// The published outcome of a workload under a policy, if there is one.
    pub(crate) fn published(parameters: Parameters, policy: Policy) -> Option<Outcome> {
        let results = RESULTS
            .iter()
            .find(|results| results.parameters == parameters)?;
        Some(match policy {
            Policy::FirstFit => results.first_fit,
            Policy::BestFit => results.best_fit,
        })
    }
}

/// One task as the run needs it; its number is its place in the trace.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    /// When it arrives.
    arrival_ms: u64,
    /// How long it runs.
    duration_ms: u64,
    /// What it needs.
    need: Room,
}

/// An amount of both resources: what a task needs, or what a host has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Room {
    /// CPU units.
    cpu_units: u32,
    /// Memory in MiB.
    memory_mib: u32,
}

impl Room {
    /// A host with nothing on it.
    const HOST: Self = Self {
        cpu_units: HOST_CPU_UNITS,
        memory_mib: HOST_MEMORY_MIB,
    };

    /// Nothing at all.
    const NONE: Self = Self {
        cpu_units: 0,
        memory_mib: 0,
    };

    /// Whether `need` fits in here.
    #[expect(
        clippy::needless_bitwise_bool,
        reason = "nobody can guess either answer, so both are computed and no branch is missed"
    )]
    fn holds(self, need: Self) -> bool {
        (self.cpu_units >= need.cpu_units) & (self.memory_mib >= need.memory_mib)
    }

    /// The larger of each resource, which need not be the room of any one host.
    fn maxima(self, other: Self) -> Self {
        Self {
            cpu_units: self.cpu_units.max(other.cpu_units),
            memory_mib: self.memory_mib.max(other.memory_mib),
        }
    }

    /// What is left once `need` is taken.
    fn less(self, need: Self) -> Self {
        Self {
            cpu_units: self.cpu_units - need.cpu_units,
            memory_mib: self.memory_mib - need.memory_mib,
        }
    }

    /// What there is once `need` is given back.
    fn plus(self, need: Self) -> Self {
        Self {
            cpu_units: self.cpu_units + need.cpu_units,
            memory_mib: self.memory_mib + need.memory_mib,
        }
    }
}

/// Reads a whole trace out of the bytes of its file.
///
/// # Panics
///
/// When the bytes are not a common workload: a bound has no use for error messages.
pub(crate) fn parse(bytes: &[u8]) -> Vec<Row> {
    let mut rest = bytes
        .strip_prefix(HEADER)
        .expect("the file has the header of the workload");
    let mut rows = Vec::with_capacity(memchr::memchr_iter(b'\n', rest).count());
    while !rest.is_empty() {
        assert_eq!(
            number(&mut rest, b','),
            rows.len() as u64,
            "tasks are numbered in order"
        );
        let arrival_ms = number(&mut rest, b',');
        let cpu_units = small(number(&mut rest, b','));
        let memory_mib = small(number(&mut rest, b','));
        let duration_ms = number(&mut rest, b'\n');
        let need = Room {
            cpu_units,
            memory_mib,
        };
        assert!(
            Room::HOST.holds(need) && need != Room::NONE,
            "a task fits an empty host"
        );
        rows.push(Row {
            arrival_ms,
            duration_ms,
            need,
        });
    }
    rows
}

/// Runs a trace on `hosts` empty hosts until the last task has stopped.
pub(crate) fn run(rows: &[Row], hosts: u32, policy: Policy) -> Outcome {
    match policy {
        Policy::FirstFit => Run::new(rows, MaxTree::new(hosts)).complete(),
        Policy::BestFit => Run::new(rows, ByMemory::new(hosts)).complete(),
    }
}

/// Takes a decimal number and the byte behind it off the front of `rest`.
#[inline]
fn number(rest: &mut &[u8], end: u8) -> u64 {
    let mut value = 0_u64;
    let mut length = 0;
    for &byte in *rest {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        // A number that wraps round would need more than the 19 digits checked below.
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        length += 1;
    }
    assert!((1..=19).contains(&length), "a field is a number");
    assert_eq!(rest.get(length), Some(&end), "a field ends where it should");
    *rest = &rest[length + 1..];
    value
}

/// Narrows an amount of CPU or memory.
#[inline]
fn small(value: u64) -> u32 {
    u32::try_from(value).expect("CPU units and MiB fit in 32 bits")
}

/// The free room of all hosts, arranged so that the policy finds its host quickly.
trait Hosts {
    /// The host that gets a task with this need, if any has the room.
    fn find(&self, need: Room) -> Option<u32>;
    /// The free room of a host.
    fn free(&self, host: u32) -> Room;
    /// Replaces the free room of a host.
    fn set(&mut self, host: u32, free: Room);
}

/// First fit: a complete binary tree in which every node has the maxima of its two children.
struct MaxTree {
    /// Node 1 is the root, node `n` has the children `2n` and `2n + 1`; node 0 is unused.
    nodes: Vec<Room>,
    /// The node of host 0, a power of two.
    leaves: usize,
}

impl MaxTree {
    /// A tree over empty hosts, filled up with leaves on which nothing fits.
    fn new(hosts: u32) -> Self {
        let leaves = (hosts as usize).next_power_of_two();
        let mut tree = Self {
            nodes: vec![Room::NONE; 2 * leaves],
            leaves,
        };
        tree.nodes[leaves..leaves + hosts as usize].fill(Room::HOST);
        for node in (1..leaves).rev() {
            tree.nodes[node] = tree.nodes[2 * node].maxima(tree.nodes[2 * node + 1]);
        }
        tree
    }
}

impl Hosts for MaxTree {
    /// Walks the tree in preorder and leaves out every subtree whose maxima are too small. The two
    /// maxima of a node may be of different hosts, so a subtree can look large enough and yet hold
    /// no host that is; the walk then goes on to the right of it.
    fn find(&self, need: Room) -> Option<u32> {
        let mut node = 1;
        loop {
            if self.nodes[node].holds(need) {
                if node >= self.leaves {
                    return Some(index(node - self.leaves));
                }
                node *= 2;
            } else {
                // Climb for as long as this is a right child, then step to the right sibling. The
                // root counts as a right child, and above it there is nothing left to try.
                node >>= node.trailing_ones();
                if node == 0 {
                    return None;
                }
                node += 1;
            }
        }
    }

    fn free(&self, host: u32) -> Room {
        self.nodes[self.leaves + host as usize]
    }

    fn set(&mut self, host: u32, free: Room) {
        let mut node = self.leaves + host as usize;
        self.nodes[node] = free;
        while node > 1 {
            let maxima = self.nodes[node].maxima(self.nodes[node ^ 1]);
            node >>= 1;
            if self.nodes[node] == maxima {
                break;
            }
            self.nodes[node] = maxima;
        }
    }
}

/// Best fit: the hosts in order of free memory, then index.
struct ByMemory {
    /// Free room by host.
    free: Vec<Room>,
    /// Free memory, index and free CPU of every host. The CPU has no say in the order; it is here
    /// because the search passes many hosts that have memory left but no CPU.
    order: BTreeSet<(u32, u32, u32)>,
}

impl ByMemory {
    /// Empty hosts.
    fn new(hosts: u32) -> Self {
        Self {
            free: vec![Room::HOST; hosts as usize],
            order: (0..hosts)
                .map(|host| Self::place_of(host, Room::HOST))
                .collect(),
        }
    }

    /// Where a host with this much free room stands in the order.
    fn place_of(host: u32, free: Room) -> (u32, u32, u32) {
        (free.memory_mib, host, free.cpu_units)
    }
}

impl Hosts for ByMemory {
    fn find(&self, need: Room) -> Option<u32> {
        let mut roomy = self.order.range((need.memory_mib, 0, 0)..);
        roomy
            .find(|place| place.2 >= need.cpu_units)
            .map(|place| place.1)
    }

    fn free(&self, host: u32) -> Room {
        self.free[host as usize]
    }

    fn set(&mut self, host: u32, free: Room) {
        self.order.remove(&Self::place_of(host, self.free(host)));
        self.order.insert(Self::place_of(host, free));
        self.free[host as usize] = free;
    }
}

/// The end of a running task.
#[derive(Clone, Copy, Debug)]
struct Completion {
    /// When.
    end_ms: u64,
    /// Whose; no two running tasks have the same number, so the order is total.
    task: u32,
    /// Where.
    host: u32,
}

impl Completion {
    /// What orders completions: when, then whose, as one number, because comparing two of those
    /// takes no branch.
    fn key(self) -> u128 {
        u128::from(self.end_ms) << 64 | u128::from(self.task)
    }
}

/// A heap with four children per node, the earliest completion on top.
#[derive(Default)]
struct FourHeap {
    /// Node `n` has the children `4n + 1` to `4n + 4`.
    entries: Vec<Completion>,
}

impl FourHeap {
    /// The earliest completion.
    fn first(&self) -> Option<&Completion> {
        self.entries.first()
    }

    /// Adds a completion.
    fn push(&mut self, completion: Completion) {
        let mut node = self.entries.len();
        self.entries.push(completion);
        while node > 0 {
            let parent = (node - 1) >> 2;
            if self.entries[parent].key() <= completion.key() {
                break;
            }
            self.entries[node] = self.entries[parent];
            node = parent;
        }
        self.entries[node] = completion;
    }

    /// Removes the earliest completion.
    fn pop(&mut self) -> Option<Completion> {
        let last = self.entries.pop()?;
        let Some(&first) = self.entries.first() else {
            return Some(last);
        };
        let mut node = 0;
        while let Some(child) = self.earliest_child(node) {
            if last.key() <= self.entries[child].key() {
                break;
            }
            self.entries[node] = self.entries[child];
            node = child;
        }
        self.entries[node] = last;
        Some(first)
    }

    /// The child of `node` that comes before its siblings.
    fn earliest_child(&self, node: usize) -> Option<usize> {
        let start = 4 * node + 1;
        let end = self.entries.len().min(start + 4);
        (start..end).min_by_key(|&child| self.entries[child].key())
    }
}

/// A run that is under way.
struct Run<'rows, H> {
    /// The trace.
    rows: &'rows [Row],
    /// The free room.
    hosts: H,
    /// What is running.
    completions: FourHeap,
    /// Who waits, in order of arrival.
    queue: VecDeque<u32>,
    /// What there is to tell so far.
    outcome: Outcome,
}

impl<'rows, H: Hosts> Run<'rows, H> {
    /// A run in which nothing has happened.
    fn new(rows: &'rows [Row], hosts: H) -> Self {
        Self {
            rows,
            hosts,
            completions: FourHeap::default(),
            queue: VecDeque::new(),
            outcome: Outcome {
                tasks: 0,
                placements: 0xcbf2_9ce4_8422_2325,
                wait_ms: 0,
                queued: 0,
                queue_max: 0,
            },
        }
    }

    /// Handles every event in order.
    fn complete(mut self) -> Outcome {
        for (task, row) in self.rows.iter().enumerate() {
            self.stop_until(row.arrival_ms);
            self.arrive(index(task), row.arrival_ms);
        }
        self.stop_until(u64::MAX);
        assert!(
            self.queue.is_empty(),
            "every task fits an empty host, so none waits for ever"
        );
        self.outcome
    }

    /// Handles the completions up to and including `now_ms`, and drains the queue after each.
    fn stop_until(&mut self, now_ms: u64) {
        while self
            .completions
            .first()
            .is_some_and(|first| first.end_ms <= now_ms)
        {
            let Some(Completion { end_ms, task, host }) = self.completions.pop() else {
                break;
            };
            let free = self.hosts.free(host).plus(self.rows[task as usize].need);
            self.hosts.set(host, free);
            while let Some(&head) = self.queue.front()
                && self.place(head, end_ms)
            {
                self.queue.pop_front();
            }
        }
    }

    /// Starts a task, or puts it at the end of the queue.
    fn arrive(&mut self, task: u32, now_ms: u64) {
        if !self.queue.is_empty() || !self.place(task, now_ms) {
            self.queue.push_back(task);
            self.outcome.queued += 1;
            self.outcome.queue_max = self.outcome.queue_max.max(self.queue.len() as u64);
        }
    }

    /// Starts a task if a host has the room; tells whether it did.
    fn place(&mut self, task: u32, now_ms: u64) -> bool {
        let row = self.rows[task as usize];
        let Some(host) = self.hosts.find(row.need) else {
            return false;
        };
        self.hosts.set(host, self.hosts.free(host).less(row.need));
        self.completions.push(Completion {
            end_ms: now_ms + row.duration_ms,
            task,
            host,
        });
        let mixed = self.outcome.placements ^ u64::from(host);
        self.outcome.placements = mixed.wrapping_mul(0x0100_0000_01b3);
        self.outcome.wait_ms += now_ms - row.arrival_ms;
        self.outcome.tasks += 1;
        true
    }
}

/// A place in an array as a number of 32 bits.
#[inline]
fn index(place: usize) -> u32 {
    u32::try_from(place).expect("tasks and hosts are numbered in 32 bits")
}
