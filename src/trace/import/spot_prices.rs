//! The Spot prices that EC2 reports, as a Spot series.
//!
//! `aws ec2 describe-spot-price-history` prints JSON, newest price first, or with `--output text` a line
//! for each price. Pages that were saved one by one may stand one after another in the file. What comes
//! out is in order of time, a row for each change, of one product and one region:
//!
//! ```text
//!  us-east-1b  m5.large  Linux/UNIX  0.0412  10:15 ─╮     time,instance_type,zone,price_usd_per_hour
//!  us-east-1a  m5.large  Windows     0.1300  10:10 ─┼──▶  …T09:00:00Z,m5.large,us-east-1b,0.0405
//!  us-east-1b  m5.large  Linux/UNIX  0.0405  09:00 ─╯     …T10:15:00Z,m5.large,us-east-1b,0.0412
//! ```
//!
//! Source: EC2 API, `SpotPrice`. An account's zone names are its own: `us-east-1a` is another place in
//! another account, which matters to nobody here. `Assumption:` of two prices of one pool and moment, the
//! one further up in the file is the newer.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Write};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::{
    Counted, NOT_A_TASK, NOT_THE_FORMAT, NOTHING_LEFT, Source, count, json_error, whole_text,
};
use crate::diagnostic::{Diagnostic, Place, Report};
use crate::model::{Catalog, ZoneId};
use crate::units::{Period, Rate};

/// What the command line calls this importer, and what it reads, in one line.
pub const SPOT_PRICES: (&str, &str) = (
    "spot-prices",
    "what `aws ec2 describe-spot-price-history` prints, as JSON or text",
);

/// The header of every Spot series we write, without its line end.
const HEADER: &str = "time,instance_type,zone,price_usd_per_hour";

/// Which prices are imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpotPriceOptions {
    /// `ProductDescription`, as EC2 writes it.
    pub product: String,
    /// Letters of zones; empty for all.
    pub zones: Vec<char>,
    /// Leaves out what held before this moment, in milliseconds since 1970-01-01 UTC.
    pub from_ms: Option<i64>,
}

/// A price, imported.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImportedPrice {
    /// From when on it holds, in milliseconds since 1970-01-01 UTC.
    pub at_ms: i64,
    /// Of which instances.
    pub instance_type: String,
    /// In which zone.
    pub zone: ZoneId,
    /// What an instance costs.
    pub rate: Rate,
}

/// Prices in order of time, for [`write_spot_prices`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportedPrices {
    /// The region that all zones are of.
    pub region: String,
    /// At one moment, by type and zone.
    pub rows: Vec<ImportedPrice>,
    /// Why prices were left out.
    pub dropped: Vec<Counted>,
    /// What was decided for those that are in.
    pub notes: Vec<Counted>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page<'a> {
    #[serde(borrow)]
    spot_price_history: Vec<WrittenPrice<'a>>,
}

/// A price as EC2 writes it. What is written without escapes is a part of the file's text, and so has
/// its place.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WrittenPrice<'a> {
    #[serde(borrow)]
    availability_zone: Cow<'a, str>,
    #[serde(borrow)]
    instance_type: Cow<'a, str>,
    #[serde(borrow)]
    product_description: Cow<'a, str>,
    #[serde(borrow)]
    spot_price: Cow<'a, str>,
    #[serde(borrow)]
    timestamp: Cow<'a, str>,
}

/// A price as EC2 tells it.
struct RawPrice {
    availability_zone: String,
    instance_type: String,
    product_description: String,
    spot_price: Rate,
    timestamp: Timestamp,
}

/// A moment as `--from` may name it: a date, `2026-03-02`, which begins at midnight UTC, or a date and
/// time with its offset. In milliseconds since 1970-01-01 UTC.
///
/// # Errors
///
/// What is neither, in a few words.
pub fn moment_ms(text: &str) -> Result<i64, &'static str> {
    let day = |date: Date| date.to_zoned(TimeZone::UTC).ok().map(|it| it.timestamp());
    let date = text.parse::<Date>().ok().filter(|_| text.len() == 10);
    let moment = match date {
        Some(date) => day(date),
        None => text.parse().ok(),
    };
    let moment: Timestamp = moment.ok_or("write a date like `2026-03-02`, or add its time")?;
    Ok(moment.as_millisecond())
}

/// Reads the whole of `read`, plain or compressed. `file_name` is what diagnostics call it.
///
/// # Errors
///
/// Everything that is malformed, prices of several regions, and a file from which no price is left.
pub fn import_spot_prices(
    read: impl Read + Send + 'static,
    file_name: &str,
    options: &SpotPriceOptions,
) -> Result<ImportedPrices, Report> {
    let file = file_name.into();
    let text = whole_text(Box::new(read), &file)?;
    let source = Source {
        file: &file,
        options: super::ImportOptions::default(),
    };
    let raw = match text.trim_start().as_bytes().first() {
        Some(b'{') => {
            let pages = values::<Page<'_>>(&text, &source)?;
            prices(
                &text,
                pages.into_iter().flat_map(|it| it.spot_price_history),
                &source,
            )?
        }
        // What `--query SpotPriceHistory` leaves of a page.
        Some(b'[') => {
            let lists = values::<Vec<WrittenPrice<'_>>>(&text, &source)?;
            prices(&text, lists.into_iter().flatten(), &source)?
        }
        Some(_) | None => lines(&text, &source)?,
    };
    let mut imported = ImportedPrices {
        region: one_region(&raw, &source)?,
        ..ImportedPrices::default()
    };
    imported.take(raw, options);
    imported.forget_before(options.from_ms);
    if imported.rows.is_empty() {
        let nothing = Diagnostic::error(NOTHING_LEFT, "no price is left to import");
        let hint = super::why_empty(&imported.dropped);
        return Err(one(nothing.hint(hint).at(Place::file(&file))));
    }
    Ok(imported)
}

/// Writes prices as a Spot series, which knows its region by the full names of its zones.
///
/// # Errors
///
/// Whatever `out` fails with.
pub fn write_spot_prices(prices: &ImportedPrices, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{HEADER}")?;
    for price in &prices.rows {
        writeln!(
            out,
            "{},{},{}{},{}",
            date(price.at_ms),
            price.instance_type,
            prices.region,
            price.zone.letter(),
            price.rate.dollars()
        )?;
    }
    Ok(())
}

impl ImportedPrices {
    /// How many types and zones there are prices of.
    pub fn types_and_zones(&self) -> (usize, usize) {
        let types: BTreeSet<_> = self.rows.iter().map(|row| &row.instance_type).collect();
        let zones: BTreeSet<_> = self.rows.iter().map(|row| row.zone).collect();
        (types.len(), zones.len())
    }

    /// The earliest date from which on every pool has a price: a scenario may start then.
    pub fn complete_from(&self) -> String {
        let mut first = BTreeMap::new();
        for row in &self.rows {
            let pool = (&row.instance_type, row.zone);
            first.entry(pool).or_insert(row.at_ms);
        }
        date(first.into_values().max().unwrap_or_default())
    }

    /// Takes what is asked for, in order of time.
    fn take(&mut self, raw: Vec<RawPrice>, options: &SpotPriceOptions) {
        let catalog = Catalog::embedded();
        let mut known: BTreeMap<(i64, String, ZoneId), Rate> = BTreeMap::new();
        for price in raw {
            let zone = zone_of(&price.availability_zone).map(|(_, zone)| zone);
            let why = if price.product_description != options.product {
                Some("are of another product")
            } else if zone.is_none() {
                Some("are of a Local Zone or a Wavelength Zone")
            } else if zone.is_some_and(|it| !is_wanted(it, &options.zones)) {
                Some("are of another zone")
            } else if catalog.find(&price.instance_type).is_none() {
                Some("are of an instance type that is not in the catalog")
            } else {
                None
            };
            let (None, Some(zone)) = (why, zone) else {
                count(&mut self.dropped, why.unwrap_or_default(), 1);
                continue;
            };
            let at_ms = price.timestamp.as_millisecond();
            let key = (at_ms, price.instance_type, zone);
            match known.get(&key) {
                None => {
                    known.insert(key, price.spot_price);
                }
                Some(same) if *same == price.spot_price => {
                    count(&mut self.dropped, "are in the file already", 1);
                }
                Some(_) => {
                    let what = "have two prices at one moment: the one further up is taken";
                    count(&mut self.notes, what, 1);
                }
            }
        }
        let rows = known
            .into_iter()
            .map(|((at_ms, instance_type, zone), rate)| ImportedPrice {
                at_ms,
                instance_type,
                zone,
                rate,
            });
        self.rows = rows.collect();
    }

    /// Leaves out prices that another had replaced by then: the one that held stays.
    fn forget_before(&mut self, from_ms: Option<i64>) {
        let Some(from_ms) = from_ms else {
            return;
        };
        let mut held = BTreeMap::new();
        for row in self.rows.iter().filter(|row| row.at_ms <= from_ms) {
            held.insert((row.instance_type.clone(), row.zone), row.at_ms);
        }
        let all = self.rows.len();
        self.rows.retain(|row| {
            let pool = (row.instance_type.clone(), row.zone);
            row.at_ms > from_ms || held.get(&pool) == Some(&row.at_ms)
        });
        let old = (all - self.rows.len()) as u64;
        count(
            &mut self.dropped,
            "were replaced before the moment to begin from",
            old,
        );
    }
}

/// All JSON values of a file, one after another.
fn values<'a, T: Deserialize<'a>>(text: &'a str, source: &Source<'_>) -> Result<Vec<T>, Report> {
    let values = serde_json::Deserializer::from_str(text).into_iter::<T>();
    let values: Result<Vec<T>, _> = values.collect();
    values.map_err(|error| {
        let hint = "give what `aws ec2 describe-spot-price-history` prints, whole";
        one(json_error(text, source, (&error, hint)))
    })
}

/// All prices of a text that is JSON, or everything that is wrong with them.
fn prices<'a>(
    text: &str,
    written: impl Iterator<Item = WrittenPrice<'a>>,
    source: &Source<'_>,
) -> Result<Vec<RawPrice>, Report> {
    let mut report = Report::new();
    let mut all = Vec::new();
    for price in written {
        let mut wrong = |message: String, value: &str| {
            let found = Diagnostic::error(NOT_THE_FORMAT, message);
            let hint =
                "EC2 writes prices like `0.041200`, moments like `2026-03-02T10:15:00+00:00`";
            let place = place_of(text, value, source);
            report.push(found.hint(hint).at(place));
        };
        let rate = parse_rate(&price.spot_price);
        let moment = parse_moment(&price.timestamp);
        match (rate, moment) {
            (Ok(spot_price), Ok(timestamp)) => all.push(RawPrice {
                availability_zone: price.availability_zone.into_owned(),
                instance_type: price.instance_type.into_owned(),
                product_description: price.product_description.into_owned(),
                spot_price,
                timestamp,
            }),
            (rate, moment) => {
                if let Err(message) = rate {
                    wrong(message, &price.spot_price);
                }
                if let Err(message) = moment {
                    wrong(message, &price.timestamp);
                }
            }
        }
    }
    if report.has_errors() {
        return Err(report);
    }
    Ok(all)
}

/// Where a value stands that is a part of the text; one that is written with escapes is somewhere in
/// the file.
fn place_of(text: &str, value: &str, source: &Source<'_>) -> Place {
    let start = value.as_ptr().addr().checked_sub(text.as_ptr().addr());
    match start.filter(|start| start + value.len() <= text.len()) {
        Some(start) => Place::in_text(source.file, text, start..start + value.len()),
        None => Place::file(source.file),
    }
}

/// All prices of the text form: fields with tabs between them, in the order of their names.
fn lines(text: &str, source: &Source<'_>) -> Result<Vec<RawPrice>, Report> {
    let mut report = Report::new();
    let mut all = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let kind = line.split('\t').next().unwrap_or_default();
        if line.trim().is_empty() || kind == "NEXTTOKEN" {
            continue;
        }
        match price(line) {
            Ok(price) => all.push(price),
            Err((message, (start, length))) => {
                let place = Place::line(source.file, number as u64, line, start, length);
                let found = Diagnostic::error(NOT_THE_FORMAT, message).at(place);
                report.push(found.hint("give JSON, or what `--output text` prints"));
            }
        }
    }
    if report.has_errors() {
        return Err(report);
    }
    Ok(all)
}

/// What is wrong with a line, and where.
type Wrong = (String, (usize, usize));

/// A line's price. There may be the zone's id behind its name.
fn price(line: &str) -> Result<RawPrice, Wrong> {
    let mut fields = Vec::new();
    let mut start = 0;
    for field in line.split('\t') {
        fields.push((field, (start, field.len())));
        start += field.len() + 1;
    }
    let (zone, rest) = match fields.as_slice() {
        [(_, _), (zone, _), rest @ ..] if line.starts_with("SPOTPRICEHISTORY\t") => (*zone, rest),
        _ => {
            let message = "this line is no price: it does not begin with `SPOTPRICEHISTORY`";
            return Err((message.to_owned(), (0, line.len())));
        }
    };
    let rest = if rest.len() == 5 { &rest[1..] } else { rest };
    let [
        (instance_type, _),
        (product, _),
        (cost, cost_at),
        (at, when),
    ] = rest
    else {
        let message = format!("this line has {} fields, but must have six", fields.len());
        return Err((message, (0, line.len())));
    };
    Ok(RawPrice {
        availability_zone: zone.to_owned(),
        instance_type: (*instance_type).to_owned(),
        product_description: (*product).to_owned(),
        spot_price: parse_rate(cost).map_err(|message| (message, *cost_at))?,
        timestamp: parse_moment(at).map_err(|message| (message, *when))?,
    })
}

/// The region of all zones that have one; empty where none has.
fn one_region(raw: &[RawPrice], source: &Source<'_>) -> Result<String, Report> {
    let regions: BTreeSet<&str> = raw
        .iter()
        .filter_map(|price| zone_of(&price.availability_zone))
        .map(|(region, _)| region)
        .collect();
    if regions.len() < 2 {
        return Ok(regions.into_iter().next().unwrap_or_default().to_owned());
    }
    let names: Vec<&str> = regions.into_iter().collect();
    let message = format!("these are prices of several regions: {}", names.join(", "));
    let found = Diagnostic::error(NOT_A_TASK, message).at(Place::file(source.file));
    Err(one(found.hint("import each region for itself")))
}

/// The region and the letter in the name of a zone, such as `us-east-1b`; `None` for Local Zones and
/// Wavelength Zones, which have more in theirs.
fn zone_of(name: &str) -> Option<(&str, ZoneId)> {
    let (letter_at, letter) = name.char_indices().next_back()?;
    let letter = u8::try_from(letter).ok().filter(u8::is_ascii_lowercase)?;
    let region = &name[..letter_at];
    let is_number = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
    let numbers = region.split('-').filter(is_number).count();
    let is_plain = numbers == 1 && region.ends_with(|last: char| last.is_ascii_digit());
    is_plain.then_some((region, ZoneId(letter - b'a')))
}

fn is_wanted(zone: ZoneId, wanted: &[char]) -> bool {
    wanted.is_empty() || wanted.contains(&zone.letter())
}

fn date(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map_or_else(|_| String::new(), |at| at.to_string())
}

fn parse_rate(text: &str) -> Result<Rate, String> {
    Rate::parse(text, Period::Hour).map_err(|error| format!("`{text}` is no price: {error}"))
}

fn parse_moment(text: &str) -> Result<Timestamp, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is not a date and time"))
}

fn one(found: Diagnostic) -> Report {
    let mut report = Report::new();
    report.push(found);
    report
}

#[cfg(test)]
mod tests;
