//! The bill as a file that FinOps tools can read: `bill.csv`, with FOCUS's column names.
//!
//! FOCUS is the FinOps Open Cost and Usage Specification; names and values follow version 1.3.
//! A row is one line of the [`Ledger`]. Columns that need an account, an invoice or a contract
//! are left out, since a simulation has none. Dates appear here and nowhere else in this module:
//! moments count from the scenario's start, and a file needs a calendar.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::ledger::{BillError, BillLine, Ledger};
use super::meter::Meter;
use crate::model::{OperatingSystem, Platform};
use crate::units::SimTime;

/// The columns of `bill.csv`, in order.
pub const FOCUS_COLUMNS: [&str; 27] = [
    "BillingPeriodStart",
    "BillingPeriodEnd",
    "ChargePeriodStart",
    "ChargePeriodEnd",
    "ChargeCategory",
    "ChargeFrequency",
    "ChargeDescription",
    "PricingCategory",
    "ServiceProviderName",
    "ServiceCategory",
    "ServiceName",
    "RegionId",
    "ResourceType",
    "ResourceId",
    "SkuMeter",
    "SkuPriceDetails",
    "ConsumedQuantity",
    "ConsumedUnit",
    "PricingQuantity",
    "PricingUnit",
    "ListUnitPrice",
    "ContractedUnitPrice",
    "ListCost",
    "ContractedCost",
    "EffectiveCost",
    "BilledCost",
    "BillingCurrency",
];

/// `bill.csv` of the cluster called `cluster`, whose scenario starts `epoch_ms` milliseconds after
/// 1970 (UTC).
///
/// Quantities are decimals rounded to nine places, halves to even; costs have all nine places, so
/// that the column adds up to [`Ledger::total`] exactly. What was agreed on with AWS makes the list
/// cost of a row differ from the other three. A charge period is an hour of the scenario; its billing period is the calendar
/// month (UTC) in which it starts.
///
/// # Errors
///
/// [`BillError::NoSuchDate`] when a line lies outside the calendar.
pub fn bill_csv(ledger: &Ledger, cluster: &str, epoch_ms: i64) -> Result<String, BillError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let into_memory = "writing to memory cannot fail";
    writer.write_record(FOCUS_COLUMNS).expect(into_memory);
    for line in ledger.lines() {
        let period = Period::of(line, epoch_ms).ok_or(BillError::NoSuchDate)?;
        let fields = row(line, &period, ledger.region(), cluster);
        writer.write_record(&fields).expect(into_memory);
    }
    let bytes = writer.into_inner().expect(into_memory);
    Ok(String::from_utf8(bytes).expect("text was written"))
}

/// The dates of one line.
struct Period {
    starts_at: Timestamp,
    ends_at: Timestamp,
    month: Date,
    next_month: Date,
}

impl Period {
    fn of(line: &BillLine, epoch_ms: i64) -> Option<Self> {
        let date = |at: SimTime| {
            let ms = epoch_ms.checked_add(i64::try_from(at.as_ms()).ok()?)?;
            Timestamp::from_millisecond(ms).ok()
        };
        let starts_at = date(line.starts_at)?;
        let day = starts_at.to_zoned(TimeZone::UTC).date();
        Some(Self {
            starts_at,
            ends_at: date(line.ends_at)?,
            month: day.first_of_month(),
            next_month: day.last_of_month().tomorrow().ok()?,
        })
    }
}

fn row(line: &BillLine, period: &Period, region: &str, cluster: &str) -> [String; 27] {
    let meter = &line.meter;
    let text = str::to_owned;
    let unit = meter.unit(line.rate.period());
    let singular = meter.unit_singular(line.rate.period());
    let quantity = line.quantity();
    let price = line.rate.dollars();
    let cost = line.cost.exact();
    let agreed = if line.list_rate == line.rate {
        String::new()
    } else {
        format!(" as agreed, list price ${}", line.list_rate.dollars())
    };
    [
        format!("{}T00:00:00Z", period.month),
        format!("{}T00:00:00Z", period.next_month),
        period.starts_at.to_string(),
        period.ends_at.to_string(),
        text("Usage"),
        text("Usage-Based"),
        format!(
            "{meter} in {region}, {}, ${price} for each {singular}{agreed}",
            terms(meter)
        ),
        text(pricing_category(meter)),
        text("AWS"),
        text("Compute"),
        text(meter.service_name()),
        text(region),
        text(resource_type(meter)),
        text(cluster),
        text(meter.sku_meter()),
        sku_price_details(meter),
        quantity.clone(),
        unit.clone(),
        quantity,
        unit,
        line.list_rate.dollars(),
        price,
        line.list_cost.exact(),
        cost.clone(),
        cost.clone(),
        cost,
        text("USD"),
    ]
}

const fn resource_type(meter: &Meter) -> &'static str {
    match meter {
        Meter::Ec2Instance { .. } | Meter::Ec2Spot { .. } | Meter::SurplusCredits { .. } => {
            "Container Instance"
        }
        Meter::RootVolume => "Volume",
        Meter::FargateVcpu { .. }
        | Meter::FargateMemory { .. }
        | Meter::FargateStorage { .. }
        | Meter::FargateSpotVcpu { .. }
        | Meter::FargateSpotMemory { .. }
        | Meter::FargateLicence { .. } => "Task",
    }
}

const fn terms(meter: &Meter) -> &'static str {
    if meter.is_spot() { "Spot" } else { "on demand" }
}

/// FOCUS calls prices that the provider changes as it goes dynamic, and names Spot as an example.
const fn pricing_category(meter: &Meter) -> &'static str {
    if meter.is_spot() {
        "Dynamic"
    } else {
        "Standard"
    }
}

/// FOCUS's key-value format: a JSON object, whose keys begin with `F_` where FOCUS defines them.
/// Instance types are letters, digits, points and hyphens, so nothing needs an escape.
fn sku_price_details(meter: &Meter) -> String {
    match meter {
        Meter::Ec2Instance { instance_type } | Meter::Ec2Spot { instance_type } => {
            format!(r#"{{"F_InstanceType":"{instance_type}","F_OperatingSystem":"Linux"}}"#)
        }
        Meter::SurplusCredits { architecture } => {
            let name = architecture.name();
            format!(r#"{{"F_OperatingSystem":"Linux","Architecture":"{name}"}}"#)
        }
        Meter::RootVolume => r#"{"F_DiskType":"SSD","VolumeType":"gp3"}"#.to_owned(),
        Meter::FargateVcpu { platform }
        | Meter::FargateMemory { platform }
        | Meter::FargateStorage { platform }
        | Meter::FargateSpotVcpu { platform }
        | Meter::FargateSpotMemory { platform }
        | Meter::FargateLicence { platform } => {
            let Platform { os, architecture } = platform;
            let os = match os {
                OperatingSystem::Linux => "Linux",
                OperatingSystem::Windows => "Windows",
            };
            let name = architecture.name();
            format!(r#"{{"F_OperatingSystem":"{os}","Architecture":"{name}"}}"#)
        }
    }
}
