//! What files make of the book: which row counts, and what is paid where something else is asked.

use super::super::*;
use crate::diagnostic::render;

const HEAD: &str = "region,item,list_usd,contracted_usd,discount,from,until\n";

fn file(rows: &str) -> PriceFile {
    let read = read_prices(&format!("{HEAD}{rows}"), "own.csv");
    read.unwrap_or_else(|report| panic!("{}", render(&report)))
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

/// The list price and the contracted price of a thing under files on a day.
fn priced(files: &[&str], at: &str, region: &str, path: &str) -> Option<(String, String)> {
    let files: Vec<PriceFile> = files.iter().map(|rows| file(rows)).collect();
    let (book, report) = PriceBook::embedded().with_files(&files, day(at));
    assert!(!report.has_errors(), "{}", render(&report));
    let names = PriceNames::new(&crate::model::Catalog::embedded());
    let price = book.price(region, names.find(path).unwrap())?;
    Some((price.list.text(), price.contracted().text()))
}

#[track_caller]
fn check(rows: &str, at: &str, expected: &[(&str, &str, &str, &str)]) {
    for (region, path, list, paid) in expected {
        let found = priced(&[rows], at, region, path);
        let expected = Some(((*list).to_owned(), (*paid).to_owned()));
        assert_eq!(found, expected, "{path} in {region} on {at}");
    }
}

#[test]
fn a_price_counts_from_its_first_day_to_its_last() {
    let rows = "us-east-1,ec2/m5.large,0.1,,,2026-01-01,\n\
                us-east-1,ec2/m5.large,0.09,,,2026-04-01,2026-06-30\n";
    let m5 = |price| [("us-east-1", "ec2/m5.large", price, price)];
    check(rows, "2025-12-31", &m5("0.096"));
    check(rows, "2026-01-01", &m5("0.1"));
    check(rows, "2026-03-31", &m5("0.1"));
    check(rows, "2026-04-01", &m5("0.09"));
    check(rows, "2026-06-30", &m5("0.09"));
    // What has ended does not bring back what it took the place of.
    check(rows, "2026-07-01", &m5("0.096"));
    check(
        rows,
        "2026-04-01",
        &[("us-east-2", "ec2/m5.large", "0.096", "0.096")],
    );
}

#[test]
fn the_row_that_names_a_thing_most_closely_counts() {
    let rows = "*,*,,,1%,,\n\
                *,ec2/*,,,10%,,\n\
                eu-west-1,ec2/*,,,20%,,\n\
                *,ec2/m5.*,,,30%,,\n\
                *,ec2/m5.large,,,40%,,\n\
                us-east-1,ec2/m5.large,,0.05,,,\n";
    check(
        rows,
        "2026-01-01",
        &[
            ("us-east-1", "ec2/m5.large", "0.096", "0.05"),
            ("us-east-2", "ec2/m5.large", "0.096", "0.0576"),
            ("eu-west-1", "ec2/m5.xlarge", "0.214", "0.1498"),
            ("eu-west-1", "ec2/c5.large", "0.096", "0.0768"),
            ("us-east-1", "ec2/c5.large", "0.085", "0.0765"),
            ("us-east-1", "nat/data", "0.045", "0.04455"),
            (
                "us-east-1",
                "ec2-reserved/standard-1y/m5.large",
                "0.06",
                "0.0594",
            ),
            ("us-east-1", "ecs/managed-instances", "0.12", "0.1188"),
        ],
    );
}

#[test]
fn a_discount_is_off_the_list_price_that_then_holds() {
    let rows = "us-east-1,fargate/*,,,12%,2026-01-01,\n\
                us-east-1,fargate/linux/x86_64/vcpu,0.05,,,2026-07-01,\n";
    let vcpu = |list, paid| [("us-east-1", "fargate/linux/x86_64/vcpu", list, paid)];
    check(rows, "2026-06-30", &vcpu("0.04048", "0.0356224"));
    check(rows, "2026-07-01", &vcpu("0.05", "0.044"));
}

#[test]
fn of_two_files_the_later_one_counts() {
    let close = "us-east-1,ec2/m5.large,,0.05,,,\n";
    let wide = "*,*,,,1%,,\n";
    let paid = |files: &[&str]| {
        priced(files, "2026-01-01", "us-east-1", "ec2/m5.large")
            .unwrap()
            .1
    };
    assert_eq!(paid(&[wide, close]), "0.05");
    assert_eq!(paid(&[close, wide]), "0.09504");
    // One file says what AWS asks, another what is paid for it.
    let list = "us-east-1,ec2/m5.large,0.2,,,,\n";
    let half = "us-east-1,ec2/*,,,50%,,\n";
    assert_eq!(paid(&[half, list]), "0.1");
}

#[test]
fn prices_can_be_added_also_in_regions_that_the_book_has_not() {
    let rows = "ca-west-1,ec2/m5.large,0.107,0.1,,,\nus-west-2,nat/data,0.045,,,,\n";
    check(
        rows,
        "2026-01-01",
        &[
            ("ca-west-1", "ec2/m5.large", "0.107", "0.1"),
            ("ca-west-1", "ecs/managed-instances", "0.12", "0.12"),
            ("us-west-2", "nat/data", "0.045", "0.045"),
        ],
    );
    // What holds everywhere holds there as well, whatever its name.
    let both = "*,alb/hour,0.03,,,,\n*,nat/hour,0.05,,,,\nca-west-1,ec2/m5.large,0.107,,,,\n";
    check(
        both,
        "2026-01-01",
        &[
            ("ca-west-1", "alb/hour", "0.03", "0.03"),
            ("ca-west-1", "nat/hour", "0.05", "0.05"),
        ],
    );
    let everywhere = "*,alb/hour,0.03,,,,\n";
    check(
        everywhere,
        "2026-01-01",
        &[("sa-east-1", "alb/hour", "0.03", "0.03")],
    );
    assert_eq!(
        priced(&[everywhere], "2026-01-01", "ca-west-1", "alb/hour"),
        None
    );
}

#[test]
fn a_book_of_one_region_under_files_is_what_the_whole_book_says() {
    let rows = "*,ec2/*,,,10%,,\n\
                us-west-2,nat/data,0.045,,,,\n\
                us-west-2,nat/data,,0.03,,,\n\
                us-east-1,ec2/m5.large,0.1,0.05,,,\n";
    let files = [file(rows)];
    let at = day("2026-03-02");
    let (whole, _) = PriceBook::embedded().with_files(&files, at);
    for region in ["us-west-2", "us-east-1", "ca-central-1"] {
        let (alone, report) = PriceBook::embedded_for(region).with_files(&files, at);
        assert!(report.is_empty(), "{region}: {}", render(&report));
        assert_eq!(alone.regions().collect::<Vec<_>>(), [region]);
        assert!(alone.prices(region).eq(whole.prices(region)));
    }
}

#[test]
fn what_a_row_cannot_change_is_said() {
    let files = [file(
        "us-west-2,nat/data,,0.03,,,\n\
         us-west-2,nat/*,,,5%,,\n\
         us-west-1,ec2/*,,,5%,,\n\
         *,eks/auto-mode/m5.xlarge,,,5%,,\n",
    )];
    let (_, report) = PriceBook::embedded().with_files(&files, day("2026-03-02"));
    assert_eq!(
        render(&report),
        "\
error[P0017]: there is no list price for data through NAT gateways in us-west-2
 --> own.csv:2:11
  |
2 | us-west-2,nat/data,,0.03,,,
  |           ^^^^^^^^
hint: say in `list_usd` what AWS asks; the bill shows both

warning[P0101]: nothing called `ec2/*` has a price in us-west-1
 --> own.csv:4:11
  |
4 | us-west-1,ec2/*,,,5%,,
  |           ^^^^^
hint: leave the row out, or say in `list_usd` what AWS asks

warning[P0101]: nothing called `eks/auto-mode/m5.xlarge` has a price in any region
 --> own.csv:5:3
  |
5 | *,eks/auto-mode/m5.xlarge,,,5%,,
  |   ^^^^^^^^^^^^^^^^^^^^^^^
hint: leave the row out, or say in `list_usd` what AWS asks
"
    );
    // In a run, rows about other regions are no matter.
    let (_, report) = PriceBook::embedded_for("us-east-1").with_files(&files, day("2026-03-02"));
    assert!(report.is_empty(), "{}", render(&report));
}

#[test]
fn a_file_that_does_not_hold_yet_is_no_secret() {
    let files = [file("us-east-1,ec2/*,,,5%,2026-04-01,2026-12-31\n")];
    assert_eq!(
        (files[0].rows(), files[0].in_force(day("2026-12-31"))),
        (1, 1)
    );
    for at in ["2026-03-31", "2027-01-01"] {
        let at = day(at);
        assert_eq!(files[0].in_force(at), 0);
        let (book, report) = PriceBook::embedded().with_files(&files, at);
        assert_eq!(book, PriceBook::embedded());
        let shown = render(&report);
        let head =
            format!("warning[P0102]: no row of the file holds on {at}, whose prices are charged");
        assert!(shown.starts_with(&head), "{shown}");
    }
}

#[test]
fn what_is_paid_shows_in_the_fingerprint_and_says_it_is_ones_own() {
    let book = PriceBook::embedded();
    let at = day("2026-03-02");
    let under = |rows: &str| book.clone().with_files(&[file(rows)], at).0;
    let digests = [
        book.digest(),
        under("us-east-1,ec2/m5.large,,,5%,,\n").digest(),
        under("us-east-1,ec2/m5.large,,0.09,,,\n").digest(),
        under("us-east-1,ec2/m5.large,0.09,,,,\n").digest(),
    ];
    let mut different = digests.to_vec();
    different.sort_unstable();
    different.dedup();
    assert_eq!(different.len(), digests.len());
    let own = under("us-east-1,ec2/m5.large,0.09,,,2026-01-01,\n");
    let instance_type = "m5.large".into();
    let key = PriceKey::Metered(Meter::Ec2Instance { instance_type });
    let price = own.price("us-east-1", &key).unwrap();
    assert_eq!(
        (price.confidence, &*price.as_of),
        (Confidence::Own, "2026-01-01")
    );
    assert_eq!(own.tables()[0].own, 1);
}
