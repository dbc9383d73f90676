//! What the Spot Instance Advisor says of an instance type.

use super::book::EC2_SPOT;
use crate::model::SpotBand;

/// How often AWS took instances of this type back, in this region, in the month before the embedded
/// table was made; `None` where the advisor has no row.
///
/// Source: Spot Instance Advisor, frequency of interruption, Linux.
pub fn interruption_band(region: &str, instance_type: &str) -> Option<SpotBand> {
    let mut rows = EC2_SPOT.lines().skip(1).map(|row| row.split(','));
    let band = rows.find_map(|mut cells| {
        let is_meant = cells.next() == Some(region) && cells.next() == Some(instance_type);
        is_meant.then(|| cells.next())
    })??;
    let band = band.parse::<usize>().ok();
    band.and_then(|band| SpotBand::ALL.get(band).copied())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::{Meter, PriceBook};

    #[test]
    fn bands_are_those_of_the_advisor() {
        assert_eq!(
            interruption_band("us-east-1", "t3.nano"),
            Some(SpotBand::Below5)
        );
        assert_eq!(interruption_band("us-east-1", "m8i.large"), None);
        assert_eq!(interruption_band("moon-1", "t3.nano"), None);
    }

    #[test]
    fn a_spot_price_is_the_on_demand_price_less_the_saving() {
        let book = PriceBook::embedded();
        let mut rows = 0;
        for row in EC2_SPOT.lines().skip(1) {
            let cells: Vec<&str> = row.split(',').collect();
            let [region, name, band, saving, ..] = cells[..] else {
                panic!("a row of Spot: `{row}`");
            };
            assert!(
                band.parse::<usize>().unwrap() < SpotBand::ALL.len(),
                "{row}"
            );
            let saving: u64 = saving.parse().unwrap();
            let instance_type = || name.into();
            let full = Meter::Ec2Instance {
                instance_type: instance_type(),
            };
            let spot = Meter::Ec2Spot {
                instance_type: instance_type(),
            };
            let full = book.rate(region, &full).unwrap().pico();
            let spot = book.rate(region, &spot).unwrap().pico();
            assert_eq!(spot * 100, full * (100 - saving), "{row}");
            rows += 1;
        }
        assert_eq!(rows, 2_281);
    }
}
