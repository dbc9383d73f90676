//! The lessons: each shows one rule of ECS, which is asserted here from what the run left behind,
//! as are the figures of the scenario's opening comment.

mod mishaps;

use crate::program::{Folder, Row, Table};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

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
