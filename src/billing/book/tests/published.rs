//! Our tables against the collection they were made from, row by row. `ECSIM_FACTS` says where that
//! is; without it the comparison is skipped and says so.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::super::*;
use crate::model::Catalog;

/// A table of the collection, as rows by column; `None` where the collection is not there.
fn table(name: &str) -> Option<Vec<BTreeMap<String, String>>> {
    let folder = std::env::var_os("ECSIM_FACTS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/facts")),
        PathBuf::from,
    );
    let path = folder.join(name);
    let Ok(mut reader) = csv::Reader::from_path(&path) else {
        eprintln!("skipped: {} not found", path.display());
        return None;
    };
    let head = reader.headers().unwrap().clone();
    let rows = reader.records().map(|record| {
        let record = record.unwrap();
        let cells = head.iter().zip(&record);
        cells
            .map(|(name, cell)| (name.to_owned(), cell.to_owned()))
            .collect()
    });
    Some(rows.collect())
}

/// What is still to be compared: every price of the kinds that a table has.
struct Left<'a> {
    book: &'a PriceBook,
    names: PriceNames,
    keys: BTreeSet<(String, String)>,
}

impl<'a> Left<'a> {
    fn new(book: &'a PriceBook, beginnings: &[&str]) -> Self {
        let all = book.regions().flat_map(|region| {
            let keys = book.prices(region).map(|(key, _)| key.path());
            let meant = keys.filter(|path| beginnings.iter().any(|it| path.starts_with(it)));
            meant.map(move |path| (region.to_owned(), path))
        });
        Self {
            book,
            names: PriceNames::new(&Catalog::embedded()),
            keys: all.collect(),
        }
    }

    /// A price of the collection is ours to the last digit, with its date; a blank is none of ours.
    #[track_caller]
    fn same(
        &mut self,
        region: &str,
        path: &str,
        usd: &str,
        as_of: Option<&str>,
    ) -> Option<Confidence> {
        let key = self.names.find(path).unwrap();
        let ours = self.book.price(region, key);
        if usd.is_empty() {
            assert_eq!(ours, None, "{path} in {region}");
            return None;
        }
        let ours = ours.unwrap_or_else(|| panic!("{path} in {region} is missing"));
        assert_eq!(
            ours.list,
            key.unit().quote(usd).unwrap(),
            "{path} in {region}"
        );
        if let Some(as_of) = as_of {
            assert_eq!(*ours.as_of, *as_of, "{path} in {region}");
        }
        assert!(self.keys.remove(&(region.to_owned(), path.to_owned())));
        Some(ours.confidence)
    }

    fn is_done(&self) {
        assert!(self.keys.is_empty(), "ours alone: {:?}", self.keys);
    }
}

#[test]
fn ec2_prices_are_those_of_the_collection() {
    let Some(rows) = table("ec2-prices.csv") else {
        return;
    };
    let book = PriceBook::embedded();
    let mut left = Left::new(&book, &["ec2/", "ec2-reserved/", "ec2-spot-seen/"]);
    assert_eq!(rows.len(), 2_408);
    for row in &rows {
        let (region, of) = (&row["region"], &row["instance_type"]);
        let on_demand = &row["on_demand_usd_per_hour"];
        let as_of = Some(row["on_demand_as_of"].as_str());
        left.same(region, &format!("ec2/{of}"), on_demand, as_of);
        for (name, column) in [
            ("standard-1y", "ri_standard_1y_no_upfront"),
            ("standard-3y", "ri_standard_3y_no_upfront"),
            ("convertible-1y", "ri_convertible_1y_no_upfront"),
            ("convertible-3y", "ri_convertible_3y_no_upfront"),
        ] {
            let path = format!("ec2-reserved/{name}/{of}");
            left.same(region, &path, &row[column], Some(&row["ri_as_of"]));
        }
        let path = format!("ec2-spot-seen/{of}");
        let seen = left.same(
            region,
            &path,
            &row["spot_usd_per_hour"],
            Some(&row["spot_as_of"]),
        );
        // The lowest zone's price of 2023 is there to compare with, and no more.
        let is_old = row["spot_source"] == "leanercloud-min-az";
        assert_eq!(seen == Some(Confidence::Low), is_old, "{of}");
    }
    left.is_done();
}

#[test]
fn fargate_prices_are_those_of_the_collection() {
    let Some(rows) = table("fargate-prices.csv") else {
        return;
    };
    let book = PriceBook::embedded();
    let mut left = Left::new(&book, &["fargate"]);
    for row in &rows {
        let (region, platform) = (&row["region"], &row["platform"]);
        let as_of = row["as_of"].as_str();
        let path = |part: &str| format!("fargate/{platform}/{part}");
        let vcpu = left.same(
            region,
            &path("vcpu"),
            &row["vcpu_usd_per_hour"],
            Some(as_of),
        );
        assert_eq!(
            vcpu.map_or("not found", Confidence::name),
            row["confidence"]
        );
        left.same(
            region,
            &path("memory"),
            &row["gb_usd_per_hour"],
            Some(as_of),
        );
        if vcpu.is_some() {
            // Where neither CPU nor memory has a price, storage alone is of no use.
            left.same(
                region,
                &path("storage"),
                &row["storage_gb_usd_per_hour"],
                Some(as_of),
            );
        }
        if platform.starts_with("windows") {
            let licence = &row["os_license_usd_per_vcpu_hour"];
            left.same(region, &path("licence"), licence, Some(as_of));
        } else {
            let spot = |part: &str| format!("fargate-spot/{platform}/{part}");
            let as_of = Some(row["spot_as_of"].as_str());
            left.same(region, &spot("vcpu"), &row["spot_vcpu_usd_per_hour"], as_of);
            left.same(region, &spot("memory"), &row["spot_gb_usd_per_hour"], as_of);
        }
        for (term, part, column) in [
            ("1y", "vcpu", "sp_compute_1y_no_upfront_vcpu"),
            ("1y", "memory", "sp_compute_1y_no_upfront_gb"),
            ("3y", "vcpu", "sp_compute_3y_no_upfront_vcpu"),
            ("3y", "memory", "sp_compute_3y_no_upfront_gb"),
        ] {
            let path = format!("fargate-plan/{term}/{platform}/{part}");
            // Its date stands in the notes beside the table.
            left.same(region, &path, &row[column], None);
        }
    }
    left.is_done();
}

/// Items whose names are not ours with other signs between the words.
const NAMES: [(&str, &[&str]); 34] = [
    ("ebs_gp3_storage", &["ebs/gp3"]),
    ("ebs_gp2_storage", &["ebs/gp2"]),
    ("ebs_gp3_iops_above_3000", &["ebs/gp3-iops"]),
    ("ebs_gp3_throughput_above_125", &["ebs/gp3-throughput"]),
    ("ebs_snapshot_storage", &["ebs/snapshot"]),
    ("public_ipv4_address", &["ipv4/address"]),
    ("alb_hour", &["alb/hour"]),
    ("alb_lcu_hour", &["alb/lcu"]),
    ("nlb_hour", &["nlb/hour"]),
    ("nlb_lcu_hour", &["nlb/lcu"]),
    ("nat_gateway_hour", &["nat/hour"]),
    ("nat_gateway_data", &["nat/data"]),
    ("vpc_interface_endpoint_hour", &["endpoint/hour"]),
    ("vpc_interface_endpoint_data", &["endpoint/data"]),
    ("cloudwatch_logs_ingest_standard", &["logs/ingestion"]),
    ("cloudwatch_logs_storage", &["logs/storage"]),
    ("cloudwatch_custom_metric", &["metrics/custom"]),
    ("ecr_storage", &["ecr/storage"]),
    ("eks_cluster_standard", &["eks/cluster"]),
    ("eks_cluster_extended_support", &["eks/extended-support"]),
    ("eks_auto_mode_fee_m5.large", &["eks/auto-mode/m5.large"]),
    ("ecs_on_ec2_control_plane", &["ecs/on-ec2"]),
    ("ecs_anywhere_instance", &["ecs/anywhere"]),
    (
        "ecs_managed_instances_fee_default",
        &["ecs/managed-instances"],
    ),
    (
        "ecs_managed_instances_fee_g6_g6e",
        &["ecs/managed-instances/g6", "ecs/managed-instances/g6e"],
    ),
    ("cloud_map_resource", &["cloud-map/resource"]),
    ("cloud_map_discover_call", &["cloud-map/discovery"]),
    ("t3_surplus_cpu_credit", &["ec2-credits/x86_64"]),
    (
        "data_out_internet_first_10tb",
        &["data/internet/first-10tb"],
    ),
    ("data_out_internet_next_40tb", &["data/internet/next-40tb"]),
    (
        "data_out_internet_next_100tb",
        &["data/internet/next-100tb"],
    ),
    (
        "data_out_internet_over_150tb",
        &["data/internet/over-150tb"],
    ),
    ("data_out_other_regions", &["data/regions"]),
    ("data_cross_az_each_direction", &["data/zones"]),
];

#[test]
fn all_other_prices_are_those_of_the_collection() {
    let Some(rows) = table("other-prices.csv") else {
        return;
    };
    let book = PriceBook::embedded();
    let beginnings = NAMES.map(|(_, paths)| paths[0].split('/').next().unwrap());
    let mut left = Left::new(&book, &beginnings);
    // One price of surplus credits is read, for T3 in one region; the rest follow from it.
    let is_read = |region: &str, path: &str| (region, path) == ("us-east-1", "ec2-credits/x86_64");
    left.keys.retain(|(region, path)| {
        is_read(region, path) || !path.starts_with("ec2-credits/") && !path.starts_with("ec2/")
    });
    assert_eq!(rows.len(), 179);
    for row in &rows {
        let (_, paths) = NAMES.iter().find(|(name, _)| *name == row["item"]).unwrap();
        let regions: Vec<&str> = match row["region"].as_str() {
            "any" => book.regions().collect(),
            region => vec![region],
        };
        for (region, path) in regions
            .iter()
            .flat_map(|it| paths.iter().map(move |path| (it, path)))
        {
            let found = left.same(region, path, &row["usd"], Some(&row["as_of"]));
            assert_eq!(
                found.map(Confidence::name),
                Some(row["confidence"].as_str())
            );
        }
    }
    left.is_done();
}
