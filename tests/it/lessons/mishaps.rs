//! Lessons of what goes wrong: neighbours, leaks, credits, Spot and lost zones.

use crate::program::Row;

use super::{Lesson, MINUTE, clock, hour_clock};

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
