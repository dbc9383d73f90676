//! Logs of requests as counts by minute, for request-rate files.
//!
//! Minutes count from the log's first moment, not from the clock's full minute, so that the first
//! one is whole. The last one may be cut short by the end of the log; it is taken as it is.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::{
    Counted, Diagnostic, IMPORTERS, ImportOptions, NOT_A_TASK, NOT_THE_FORMAT, NOTHING_LEFT, Place,
    Read, Report, SPOT_PRICES, Source, count, whole_text,
};
use crate::diagnostic::fields::{self, Field};

/// An importer of requests.
#[derive(Clone, Copy, Debug)]
pub struct RequestImporter {
    /// What the command line calls it.
    pub name: &'static str,
    /// What it reads, in one line.
    pub about: &'static str,
    read: fn(&str, &Source<'_>) -> Result<ImportedRequests, Report>,
}

/// Every importer of requests, by name; none has the name of an importer of tasks.
pub const REQUEST_IMPORTERS: &[RequestImporter] = &[
    RequestImporter {
        name: "request-counts",
        about: "requests in each second, as numbers with blanks or line ends between them",
        read: read_counts,
    },
    RequestImporter {
        name: "request-log",
        about: "a CSV with a header and a row for each request, its date in `timestamp` or `time`",
        read: read_log,
    },
];

/// Requests by minute, for [`write_demand`](crate::trace::write_demand).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportedRequests {
    /// Requests in each minute, from the first one on.
    pub minutes: Vec<u64>,
    /// Why requests were left out.
    pub dropped: Vec<Counted>,
    /// What was decided for those that are in.
    pub notes: Vec<Counted>,
}

/// The importer of requests called `name`.
pub fn request_importer(name: &str) -> Option<&'static RequestImporter> {
    REQUEST_IMPORTERS.iter().find(|it| it.name == name)
}

/// The names and descriptions of all importers, of tasks, requests and prices, by name.
pub fn formats() -> Vec<(&'static str, &'static str)> {
    let tasks = IMPORTERS.iter().map(|it| (it.name, it.about));
    let requests = REQUEST_IMPORTERS.iter().map(|it| (it.name, it.about));
    let all = tasks.chain(requests).chain([SPOT_PRICES]);
    let mut all: Vec<_> = all.collect();
    all.sort_unstable();
    all
}

impl RequestImporter {
    /// Reads the whole of `read`, plain or compressed. `file_name` is what diagnostics call it. Of
    /// the options, only `from` means something here.
    ///
    /// # Errors
    ///
    /// Everything that is malformed, and a file from which no request is left.
    pub fn import(
        &self,
        read: impl Read + Send + 'static,
        file_name: &str,
        options: ImportOptions,
    ) -> Result<ImportedRequests, Report> {
        let file = file_name.into();
        let text = whole_text(Box::new(read), &file)?;
        let source = Source {
            file: &file,
            options,
        };
        let imported = (self.read)(&text, &source)?;
        if imported.minutes.iter().all(|requests| *requests == 0) {
            let nothing = Diagnostic::error(NOTHING_LEFT, "no request is left to import")
                .hint("give a log with requests, or an earlier `--from`");
            return Err(one(&source, nothing));
        }
        Ok(imported)
    }
}

impl ImportedRequests {
    /// All requests that are in.
    pub fn requests(&self) -> u64 {
        self.minutes.iter().sum()
    }

    /// Counts `requests` at a moment after the log's first, if it is not before `from_ns`.
    fn add(&mut self, (after_ns, from_ns): (u128, u128), requests: u64) {
        let Some(after_ns) = after_ns.checked_sub(from_ns) else {
            let early = "came before the moment to begin from";
            count(&mut self.dropped, early, requests);
            return;
        };
        let minute = usize::try_from(after_ns.div_euclid(60_000_000_000));
        let minute = minute.expect("a moment of a calendar");
        if self.minutes.len() <= minute {
            self.minutes.resize(minute + 1, 0);
        }
        self.minutes[minute] += requests;
    }
}

/// Seconds without a break, each with its requests.
fn read_counts(text: &str, source: &Source<'_>) -> Result<ImportedRequests, Report> {
    let mut imported = ImportedRequests::default();
    let mut report = Report::new();
    for (second, word) in text.split_ascii_whitespace().enumerate() {
        let Ok(requests) = word.parse::<u32>() else {
            let message = format!("number {} is `{word}`, no count of requests", second + 1);
            let found = Diagnostic::error(NOT_THE_FORMAT, message).at(Place::file(source.file));
            report.push(found.hint("give a whole number for each second"));
            continue;
        };
        let after_ns = second as u128 * 1_000_000_000;
        imported.add((after_ns, from_ns(source)), u64::from(requests));
    }
    if report.has_errors() {
        return Err(report);
    }
    Ok(imported)
}

/// A row for each request.
fn read_log(text: &str, source: &Source<'_>) -> Result<ImportedRequests, Report> {
    let mut lines = text.lines().enumerate();
    let (_, header) = lines.next().unwrap_or((0, ""));
    let column = time_column(header, source)?;
    let mut report = Report::new();
    let mut moments: Vec<i128> = Vec::new();
    let mut zoneless = 0;
    let mut split = Vec::new();
    for (number, line) in lines.filter(|(_, line)| !line.is_empty()) {
        match moment(line, column, &mut split) {
            Ok((moment, has_zone)) => {
                moments.push(moment);
                zoneless += u64::from(!has_zone);
            }
            Err((message, at)) => {
                let place = Place::line(source.file, number as u64, line, at.0, at.1);
                let found = Diagnostic::error(NOT_A_TASK, message).at(place);
                report.push(found.hint("give each request its date and time"));
            }
        }
    }
    if report.has_errors() {
        return Err(report);
    }
    let mut imported = ImportedRequests::default();
    let first = moments.iter().min().copied().unwrap_or(0);
    for moment in moments {
        let after = (moment - first).unsigned_abs();
        imported.add((after, from_ns(source)), 1);
    }
    let note = "have a time without a zone: taken as UTC";
    count(&mut imported.notes, note, zoneless);
    Ok(imported)
}

/// Which column holds the time.
fn time_column(header: &str, source: &Source<'_>) -> Result<usize, Report> {
    let mut split = Vec::new();
    let mut room = String::new();
    let is_time = |field: &Field| {
        let name = field.text(header, &mut room).to_ascii_lowercase();
        ["timestamp", "time"].contains(&name.as_str())
    };
    let column = match fields::split(header.as_bytes(), &mut split) {
        Ok(()) => split.iter().position(is_time),
        Err(_) => None,
    };
    column.ok_or_else(|| {
        let message = "there is no column `timestamp` or `time`";
        let place = Place::line(source.file, 0, header, header.len(), 0);
        let found = Diagnostic::error(NOT_THE_FORMAT, message).at(place);
        let mut report = Report::new();
        report.push(found.hint("name the column with each request's date so"));
        report
    })
}

type Wrong = (String, (usize, usize));

/// A row's moment in nanoseconds since 1970, and whether it names its zone.
fn moment(line: &str, column: usize, split: &mut Vec<Field>) -> Result<(i128, bool), Wrong> {
    fields::split(line.as_bytes(), split)
        .map_err(|error| (error.message().to_owned(), (error.at(), 1)))?;
    let field = split.get(column).ok_or_else(|| {
        let message = format!("this row has only {} fields", split.len());
        (message, (line.len(), 0))
    })?;
    let mut room = String::new();
    let text = field.text(line, &mut room);
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok((moment.as_nanosecond(), true));
    }
    let zoneless = text.parse::<DateTime>().and_then(|date| {
        let moment = date.to_zoned(TimeZone::UTC)?;
        Ok(moment.timestamp().as_nanosecond())
    });
    zoneless.map(|moment| (moment, false)).map_err(|_| {
        let message = format!("`{text}` is not a date and time");
        (message, (field.start, field.end - field.start))
    })
}

fn from_ns(source: &Source<'_>) -> u128 {
    u128::from(source.options.from.as_ms()) * 1_000_000
}

fn one(source: &Source<'_>, found: Diagnostic) -> Report {
    let mut report = Report::new();
    report.push(found.at(Place::file(source.file)));
    report
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::render;
    use crate::units::SimDuration;

    fn import(format: &str, text: &str, from_s: u64) -> Result<ImportedRequests, String> {
        let read = std::io::Cursor::new(text.as_bytes().to_vec());
        let options = ImportOptions {
            from: SimDuration::from_secs(from_s),
            ..ImportOptions::default()
        };
        let imported = request_importer(format)
            .unwrap()
            .import(read, "log", options);
        imported.map_err(|report| render(&report))
    }

    const LOG: &str = "TIMESTAMP,tokens\r\n2023-11-16 18:17:30.9799600,4808\r\n\
                       2023-11-16 18:18:30.9799599,1\r\n2023-11-16 18:18:30.97996,1\r\n\
                       2023-11-16 18:20:31,3";

    #[test]
    fn minutes_count_from_the_first_request() {
        let imported = import("request-log", LOG, 0).unwrap();
        assert_eq!(imported.minutes, [2, 1, 0, 1]);
        assert_eq!((imported.requests(), imported.notes[0].count), (4, 4));
        let later = import("request-log", LOG, 60).unwrap();
        assert_eq!((later.minutes, later.dropped[0].count), (vec![1, 0, 1], 2));
    }

    #[test]
    fn a_log_may_name_zones_and_be_out_of_order() {
        let text = "id,time\n1,2026-03-02T01:00:00+01:00\n2,2026-03-01T23:59:30Z\n";
        let imported = import("request-log", text, 0).unwrap();
        assert_eq!((imported.minutes, imported.notes), (vec![2], Vec::new()));
    }

    #[test]
    fn seconds_become_minutes() {
        let text = format!("1 2\n{}3", "0 ".repeat(58));
        let imported = import("request-counts", &text, 0).unwrap();
        assert_eq!(imported.minutes, [3, 3]);
        let later = import("request-counts", &text, 1).unwrap();
        assert_eq!((later.minutes, later.dropped[0].count), (vec![5], 1));
    }

    #[test]
    fn what_is_no_log_is_told() {
        let refused = |format, text| import(format, text, 0).unwrap_err();
        assert_eq!(
            refused("request-counts", "1 x 2 -1"),
            "error[I0001]: number 2 is `x`, no count of requests\n  --> log\n\
             hint: give a whole number for each second\n\n\
             error[I0001]: number 4 is `-1`, no count of requests\n  --> log\n\
             hint: give a whole number for each second\n"
        );
        assert_eq!(
            refused("request-counts", "0 0"),
            "error[I0003]: no request is left to import\n  --> log\n\
             hint: give a log with requests, or an earlier `--from`\n"
        );
        assert!(refused("request-log", "a,b\n1,2\n").starts_with("error[I0001]: there is no"));
        assert!(
            refused("request-log", "a,time\n1,2026-03-02\n2\n3,noon\n")
                .contains("error[I0002]: `noon` is not a date and time\n --> log:4:3\n")
        );
    }
}
