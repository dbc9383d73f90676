//! One row of a price file: what it says, or everything that is wrong with it.

use super::codes::{
    BAD_DATE, BAD_DISCOUNT, BAD_PRICE, CONFLICT, MISSING_VALUE, NEGATIVE_PRICE, UNKNOWN_ITEM,
    UNKNOWN_REGION, WRONG_CURRENCY, WRONG_UNIT,
};
use super::{Cell, Column, Day, Draft, Items, PriceRow, Reading, Regions};
use crate::billing::book::quote::{Contract, Discount, Quote};
use crate::billing::book::regions;
use crate::diagnostic::{Code, Diagnostic};
use crate::units::RateError;

/// What a row says; `None` when something is wrong with it, which has been reported.
pub(super) fn read(draft: &Draft<'_>, reading: &mut Reading<'_>) -> Option<PriceRow> {
    let before = reading.found.len();
    let region = needed(draft, Column::Region, reading).and_then(|cell| region(cell, reading));
    let item_cell = needed(draft, Column::Item, reading);
    let item = item_cell.and_then(|cell| item(cell, reading));
    check_currency(draft, reading);
    let (list, contract) = amounts(draft, item.as_ref(), reading);
    let from = day(draft, Column::From, reading);
    let until = day(draft, Column::Until, reading);
    if let (Some(first), Some(last)) = (from, until)
        && last < first
        && let Some(cell) = draft.cell(Column::Until)
    {
        let message = format!("it ends on {last}, before it begins on {first}");
        let hint = "`from` is the first day on which it holds, `until` the last";
        reading.error(cell, BAD_DATE, message, hint);
    }
    if reading.found.len() > before {
        return None;
    }
    Some(PriceRow {
        region: region?,
        item: item?,
        list,
        contract,
        from,
        until,
        at: item_cell?.span.clone(),
    })
}

impl<'a> Draft<'a> {
    /// What stands in a column, if anything does.
    fn cell(&self, column: Column) -> Option<&Cell<'a>> {
        let mut cells = self.cells.iter();
        cells.find(|cell| cell.column == column && !cell.text.is_empty())
    }
}

impl Reading<'_> {
    fn error(&mut self, at: &Cell<'_>, code: Code, message: String, hint: impl Into<String>) {
        let diagnostic = Diagnostic::error(code, message).hint(hint);
        self.push(&at.span, diagnostic);
    }
}

/// What stands in a column that must not be empty.
fn needed<'d, 'a>(
    draft: &'d Draft<'a>,
    column: Column,
    reading: &mut Reading<'_>,
) -> Option<&'d Cell<'a>> {
    let found = draft.cell(column);
    if found.is_none() {
        let message = format!("the row has no `{}`", column.name());
        let hint = if column == Column::Region {
            "name the region, or write `*` for all"
        } else {
            "name the item, such as `ec2/m5.large`, or many as `fargate/*`"
        };
        let mut cells = draft.cells.iter();
        let empty = cells.find(|cell| cell.column == column);
        let span = empty.map_or(&draft.span, |cell| &cell.span);
        reading.push(span, Diagnostic::error(MISSING_VALUE, message).hint(hint));
    }
    found
}

fn region(cell: &Cell<'_>, reading: &mut Reading<'_>) -> Option<Regions> {
    let name = &*cell.text;
    if name == "*" {
        return Some(Regions::All);
    }
    if regions::is_known(name) {
        return Some(Regions::One(name.into()));
    }
    let message = format!("AWS has no region `{name}`");
    let hint = match regions::alike(name) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "write it as `us-east-1`, or `*` for all regions".to_owned(),
    };
    reading.error(cell, UNKNOWN_REGION, message, hint);
    None
}

fn item(cell: &Cell<'_>, reading: &mut Reading<'_>) -> Option<Items> {
    let name = &*cell.text;
    if let Some(start) = name.strip_suffix('*') {
        if reading.items.has_beginning(start) {
            return Some(Items::Beginning(start.to_owned()));
        }
        let message = format!("there is nothing whose name begins with `{start}`");
        let hint = alike(start.trim_end_matches('/'), reading);
        reading.error(cell, UNKNOWN_ITEM, message, hint);
        return None;
    }
    let found = reading.items.find(name).cloned();
    if found.is_none() {
        let message = format!("there is no item `{name}`");
        let hint = alike(name, reading);
        reading.error(cell, UNKNOWN_ITEM, message, hint);
    }
    found.map(Items::One)
}

/// What may have been meant.
fn alike(name: &str, reading: &Reading<'_>) -> String {
    // Comparing with all names takes a while: not for what is only counted.
    let is_looked_at = reading.is_looked_at();
    let meant = is_looked_at.then(|| reading.items.nearest(name)).flatten();
    meant.map_or_else(
        || "`ecsim prices show fargate` lists the items with a part in their name".to_owned(),
        |meant| format!("did you mean `{meant}`?"),
    )
}

fn check_currency(draft: &Draft<'_>, reading: &mut Reading<'_>) {
    if let Some(cell) = draft.cell(Column::Currency)
        && !cell.text.eq_ignore_ascii_case("USD")
    {
        let message = format!("the price is in `{}`, but all prices are in USD", cell.text);
        let hint = "AWS bills in US dollars; give the price in them, and convert the result";
        reading.error(cell, WRONG_CURRENCY, message, hint);
    }
}

/// What is asked and what was agreed on. Prices need one thing, whose unit says what they mean.
fn amounts(
    draft: &Draft<'_>,
    item: Option<&Items>,
    reading: &mut Reading<'_>,
) -> (Option<Quote>, Option<Contract>) {
    let price = draft.cell(Column::ContractedUsd);
    let discount = draft.cell(Column::Discount);
    if price.is_none() && discount.is_none() && draft.cell(Column::ListUsd).is_none() {
        let diagnostic = Diagnostic::error(MISSING_VALUE, "the row does not say how much")
            .hint("give `list_usd`, `contracted_usd` or `discount`");
        reading.push(&draft.span, diagnostic);
    }
    if let (Some(_), Some(cell)) = (price, discount) {
        let message = "`contracted_usd` and `discount` both say what is paid".to_owned();
        let hint = "keep one of them; a discount is off the list price";
        reading.error(cell, CONFLICT, message, hint);
    }
    if let Some(Items::One(key)) = item
        && let Some(cell) = draft.cell(Column::Unit)
        && !key.unit().is_called(&cell.text)
    {
        let unit = key.unit().name();
        let message = format!("{key} is not priced by `{}`", cell.text);
        reading.error(
            cell,
            WRONG_UNIT,
            message,
            format!("give the price by `{unit}`"),
        );
    }
    let list = quote(draft.cell(Column::ListUsd), item, reading);
    let contract = match (quote(price, item, reading), discount) {
        (Some(quote), _) => Some(Contract::Price(quote)),
        (None, Some(cell)) => off(cell, reading).map(Contract::Discount),
        (None, None) => None,
    };
    (list, contract)
}

fn quote(
    cell: Option<&Cell<'_>>,
    item: Option<&Items>,
    reading: &mut Reading<'_>,
) -> Option<Quote> {
    let cell = cell?;
    let key = match item? {
        Items::One(key) => key,
        Items::Beginning(_) => {
            let message = "a price is for one item, not for many".to_owned();
            let hint = "name the item without `*`, or give a `discount` instead";
            reading.error(cell, CONFLICT, message, hint);
            return None;
        }
    };
    match key.unit().quote(&cell.text) {
        Ok(quote) => Some(quote),
        Err(wrong) => {
            let message = format!("`{}` is no price: {wrong}", cell.text);
            let (code, hint) = match wrong {
                RateError::Negative => (NEGATIVE_PRICE, "what costs nothing costs `0`"),
                RateError::NotANumber => (BAD_PRICE, "write dollars like `0.0864`, without a sign"),
                RateError::OutOfRange => (BAD_PRICE, "round it to twelve decimals"),
            };
            reading.error(cell, code, message, hint);
            None
        }
    }
}

fn off(cell: &Cell<'_>, reading: &mut Reading<'_>) -> Option<Discount> {
    let found = Discount::parse(&cell.text);
    found
        .map_err(|wrong| {
            let message = format!("`{}` is no discount: {wrong}", cell.text);
            let hint = "write what is taken off like `12%` or `7.25%`";
            reading.error(cell, BAD_DISCOUNT, message, hint);
        })
        .ok()
}

fn day(draft: &Draft<'_>, column: Column, reading: &mut Reading<'_>) -> Option<Day> {
    let cell = draft.cell(column)?;
    let day = Day::parse(&cell.text);
    if day.is_none() {
        let message = format!("`{}` is no day", cell.text);
        reading.error(cell, BAD_DATE, message, "write it like `2026-09-01`");
    }
    day
}
