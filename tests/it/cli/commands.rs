//! The commands beside `run`: check, import, generate, and what is printed for other programs.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use super::{TRACE, shop};
use crate::program::Folder;

#[test]
fn check_reads_everything_and_writes_nothing() {
    let folder = shop("cli_check");
    let ran = folder.fine(&["check", "shop.toml"]);
    assert_eq!(ran.out, "shop: fine; 1 workload with 2 tasks, 2 clusters\n");
    assert!(
        ran.err
            .starts_with("note: the clusters' runs ended at different times")
    );
    folder.write("web.csv", TRACE.to_owned() + "a,2000,256,512,1000\n");
    folder.refused(
        &["check", "shop.toml"],
        "error[T0109]: id `a` is taken by the task in line 2
 --> web.csv:4:1
  |
4 | a,2000,256,512,1000
  | ^
hint: give every task an id of its own

1 error; nothing was written
",
    );
    assert_eq!(folder.names("."), ["shop.toml", "web.csv"]);
}

#[test]
fn an_imported_trace_runs() {
    let folder = shop("cli_import");
    folder.write(
        "pods.csv",
        "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,\
         deletion_time,scheduled_time\n\
         p1,1500,2048,0,0,,LS,Succeeded,0,400,10\n\
         p2,1000,1024,0,0,,BE,Pending,5,50,\n\
         p3,500,512,0,0,,BE,Running,20,300,20\n",
    );
    let ran = folder.fine(&["import", "openb", "pods.csv", "-o", "web.csv"]);
    assert_eq!(ran.out, "");
    assert_eq!(ran.err, "2 tasks from pods.csv\nleft out 1: never placed\n");
    folder.fine(&["run", "shop.toml", "-q"]);
    let tasks = folder.table("output/shop/clusters/ec2/tasks.csv");
    let task = tasks.row("p1");
    assert_eq!(task.text("requested_cpu_units"), "1536");
    assert_eq!(task.text("group"), "LS");
    folder.refused(
        &[
            "import", "openb", "pods.csv", "-o", "x.csv", "--from", "soon",
        ],
        "error[I0004]: `--from soon` is no time: it is not a number\nhint: write the time since the \
         file's start like `90s` or `2d`\n\n1 error; nothing was written\n",
    );
}

#[test]
fn imported_requests_are_a_demand() {
    let folder = Folder::new("cli_requests");
    // Two a second for a minute, and three in the next one.
    folder.write("counts.txt", "2 ".repeat(60) + "1 1 1");
    let ran = folder.fine(&["import", "request-counts", "counts.txt", "-o", "r.csv"]);
    assert_eq!(ran.out, "");
    assert_eq!(ran.err, "123 requests in 2 minutes from counts.txt\n");
    assert_eq!(folder.read("r.csv"), "time_ms,requests\n0,120\n60000,3\n");
    folder.write(
        "log.csv",
        "timestamp\n2026-03-02 00:00:01\n2026-03-02 00:01:02\n",
    );
    folder.fine(&["import", "request-log", "log.csv", "-o", "l.csv"]);
    assert_eq!(folder.table("l.csv").rows().count(), 2);
    folder.write(
        "shop.toml",
        r#"name = "shop"
horizon = "5m"
task_definition = [{ name = "web", cpu = "0.5 vCPU", memory = "1 GiB" }]
cluster = [{ name = "fargate", fargate = {} }]
[[service]]
name = "web"
task_definition = "web"
desired = 1
demand = { file = "r.csv", cpu_per_request = "20ms" }
"#,
    );
    folder.fine(&["run", "shop.toml", "-q"]);
    let services = folder.table("output/shop/clusters/fargate/services.csv");
    assert_eq!(services.row("web").whole("requests_offered"), Some(123));
}

#[test]
fn imported_spot_prices_are_a_series() {
    let folder = Folder::new("cli_prices");
    let price = |zone: &str, cost: &str, at: &str| {
        format!(
            r#"{{"AvailabilityZone": "us-east-1{zone}", "InstanceType": "m5.large",
"ProductDescription": "Linux/UNIX", "SpotPrice": "{cost}", "Timestamp": "2026-03-02T{at}+00:00"}}"#
        )
    };
    let prices = [
        price("b", "0.050000", "00:30:00"),
        price("b", "0.040000", "00:00:00"),
        price("a", "0.030000", "00:00:00"),
    ];
    let page = format!("{{\"SpotPriceHistory\": [{}]}}", prices.join(",\n"));
    folder.write("prices.json", page);
    let import = ["import", "spot-prices", "prices.json", "-o", "spot.csv"];
    let ran = folder.fine(&[&import[..], &["--zone", "b"]].concat());
    assert_eq!(ran.out, "");
    assert_eq!(
        ran.err,
        "2 prices of 1 instance type in 1 zone, of all from 2026-03-02T00:00:00Z on, from \
         prices.json\nleft out 1: are of another zone\n"
    );
    let ran = folder.fine(&[&import[..], &["--from", "2026-03-02T00:10:00Z"]].concat());
    assert!(ran.err.starts_with("3 prices"), "{}", ran.err);
    folder.refused(
        &[&import[..], &["--from", "10s"]].concat(),
        "error[I0004]: `--from 10s` is no date\nhint: write a date like `2026-03-02`, or add its time\n\n\
         1 error; nothing was written\n",
    );
    let ran = folder.fine(&[&import[..], &["--duration", "work"]].concat());
    assert!(
        ran.err.starts_with(
            "warning[I0005]: `--duration work` means nothing for `spot-prices`\nhint: leave it out: "
        ),
        "{}",
        ran.err
    );
    folder.write_spot_group("shop", "zones = 2\ncount = 2");
    folder.fine(&["run", "shop.toml", "-q", "--no-charts"]);
    // An instance in zone a for an hour, and one in b for half an hour at each price.
    let summary = folder.table("output/shop/summary.csv");
    let cost = summary.row("ec2").dollars("cost_usd");
    assert_eq!(cost, 30_000_000 + 20_000_000 + 25_000_000);
    // The series knows its region.
    let ran = folder.run(&["run", "shop.toml", "-q", "--set", "region=eu-west-1"]);
    let said = "error[T0306]: `us-east-1a` is no zone of `eu-west-1`, where the scenario is\n";
    assert!(ran.err.contains(said), "{}", ran.err);
}

#[test]
fn a_generated_trace_makes_the_same_run_again() {
    let folder = Folder::new("cli_generate");
    let scenario = r#"name = "made"
horizon = "6h"
seed = 5

[[workload]]
name = "web"
SOURCE

[[cluster]]
name = "ec2"
[cluster.ec2]
instance_type = "m5.large"
max = 6
placement = ["random"]

[[cluster]]
name = "fargate"
[cluster.fargate]
"#;
    let generator = r#"[workload.generate]
arrivals = { poisson = "90/h" }
tasks = [{ cpu = 256, memory = 512 }, { cpu = 1024, memory = "3 GiB", weight = 2 }]
duration = { lognormal = { median = "8m", sigma = "0.7" } }"#;
    folder.write("made.toml", scenario.replace("SOURCE", generator));
    folder.write(
        "again.toml",
        scenario.replace("SOURCE", "trace = \"web.csv\""),
    );
    let ran = folder.fine(&["generate", "made.toml", "-o", "web.csv"]);
    assert!(ran.err.ends_with(" tasks in web.csv\n"), "{}", ran.err);
    folder.fine(&["run", "made.toml", "--out", "made", "-q"]);
    folder.fine(&["run", "again.toml", "--out", "again", "-q"]);
    let (made, again) = (folder.files("made/made"), folder.files("again/made"));
    assert!(made["summary.csv"] == again["summary.csv"], "same digests");
    for (name, bytes) in &made {
        if name != "manifest.json" && name != "report.html" {
            assert!(bytes == &again[name], "{name}");
        }
    }
    folder.fine(&["generate", "again.toml", "-o", "copy.csv"]);
    assert!(folder.read("copy.csv") == folder.read("web.csv"));
}

#[test]
fn a_trace_tells_what_memory_its_tasks_use() {
    let folder = Folder::new("cli_memory");
    let rows = "a,0,256,512,60000,,,0,,200\nb,0,256,512,60000,,,0,,\n";
    let header = format!("{},memory_used_mib\n", ecsim::trace::HEADER);
    folder.write("jobs.csv", format!("{header}{rows}"));
    folder.write(
        "shop.toml",
        r#"name = "shop"
workload = [{ name = "w", trace = "jobs.csv" }]
[[cluster]]
name = "ec2"
ec2 = { instance_type = "m5.large", count = 1 }
[[cluster]]
name = "fargate"
fargate = {}
"#,
    );
    folder.fine(&["run", "shop.toml", "-q"]);
    let summary = folder.table("output/shop/summary.csv");
    for cluster in ["ec2", "fargate"] {
        let of = |file: &str| folder.table(&format!("output/shop/clusters/{cluster}/{file}.csv"));
        let tasks = of("tasks");
        assert_eq!(tasks.row("a").whole("memory_used_peak_mib"), Some(200));
        let asked = tasks.row("b").whole("memory_used_peak_mib");
        assert_eq!(asked, Some(512), "what it asks for");
        let row = summary.row(cluster);
        // A ms less than a minute of 712 MiB is 0.0115882 GiB-hours.
        assert_eq!(row.text("used_gib_hours"), "0.011588");
        assert_eq!(row.whole("memory_used_peak_mib"), Some(712));
        // Their mean is over the whole run: 42,719,288 MiB-ms.
        let mean = row.text("memory_used_mean_mib").to_owned();
        let end = row.decimal("end_s", 3);
        let expected = (42_719_288_000 + end.div_euclid(2)).div_euclid(end);
        let whole = mean.replace('.', "");
        let zeros = 3 - mean.split_once('.').map_or(0, |(_, digits)| digits.len());
        assert_eq!(whole + &"0".repeat(zeros), expected.to_string());
        let series = of("series");
        let most = series
            .rows()
            .filter_map(|row| row.whole("used_memory_mib_max"));
        assert_eq!(most.max(), Some(712));
    }
    // It is written where it is read, and only there.
    folder.fine(&["generate", "shop.toml", "-o", "copy.csv"]);
    let copy = folder.read("copy.csv");
    assert!(copy.starts_with(&header), "{copy}");
    assert_eq!(
        folder.table("copy.csv").row("a").text("memory_used_mib"),
        "200"
    );
    assert_eq!(
        folder.table("copy.csv").row("b").text("memory_used_mib"),
        ""
    );
    folder.write(
        "jobs.csv",
        "id,arrival,cpu,memory,duration\na,0,256,512,60000\n",
    );
    folder.fine(&["run", "shop.toml", "-q"]);
    let series = folder.read("output/shop/clusters/ec2/series.csv");
    assert!(!series.contains("used_memory"));
    folder.fine(&["generate", "shop.toml", "-o", "copy.csv"]);
    assert!(!folder.read("copy.csv").contains("memory_used"));
}

#[test]
fn the_schema_knows_every_key_of_every_shipped_scenario() {
    let folder = Folder::new("cli_schema");
    let schema: Value = serde_json::from_str(&folder.fine(&["schema"]).out).unwrap();
    let shipped = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios")).unwrap();
    let mut count = 0;
    for entry in shipped {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "toml") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let scenario: Value = toml::from_str(&text).unwrap();
        let unknown = unknown_keys(&scenario, &schema, &schema);
        assert!(unknown.is_empty(), "{}: {unknown:?}", path.display());
        count += 1;
    }
    assert!(count > 15, "{count}");
    let typo: Value = toml::from_str("[[cluster]]\n[cluster.ec2]\ncuont = 3\n").unwrap();
    assert_eq!(
        unknown_keys(&typo, &schema, &schema),
        BTreeSet::from(["cuont".to_owned()])
    );
}

/// The keys of `value` that `schema` has no property for, whichever of its alternatives is meant.
fn unknown_keys(value: &Value, schema: &Value, root: &Value) -> BTreeSet<String> {
    match value {
        Value::Array(items) => {
            let of = alternatives(schema, root);
            let of: Vec<&Value> = of.iter().filter_map(|it| it.get("items")).collect();
            let least = |item| fewest(&of, |schema| unknown_keys(item, schema, root));
            items.iter().flat_map(least).collect()
        }
        Value::Object(map) if map.keys().any(|key| key.starts_with("$__toml")) => BTreeSet::new(),
        Value::Object(map) => {
            let of = alternatives(schema, root);
            let unknown = |(key, inner): (&String, &Value)| {
                let found = of.iter().filter_map(|it| it.get("properties")?.get(key));
                let found: Vec<&Value> = found.filter(|it| it.is_object()).collect();
                if found.is_empty() {
                    BTreeSet::from([key.clone()])
                } else {
                    fewest(&found, |schema| unknown_keys(inner, schema, root))
                }
            };
            map.iter().flat_map(unknown).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => BTreeSet::new(),
    }
}

fn fewest(of: &[&Value], unknown: impl Fn(&Value) -> BTreeSet<String>) -> BTreeSet<String> {
    let all = of.iter().map(|schema| unknown(schema));
    all.min_by_key(BTreeSet::len).unwrap_or_default()
}

/// A schema, what it refers to, and its alternatives.
fn alternatives<'a>(schema: &'a Value, root: &'a Value) -> Vec<&'a Value> {
    let mut all = vec![schema];
    let mut at = 0;
    while let Some(one) = all.get(at).copied() {
        at += 1;
        if let Some(Value::String(path)) = one.get("$ref") {
            all.extend(root.pointer(path.trim_start_matches('#')));
        }
        for key in ["oneOf", "anyOf", "allOf"] {
            all.extend(one.get(key).and_then(Value::as_array).into_iter().flatten());
        }
    }
    all
}

#[test]
fn completions_and_defaults_are_printed() {
    let folder = Folder::new("cli_print");
    let script = folder.fine(&["completions", "bash"]).out;
    for word in ["_ecsim()", "--threads", "generate", "complete -F _ecsim"] {
        assert!(script.contains(word), "{word}");
    }
    let defaults = folder.fine(&["defaults"]).out;
    assert!(toml::from_str::<Value>(&defaults).is_ok());
    assert!(defaults.contains("idle_cooldown = \"15m\""));
    assert!(folder.names(".").is_empty());
}

#[test]
fn a_trace_that_ecsim_would_refuse_is_not_written() {
    let folder = shop("cli_generate_twice");
    let twice = "name = \"shop\"\n[[workload]]\nname = \"a\"\ntrace = \"web.csv\"\n[[workload]]\n\
                 name = \"b\"\ntrace = \"web.csv\"\n[[cluster]]\nname = \"f\"\n\
                 [cluster.fargate]\n";
    folder.write("shop.toml", twice);
    let ran = folder.run(&["generate", "shop.toml", "-o", "both.csv"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.starts_with("error[T0109]"), "{}", ran.err);
    let ran = folder.run(&["import", "openb", "web.csv", "-o", "web.csv"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("written over itself"), "{}", ran.err);
}

#[test]
fn exit_codes_of_a_trace_are_heard_or_it_is_said() {
    let folder = shop("cli_exits");
    folder.write(
        "web.csv",
        "id,arrival_ms,cpu_units,memory_mib,duration_ms,exit\n\
         a,0,256,512,60000,0\nb,0,256,512,60000,1\nc,1 s,256,512,60000,failed\nd,2000,256,512,60000,\n",
    );
    let ran = folder.fine(&["run", "shop.toml", "-q", "--no-charts"]);
    assert_eq!(
        ran.err,
        "\
warning[T0112]: 2 tasks, this one first, end with an exit code other than 0, and count as done: workload `web` has no `retry`
 --> web.csv:3:1
  |
3 | b,0,256,512,60000,1
  | ^^^^^^^^^^^^^^^^^^^
hint: write `retry = { attempts = 3 }` to try them again, or `attempts = 1` to count them as failed

"
    );
    let retry = "workload.web.retry.attempts=1";
    let ran = folder.fine(&["run", "shop.toml", "--no-charts", "--set", retry]);
    assert!(!ran.err.contains("warning"), "{}", ran.err);
    assert!(ran.err.contains("2 tasks failed for good"), "{}", ran.err);
}

#[test]
fn notes_tell_small_amounts_and_what_attempts_have_cost() {
    let folder = shop("cli_small");
    let mut scenario = folder.read("shop.toml").replace(
        "trace = \"web.csv\"",
        "generate = { arrivals = { regular = { every = \"1m\" } }, cpu = \"1 vCPU\", memory = \"2 GiB\", \
         duration = \"10m\", count = 1 }",
    );
    scenario.push_str(
        "\n[[workload]]\nname = \"big\"\nfailures = { after = \"2m\" }\n\
         retry = { attempts = 3, growth = 10 }\n\
         generate = { arrivals = { regular = { every = \"1m\" } }, cpu = \"1 vCPU\", memory = \"2 GiB\", \
         duration = \"10m\", count = 1 }\n",
    );
    folder.write("shop.toml", scenario);
    let ran = folder.fine(&["run", "shop.toml", "--no-charts"]);
    for said in [
        "1 of 2 tasks can never run there (1 asks for too much CPU); an attempt that never runs costs \
         nothing, those before it are on the bill",
        "0.0333 vCPU-hours of work were in vain",
    ] {
        assert!(ran.err.contains(said), "{said}\n{}", ran.err);
    }
}
