//! The CSV beside each chart: exactly the data drawn.

use super::{Bucket, ChartError};

/// A table as CSV text, header first, lines ended by a newline alone.
pub(super) fn table<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> Result<String, ChartError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header).map_err(problem)?;
    for row in rows {
        writer.write_record(row).map_err(problem)?;
    }
    let bytes = writer.into_inner().map_err(problem)?;
    String::from_utf8(bytes).map_err(problem)
}

/// The buckets of one named series as rows of `series,start_ms,end_ms,<value>`.
pub(super) fn bucket_rows(
    series: &str,
    buckets: &[Bucket],
    value: fn(u64) -> String,
) -> impl Iterator<Item = [String; 4]> {
    buckets.iter().map(move |bucket| {
        let [start, end] = [bucket.start_ms, bucket.end_ms].map(|ms| ms.to_string());
        [series.to_owned(), start, end, value(bucket.mean)]
    })
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` passes")]
fn problem(cause: impl ToString) -> ChartError {
    ChartError::Csv(cause.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_when_they_must_be() {
        let rows = [["a,b".to_owned(), "1".to_owned()]];
        assert_eq!(
            table(["cluster", "n"], rows).unwrap(),
            "cluster,n\n\"a,b\",1\n"
        );
    }
}
