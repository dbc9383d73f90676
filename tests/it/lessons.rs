//! The lessons: each shows one rule of ECS, which is asserted here from what the run left behind,
//! as are the figures of the scenario's opening comment.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::program::{Folder, Row, Table};

/// A minute in milliseconds.
const MINUTE: u64 = 60_000;

/// A lesson that was run, with some keys changed.
struct Lesson {
    folder: Folder,
    name: &'static str,
    comment: String,
    told: String,
    summary: Table,
}

impl Lesson {
    #[track_caller]
    fn run(name: &'static str, changes: &[&str]) -> Self {
        let own: String = [&[name], changes].concat().join("_");
        let own = own.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        let folder = Folder::new(&format!("lesson_{own}"));
        let path = format!("{}/scenarios/{name}.toml", env!("CARGO_MANIFEST_DIR"));
        let text = fs::read_to_string(&path).expect("it is there");
        let mut arguments = vec!["run", &path, "--no-charts"];
        for change in changes {
            arguments.extend(["--set", change]);
        }
        let told = folder.fine(&arguments).err;
        let comment = text.lines().take_while(|line| line.starts_with('#'));
        let words = comment.map(|line| line.trim_start_matches('#').trim_start());
        Self {
            comment: words.collect::<Vec<&str>>().join(" "),
            summary: folder.table(&format!("output/{name}/summary.csv")),
            folder,
            name,
            told,
        }
    }

    #[track_caller]
    fn table(&self, cluster: &str, file: &str) -> Table {
        let path = format!("output/{}/clusters/{cluster}/{file}.csv", self.name);
        self.folder.table(&path)
    }

    #[track_caller]
    fn of(&self, cluster: &str) -> Row<'_> {
        self.summary.row(cluster)
    }

    /// In nano-dollars.
    #[track_caller]
    fn cost(&self, cluster: &str) -> u128 {
        self.of(cluster).dollars("cost_usd")
    }

    #[track_caller]
    fn says(&self, words: &str) {
        assert!(self.comment.contains(words), "{words}: {}", self.comment);
    }

    /// The comment says what the cluster costs, to a cent or, below a dime, a hundredth of it.
    #[track_caller]
    fn says_cost(&self, cluster: &str) {
        let cost = self.cost(cluster);
        let (unit, places) = if cost < 100_000_000 {
            (100_000, 4)
        } else {
            (10_000_000, 2)
        };
        let count = (2 * cost + unit).div_euclid(2 * unit);
        let per_dollar = 10_u128.pow(places);
        let (dollars, rest) = (count.div_euclid(per_dollar), count.rem_euclid(per_dollar));
        let width = usize::try_from(places).unwrap();
        self.says(&format!("${dollars}.{rest:0width$}"));
    }

    /// When instances went, and how many each time.
    #[track_caller]
    fn ends(&self, cluster: &str) -> Vec<(u64, usize)> {
        counted(&self.table(cluster, "instances"), "terminated_ms")
    }

    /// When instances were launched, and how many each time.
    #[track_caller]
    fn launches(&self, cluster: &str) -> Vec<(u64, usize)> {
        counted(&self.table(cluster, "instances"), "launched_ms")
    }

    /// When the last task that a workload submitted came to its end.
    #[track_caller]
    fn last_job_ends(&self, cluster: &str) -> u64 {
        let tasks = self.table(cluster, "tasks");
        let jobs = tasks.rows().filter(|row| row.text("service").is_empty());
        let ends = jobs.filter_map(|row| row.whole("execution_stopped_ms"));
        ends.max().expect("there are jobs")
    }

    /// How long the service's second deployment took, or `None` if it was not over at the end.
    #[track_caller]
    fn deployment(&self, cluster: &str) -> Option<u64> {
        let events = self.table(cluster, "events");
        let at = |event: &str| {
            let second =
                |row: &Row<'_>| row.text("event") == event && row.text("deployment") == "1";
            events.rows().find(second)?.whole("at_ms")
        };
        let begun = at("deployment-begun").expect("there is one");
        at("deployment-completed").map(|completed| completed - begun)
    }
}

/// How often each value occurs in a column, in ascending order.
fn counted(table: &Table, column: &str) -> Vec<(u64, usize)> {
    let mut counted = BTreeMap::new();
    for value in table.rows().filter_map(|row| row.whole(column)) {
        *counted.entry(value).or_default() += 1;
    }
    counted.into_iter().collect()
}

/// As the comments write lengths of time: `27:08`, minutes and whole seconds.
fn clock(ms: u64) -> String {
    let seconds = ms.div_euclid(1_000);
    format!("{}:{:02}", seconds.div_euclid(60), seconds.rem_euclid(60))
}

/// How long a task ran, from RUNNING to the end of its containers.
fn ran(row: &Row<'_>) -> Option<u64> {
    Some(row.whole("execution_stopped_ms")? - row.whole("started_ms")?)
}

#[test]
fn a_neighbour_takes_the_cpu_that_was_free() {
    let reports = |lesson: &Lesson, cluster: &str| -> Vec<u64> {
        let tasks = lesson.table(cluster, "tasks");
        let reports = tasks
            .rows()
            .filter(|row| row.text("task_definition") == "report");
        reports.filter_map(|row| ran(&row)).collect()
    };
    let shown = Lesson::run("noisy-neighbour", &[]);
    let shared = reports(&shown, "shared");
    let [shortest, longest] = [shared.iter().min(), shared.iter().max()].map(Option::unwrap);
    assert_eq!(clock(*shortest), "1:00");
    // 409.6 of 2048 units, 410 of them rounded up: 8 min × 256 ÷ 410.
    assert_eq!(*longest, (480_000_u64 * 256).div_ceil(410));
    shown.says(&format!("it is done in {}", clock(*shortest)));
    shown.says(&format!("the report takes {}", clock(longest + 500)));
    assert!(reports(&shown, "reserved").iter().all(|ms| *ms == 480_000));
    let of_batch = |lesson: &Lesson, cluster: &str| {
        let tasks = lesson.table(cluster, "tasks");
        let batch = tasks
            .rows()
            .find(|row| row.text("task_definition") == "batch");
        ran(&batch.expect("it is there")).expect("it ends")
    };
    shown.says(&format!("done after {}", clock(of_batch(&shown, "shared"))));
    assert_eq!(of_batch(&shown, "reserved"), 60 * MINUTE);
    assert_eq!(shown.cost("shared"), shown.cost("reserved"));

    let fenced = Lesson::run("noisy-neighbour", &["task_definition.batch.cpu=1024"]);
    let longest = reports(&fenced, "shared").into_iter().max().unwrap();
    fenced.says(&format!("longer than {}", clock(longest)));
    assert_eq!(of_batch(&fenced, "shared"), 60 * MINUTE);
}

/// Who was killed for memory: when, of which service, and why.
fn killed(lesson: &Lesson, cluster: &str) -> Vec<(u64, String, String)> {
    let events = lesson.table(cluster, "events");
    let kills = events
        .rows()
        .filter(|row| row.text("event") == "task-killed");
    let of = |row: Row<'_>| {
        let text = |column| row.text(column).to_owned();
        (
            row.whole("at_ms").expect("it has a time"),
            text("service"),
            text("because"),
        )
    };
    kills.map(of).collect()
}

/// `7:44:00`, hours, minutes and whole seconds.
fn hours(ms: u64) -> String {
    let minutes = ms.div_euclid(MINUTE);
    let seconds = ms.rem_euclid(MINUTE).div_euclid(1_000);
    format!(
        "{}:{:02}:{seconds:02}",
        minutes.div_euclid(60),
        minutes.rem_euclid(60)
    )
}

#[test]
fn a_leak_kills_its_neighbour_on_an_instance_and_itself_on_fargate() {
    let name = "memory-leak";
    let shown = Lesson::run(name, &[]);
    let count = |kills: &[(u64, String, String)], service: &str| {
        kills.iter().filter(|(_, of, _)| of == service).count()
    };
    let on_ec2 = killed(&shown, "ec2");
    assert!(on_ec2.iter().all(|(_, _, why)| why == "instance-full"));
    let (first, whose, _) = &on_ec2[0];
    assert_eq!(whose, "cache", "not the leak");
    shown.says(&format!("At {} the instance", hours(*first)));
    let (cache, web) = (count(&on_ec2, "cache"), count(&on_ec2, "web"));
    shown.says(&format!(
        "the cache is killed {cache} times and `web` {web}"
    ));
    let services = shown.table("ec2", "services");
    let stops = services.row("cache").whole("stops_out_of_memory");
    assert_eq!(stops, u64::try_from(cache).ok());
    let tasks = shown.table("ec2", "tasks");
    let mut caches = tasks.rows().filter(|row| row.text("service") == "cache");
    let keeps_to_it = |row: Row<'_>| {
        row.whole("memory_used_peak_mib")
            .is_none_or(|it| it <= 2_900)
    };
    assert!(caches.all(keeps_to_it));
    let killed_there: Vec<Row<'_>> = tasks
        .rows()
        .filter(|row| row.text("exit") == "137")
        .collect();
    let words = "OutOfMemoryError: Container killed due to memory usage";
    assert!(
        killed_there
            .iter()
            .all(|row| row.text("stop_reason") == words)
    );
    assert_eq!(killed_there.len(), on_ec2.len());
    shown.says("missing for 2h 14m");
    let missing = services.row("cache").text("below_desired_s").to_owned();
    assert!(missing.starts_with("80"), "2h 14m are 8040 s: {missing}");

    let on_fargate = killed(&shown, "fargate");
    assert!(on_fargate.iter().all(|(_, _, why)| why == "task-limit"));
    assert_eq!(count(&on_fargate, "cache"), 0);
    let web = count(&on_fargate, "web");
    shown.says(&format!("`web` is killed {web} times, the first time at"));
    shown.says(&format!("at {}, and nobody else", hours(on_fargate[0].0)));

    let fenced = Lesson::run(name, &["task_definition.web.container.web.memory=1100"]);
    let on_ec2 = killed(&fenced, "ec2");
    assert!(on_ec2.iter().all(|(_, _, why)| why == "container-limit"));
    assert_eq!(count(&on_ec2, "cache"), 0);
    let web = count(&on_ec2, "web");
    fenced.says(&format!("`web` is killed {web} times on `ec2` too"));
}

#[test]
fn without_credits_there_is_the_baseline_or_a_bill() {
    let shown = Lesson::run("credits-run-dry", &[]);
    for cluster in ["standard", "unlimited", "steady"] {
        shown.says_cost(cluster);
    }
    let hours = |ms: u64| format!("{}:{}", ms.div_euclid(3_600_000), &hour_clock(ms));
    let done = |cluster| shown.last_job_ends(cluster);
    shown.says(&format!("are done at {}", hours(done("standard"))));
    shown.says(&format!("it is done at {}", hours(done("unlimited"))));
    assert_eq!(done("unlimited"), done("steady"));
    let cpu = shown.table("standard", "cpu");
    let is_throttled = |row: &Row<'_>| row.whole("throttled_instances_max") == Some(1);
    let first = cpu.rows().find(is_throttled).expect("it runs dry");
    shown.says("at 10:00:00");
    assert_eq!(first.whole("start_ms"), Some(10 * 60 * MINUTE));
    assert_eq!(shown.of("unlimited").decimal("surplus_vcpu_hours", 6), 0);
    assert_eq!(shown.of("unlimited").dollars("cost_ec2_cpu_credits_usd"), 0);

    let long = Lesson::run("credits-run-dry", &["workload.jobs.generate.duration=12h"]);
    long.says("$1.80");
    let [cost, credits] = ["cost_usd", "cost_ec2_cpu_credits_usd"];
    let cents = |column| (long.of("unlimited").dollars(column) + 5_000_000).div_euclid(10_000_000);
    assert_eq!((cents(cost), cents(credits)), (180, 72));
    // Beyond what a day earns at once, and the rest at the end; the start of the tasks earned a bit.
    let surplus = long.of("unlimited").decimal("surplus_vcpu_hours", 6);
    assert!((14_390_000..=14_410_000).contains(&surplus), "{surplus}");
    assert_eq!(long.of("standard").whole("tasks_finished"), Some(0));
}

/// The minutes and seconds of a moment, as `07:08`.
fn hour_clock(ms: u64) -> String {
    let seconds = ms.div_euclid(1_000);
    let (minutes, seconds) = (seconds.div_euclid(60), seconds.rem_euclid(60));
    format!("{:02}:{seconds:02}", minutes.rem_euclid(60))
}

#[test]
fn a_group_stays_for_a_quarter_of_an_hour_after_the_work() {
    let shown = Lesson::run("scale-in-tail", &[]);
    for cluster in ["managed", "waiting-tasks", "fargate"] {
        shown.says_cost(cluster);
    }
    let done = shown.last_job_ends("managed");
    shown.says(&format!("the last job ends at {}", clock(done)));
    let ends = shown.ends("managed");
    let (first, last) = (ends[0].0, ends.last().unwrap().0);
    shown.says(&format!("goes at {}", clock(first)));
    shown.says(&format!("the last of eighteen at {}", clock(last)));
    // The first of fifteen datapoints comes within a minute of the last job's end.
    assert!((14 * MINUTE..=15 * MINUTE).contains(&(first - done)));
    assert_eq!(ends.iter().map(|(_, count)| count).sum::<usize>(), 18);
    // The other rule: within a minute and the second between the first task's end and the last's.
    let done = shown.last_job_ends("waiting-tasks");
    for (end, _) in shown.ends("waiting-tasks") {
        assert!(end <= done + MINUTE, "{end}");
    }
    assert!(shown.cost("fargate") < shown.cost("managed"));

    let short = Lesson::run("scale-in-tail", &["workload.jobs.generate.duration=5m"]);
    let tail = short.ends("managed")[0].0 - short.last_job_ends("managed");
    assert_eq!(
        tail,
        first - shown.last_job_ends("managed"),
        "as long as before"
    );
    shown.says("`managed` costs $1.76");
    shown.says("Fargate's $0.87");
    assert_eq!(short.cost("managed").div_euclid(10_000_000), 175);
    assert_eq!(
        (short.cost("fargate") + 5_000_000).div_euclid(10_000_000),
        87
    );
}

#[test]
fn from_zero_there_are_always_two() {
    let shown = Lesson::run("zero-to-two", &[]);
    for cluster in ["managed", "waiting-tasks", "fargate"] {
        shown.says_cost(cluster);
    }
    assert_eq!(shown.launches("managed"), [(6 * MINUTE, 2)]);
    assert_eq!(
        shown.of("waiting-tasks").whole("instances_launched"),
        Some(1)
    );
    let instances = shown.table("managed", "instances");
    let tasks: Vec<Option<u64>> = instances.rows().map(|row| row.whole("tasks")).collect();
    assert_eq!(tasks, [Some(1), Some(0)], "one for nothing");
    shown.says(&format!(
        "It ends at {}",
        clock(shown.last_job_ends("managed"))
    ));
    shown.says(&format!("at {} both", clock(shown.ends("managed")[1].0)));
    let capacity = shown.table("managed", "capacity");
    let at = |minute: u64| {
        capacity
            .rows()
            .find(|row| row.whole("start_ms") == Some(minute))
    };
    let metric = |minute: u64| {
        let row = at(minute * MINUTE).expect("a datapoint in each minute");
        row.decimal("reservation_percent_mean", 3)
    };
    assert_eq!(
        [metric(4), metric(5), metric(6), metric(17)],
        [100_000, 200_000, 50_000, 0],
        "none needed, one needed of none, one of two, none of two"
    );

    let many = Lesson::run(
        "zero-to-two",
        &["workload.job.generate.arrivals.bursts.size=8"],
    );
    // The warm-up of five minutes, and then as many as are still needed.
    assert_eq!(
        many.launches("managed"),
        [(6 * MINUTE, 2), (11 * MINUTE, 2)]
    );
    let longest = many.of("managed").decimal("placement_wait_max_s", 3);
    assert_eq!(longest, 400_000, "the 6m 40s of the comment");
}

#[test]
fn on_the_way_down_it_is_one_or_fewer_than_half() {
    let shown = Lesson::run("one-at-a-time", &[]);
    for (cluster, gone) in [
        ("four", &[1, 1, 1, 1][..]),
        ("sixteen", &[7, 4, 2, 1, 1, 1]),
        ("sixty-four", &[31, 16, 8, 4, 2, 1, 1, 1]),
    ] {
        shown.says_cost(cluster);
        shown.says(&clock(shown.last_job_ends(cluster)));
        let minutes = 25_u64..;
        let expected: Vec<(u64, usize)> = minutes
            .map(|minute| minute * MINUTE)
            .zip(gone.iter().copied())
            .collect();
        assert_eq!(shown.ends(cluster), expected, "{cluster}");
        shown.says(&clock(expected[0].0));
    }
    for cluster in ["four", "sixty-four"] {
        let (last, _) = *shown.ends(cluster).last().unwrap();
        shown.says(&format!("gone at {}", clock(last)));
    }
    // "No more than $0.15" of stairs and "ten times as dear" before them, at $1.536 an hour.
    let first = shown.ends("four")[0].0;
    let done = shown.last_job_ends("four");
    let late = |(at, count): (u64, usize)| (at - first) * count as u64;
    let stairs: u64 = shown.ends("four").into_iter().map(late).sum();
    let cents = |instance_ms: u64| (instance_ms * 1_536).div_euclid(36_000_000);
    assert_eq!((cents(stairs), cents(4 * (first - done))), (15, 147));

    let change = "workload.jobs.generate.duration={exponential={mean=\"10m\"}}";
    let one_by_one = Lesson::run("one-at-a-time", &[change]);
    let cost = |cluster: &str| one_by_one.cost(cluster);
    assert!(cost("sixty-four") < cost("sixteen") && cost("sixteen") < cost("four"));
    assert!(2 * cost("sixty-four") < cost("four"));
    for (cluster, cents) in [("four", 462), ("sixteen", 351), ("sixty-four", 212)] {
        assert_eq!((cost(cluster) + 5_000_000).div_euclid(10_000_000), cents);
    }
}

#[test]
fn spread_holds_every_instance_and_binpack_lets_them_go() {
    let spread = Lesson::run("spread-or-binpack", &[]);
    let change = "service.web.placement=[\"binpack:cpu\"]";
    let packed = Lesson::run("spread-or-binpack", &[change]);
    // Instances that run and that are needed, in the middle of the quiet hours.
    let quiet = |lesson: &Lesson| {
        let capacity = lesson.table("ec2", "capacity");
        let found = capacity
            .rows()
            .find(|row| row.whole("start_ms") == Some(150 * MINUTE));
        let row = found.expect("a datapoint in each minute");
        let of = |column| row.whole(column).unwrap();
        (of("instances_running_max"), of("instances_needed_max"))
    };
    assert_eq!((quiet(&spread), quiet(&packed)), ((5, 5), (1, 1)));
    assert_eq!(spread.ends("ec2"), [], "no instance ever goes");
    assert_eq!(
        packed.ends("ec2"),
        [(75 * MINUTE, 2), (76 * MINUTE, 1), (77 * MINUTE, 1)]
    );
    for lesson in [&spread, &packed] {
        let services = lesson.table("ec2", "services");
        assert_eq!(services.row("web").whole("running_at_end"), Some(40));
        assert_eq!(services.row("web").whole("stops_scale_in"), Some(32));
    }
    spread.says_cost("ec2");
    spread.says_cost("fargate");
    spread.says("are gone: $3.69");
    assert_eq!((packed.cost("ec2") + 5_000_000).div_euclid(10_000_000), 369);
    assert!(
        3 * packed.cost("ec2") < 2 * spread.cost("ec2"),
        "a third less"
    );
    // The thirty-two tasks of the fourth hour wait for instances, with binpack alone.
    let waits = |lesson: &Lesson| {
        let tasks = lesson.table("ec2", "tasks");
        let late = tasks
            .rows()
            .filter(|row| row.whole("arrived_ms") >= Some(240 * MINUTE));
        late.map(|row| row.whole("placement_wait_ms").unwrap())
            .max()
    };
    assert_eq!(waits(&spread), Some(0));
    assert!((2 * MINUTE - 5_000..=2 * MINUTE).contains(&waits(&packed).unwrap()));
}

#[test]
fn a_static_port_needs_a_spare_instance() {
    let shown = Lesson::run("static-ports", &[]);
    assert_eq!(shown.deployment("four"), None, "it never ends");
    let note = "note: `four`: deployments that were not over at the end: `static` (1)";
    assert!(shown.told.contains(note), "{}", shown.told);
    assert_eq!(
        shown
            .table("four", "services")
            .row("static")
            .whole("running_at_end"),
        Some(4)
    );
    for cluster in ["five", "managed"] {
        let took = shown.deployment(cluster).expect("it has room");
        assert!((150_000..210_000).contains(&took), "{took}: three minutes");
    }
    assert_eq!(shown.launches("managed"), [(0, 4), (11 * MINUTE, 4)]);
    // No two tasks ever hold the port of one instance.
    for cluster in ["five", "managed"] {
        let tasks = shown.table(cluster, "tasks");
        let mut held: BTreeMap<&str, BTreeSet<(u64, u64)>> = BTreeMap::new();
        for row in tasks.rows() {
            let Some(from) = row.whole("placed_ms") else {
                continue;
            };
            let to = row.whole("stopped_ms").unwrap_or(u64::MAX);
            held.entry(row.text("instance"))
                .or_default()
                .insert((from, to));
        }
        for held in held.values() {
            let pairs = held.iter().zip(held.iter().skip(1));
            assert!(
                pairs.clone().all(|(before, next)| before.1 <= next.0),
                "{held:?}"
            );
        }
    }

    let dynamic = Lesson::run(
        "static-ports",
        &["task_definition.static.ports=[{container=80}]"],
    );
    let halved = Lesson::run("static-ports", &["service.static.minimum_healthy=50%"]);
    for cluster in ["four", "five", "managed"] {
        assert!(
            dynamic.deployment(cluster) < Some(MINUTE),
            "within a minute"
        );
    }
    let took = halved.deployment("four").expect("room was made");
    assert_eq!(took.div_euclid(1_000), 96, "1m 36s");
}

#[test]
fn interfaces_limit_what_an_instance_holds() {
    let shown = Lesson::run("interface-limits", &[]);
    for cluster in ["plain", "trunked", "fargate"] {
        shown.says_cost(cluster);
        let services = shown.table(cluster, "services");
        assert_eq!(services.row("api").whole("running_at_end"), Some(60));
    }
    let holds = |lesson: &Lesson, cluster: &str| {
        let instances = lesson.table(cluster, "instances");
        let tasks: Vec<u64> = instances
            .rows()
            .filter_map(|row| row.whole("tasks"))
            .collect();
        (tasks.len(), tasks.into_iter().max())
    };
    assert_eq!(holds(&shown, "plain"), (20, Some(3)));
    assert_eq!(
        holds(&shown, "trunked"),
        (4, Some(16)),
        "full to the last CPU unit"
    );
    let bridge = Lesson::run("interface-limits", &["task_definition.api.network=bridge"]);
    assert_eq!(holds(&bridge, "plain"), (4, Some(16)));
    assert_eq!(bridge.cost("plain"), shown.cost("trunked"));
}

#[test]
fn a_rolling_deployment_needs_room_for_the_new_tasks() {
    let shown = Lesson::run("rolling-spare", &[]);
    let note = "note: `full`: deployments that were not over at the end: `web` (1)";
    assert!(shown.told.contains(note), "{}", shown.told);
    let took = |cluster: &str| shown.deployment(cluster).map(|ms| ms.div_euclid(1_000));
    assert_eq!(took("full"), None);
    assert_eq!(took("managed"), Some(140), "2m 20s");
    assert!(took("fargate") < Some(70), "a minute");
    let most = |cluster: &str| {
        shown
            .table(cluster, "services")
            .row("web")
            .whole("running_max")
    };
    assert_eq!(
        ["full", "managed", "fargate"].map(most),
        [Some(8), Some(16), Some(16)]
    );
    assert_eq!(shown.launches("managed"), [(0, 4), (11 * MINUTE, 4)]);
    assert_eq!(shown.ends("managed"), [(28 * MINUTE, 3), (29 * MINUTE, 1)]);
    let more = shown.cost("managed") - shown.cost("full");
    shown.says(&format!(
        "${}.{} for a deployment",
        0,
        (more + 5_000_000).div_euclid(10_000_000)
    ));
    for cluster in ["full", "managed", "fargate"] {
        assert_eq!(shown.of(cluster).text("requests_late"), "0");
        assert_eq!(shown.of(cluster).text("requests_lost"), "0");
    }

    let half = "service.web.minimum_healthy=50%";
    let halved = Lesson::run("rolling-spare", &[half]);
    assert_eq!(
        halved.deployment("full").map(|ms| ms.div_euclid(1_000)),
        Some(185),
        "3m 6s"
    );
    let services = halved.table("full", "services");
    assert_eq!(services.row("web").whole("running_max"), Some(8));
    let late = halved.of("full").decimal("requests_late_per_mille", 3);
    assert_eq!((late + 500).div_euclid(1_000), 67, "6.7 %");
    assert_eq!(halved.of("managed").whole("instances_launched"), Some(6));
    let within = Lesson::run("rolling-spare", &[half, "service.web.maximum=100%"]);
    assert_eq!(within.of("managed").whole("instances_launched"), Some(4));
}

#[test]
fn a_higher_target_is_cheaper_and_later() {
    let shown = Lesson::run("target-50-or-70", &[]);
    let services = shown.table("fargate", "services");
    let (cool, hot) = (services.row("at-50"), services.row("at-70"));
    for (row, hours, per_cent, minutes) in [(&cool, 234, 40, 4), (&hot, 173, 54, 50)] {
        let found = (row.decimal("task_hours", 6) + 500_000).div_euclid(1_000_000);
        assert_eq!(found, hours);
        shown.says(&hours.to_string());
        let used = (row.decimal("cpu_utilisation", 4) + 50).div_euclid(100);
        assert_eq!(used, per_cent);
        shown.says(&format!("{per_cent} %"));
        assert_eq!(row.whole("minutes_over_slo"), Some(minutes));
    }
    shown.says("in 4 minutes, `at-70` in 50.");
    let share = |row: &Row<'_>| {
        let late = row.decimal("requests_late", 3) * 10_000;
        (late * 2 + row.decimal("requests_offered", 3))
            .div_euclid(2 * row.decimal("requests_offered", 3))
    };
    assert_eq!((share(&cool), share(&hot)), (1, 42), "0.01 % and 0.42 %");
    // All that was lost was lost before a task ran.
    let series = shown.table("fargate", "service-series");
    let after = series.rows().filter(|row| row.whole("start_ms") > Some(0));
    assert_eq!(
        after
            .map(|row| row.decimal("requests_lost", 3))
            .sum::<u128>(),
        0
    );

    let still = ["at-50", "at-70"].map(|name| format!("service.{name}.demand.wave.noise=0%"));
    let steady = Lesson::run("target-50-or-70", &still.each_ref().map(String::as_str));
    let services = steady.table("fargate", "services");
    let (cool, hot) = (services.row("at-50"), services.row("at-70"));
    assert_eq!(cool.text("requests_offered"), hot.text("requests_offered"));
    for row in [&cool, &hot] {
        assert!(
            row.whole("minutes_over_slo") <= Some(2),
            "but for the start"
        );
    }
    assert!(4 * hot.decimal("task_hours", 6) < 3 * cool.decimal("task_hours", 6) + 4_000_000);
}

#[test]
fn a_warm_pool_halves_the_dip_after_a_loss() {
    let shown = Lesson::run("instances-lost", &[]);
    let late = |shown: &Lesson, cluster: &str| {
        let late = shown.of(cluster).decimal("requests_late_per_mille", 3);
        (late + 50).div_euclid(100)
    };
    assert_eq!((late(&shown, "cold"), late(&shown, "warm")), (85, 44));
    for words in ["0.85 % of all", "0.44 % late", "0.32 % late"] {
        shown.says(words);
    }
    shown.says_cost("cold");
    shown.says_cost("warm");
    let lost = |cluster: &str| {
        let events = shown.table(cluster, "events");
        let lost = events
            .rows()
            .filter(|row| row.text("event") == "instance-lost");
        lost.map(|row| row.whole("at_ms").unwrap())
            .collect::<Vec<_>>()
    };
    for cluster in ["cold", "warm"] {
        assert_eq!(lost(cluster), [60 * MINUTE, 60 * MINUTE, 122 * MINUTE]);
    }
    // Out of contact: the two instances are the ones that are lost later, and not before.
    let back = shown.table("cold", "events");
    let back = back
        .rows()
        .filter(|row| row.text("event") == "agent-connected");
    assert_eq!(back.count(), 2);
    let balance = |row: &Row<'_>| row.text("terminated_because") == "zone-balance";
    assert_eq!(
        shown
            .table("warm", "instances")
            .rows()
            .filter(balance)
            .count(),
        1
    );
    assert_eq!(
        shown
            .table("cold", "instances")
            .rows()
            .filter(balance)
            .count(),
        0
    );

    let running = "cluster.warm.ec2.warm_pool.state=running";
    let running = Lesson::run("instances-lost", &[running]);
    assert_eq!(late(&running, "warm"), 32);
    running.says_cost("warm");
}

#[test]
fn nothing_falls_back_from_fargate_spot_but_a_strategy_keeps_its_share() {
    let shown = Lesson::run("fargate-spot-drought", &[]);
    let clusters = ["fargate", "spot-alone", "spot-and-base"];
    let share = |shown: &Lesson, column: &str| {
        clusters.map(|cluster| {
            let share = shown.of(cluster).decimal(column, 3);
            (share + 5).div_euclid(10)
        })
    };
    assert_eq!(share(&shown, "requests_late_per_mille"), [23, 6_422, 23]);
    shown.says("6.42 % of");
    shown.says("0.02 % late");
    assert_eq!(share(&shown, "requests_lost_per_mille")[1], 1_455);
    shown.says("1.45 % are lost");
    for cluster in clusters {
        shown.says_cost(cluster);
    }
    let services = shown.table("spot-alone", "services");
    let web = services.rows().next().unwrap();
    assert_eq!(web.decimal("availability", 4), 9_659);
    shown.says("96.59 %");
    assert_eq!(web.whole("stops_spot_interrupted"), Some(72));
    // Fourteen of twenty tasks are never taken.
    let mixed = shown.table("spot-and-base", "services");
    let hours = mixed.rows().next().unwrap().decimal("task_hours", 6);
    assert!(hours > 14 * 24 * 1_000_000);

    let rare = "cluster.spot-alone.fargate.interrupted_after=1000d";
    let rare = Lesson::run("fargate-spot-drought", &[rare]);
    let late = share(&rare, "requests_late_per_mille");
    assert_eq!(late[0], late[1]);
    rare.says_cost("spot-alone");
}

#[test]
fn a_lost_zone_is_felt_where_there_is_no_headroom() {
    let shown = Lesson::run("zone-lost", &[]);
    let late = |shown: &Lesson, cluster: &str| {
        let late = shown.of(cluster).decimal("requests_late_per_mille", 3);
        (late + 50).div_euclid(100)
    };
    let clusters = ["tight", "headroom", "fargate"];
    assert_eq!(clusters.map(|cluster| late(&shown, cluster)), [754, 12, 44]);
    for words in ["7.54 % of all", "0.12 % are", "0.44 % are", "0.02 % late"] {
        shown.says(words);
    }
    for words in ["after 11 min 8 s", "after 8.5 s", "after 31 s"] {
        shown.says(words);
        assert!(shown.told.contains(words), "{words}: {}", shown.told);
    }
    for cluster in clusters {
        shown.says_cost(cluster);
        let services = shown.table(cluster, "services");
        let web = services.rows().next().unwrap();
        let whole = |column| web.whole(column).unwrap();
        assert_eq!((whole("tasks_lost"), whole("recoveries")), (4, 1));
        assert_eq!(shown.of(cluster).whole("tasks_killed"), Some(4));
    }
    let refused = |cluster: &str| shown.of(cluster).whole("launches_refused");
    assert_eq!(clusters.map(refused), [Some(10), Some(20), Some(0)]);
    let lost = |cluster: &str| shown.of(cluster).whole("instances_lost");
    assert_eq!(clusters.map(lost), [Some(1), Some(2), Some(0)]);

    let more = Lesson::run("zone-lost", &["service.web.desired=18"]);
    assert_eq!(late(&more, "tight"), 2);
    more.says_cost("tight");

    // Instances that fail by chance on one cluster change no other.
    let failing = Lesson::run("zone-lost", &["cluster.tight.ec2.failures.rate=1/h"]);
    let is_same = |cluster: &str| {
        failing.of(cluster).text("run_digest") == shown.of(cluster).text("run_digest")
    };
    assert_eq!(clusters.map(is_same), [false, true, true]);
}
