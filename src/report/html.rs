//! `report.html`: one file that opens offline, with the verdict, the bill, the charts, the waits
//! and where it all comes from. Charts are inline, fonts are outlines, and there is no script.

use std::fmt::Write;

use super::figures::Figures;
use super::lives::CHARTS_MAX;
use super::manifest::Provenance;
use super::pictures::Picture;
use super::service_table;
use super::table::{has_nothing_but_services, percent, premium, unit_cost, wait};
use super::verdict::{notes, verdict};
use crate::experiment::Comparison;
use crate::sim::Ended;
use crate::units::{Money, div_half_even};

/// The page's looks: system fonts, quiet lines, dark and light, and print without surprises.
const STYLE: &str = include_str!("html/style.css");

/// Rows of the table of services.
const SERVICE_ROWS_MAX: usize = 60;

/// Milliseconds in an hour.
const HOUR_MS: u128 = 3_600_000;

/// The page.
pub(super) fn page<E>(
    comparison: &Comparison<E>,
    figures: &[Figures],
    provenance: &Provenance,
    pictures: &[Picture],
) -> String {
    let title = provenance.title.as_ref().unwrap_or(&provenance.scenario);
    let mut out = String::new();
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{0} – ecsim</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <header>\n<h1>{0}</h1>\n<p class=\"meta\">scenario {1} · {2} · from {3} · seed {4} · \
         run {5}</p>\n",
        escape(title),
        escape(&provenance.scenario),
        escape(&provenance.region),
        escape(&provenance.start()),
        provenance.seed,
        provenance.digest,
    );
    for paragraph in provenance
        .description
        .iter()
        .flat_map(|text| text.split("\n\n"))
    {
        let _ = writeln!(out, "<p class=\"about\">{}</p>", marked(paragraph.trim()));
    }
    out.push_str("</header>\n");
    verdict_section(&mut out, figures);
    comparison_section(&mut out, figures);
    pictures_of(&mut out, pictures, None);
    bill_section(&mut out, figures);
    if !has_nothing_but_services(figures) {
        waits_section(&mut out, figures);
    }
    services_section(&mut out, figures);
    for one in figures {
        let _ = writeln!(out, "<section>\n<h2>{}</h2>", escape(&one.cluster));
        cluster_facts(&mut out, one);
        pictures_of(&mut out, pictures, Some(&one.cluster));
        out.push_str("</section>\n");
    }
    provenance_section(&mut out, comparison, provenance);
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn verdict_section(out: &mut String, figures: &[Figures]) {
    let _ = writeln!(
        out,
        "<section class=\"verdict\">\n<p>{}</p>",
        marked(&verdict(figures))
    );
    let notes = notes(figures);
    if !notes.is_empty() {
        out.push_str("<ul>\n");
        for note in notes {
            let _ = writeln!(out, "<li>{}</li>", marked(&note));
        }
        out.push_str("</ul>\n");
    }
    out.push_str("</section>\n");
}

fn comparison_section(out: &mut String, figures: &[Figures]) {
    let mut heads = vec![
        "Cluster",
        "Cost",
        "Against the best",
        "Per vCPU-hour reserved",
        "Per task-hour",
        "CPU reserved",
        "Memory reserved",
        "Packing",
    ];
    let has_tasks = !has_nothing_but_services(figures);
    if has_tasks {
        heads.extend(["Waited", "Finished"]);
    }
    let rows = figures.iter().map(|one| {
        let mut row = vec![
            one.cluster.clone(),
            one.cost.to_string(),
            premium(one, figures),
            unit_cost(one.cost_per_vcpu_hour()),
            unit_cost(one.cost_per_task_hour()),
            percent(one.cpu_reservation()),
            percent(one.memory_reservation()),
            percent(one.packing_efficiency()),
        ];
        if has_tasks {
            row.push(one.waited_total().to_string());
            row.push(format!("{} of {}", one.finished, one.arrived));
        }
        row
    });
    section(out, "The comparison", (&heads, 1), rows.collect());
}

fn bill_section(out: &mut String, figures: &[Figures]) {
    let mut heads = vec!["Cluster"];
    let used = |index: usize| {
        figures
            .iter()
            .any(|one| one.categories[index].1 != Money::ZERO)
    };
    let categories = figures.first().map_or(0, |one| one.categories.len());
    let shown: Vec<usize> = (0..categories).filter(|index| used(*index)).collect();
    for index in &shown {
        heads.push(figures[0].categories[*index].0.name());
    }
    heads.push("Total");
    let rows = figures.iter().map(|one| {
        let mut row = vec![one.cluster.clone()];
        row.extend(shown.iter().map(|index| exact(one.categories[*index].1)));
        row.push(exact(one.cost));
        row
    });
    let title = "The bill, to the nano-dollar";
    section(out, title, (&heads, 1), rows.collect());
}

fn waits_section(out: &mut String, figures: &[Figures]) {
    let heads = [
        "Cluster",
        "From arrival to",
        "Tasks",
        "Mean",
        "p50",
        "p90",
        "p95",
        "p99",
        "Longest",
    ];
    let mut rows = Vec::new();
    for one in figures {
        for (what, waits) in [
            ("a place", &one.placement_wait),
            ("RUNNING", &one.start_delay),
        ] {
            let mut row = vec![
                one.cluster.clone(),
                what.to_owned(),
                waits.count.to_string(),
            ];
            row.push(wait(waits.mean));
            row.extend(waits.quantiles.map(wait));
            row.push(wait(waits.max));
            rows.push(row);
        }
    }
    section(out, "The waits", (&heads, 2), rows);
    let heads = ["Cluster", "Why tasks had to wait", "Tasks"];
    let mut rows = Vec::new();
    for one in figures {
        for (reason, count) in one.waited.iter().filter(|(_, count)| *count > 0) {
            rows.push(vec![
                one.cluster.clone(),
                reason.sentence().to_owned(),
                count.to_string(),
            ]);
        }
    }
    if !rows.is_empty() {
        table(out, (&heads, 2), rows);
    }
}

fn services_section(out: &mut String, figures: &[Figures]) {
    let services = service_table::rows(figures, SERVICE_ROWS_MAX);
    if services.rows.is_empty() {
        return;
    }
    let heads = [
        "Service",
        "Cluster",
        "Tasks running",
        "At most",
        "Fewer than wanted for",
        "CPU used",
        "Requests",
        "Late",
        "Lost",
        "Over the objective",
    ];
    out.push_str("<section>\n<h2>The services</h2>\n");
    let _ = writeln!(
        out,
        "<p class=\"about\">CPU used is of what running tasks reserve. A request is late when it \
         had to wait for a task, and lost when it waited in vain. All of them, with stops, starts \
         and response times, are in <code>services.csv</code> of each cluster; why anything was \
         scaled is in <code>events.csv</code>.</p>"
    );
    table(out, (&heads, 2), services.rows);
    let mut left_out = Vec::new();
    if services.left_out > 0 {
        left_out.push(format!("the table leaves out {}", services.left_out));
    }
    let count = figures.first().map_or(0, |one| one.services.len());
    if count > CHARTS_MAX {
        left_out.push(format!("charts show {CHARTS_MAX} of {count}"));
    }
    if !left_out.is_empty() {
        let said = left_out.join(", and ");
        let _ = writeln!(
            out,
            "<p class=\"about\">Of the services, {said}: those with the most task-hours are \
             shown.</p>"
        );
    }
    out.push_str("</section>\n");
}

fn cluster_facts(out: &mut String, one: &Figures) {
    let (stranded_cpu, stranded_memory) = one.stranded_shares();
    let mut facts = vec![
        ("Runs on", runs_on(one)),
        ("Run", format!("{} after {}", ended(one.ended), one.end)),
        ("Reserved", vcpu_hours(one.reserved.0)),
        ("Paid for", vcpu_hours(one.provisioned.0)),
        (
            "Most tasks at once",
            format!("{} running, {} waiting", one.tasks_peak.0, one.tasks_peak.1),
        ),
    ];
    if one.instances_launched > 0 {
        facts.push((
            "Instances",
            format!(
                "{} launched, {} at once, {} hours",
                one.instances_launched,
                one.instances_peak,
                tenths(one.instance_ms, HOUR_MS)
            ),
        ));
        facts.push((
            "Stranded",
            format!(
                "{} of CPU, {} of memory",
                percent(stranded_cpu),
                percent(stranded_memory)
            ),
        ));
    }
    if let Some(memory) = &one.memory {
        let (share, most) = (percent(one.memory_used()), memory.used_mib_max);
        let fact = format!("{share} of what was paid for, {most} MiB at most");
        facts.push(("Memory used", fact));
    }
    out.push_str("<dl>\n");
    for (name, fact) in facts {
        let _ = writeln!(out, "<div><dt>{name}</dt><dd>{}</dd></div>", escape(&fact));
    }
    out.push_str("</dl>\n");
}

fn provenance_section<E>(out: &mut String, comparison: &Comparison<E>, provenance: &Provenance) {
    let mut rows = vec![
        vec!["ecsim".to_owned(), provenance.version.clone()],
        vec![
            "Scenario, SHA-256".to_owned(),
            provenance.scenario_sha256.clone(),
        ],
        vec!["Seed".to_owned(), provenance.seed.to_string()],
        vec![
            "Price book".to_owned(),
            format!("{} ({})", provenance.prices_date, provenance.prices_digest),
        ],
    ];
    if let Some(day) = &provenance.prices_at {
        rows.push(vec!["Prices of the day".to_owned(), day.clone()]);
    }
    for file in &provenance.price_files {
        rows.push(vec![format!("Prices: {}", file.path), file.sha256.clone()]);
    }
    for change in &provenance.overrides {
        rows.push(vec!["Changed by --set".to_owned(), change.clone()]);
    }
    for input in &comparison.inputs {
        rows.push(vec![
            format!("{}: {}", input.workload, input.path),
            input.sha256.clone(),
        ]);
    }
    for run in &comparison.clusters {
        rows.push(vec![
            format!("Run of {}", run.spec.name),
            run.digest.clone(),
        ]);
    }
    section(out, "Where this comes from", (&["What", "Which"], 2), rows);
}

fn pictures_of(out: &mut String, pictures: &[Picture], cluster: Option<&str>) {
    for picture in pictures
        .iter()
        .filter(|picture| picture.cluster.as_deref() == cluster)
    {
        let _ = writeln!(out, "<figure>\n{}", picture.chart.svg.trim_end());
        if !picture.caption.is_empty() {
            let _ = writeln!(out, "<figcaption>{}</figcaption>", escape(picture.caption));
        }
        out.push_str("</figure>\n");
    }
}

/// The heads of a table, and how many of its columns, from the left, are text and not numbers.
type Heads<'a> = (&'a [&'a str], usize);

fn section(out: &mut String, title: &str, heads: Heads<'_>, rows: Vec<Vec<String>>) {
    let _ = writeln!(out, "<section>\n<h2>{}</h2>", escape(title));
    table(out, heads, rows);
    out.push_str("</section>\n");
}

fn table(out: &mut String, (heads, texts): Heads<'_>, rows: Vec<Vec<String>>) {
    let class = |column| {
        if column < texts {
            " class=\"text\""
        } else {
            ""
        }
    };
    out.push_str("<div class=\"scroll\"><table>\n<thead><tr>");
    for (column, head) in heads.iter().enumerate() {
        let _ = write!(out, "<th{}>{}</th>", class(column), escape(head));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        out.push_str("<tr>");
        for (column, cell) in row.iter().enumerate() {
            let _ = write!(out, "<td{}>{}</td>", class(column), escape(cell));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table></div>\n");
}

/// Money with all its decimals; a dash for none at all.
fn exact(money: Money) -> String {
    if money == Money::ZERO {
        "–".to_owned()
    } else {
        format!("${}", money.exact())
    }
}

fn runs_on(one: &Figures) -> String {
    let provider = match one.provider.as_str() {
        "ec2" => "EC2",
        "fargate" => "Fargate",
        other => other,
    };
    format!("{provider}, {}", one.platform)
}

/// How a run ended, to go before "after 1d".
const fn ended(ended: Ended) -> &'static str {
    match ended {
        Ended::Completed => "all done",
        Ended::HorizonReached => "cut at its horizon",
        Ended::TimeLimitReached => "cut a century after its start",
        Ended::Stalled => "stalled",
        Ended::TooManyEventsAtOnce => "stopped by too many events at once",
    }
}

fn vcpu_hours(held: u128) -> String {
    format!("{} vCPU-hours", tenths(held, HOUR_MS * 1_024))
}

/// `part` ÷ `whole` with one decimal.
fn tenths(part: u128, whole: u128) -> String {
    let tenths = div_half_even(part * 10, whole);
    format!("{}.{}", tenths.div_euclid(10), tenths.rem_euclid(10))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// Escapes, and turns `names` in backticks into code.
fn marked(text: &str) -> String {
    let mut out = String::new();
    for (number, part) in escape(text).split('`').enumerate() {
        let is_name = number.rem_euclid(2) == 1;
        let _ = if is_name {
            write!(out, "<code>{part}</code>")
        } else {
            write!(out, "{part}")
        };
    }
    out
}
