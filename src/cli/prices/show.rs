//! `ecsim prices show`: what the book holds.

use super::super::arguments::PricesShowArguments;
use super::super::exit::{Exit, Failure};
use super::super::terminal;
use super::{Filter, aligned, book, day, open};
use crate::billing::{Contract, Price, PriceBook, PriceFile, PriceKey};

/// Prints prices by region and item; asked for everything, the tables of the book.
pub(in crate::cli) fn show(arguments: &PricesShowArguments) -> Result<Exit, Failure> {
    let files = arguments.with.iter().map(|path| open(path));
    let files: Vec<PriceFile> = files.collect::<Result<_, _>>()?;
    let at = day(arguments.at.as_deref(), &files)?;
    let book = book(&files, at)?;
    if !files.is_empty() {
        terminal::talk(&format!("prices of {at}\n"));
    }
    let filter = Filter {
        region: arguments.region.as_deref(),
        item: arguments.item.as_deref(),
    };
    filter.check_region(&[&book])?;
    if filter.region.is_none() && filter.item.is_none() {
        terminal::print(&overview(&book))?;
        return Ok(Exit::Fine);
    }
    let mut found = Vec::new();
    for region in book.regions() {
        let prices = book.prices(region);
        let meant = prices.filter(|(key, _)| filter.lets(region, key));
        found.extend(meant.map(|(key, price)| (region, key, price)));
    }
    if found.is_empty() {
        return Err(filter.nothing());
    }
    terminal::print(&listed(&found))?;
    Ok(Exit::Fine)
}

fn overview(book: &PriceBook) -> String {
    let rows = book.tables().into_iter().map(|table| {
        [
            table.name.to_owned(),
            table.prices.to_string(),
            dates(&table.oldest, &table.newest),
        ]
    });
    let rows: Vec<[String; 3]> = rows.collect();
    let mut text = aligned::table(["table", "prices", "as of"], &rows);
    let regions: Vec<&str> = book.regions().collect();
    text.push_str("\nregions: ");
    text.push_str(&regions.join(", "));
    text.push('\n');
    text
}

fn dates(oldest: &str, newest: &str) -> String {
    if oldest == newest {
        oldest.to_owned()
    } else {
        format!("{oldest} to {newest}")
    }
}

fn listed(found: &[(&str, &PriceKey, &Price)]) -> String {
    let is_agreed = |price: &Price| price.contract != Contract::List;
    let cells = |(region, key, price): &(&str, &PriceKey, &Price)| {
        let terms = match price.contract {
            Contract::List => String::new(),
            Contract::Price(_) => "contract".to_owned(),
            Contract::Discount(discount) => format!("-{discount}"),
        };
        [
            (*region).to_owned(),
            key.path(),
            key.unit().name().to_owned(),
            price.list.text(),
            price.contracted().text(),
            terms,
            price.as_of.to_string(),
            price.confidence.name().to_owned(),
        ]
    };
    let rows: Vec<[String; 8]> = found.iter().map(cells).collect();
    if found.iter().any(|(_, _, price)| is_agreed(price)) {
        let head = [
            "region",
            "item",
            "unit",
            "list",
            "paid",
            "terms",
            "as of",
            "confidence",
        ];
        return aligned::table(head, &rows);
    }
    let rows = rows.into_iter();
    let rows: Vec<[String; 6]> = rows
        .map(|[region, item, unit, list, _, _, as_of, confidence]| {
            [region, item, unit, list, as_of, confidence]
        })
        .collect();
    let head = ["region", "item", "unit", "usd", "as of", "confidence"];
    aligned::table(head, &rows)
}
