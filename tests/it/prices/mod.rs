//! Prices of one's own: what a run pays under them, what its bill and manifest say of it, and how
//! they are looked at.

mod commands;
mod wrong;

use std::fs;

use ecsim::billing::Item;

use crate::program::Folder;

/// A task that holds 1 vCPU and 2 GB for an hour on Fargate, and an instance beside it.
pub(crate) const SCENARIO: &str = r#"name = "shop"
horizon = "1h"
prices = "own.csv"

[[workload]]
name = "web"
trace = "web.csv"

[[cluster]]
name = "fargate"
[cluster.fargate]
task_times = { pre_pull = "0s", pull = "0s" }

[[cluster]]
name = "ec2"
[cluster.ec2]
instance_type = "m5.large"
count = 1
"#;

/// A folder with this scenario and price file.
pub(crate) fn shop(test: &str, prices: &str) -> Folder {
    let folder = Folder::new(test);
    folder.write("shop.toml", SCENARIO);
    folder.write(
        "web.csv",
        "id,arrival,cpu,memory,duration\na,0s,1 vCPU,2 GiB,2h\n",
    );
    folder.write("own.csv", prices);
    folder
}

/// The lines of a bill: what is measured, list and contracted unit price, and the four costs.
fn bill(folder: &Folder, cluster: &str) -> Vec<[String; 7]> {
    let table = folder.table(&format!("output/shop/clusters/{cluster}/bill.csv"));
    let columns = [
        "SkuMeter",
        "ListUnitPrice",
        "ContractedUnitPrice",
        "ListCost",
        "ContractedCost",
        "EffectiveCost",
        "BilledCost",
    ];
    let rows = table.rows();
    rows.map(|row| columns.map(|column| row.text(column).to_owned()))
        .collect()
}

#[track_caller]
fn assert_bill(folder: &Folder, cluster: &str, expected: &[(&str, &str, &str, &str, &str)]) {
    let lines = bill(folder, cluster);
    let expected: Vec<[String; 7]> = expected
        .iter()
        .map(|(meter, list, paid, list_cost, cost)| {
            [meter, list, paid, list_cost, cost, cost, cost].map(|text| (*text).to_owned())
        })
        .collect();
    assert_eq!(lines, expected);
}

#[test]
fn the_page_names_every_item() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/prices.md");
    let page = fs::read_to_string(page).unwrap();
    for item in Item::ALL {
        let (_, last) = item.path().rsplit_once('/').unwrap();
        let names = [format!("`{}`", item.path()), format!("`{last}`")];
        assert!(
            names.iter().any(|name| page.contains(name)),
            "{}",
            item.path()
        );
    }
}

#[test]
fn twelve_per_cent_off_an_hour_of_fargate() {
    let folder = shop(
        "prices_twelve",
        "region,item,discount\nus-east-1,fargate/*,12%\n",
    );
    folder.fine(&["shop.toml", "--quiet", "--no-charts"]);
    // 0.04048 × 0.88 and 2 × 0.004445 × 0.88.
    assert_bill(
        &folder,
        "fargate",
        &[
            (
                "Fargate vCPU Usage",
                "0.04048",
                "0.0356224",
                "0.040480000",
                "0.035622400",
            ),
            (
                "Fargate Memory Usage",
                "0.004445",
                "0.0039116",
                "0.008890000",
                "0.007823200",
            ),
        ],
    );
    let told = folder.read("output/shop/clusters/fargate/bill.csv");
    let vcpu = "\"Fargate vCPU on x86_64 in us-east-1, on demand, $0.0356224 for each vCPU-Hour as \
                agreed, list price $0.04048\"";
    assert!(told.contains(vcpu), "{told}");
    // The tasks' table says what is paid, and the summary adds it up.
    let tasks = folder.table("output/shop/clusters/fargate/tasks.csv");
    let costs: Vec<_> = tasks.rows().map(|row| row.dollars("cost_usd")).collect();
    assert_eq!(costs, [43_445_600]);
    let summary = folder.table("output/shop/summary.csv");
    let cost = summary.rows().next().unwrap().dollars("cost_usd");
    assert_eq!(cost, 43_445_600);
    // Nothing was agreed on about instances and volumes.
    let ec2 = bill(&folder, "ec2");
    assert_eq!(ec2[0][1..3], ["0.096", "0.096"]);
}

#[test]
fn the_day_decides_which_price_is_charged() {
    let rows = "region,item,list_usd,contracted_usd,from\n\
                us-east-1,ec2/m5.large,0.1,,2026-01-01\n\
                us-east-1,ec2/m5.large,0.12,0.09,2026-06-01\n";
    let folder = shop("prices_day", rows);
    let line = |arguments: &[&str]| {
        folder.fine(&[&["shop.toml", "--quiet", "--no-charts"], arguments].concat());
        let [_, list, paid, ..] = bill(&folder, "ec2").remove(0);
        (list, paid)
    };
    let text = |list: &str, paid: &str| (list.to_owned(), paid.to_owned());
    // The scenario starts in March.
    assert_eq!(line(&[]), text("0.1", "0.1"));
    let manifest = folder.read("output/shop/manifest.json");
    assert!(
        manifest.contains("\"prices_date\": \"2026-10-01\"")
            || manifest.contains("\"prices_date\": \"2026-09-29\"")
    );
    assert!(
        manifest.contains("\"prices_at\": \"2026-03-02\""),
        "{manifest}"
    );
    let files = "\"price_files\": [\n    {\n      \"path\": \"own.csv\",\n      \"sha256\": \"";
    assert!(manifest.contains(files), "{manifest}");
    assert!(
        manifest.contains("\"rows\": 2,\n      \"in_force\": 1\n"),
        "{manifest}"
    );
    let june = ["--set", "prices_at=2026-06-01"];
    assert_eq!(line(&june), text("0.12", "0.09"));
    let manifest = folder.read("output/shop/manifest.json");
    assert!(
        manifest.contains("\"prices_at\": \"2026-06-01\""),
        "{manifest}"
    );
    assert_eq!(
        line(&["--set", "start=2026-07-15T00:00:00Z"]),
        text("0.12", "0.09")
    );
    // Before the first day our own price holds, and that is said.
    let early = ["--set", "prices_at=2025-12-31"];
    assert_eq!(line(&early), text("0.096", "0.096"));
    let ran = folder.run(&[&["check", "shop.toml"][..], &early].concat());
    let told = "warning[P0102]: no row of the file holds on 2025-12-31, whose prices are charged\n  \
                --> own.csv\nhint: its first row begins on 2026-01-01; `prices_at` says which day's \
                prices count\n";
    assert!(ran.err.contains(told), "{}", ran.err);
}

#[test]
fn json_and_csv_say_the_same_and_the_same_twice() {
    let csv = "region,item,contracted_usd,discount,note\n\
               us-east-1,ec2/m5.large,0.09,,\"contract 17, part 2\"\n*,fargate/*,,7.25%,\n";
    let json = r#"{"prices": [
        {"region": "us-east-1", "item": "ec2/m5.large", "contracted_usd": 0.09, "note": null},
        {"region": "*", "item": "fargate/*", "discount": "7.25%"}
    ]}"#;
    let folder = shop("prices_json", csv);
    folder.write("own.json", json);
    let run = |arguments: &[&str]| {
        folder.fine(&[&["shop.toml", "--quiet", "--no-charts"], arguments].concat());
        let mut files = folder.files("output");
        files.retain(|name, _| !name.ends_with("manifest.json"));
        files
    };
    let first = run(&[]);
    assert!(first == run(&["--threads", "1"]));
    assert!(first == run(&["--set", "prices=own.json"]));
    assert!(first == run(&["--set", r#"prices=["own.csv", "own.json"]"#]));
    // Without any file, nothing of a contract is left.
    let plain = SCENARIO.replace("prices = \"own.csv\"\n", "");
    folder.write("shop.toml", plain);
    assert!(first != run(&[]));
    let lines = [bill(&folder, "ec2"), bill(&folder, "fargate")].concat();
    for [_, list, paid, list_cost, costs @ ..] in lines {
        assert_eq!(list, paid);
        assert!(costs.iter().all(|cost| *cost == list_cost));
    }
    let manifest = folder.read("output/shop/manifest.json");
    assert!(!manifest.contains("price_files") && !manifest.contains("prices_at"));
}

#[test]
fn a_file_brings_the_prices_that_a_region_lacks() {
    let rows = "region,item,list_usd,discount\n\
                ca-west-1,ec2/m5.large,0.107,\nca-west-1,ebs/gp3,0.088,\n\
                ca-west-1,fargate/linux/x86_64/vcpu,0.05,\nca-west-1,ec2/*,,10%\n";
    let folder = shop("prices_region", rows);
    let there = [
        "shop.toml",
        "--quiet",
        "--no-charts",
        "--set",
        "region=ca-west-1",
    ];
    // Everything but the memory of Fargate.
    folder.refused(
        &there,
        "\
error[S0017]: there is no price for Fargate memory on x86_64 in ca-west-1
  --> shop.toml:11:1
   |
11 | [cluster.fargate]
   | ^^^^^^^^^^^^^^^^^
hint: `ca-central-1` has a price for Fargate memory on x86_64

1 error; nothing was written
",
    );
    folder.write(
        "own.csv",
        rows.to_owned() + "ca-west-1,fargate/linux/x86_64/memory,0.005,\n",
    );
    folder.fine(&there);
    let [_, list, paid, ..] = bill(&folder, "ec2").remove(0);
    assert_eq!((list.as_str(), paid.as_str()), ("0.107", "0.0963"));
    folder.write("shop.toml", SCENARIO.replace("prices = \"own.csv\"\n", ""));
    let ran = folder.run(&there);
    let head = "error[S0016]: there are no prices for a region `ca-west-1`";
    assert!(ran.err.starts_with(head), "{}", ran.err);
}

#[test]
fn what_a_spot_series_asks_is_paid_less_the_discount() {
    let rows = "region,item,discount\nus-east-1,ec2-spot/*,25%\n";
    let folder = shop("prices_spot", rows);
    let spot = "count = 1\nzones = 1\n[cluster.ec2.spot]\nseries = \"spot.csv\"\n";
    folder.write("shop.toml", SCENARIO.replace("count = 1\n", spot));
    folder.write(
        "spot.csv",
        "time,instance_type,price_usd_per_hour\n0,m5.large,0.0400\n",
    );
    folder.fine(&["shop.toml", "--quiet", "--no-charts"]);
    let [meter, list, paid, ..] = bill(&folder, "ec2").remove(0);
    assert_eq!([meter, list, paid], ["Spot Instance Usage", "0.04", "0.03"]);
    // Each instance by itself costs what the bill says.
    let instances = folder.table("output/shop/clusters/ec2/instances.csv");
    let cost = |row: &crate::program::Row<'_>| row.dollars("cost_usd");
    let alone: u128 = instances.rows().map(|row| cost(&row)).sum();
    let lines = bill(&folder, "ec2");
    let costs = lines.iter().map(|line| line[6].replace('.', ""));
    let billed: u128 = costs.map(|cost| cost.parse::<u128>().unwrap()).sum();
    assert!(alone.abs_diff(billed) <= 2, "{alone} {billed}");
}
