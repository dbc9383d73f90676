//! Spot series: the file, what it makes of a bill to the nano-dollar, and who is taken back when.

use ecsim::billing::{ClusterMeters, Ledger, Rates, UsageMeter, instance_cost};
use ecsim::diagnostic::render;
use ecsim::model::{
    Applications, ClusterSpec, ContainerInstance, MixedInstances, SpotCapacity, SpotInterruption,
    SpotPool, SpotPrice, SpotSeries, TerminationReason, ZoneId,
};
use ecsim::record::{Fact, Observer, Record};
use ecsim::rng::Seed;
use ecsim::sim::{Setup, run};
use ecsim::trace::{SpotFile, SpotOptions, read_spot_series};
use ecsim::units::{Period, Rate, SimTime};

use crate::program::Folder;
use crate::services::{at, fixed, group, secs, tell};
use crate::support::Listed;

const A: ZoneId = ZoneId(0);
const B: ZoneId = ZoneId(1);

fn read(text: &'static str) -> Result<SpotFile, String> {
    let options = SpotOptions {
        region: "us-east-1".to_owned(),
        types: vec![("m5.large".to_owned(), 2)],
        horizon: Some(at(36_000)),
        epoch_ms: 1_772_323_200_000,
    };
    let read = read_spot_series(text.as_bytes(), "spot.csv", &options);
    read.map_err(|report| render(&report))
}

fn dollars(text: &str) -> Rate {
    Rate::parse(text, Period::Hour).unwrap()
}

#[test]
fn a_file_has_prices_and_interruptions() {
    // The scenario starts on 2026-03-01. Of the prices before it the last one holds.
    let file = read(
        "time,price_usd_per_hour,instance_type,zone,event\n\
         2026-02-27T10:00:00Z,0.03,m5.large,,\n\
         2026-02-28T23:00:00Z,0.0351,m5.large,,\n\
         90m,0.04,m5.large,b,\n\
         2h,,m5.large,,interrupted\n\
         2026-03-01T03:00:00Z,0.05,m5.large,a,interrupted\n",
    );
    let file = file.unwrap();
    let price = |seconds, zone, text| SpotPrice {
        at: at(seconds),
        instance_type: "m5.large".to_owned(),
        zone,
        rate: dollars(text),
    };
    assert_eq!(
        file.prices,
        [
            price(0, None, "0.03"),
            price(0, None, "0.0351"),
            price(5_400, Some(B), "0.04"),
            price(10_800, Some(A), "0.05"),
        ]
    );
    let taken = |seconds, zone| SpotInterruption {
        at: at(seconds),
        instance_type: "m5.large".to_owned(),
        zone,
    };
    assert_eq!(
        file.interruptions,
        [taken(7_200, None), taken(10_800, Some(A))]
    );
    assert_eq!((file.rows, file.sha256.len()), (5, 64));
    assert!(file.report.is_empty());
    let events = read("time_s,instance_type,event\n60,m5.large,interrupted\n").unwrap();
    assert_eq!((events.prices.len(), events.interruptions.len()), (0, 1));
}

#[test]
fn everything_wrong_with_a_row_is_said_at_once() {
    let shown = read(
        "time,instance_type,zone,price_usd_per_hour,event\n\
         0,m5.lrge,,0.04,\n\
         0,m5.large,,-0.04,\n\
         0,m5.large,,4 cents,\n\
         0,m5.large,,0.0000000000001,\n\
         1h,m5.large,,,\n\
         1h,m5.large,,,stopped\n\
         1h,m5.large,us,0.04,\n\
         2026-02-27T10:00:00Z,m5.large,,,interrupted\n\
         2h,m5.large,,0.04,\n\
         1h,m5.large,,0.04,\n\
         3h,m5.large,0.04\n",
    );
    let shown = shown.unwrap_err();
    let heads = shown.lines().filter(|line| line.starts_with("error"));
    assert_eq!(
        heads.collect::<Vec<_>>(),
        [
            "error[T0302]: `m5.lrge` is no instance type that we know",
            "error[T0105]: `-0.04` is no price: it is negative",
            "error[T0104]: `4 cents` is no price",
            "error[T0106]: `0.0000000000001` is no price that can be billed",
            "error[T0302]: this row has neither a price nor an event",
            "error[T0302]: nobody knows what `stopped` is",
            "error[T0302]: `us` is no zone",
            "error[T0107]: nothing is interrupted before the scenario's start",
            "error[T0102]: this row happens before the row above it",
            "error[T0007]: the header has 5 columns, this row has 3",
        ],
        "{shown}"
    );
    assert!(shown.contains("hint: did you mean `m5.large`?"), "{shown}");
    let shown = read("when,price\n").unwrap_err();
    for words in ["when it happens", "the instance type", "what changes"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert!(
        read("time,instance_type,event\n")
            .unwrap_err()
            .contains("no rows")
    );
}

#[test]
fn a_price_is_there_from_the_start_in_every_zone() {
    let shown =
        read("time,instance_type,zone,price_usd_per_hour\n0,m5.large,a,0.04\n2h,m5.large,b,0.05\n");
    assert_eq!(
        shown.unwrap_err(),
        "\
error[T0303]: `m5.large` has no price in zone b before this row
 --> spot.csv:3:1
  |
3 | 2h,m5.large,b,0.05
  | ^^
hint: begin with its price at `0`, or with one that is older than the scenario
"
    );
    let shown = read("time,instance_type,price_usd_per_hour\n0,m5.xlarge,0.04\n").unwrap_err();
    assert!(
        shown.contains("error[T0303]: `m5.large` has no price in zone a\n"),
        "{shown}"
    );
    // Without the column the prices are those of the book.
    assert!(read("time,instance_type,event\n1h,m5.large,interrupted\n").is_ok());
}

#[test]
fn what_changes_nothing_is_told() {
    let file = read(
        "time,instance_type,zone,price_usd_per_hour\n\
         0,m5.large,,0.04\n\
         1h,m5.xlarge,,0.08\n\
         2h,m5.large,c,0.05\n\
         10h,m5.large,,0.05\n",
    );
    let file = file.unwrap();
    assert_eq!(file.prices.len(), 1);
    assert_eq!(
        render(&file.report),
        "\
warning[T0304]: 2 rows, this one first, are of no type and zone in which a group launches on Spot, and change nothing
 --> spot.csv:3:4
  |
3 | 1h,m5.xlarge,,0.08
  |    ^^^^^^^^^
hint: leave them out, or as they are

warning[T0304]: this row is after the end of the runs, and changes nothing
 --> spot.csv:5:1
  |
5 | 10h,m5.large,,0.05
  | ^^^
hint: leave them out, or as they are
"
    );
}

#[test]
fn a_zone_is_one_that_somebody_could_mean() {
    let shown = read(
        "time,instance_type,zone,price_usd_per_hour,event\n\
         0,m5.large,,0.04,\n\
         1h,m5.large,us-east-1b,0.05,\n\
         2h,m5.large,us-east-1f,0.05,\n\
         3h,m5.large,g,0.05,\n\
         4h,m5.large,c,,interrupted\n\
         5h,m5.large,eu-west-1a,0.05,\n",
    );
    let shown = shown.unwrap_err();
    let heads = shown.lines().filter(|line| line.contains("]: "));
    assert_eq!(
        heads.collect::<Vec<_>>(),
        [
            "error[T0306]: there is no zone `g`: the groups with this file have zones a and b",
            "error[T0306]: there is no zone `c`: the groups with this file have zones a and b",
            "error[T0306]: `eu-west-1a` is no zone of `us-east-1`, where the scenario is",
            "warning[T0304]: this row is of no type and zone in which a group launches on Spot, and changes nothing",
        ],
        "{shown}"
    );
}

/// So many instances on Spot in three zones, which follow `spot.csv` and nothing else.
fn following(instances: u32) -> ClusterSpec {
    let mut cluster = fixed(instances);
    let group = group(&mut cluster);
    group.zones = 3;
    group.spot = Some(SpotCapacity {
        mixed: MixedInstances {
            on_demand_base: 0,
            on_demand_percent: 0,
        },
        pools: vec![SpotPool {
            kind: 0,
            interruption: None,
        }],
        notice: secs(120),
        drains: false,
        falls_back: false,
        rebalances: None,
        series: Some("spot.csv".to_owned()),
    });
    cluster
}

fn series(prices: &[(u64, Option<ZoneId>, &str)], taken: &[(u64, Option<ZoneId>)]) -> SpotSeries {
    let instance_type = || "test.large".to_owned();
    let prices = prices.iter().map(|(ms, zone, text)| SpotPrice {
        at: SimTime::from_ms(*ms),
        instance_type: instance_type(),
        zone: *zone,
        rate: dollars(text),
    });
    let taken = taken.iter().map(|(seconds, zone)| SpotInterruption {
        at: at(*seconds),
        instance_type: instance_type(),
        zone: *zone,
    });
    SpotSeries {
        path: "spot.csv".to_owned(),
        prices: prices.collect(),
        interruptions: taken.collect(),
    }
}

/// An instance that ran from and to these milliseconds, in this zone, and why it ended.
type Ran = (u64, Option<u64>, ZoneId, TerminationReason);

/// The lines of a bill, as price and nano-dollars; 0.5 dollars an hour where no series has a price.
fn billed(series: &SpotSeries, ran: &[Ran], end: u64) -> Vec<(String, i64)> {
    let cluster = following(1);
    let template = template(&cluster);
    let mut meter = UsageMeter::new(&cluster, &[]);
    let meters = ClusterMeters::of(&cluster, &[]);
    let list = vec![dollars("0.5"); meters.list().len()];
    let rates = Rates::new("us-east-1", meters, list);
    let rates = rates.with_spot_series(&cluster, std::slice::from_ref(series));
    let mut alone = 0;
    for (from, to, zone, because) in ran {
        let instance = &ContainerInstance {
            zone: *zone,
            running_at: Some(SimTime::from_ms(*from)),
            terminated_at: to.map(SimTime::from_ms),
            ..template
        };
        let mut tell = |at: u64, fact| {
            let at = SimTime::from_ms(at);
            meter.on_record(&Record { at, fact });
        };
        tell(*from, Fact::InstanceRunning { instance });
        let mut because_of_end = None;
        if let Some(to) = *to {
            let because = *because;
            because_of_end = Some(because);
            tell(to, Fact::InstanceTerminated { instance, because });
        }
        let cost = instance_cost(&rates, instance, because_of_end, SimTime::from_ms(end));
        alone += cost.unwrap().unwrap().as_nanos();
    }
    let usage = meter.finish(SimTime::from_ms(end));
    let ledger = Ledger::price(&usage, &rates).unwrap();
    let lines = ledger.lines().iter();
    let lines: Vec<_> = lines
        .map(|line| (line.rate.dollars(), line.cost.as_nanos()))
        .collect();
    let total: i64 = lines.iter().map(|(_, nanos)| nanos).sum();
    assert_eq!(total, ledger.total().as_nanos());
    assert!(total.abs_diff(alone) <= (lines.len() + ran.len()) as u64);
    lines
}

/// An instance of the group as it is launched.
fn template(cluster: &ClusterSpec) -> ContainerInstance {
    #[derive(Default)]
    struct First(Option<ContainerInstance>);
    impl Observer for First {
        fn on_record(&mut self, record: &Record<'_>) {
            if let Fact::InstanceLaunched { instance, .. } = record.fact {
                self.0.get_or_insert(*instance);
            }
        }
    }
    let mut first = First::default();
    let setup = Setup {
        cluster,
        apps: Applications::none(),
        seed: &Seed::new(1),
        horizon: Some(at(1)),
    };
    run(&setup, &mut Listed::new(Vec::new()), &mut first);
    first.0.unwrap()
}

fn line(price: &str, nanos: i64) -> (String, i64) {
    (price.to_owned(), nanos)
}

const IDLE: TerminationReason = TerminationReason::Idle;
const TAKEN: TerminationReason = TerminationReason::SpotInterrupted;
const MINUTE: u64 = 60_000;

#[test]
fn ninety_minutes_over_a_change_of_price_cost_what_each_price_says() {
    let prices = series(&[(0, None, "0.04"), (75 * MINUTE, None, "0.06")], &[]);
    // An hour and a quarter at 4 cents, a quarter at 6: 4 + 1 + 1.5 cents.
    assert_eq!(
        billed(&prices, &[(0, Some(90 * MINUTE), A, IDLE)], 120 * MINUTE),
        [
            line("0.04", 40_000_000),
            line("0.04", 10_000_000),
            line("0.06", 15_000_000),
        ]
    );
    // Alive at the end of the run: up to there.
    assert_eq!(
        billed(&prices, &[(60 * MINUTE, None, A, IDLE)], 90 * MINUTE),
        [line("0.04", 10_000_000), line("0.06", 15_000_000)]
    );
}

#[test]
fn seconds_are_whole_and_cut_where_the_price_changes() {
    // 90.2 s are billed as 91: 48.5 s at a thousandth of a cent for each second, 42.5 s at two.
    let prices = series(&[(0, None, "0.036"), (50_000, None, "0.072")], &[]);
    assert_eq!(
        billed(&prices, &[(1_500, Some(91_700), A, IDLE)], 100_000),
        [line("0.036", 485_000), line("0.072", 850_000)]
    );
    // A minute at least, at the price of each of its seconds.
    assert_eq!(
        billed(&prices, &[(40_000, Some(41_000), A, IDLE)], 100_000),
        [line("0.036", 100_000), line("0.072", 1_000_000)]
    );
    // Free when AWS takes it within the hour, and not later.
    let hour = 60 * MINUTE;
    assert_eq!(billed(&prices, &[(0, Some(hour - 1), A, TAKEN)], hour), []);
    assert_eq!(
        billed(&prices, &[(0, Some(hour), A, TAKEN)], hour),
        [line("0.036", 500_000), line("0.072", 71_000_000)]
    );
}

#[test]
fn zones_have_their_own_prices_and_equal_prices_one_line() {
    let quarter = 15 * MINUTE;
    let prices = series(
        &[
            (0, None, "0.04"),
            (quarter, Some(B), "0.08"),
            (2 * quarter, None, "0.08"),
        ],
        &[],
    );
    let all = [
        (0, Some(60 * MINUTE), A, IDLE),
        (0, Some(60 * MINUTE), B, IDLE),
    ];
    // In a half an hour of each, in b a quarter and three: 45 and 75 instance-minutes.
    assert_eq!(
        billed(&prices, &all, 60 * MINUTE),
        [line("0.04", 30_000_000), line("0.08", 100_000_000)]
    );
    // No price in the series: that of the book.
    assert_eq!(
        billed(&series(&[], &[]), &all[..1], 60 * MINUTE),
        [line("0.5", 500_000_000)]
    );
}

#[test]
fn a_row_takes_back_who_runs_in_its_zone_and_nobody_twice() {
    let taken = series(&[], &[(100, Some(B)), (150, None), (220, None)]);
    let apps = Applications {
        spot_series: vec![taken],
        ..Applications::default()
    };
    let mut cluster = following(2);
    let expected = [
        "100000 i1 NOTICE 220000",
        "150000 i0 NOTICE 270000",
        "220000 i1 GONE",
        "220000 i2 LAUNCHED",
        "220010 i2 RUNS",
        "220030 i2 ACTIVE",
        "270000 i0 GONE",
        "270000 i3 LAUNCHED",
        "270010 i3 RUNS",
        "270030 i3 ACTIVE",
        "300000 END",
    ];
    // At 220 s i0 has its notice, i1 is about to go, and i2 does not run yet.
    assert_eq!(tell(&cluster, &apps, &[], 300), expected);
    let bought = group(&mut cluster).spot.as_mut().unwrap();
    bought.rebalances = Some(secs(60));
    assert_eq!(
        tell(&cluster, &apps, &[], 140),
        [
            "40000 i1 AT RISK",
            "40000 i2 LAUNCHED",
            "40010 i2 RUNS",
            "40030 i2 ACTIVE",
            "40030 i1 GONE",
            // For the row of 150 s: one after the other, for want of room.
            "90000 i0 AT RISK",
            "90000 i3 LAUNCHED",
            "90000 i2 AT RISK",
            "90010 i3 RUNS",
            "90030 i3 ACTIVE",
            "90030 i0 GONE",
            "90030 i4 LAUNCHED",
            "90040 i4 RUNS",
            "90060 i4 ACTIVE",
            "90060 i2 GONE",
            // In zone b, too late for a recommendation ahead of the notice.
            "100000 i4 AT RISK",
            "100000 i5 LAUNCHED",
            "100000 i4 NOTICE 220000",
            "100010 i5 RUNS",
            "100030 i5 ACTIVE",
            "100030 i4 GONE",
            "140000 END",
        ]
    );
}

const SCENARIO: &str = r#"name = "shop"
horizon = "90m"

[[service]]
name = "web"
desired = 1
task_definition = "web"

[[task_definition]]
name = "web"
cpu = 512
memory = 512

[[cluster]]
name = "spot"
[cluster.ec2]
instance_type = "m5.large"
count = 1
zones = 1
[cluster.ec2.spot]
series = "spot.csv"
"#;

#[test]
fn the_file_is_the_bill_of_a_run_and_nothing_is_left_to_chance() {
    let folder = Folder::new("spot_series");
    folder.write("shop.toml", SCENARIO);
    folder.write(
        "spot.csv",
        "time,instance_type,price_usd_per_hour\n0,m5.large,0.0400\n75m,m5.large,0.06\n",
    );
    folder.fine(&["shop.toml", "--out", "out", "--quiet"]);
    let bill = folder.table("out/shop/clusters/spot/bill.csv");
    let rows = bill.rows();
    let rows = rows.filter(|row| row.text("SkuMeter") == "Spot Instance Usage");
    let columns = ["ListUnitPrice", "PricingQuantity", "BilledCost"];
    let spot: Vec<[&str; 3]> = rows
        .map(|row| columns.map(|column| row.text(column)))
        .collect();
    assert_eq!(
        spot,
        [
            ["0.04", "1", "0.040000000"],
            ["0.04", "0.25", "0.010000000"],
            ["0.06", "0.25", "0.015000000"],
        ]
    );
    let manifest = folder.read("out/shop/manifest.json");
    assert!(manifest.contains("\"spot_series\""), "{manifest}");
    // What the file does not hold is said with its place.
    folder.write(
        "spot.csv",
        "time,instance_type,price_usd_per_hour\n1h,m5.large,0.04\n",
    );
    folder.refused(
        &["shop.toml"],
        "\
error[T0303]: `m5.large` has no price in zone a before this row
 --> spot.csv:2:1
  |
2 | 1h,m5.large,0.04
  | ^^
hint: begin with its price at `0`, or with one that is older than the scenario

1 error; nothing was written
",
    );
    std::fs::remove_file(folder.path("spot.csv")).unwrap();
    let ran = folder.run(&["shop.toml"]);
    assert!(
        ran.err
            .contains("error[T0013]: the Spot series of cluster `spot` cannot be opened")
    );
    assert!(ran.err.contains(" --> shop.toml:"), "{}", ran.err);
}
