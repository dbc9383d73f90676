//! `ecsim prices diff`: what costs something else in another book.

use std::collections::BTreeSet;
use std::path::Path;

use super::super::arguments::PricesDiffArguments;
use super::super::exit::{Exit, Failure};
use super::super::run::count;
use super::super::terminal;
use super::{Filter, aligned, book, day, open};
use crate::billing::{Price, PriceBook, PriceFile, PriceKey};
use crate::units::div_half_even;

/// The name of our own prices.
const EMBEDDED: &str = "embedded";

/// Prints every price that differs between two books, each a file over our prices, or ours alone.
pub(in crate::cli) fn diff(arguments: &PricesDiffArguments) -> Result<Exit, Failure> {
    let files = [files(&arguments.one)?, files(&arguments.other)?];
    let at = day(arguments.at.as_deref(), &files.concat())?;
    let [one, other] = [book(&files[0], at)?, book(&files[1], at)?];
    let filter = Filter {
        region: arguments.region.as_deref(),
        item: arguments.item.as_deref(),
    };
    filter.check_region(&[&one, &other])?;
    let rows = differences(&one, &other, filter);
    let summary = format!(
        "prices of {at}: {}\n",
        count(rows.len() as u64, "difference")
    );
    if !rows.is_empty() {
        let names = [&arguments.one, &arguments.other].map(|path| path.display().to_string());
        let head = ["region", "item", "unit", &names[0], &names[1], "change"];
        terminal::print(&aligned::table(head, &rows))?;
    }
    terminal::talk(&summary);
    Ok(Exit::Fine)
}

/// The price file of this path; none for our own prices.
fn files(path: &Path) -> Result<Vec<PriceFile>, Failure> {
    if path == Path::new(EMBEDDED) {
        return Ok(Vec::new());
    }
    Ok(vec![open(path)?])
}

fn differences(one: &PriceBook, other: &PriceBook, filter: Filter<'_>) -> Vec<[String; 6]> {
    let regions: BTreeSet<&str> = one.regions().chain(other.regions()).collect();
    let mut rows = Vec::new();
    for region in regions {
        let both = one.prices(region).chain(other.prices(region));
        let keys: BTreeSet<&PriceKey> = both.map(|(key, _)| key).collect();
        for key in keys.into_iter().filter(|key| filter.lets(region, key)) {
            let prices = [one.price(region, key), other.price(region, key)];
            let amounts = prices.map(|price| price.map(|it| (it.list, it.contracted())));
            if amounts[0] != amounts[1] {
                rows.push([
                    region.to_owned(),
                    key.path(),
                    key.unit().name().to_owned(),
                    told(prices[0]),
                    told(prices[1]),
                    change(prices),
                ]);
            }
        }
    }
    rows
}

/// What is paid, and beside it the list price if that is another.
fn told(price: Option<&Price>) -> String {
    let Some(price) = price else {
        return "-".to_owned();
    };
    let (list, paid) = (price.list.text(), price.contracted().text());
    if list == paid {
        list
    } else {
        format!("{paid} (list {list})")
    }
}

/// By how much what is paid changes, to a tenth of a per cent.
fn change(prices: [Option<&Price>; 2]) -> String {
    let parts = prices.map(|price| price.map(|it| it.contracted().parts()));
    let (before, after) = match parts {
        [None, _] => return "new".to_owned(),
        [Some(_), None] => return "gone".to_owned(),
        [Some(before), Some(after)] => (before, after),
    };
    if before == 0 {
        return if after == 0 { "0.0%" } else { "not free" }.to_owned();
    }
    let difference = u128::from(before.abs_diff(after)) * 1_000;
    let tenths = div_half_even(difference, u128::from(before));
    let sign = match before.cmp(&after) {
        std::cmp::Ordering::Less => "+",
        std::cmp::Ordering::Equal => "",
        std::cmp::Ordering::Greater => "-",
    };
    format!("{sign}{}.{}%", tenths.div_euclid(10), tenths.rem_euclid(10))
}
