//! The command line from the outside: files, streams, exit codes and whole messages.

mod commands;

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::program::Folder;

const SCENARIO: &str = r#"name = "shop"

[[workload]]
name = "web"
trace = "web.csv"

[[cluster]]
name = "ec2"
[cluster.ec2]
instance_type = "m5.large"
count = 2

[[cluster]]
name = "fargate"
[cluster.fargate]
"#;

const TRACE: &str = "id,arrival_ms,cpu_units,memory_mib,duration_ms
a,0,256,512,60000
b,1000,1024,2048,90000
";

/// A folder with a small scenario and its trace.
fn shop(test: &str) -> Folder {
    let folder = Folder::new(test);
    folder.write("shop.toml", SCENARIO);
    folder.write("web.csv", TRACE);
    folder
}

#[test]
fn without_arguments_the_quickstart_runs_and_leaves_every_promised_file() {
    let folder = Folder::new("cli_quickstart");
    let ran = folder.fine(&[]);
    let files: Vec<String> = folder.files("output/quickstart").into_keys().collect();
    let mut expected: Vec<String> = [
        "manifest.json",
        "report.html",
        "summary.csv",
        "summary.json",
    ]
    .map(str::to_owned)
    .to_vec();
    let mut charts = vec![
        "cost_by_category".to_owned(),
        "cumulative_cost".to_owned(),
        "placement_wait".to_owned(),
    ];
    for cluster in ["ec2-fixed", "ec2-scaled", "fargate"] {
        for file in ["bill", "instances", "series", "tasks"] {
            expected.push(format!("clusters/{cluster}/{file}.csv"));
        }
        charts.push(format!("reserved_against_provisioned-{cluster}"));
        charts.push(format!("instances_and_tasks-{cluster}"));
    }
    // Managed scaling is told minute by minute.
    charts.push("capacity-ec2-ec2-scaled".to_owned());
    for file in ["capacity", "events"] {
        expected.push(format!("clusters/ec2-scaled/{file}.csv"));
    }
    for chart in charts {
        for kind in ["csv", "png", "svg"] {
            expected.push(format!("charts/{chart}.{kind}"));
        }
    }
    expected.sort();
    assert_eq!(files, expected);
    assert_eq!(folder.names("output"), ["quickstart"]);
    for (name, bytes) in folder.files("output/quickstart") {
        assert!(!bytes.is_empty(), "{name}");
    }

    let heads = ran.out.lines().next().unwrap();
    let words: Vec<&str> = heads.split_whitespace().collect();
    assert_eq!(words[..3], ["cluster", "cost", "vs"]);
    let widest = ran.out.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(100), "{}", ran.out);
    assert!(ran.err.starts_with("\n`fargate` is cheapest at $37.15, "));
    assert!(
        ran.err
            .ends_with("\nresults: output/quickstart/report.html\n")
    );
}

#[test]
fn the_report_needs_nothing_from_anywhere_else() {
    let folder = shop("cli_report");
    folder.fine(&["run", "shop.toml"]);
    let page = folder.read("output/shop/report.html");
    for foreign in ["<script", "<link", "<img", "src=", "url(", "@import"] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    let links = page.matches("http").count();
    assert_eq!(links, page.matches("http://www.w3.org/2000/svg").count());
    for section in [
        "The comparison",
        "The bill",
        "The waits",
        "Where this comes from",
    ] {
        assert!(page.contains(section), "{section}");
    }
}

#[test]
fn results_go_to_stdout_and_talk_to_stderr() {
    let folder = shop("cli_streams");
    let json = folder.fine(&["run", "shop.toml", "--format", "json"]);
    assert_eq!(json.out, folder.read("output/shop/summary.json"));
    assert_eq!(
        json.err,
        "\n`fargate` is cheapest at $0.0016, 70.8 % less than `ec2` at $0.0055; every task had a \
         place at once.\nnote: the clusters' runs ended at different times, and each bill goes to its own \
         run's end; give the scenario a `horizon` to bill all for the same time\nresults: output/shop/report.html\n"
    );
    let quiet = folder.fine(&["run", "shop.toml", "--format", "json", "--quiet"]);
    assert_eq!((quiet.out, quiet.err), (json.out, String::new()));
    let bare = folder.fine(&["run", "shop.toml", "-q", "--no-tasks", "--no-charts"]);
    assert_eq!(bare.err, "");
    let files: Vec<String> = folder.files("output/shop").into_keys().collect();
    assert_eq!(files.len(), 3 + 2 * 3, "{files:?}");
    assert!(files.iter().all(|name| !name.contains("tasks")));
}

#[test]
fn a_mistake_is_told_whole_and_leaves_nothing_behind() {
    let folder = shop("cli_mistakes");
    folder.refused(
        &["run", "absent.toml"],
        "error: cannot read absent.toml: No such file or directory (os error 2)\n",
    );
    folder.refused(
        &["run", "shop.toml", "--set", "cluster.ec2.ec2.cuont=3"],
        "error[S0012]: `cuont` is not a key of `cluster.ec2`
 --> --set:1:17
  |
1 | cluster.ec2.ec2.cuont=3
  |                 ^^^^^
hint: did you mean `count`?

1 error; nothing was written
",
    );
    folder.write("typo.toml", SCENARIO.replace("count", "cuont"));
    folder.refused(
        &["run", "typo.toml"],
        "error[S0003]: `cluster.ec2` needs `count` or `min` and `max`
 --> typo.toml:9:1
  |
9 | [cluster.ec2]
  | ^^^^^^^^^^^^^
hint: for example `count = 4`

error[S0002]: `cuont` is not a key of `cluster.ec2`
  --> typo.toml:11:1
   |
11 | cuont = 2
   | ^^^^^
hint: did you mean `count`?

2 errors; nothing was written
",
    );
    folder.write("elsewhere.toml", SCENARIO.replace("web.csv", "wbe.csv"));
    folder.refused(
        &["run", "elsewhere.toml"],
        "error[T0013]: the trace of workload `web` cannot be opened: wbe.csv: No such file or \
         directory (os error 2)
 --> elsewhere.toml:5:9
  |
5 | trace = \"wbe.csv\"
  |         ^^^^^^^^^
hint: its path is relative to the folder of its scenario

1 error; nothing was written
",
    );
    folder.write("latin.toml", b"# fine\nname = \"caf\xe9\"\n");
    folder.refused(
        &["run", "latin.toml"],
        "error: latin.toml is not UTF-8 text: line 2\n",
    );
    folder.refused(
        &["import", "opneb", "web.csv", "-o", "x.csv"],
        "error[I0004]: there is no importer called `opneb`
hint: did you mean `openb`? it can be
  aws-batch: tasks of a Nextflow run on AWS Batch on ECS (JSON with `tasks[].task`)
  openb: pods of Alibaba's GPU cluster trace v2023 (`openb_pod_list_*.csv`)
  request-counts: requests in each second, as numbers with blanks or line ends between them
  request-log: a CSV with a header and a row for each request, its date in `timestamp` or `time`
  spot-prices: what `aws ec2 describe-spot-price-history` prints, as JSON or text

1 error; nothing was written
",
    );
    let named = ["elsewhere.toml", "latin.toml", "shop.toml", "typo.toml"];
    let mut expected = named.to_vec();
    expected.push("web.csv");
    assert_eq!(folder.names("."), expected, "no output, no partial folder");
}

#[test]
fn an_exact_fargate_size_must_be_one_that_aws_sells() {
    let folder = shop("cli_exact");
    let exact = SCENARIO.replace("[cluster.fargate]", "[cluster.fargate]\nsizing = \"exact\"");
    folder.write("shop.toml", exact);
    folder.write("web.csv", TRACE.to_owned() + "c,2000,256,4096,1000\n");
    folder.refused(
        &["run", "shop.toml"],
        "error[T0103]: 4096 MiB is too much memory for 256 CPU units on Fargate
 --> web.csv:4:12
  |
4 | c,2000,256,4096,1000
  |            ^^^^
hint: 256 CPU units take 512, 1024 or 2048 MiB; the largest valid memory is `2048`

1 error; nothing was written
",
    );
}

#[test]
fn a_wrong_last_row_leaves_the_previous_results_untouched() {
    let folder = shop("cli_last_row");
    folder.fine(&["run", "shop.toml", "-q"]);
    let before = folder.files("output");
    folder.write("web.csv", TRACE.to_owned() + "c,2000,256,oops,1000\n");
    // The row is found even if the run ends long before it.
    for horizon in ["1h", "1s"] {
        let change = format!("horizon={horizon}");
        folder.refused(
            &["run", "shop.toml", "--set", &change],
            "error[T0104]: `oops` is no memory: it is not a number
 --> web.csv:4:12
  |
4 | c,2000,256,oops,1000
  |            ^^^^
hint: write MiB like `512`, or with a unit like `2 GiB`

1 error; nothing was written
",
        );
    }
    assert!(folder.files("output") == before);
    assert_eq!(folder.names("output"), ["shop"]);
}

#[test]
fn a_folder_of_somebody_else_is_not_replaced() {
    let folder = shop("cli_foreign");
    fs::create_dir_all(folder.path("output/shop")).unwrap();
    // A manifest, but not one of ours.
    folder.write(
        "output/shop/manifest.json",
        "{\n  \"name\": \"my app\"\n}\n",
    );
    folder.refused(
        &["run", "shop.toml"],
        "error: output/shop exists and is not a result of ecsim; choose another folder with \
         `--out`\n",
    );
    assert_eq!(folder.names("output"), ["shop"]);
    assert_eq!(folder.names("output/shop"), ["manifest.json"]);
    folder.fine(&["run", "shop.toml", "-q", "--out", "mine"]);
    let first = folder.files("mine");
    folder.write("mine/shop/stale.txt", "from before");
    folder.fine(&["run", "shop.toml", "-q", "--out", "mine"]);
    assert!(folder.files("mine") == first, "our own is replaced whole");
}

#[test]
fn what_the_world_puts_in_the_way_has_a_code_of_its_own() {
    let folder = shop("cli_world");
    folder.write("output", "a file where a folder should be");
    let ran = folder.run(&["run", "shop.toml"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(3), ""));
    assert!(
        ran.err
            .starts_with("error: cannot create output/.shop.partial-")
    );
    let ran = folder.run(&["generate", "shop.toml", "-o", "absent/x.csv"]);
    assert_eq!(ran.code, Some(3));
    assert!(ran.err.starts_with("error: cannot write absent/x.csv: "));
}

#[test]
fn a_task_larger_than_any_host_is_an_outcome_and_not_a_mistake() {
    let folder = shop("cli_too_large");
    folder.write("web.csv", TRACE.to_owned() + "c,2000,16384,4096,1000\n");
    let ran = folder.fine(&["run", "shop.toml"]);
    assert_eq!(
        ran.err,
        "\nOnly `fargate` served every task, for $0.0148; every task had a place at once. \
         Clusters that served fewer tasks are not ranked.\nnote: `ec2`: 1 of 3 tasks can never \
         run there (1 asks for too much CPU); what never runs costs nothing and is missing from \
         the bill\nnote: the clusters' runs ended at different times, and each bill goes to its own \
         run's end; give the scenario a `horizon` to bill all for the same time\nresults: output/shop/report.html\n"
    );
    let ec2 = ran
        .out
        .lines()
        .find(|line| line.starts_with("ec2"))
        .unwrap();
    assert!(ec2.contains("partial") && ec2.contains("2/3"), "{ec2}");
    let tasks = folder.table("output/shop/clusters/ec2/tasks.csv");
    assert_eq!(tasks.row("c").text("status"), "UNPLACEABLE");
    assert_eq!(tasks.row("c").text("placed_ms"), "");
    let ran = folder.fine(&["check", "shop.toml"]);
    assert_eq!(ran.out, "shop: fine; 1 workload with 3 tasks, 2 clusters\n");
    assert!(
        ran.err
            .starts_with("note: `ec2`: 1 of 3 tasks can never run")
    );
}

#[test]
fn where_no_cluster_serves_every_task_the_one_that_serves_most_is_the_measure() {
    let folder = shop("cli_unserved");
    // Both have too little CPU for `c`; Fargate alone can hold `d`.
    let large = "c,2000,65536,4096,1000\nd,3000,4096,8192,1000\n";
    folder.write("web.csv", TRACE.to_owned() + large);
    let ran = folder.fine(&["run", "shop.toml"]);
    let verdict = "\nNo cluster served every task; `fargate` came closest, for $0.0049; every task \
                   it served had a place at once. Clusters that served fewer tasks are not ranked.\n";
    assert!(ran.err.starts_with(verdict), "{}", ran.err);
    let chart = folder.read("output/shop/charts/cost_by_category.svg");
    assert!(chart.contains("for less work"));
}

#[test]
fn nobody_minds_when_the_reader_of_stdout_goes_away() {
    let folder = shop("cli_pipe");
    let commands: [&[&str]; 6] = [
        &["run", "shop.toml"],
        &["run", "shop.toml", "--format", "json"],
        &["schema"],
        &["defaults"],
        &["completions", "bash"],
        &["--help"],
    ];
    for arguments in commands {
        let mut command = folder.command(arguments);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let talk = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}\n{talk}");
        assert!(!talk.contains("panicked"), "{talk}");
    }
    // Like `| head -1`.
    let mut command = folder.command(&["schema"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    let mut reader = BufReader::with_capacity(16, child.stdout.take().unwrap());
    reader.read_line(&mut first).unwrap();
    drop(reader);
    assert_eq!(
        (first.as_str(), child.wait().unwrap().code()),
        ("{\n", Some(0))
    );
}

#[test]
fn an_overload_says_who_still_waits_and_a_far_future_is_refused() {
    let folder = shop("cli_overload");
    folder.write(
        "shop.toml",
        "name = \"shop\"\nhorizon = \"1h\"\n[[workload]]\nname = \"web\"\ntrace = \"web.csv\"\n\
         [[cluster]]\nname = \"ec2\"\n[cluster.ec2]\ninstance_type = \"m5.large\"\ncount = 1\n",
    );
    let header = "id,arrival,cpu,memory,duration\n";
    let rows = [0, 1, 2, 3, 4, 5, 6, 7, 8].map(|id| format!("{id},0,2048,512,7200000\n"));
    folder.write("web.csv", header.to_owned() + &rows.concat());
    let ran = folder.fine(&["run", "shop.toml"]);
    assert!(
        ran.err
            .contains("; 8 tasks were still waiting for a place at the end."),
        "{}",
        ran.err
    );
    folder.write(
        "web.csv",
        header.to_owned() + "a,1000000000000000,256,512,1\n",
    );
    let ran = folder.run(&["run", "shop.toml"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.starts_with("error[T0106]"), "{}", ran.err);
}

#[test]
fn an_idle_minimum_does_not_stretch_a_run_and_its_bill() {
    let folder = shop("cli_idle");
    let scenario = |group: &str| {
        format!(
            "name = \"shop\"\n[[workload]]\nname = \"web\"\ntrace = \"web.csv\"\n[[cluster]]\n\
             name = \"ec2\"\n[cluster.ec2]\ninstance_type = \"m5.large\"\n{group}\n"
        )
    };
    let mut costs = Vec::new();
    let idle = "min = 1\nmax = 2\nscaling = \"waiting-tasks\"\nidle_cooldown = \"30d\"";
    for group in ["count = 1", "min = 1\nmax = 2", idle] {
        folder.write("shop.toml", scenario(group));
        let json = folder
            .fine(&["run", "shop.toml", "--format", "json", "--quiet"])
            .out;
        let cost = json.lines().find(|line| line.contains("\"cost_usd\""));
        costs.push(cost.map(str::to_owned));
    }
    assert_eq!(costs[0], costs[1]);
    assert_eq!(costs[0], costs[2]);
}
