//! A price file over a book: the rows that hold on a day, put where they belong.
//!
//! List prices come first, and what is paid second, since a discount is off the list price that
//! then holds. Rows are laid from the widest to the closest, so that the closest one counts:
//! `*` before a region, `ec2/*` before `ec2/m5.*` before `ec2/m5.large`.

use std::sync::Arc;

use super::file::{
    Day, HITS_NOTHING, Items, NO_LIST_PRICE, NOT_YET, PriceFile, PriceRow, Regions, Says,
};
use super::{Confidence, Contract, Price, PriceBook, Region};
use crate::diagnostic::{Diagnostic, Place, Report};

/// Lays the rows of `file` that hold on the day `at` over the book.
pub(super) fn lay(book: &mut PriceBook, file: &PriceFile, at: Day, report: &mut Report) {
    let (lists, contracts) = (file.held(Says::List, at), file.held(Says::Contract, at));
    if lists.is_empty() && contracts.is_empty() {
        report.push(not_yet(file, at));
    }
    let scope = book.scope.clone();
    let is_here = |row: &&PriceRow| match (&row.region, &scope) {
        (Regions::One(region), Some(scope)) => region == scope,
        (Regions::One(_) | Regions::All, _) => true,
    };
    let lists: Vec<&PriceRow> = lists.into_iter().filter(is_here).collect();
    // Regions first, so that what holds in all of them holds in these.
    for row in &lists {
        if let Regions::One(region) = &row.region
            && !book.regions.contains_key(region)
        {
            let prices = book.anywhere.clone();
            book.regions.insert(Arc::clone(region), prices);
        }
    }
    for row in lists {
        lay_list(book, row);
    }
    let mut vain: Vec<&PriceRow> = Vec::new();
    for row in contracts.into_iter().filter(is_here) {
        if lay_contract(book, row) == 0 {
            // What holds in all regions may be for others than the one that was read.
            let is_of_others = row.region == Regions::All && scope.is_some();
            if !is_of_others {
                vain.push(row);
            }
        }
    }
    vain.sort_by_key(|row| row.at.start);
    for row in vain {
        report.push(hits_nothing(row).at(file.place(&row.at)));
    }
}

fn lay_list(book: &mut PriceBook, row: &PriceRow) {
    let (Items::One(key), Some(list)) = (&row.item, row.list) else {
        return;
    };
    let as_of: Arc<str> = row
        .from
        .map_or_else(String::new, |day| day.to_string())
        .into();
    for prices in priced_in(book, &row.region) {
        let contract = prices
            .get(key)
            .map_or(Contract::List, |price| price.contract);
        let price = Price {
            list,
            contract,
            as_of: Arc::clone(&as_of),
            confidence: Confidence::Own,
        };
        prices.insert(key.clone(), price);
    }
}

/// Puts what is paid where it belongs; how many prices that are.
fn lay_contract(book: &mut PriceBook, row: &PriceRow) -> usize {
    let Some(contract) = row.contract else {
        return 0;
    };
    let mut hit = 0;
    for prices in priced_in(book, &row.region) {
        match &row.item {
            Items::One(key) => {
                if let Some(price) = prices.get_mut(key) {
                    price.contract = contract;
                    hit += 1;
                }
            }
            Items::Beginning(start) => {
                for (key, price) in prices.iter_mut() {
                    if key.path().starts_with(start) {
                        price.contract = contract;
                        hit += 1;
                    }
                }
            }
        }
    }
    hit
}

/// The prices of the regions that are meant.
fn priced_in<'a>(
    book: &'a mut PriceBook,
    regions: &Regions,
) -> impl Iterator<Item = &'a mut Region> {
    let is_meant = move |region: &Arc<str>| match regions {
        Regions::All => true,
        Regions::One(one) => region == one,
    };
    let all = book.regions.iter_mut();
    let meant: Vec<&mut Region> = all
        .filter(|(region, _)| is_meant(region))
        .map(|(_, prices)| prices)
        .collect();
    meant.into_iter()
}

fn hits_nothing(row: &PriceRow) -> Diagnostic {
    let region = match &row.region {
        Regions::All => "any region",
        Regions::One(region) => region,
    };
    match (&row.item, row.contract) {
        (Items::One(key), Some(Contract::Price(_))) => {
            let message = format!("there is no list price for {key} in {region}");
            let hint = "say in `list_usd` what AWS asks; the bill shows both";
            Diagnostic::error(NO_LIST_PRICE, message).hint(hint)
        }
        (Items::One(_) | Items::Beginning(_), _) => {
            let (_, name, _) = row.subject();
            let message = format!("nothing called `{name}` has a price in {region}");
            let hint = "leave the row out, or say in `list_usd` what AWS asks";
            Diagnostic::warning(HITS_NOTHING, message).hint(hint)
        }
    }
}

fn not_yet(file: &PriceFile, at: Day) -> Diagnostic {
    let message = format!("no row of the file holds on {at}, whose prices are charged");
    let hint = match file.days().as_slice() {
        [] => "all have ended before".to_owned(),
        [first, ..] => {
            format!("its first row begins on {first}; `prices_at` says which day's prices count")
        }
    };
    let diagnostic = Diagnostic::warning(NOT_YET, message).hint(hint);
    diagnostic.at(Place::file(&file.name().into()))
}
