//! The regions that AWS sells in.

use crate::diagnostic::nearest;

/// Source: AWS Regional Services list, commercial regions.
const REGIONS: [&str; 34] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// Whether AWS has a region of this name.
pub(super) fn is_known(region: &str) -> bool {
    REGIONS.binary_search(&region).is_ok()
}

/// The region whose name resembles a text most, if any does.
pub(super) fn alike(region: &str) -> Option<&'static str> {
    nearest(region, REGIONS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::PriceBook;

    #[test]
    fn the_list_is_sorted_and_has_every_region_of_the_book() {
        assert!(REGIONS.is_sorted());
        for region in PriceBook::embedded().regions() {
            assert!(is_known(region), "{region}");
        }
        assert_eq!(alike("us-esat-1"), Some("us-east-1"));
        assert_eq!(alike("atlantis"), None);
    }
}
