//! The table of keys as a page for people: `docs/scenario.md`.

use std::fmt::Write;

use super::document::{self, Table};
use super::keys::{self, Key, Kind, Need, Section, Word};

const OPENING: &str = "# Scenario files

<!-- Made from the program's table of keys; change it there. -->

A scenario is one TOML file: what arrives, and the clusters it is replayed on. Every key is listed
here. Keys with a default may be left out; the reason for each default stands beside it in
`src/scenario/defaults.toml`. Unknown keys are errors.

How values are written:

| value | is written |
| --- | --- |
| time | text with a unit: `\"90s\"`, `\"1h30m\"`, `\"250ms\"`, `\"2d\"`; up to a hundred years |
| CPU | `\"0.25 vCPU\"`, or CPU units as a number, 1024 to the vCPU |
| memory | `\"512 MiB\"`, `\"2 GiB\"`, or MiB as a number; MB and GB mean the same, as they do at AWS |
| volume | `\"30 GiB\"`, whole GiB |
| rate | `\"120/h\"`, `\"2/min\"`, `\"0.5/s\"`, to a thousandth of a task or a request per hour |
| percentage | `\"50%\"`; signed ones may begin with `-` or `+` |
| bandwidth | `\"60 MB/s\"`, in kB, MB or GB of 1000 |
| image size | `\"350 MB\"`, `\"1.2 GB\"`, compressed, in powers of 1000 |
| CPU time | `\"20ms\"`, `\"800us\"`, `\"1.5s\"` of a vCPU |
| name | letters, digits, `-`, `_` and `.`; 64 at most, a letter or digit first, no `.` last |
| growth of memory | `\"10 MiB/min\"`, `\"64 KiB/s\"`, to a KiB an hour |
| distribution | a time, which is then always the same, or one of the [distributions](#distribution) |

Any value can be changed for one run with `--set key=value`. Keys are joined by dots, elements of
lists are named by their `name` or counted from 0: `--set seed=7`,
`--set cluster.ec2-fixed.ec2.count=12`, `--set workload.0.generate.count=500`.
";

/// The reference of all keys, in Markdown.
pub fn reference() -> String {
    let defaults = document::defaults();
    let mut page = OPENING.to_owned();
    for section in keys::sections() {
        write_section(&mut page, section, descend(&defaults, section.path));
    }
    page
}

fn descend<'a>(root: &'a Table, path: &str) -> Option<&'a Table> {
    if path.is_empty() {
        return Some(root);
    }
    path.split('.').try_fold(root, Table::table)
}

fn write_section(page: &mut String, section: &Section, defaults: Option<&Table>) {
    let heading = match section.path {
        "" => "The top of the file",
        path => path,
    };
    let _ = writeln!(page, "\n## {heading}\n\n{}", section.meaning);
    if section.alternatives.len() > 1 {
        let groups = section.alternatives.iter();
        let groups: Vec<String> = groups.map(|group| group.join("` and `")).collect();
        let choice = super::values::listed(groups.iter().map(String::as_str));
        let _ = writeln!(page, "\nExactly one of {choice}.");
    }
    let _ = writeln!(
        page,
        "\n| key | value | left out | meaning |\n| --- | --- | --- | --- |"
    );
    for key in section.keys {
        write_key(page, key, defaults);
    }
}

fn write_key(page: &mut String, key: &Key, defaults: Option<&Table>) {
    let default = defaults.and_then(|table| table.get(key.name));
    let left_out = match (key.need, default.map(|node| &node.origin.span)) {
        (Need::Required, _) => "required".to_owned(),
        (Need::InGroup, _) => "see above".to_owned(),
        (Need::Absent(otherwise), _) => otherwise.to_owned(),
        (Need::Default, Some(span)) if key.is_single() => {
            format!(
                "`{}`",
                super::DEFAULTS.get(span.clone()).unwrap_or_default()
            )
        }
        (Need::Default, _) => "its defaults".to_owned(),
    };
    let mut meaning = key.meaning.to_owned();
    if let Kind::Word(known) | Kind::Words { known, .. } = key.kind {
        meaning.push_str(&explained(known));
    }
    if !key.example.is_empty() {
        let _ = write!(meaning, " Example: `{}`", key.example);
    }
    let value = value_noun(key.kind);
    let _ = writeln!(
        page,
        "| `{}` | {value} | {left_out} | {meaning} |",
        key.name
    );
}

fn explained(known: &[Word]) -> String {
    let words = known.iter();
    let lines = words.map(|word| format!("<br>`\"{}\"`: {}", word.text, word.meaning));
    lines.collect::<String>() + "<br>"
}

fn value_noun(kind: Kind) -> String {
    match kind {
        Kind::Text => "text".to_owned(),
        Kind::Name => "name".to_owned(),
        Kind::Whole { min, max } => format!("{min} to {max}"),
        Kind::Duration { .. } => "time".to_owned(),
        Kind::Durations => "list of times".to_owned(),
        Kind::Cpu => "CPU".to_owned(),
        Kind::Memory { .. } => "memory".to_owned(),
        Kind::Volume { min, max } => format!("volume, {min} to {max} GiB"),
        Kind::Rate { .. } => "rate".to_owned(),
        Kind::Chance => "probability".to_owned(),
        Kind::Percent { max } => format!("percentage, up to {max}%"),
        Kind::Number { max_milli } => format!("number, 0 to {}", max_milli.div_euclid(1_000)),
        Kind::Flag => "true or false".to_owned(),
        Kind::WholePercent { min, max } => format!("percentage, {min}% to {max}%"),
        Kind::Bandwidth => "bandwidth".to_owned(),
        Kind::OneOrMore { .. } => "text, or list of texts".to_owned(),
        Kind::Pairs => "table of texts".to_owned(),
        Kind::Sizes => "table of image sizes".to_owned(),
        Kind::Date => "date".to_owned(),
        Kind::Day => "day".to_owned(),
        Kind::Word(_) => "one of the words".to_owned(),
        Kind::Words { .. } => "list of the words".to_owned(),
        Kind::Texts { max } => format!("list of texts, {max} at most"),
        Kind::ImageSize => "image size".to_owned(),
        Kind::Footprint => "memory, to a KiB".to_owned(),
        Kind::CpuTime => "CPU time".to_owned(),
        Kind::Level { .. } => "percentage or rate".to_owned(),
        Kind::Offset => "signed percentage or rate".to_owned(),
        Kind::Change => "signed number or percentage".to_owned(),
        Kind::Distribution => "distribution".to_owned(),
        Kind::MemoryUse => "memory, share or section [memory_use](#memory_use)".to_owned(),
        Kind::MemoryGrowth => "memory in a time".to_owned(),
        Kind::Section(inner) => format!("section [{0}](#{1})", inner.path, anchor(inner.path)),
        Kind::Sections(inner) => format!("sections [{0}](#{1})", inner.path, anchor(inner.path)),
    }
}

/// The anchor that Markdown renderers make of a heading.
fn anchor(path: &str) -> String {
    path.replace('.', "")
}
