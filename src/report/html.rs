//! `report.html`: one file that opens offline, with the verdict, the bill, the charts, the waits
//! and where it all comes from. Charts are inline, fonts are outlines, and there is no script.

use std::fmt::Write;

use super::figures::Figures;
use super::manifest::Provenance;
use super::pictures::Picture;
use super::summary::hours;
use super::table::{percent, premium, wait};
use super::verdict::{notes, verdict};
use crate::experiment::Comparison;
use crate::units::Money;

/// The page's looks: system fonts, quiet lines, dark and light, and print without surprises.
const STYLE: &str = include_str!("html/style.css");

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
         run {5}</p>\n</header>\n",
        escape(title),
        escape(&provenance.scenario),
        escape(&provenance.region),
        escape(&provenance.start()),
        provenance.seed,
        provenance.digest,
    );
    verdict_section(&mut out, figures);
    comparison_section(&mut out, figures);
    pictures_of(&mut out, pictures, None);
    bill_section(&mut out, figures);
    waits_section(&mut out, figures);
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
    let best = figures
        .iter()
        .map(|one| one.cost)
        .min()
        .unwrap_or(Money::ZERO);
    let heads = [
        "Cluster",
        "Cost",
        "Against the best",
        "Per reserved vCPU-hour",
        "Per task-hour",
        "CPU reserved",
        "Memory reserved",
        "Packing",
        "Tasks finished",
    ];
    let rows = figures.iter().map(|one| {
        let money = |cost: Option<Money>| cost.map_or_else(|| "–".to_owned(), |c| c.to_string());
        vec![
            one.cluster.clone(),
            one.cost.to_string(),
            premium(one.cost, best),
            money(one.cost_per_vcpu_hour()),
            money(one.cost_per_task_hour()),
            percent(one.cpu_reservation()),
            percent(one.memory_reservation()),
            percent(one.packing_efficiency()),
            format!("{} of {}", one.finished, one.arrived),
        ]
    });
    section(out, "The comparison", &heads, rows.collect());
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
        row.extend(
            shown
                .iter()
                .map(|index| format!("${}", one.categories[*index].1.exact())),
        );
        row.push(format!("${}", one.cost.exact()));
        row
    });
    section(out, "The bill, to the nano-dollar", &heads, rows.collect());
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
    section(out, "The waits", &heads, rows);
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
        table(out, &heads, rows);
    }
}

fn cluster_facts(out: &mut String, one: &Figures) {
    let (stranded_cpu, stranded_memory) = one.stranded_shares();
    let mut facts = vec![
        ("Runs on", format!("{} {}", one.provider, one.platform)),
        (
            "Run",
            format!(
                "{} after {}",
                super::summary::ended_name(one.ended),
                one.end
            ),
        ),
        (
            "Reserved",
            format!("{} vCPU-hours", hours(one.reserved.0, 1_024)),
        ),
        (
            "Paid for",
            format!("{} vCPU-hours", hours(one.provisioned.0, 1_024)),
        ),
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
                hours(one.instance_ms, 1)
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
    section(out, "Where this comes from", &["What", "Which"], rows);
}

fn pictures_of(out: &mut String, pictures: &[Picture], cluster: Option<&str>) {
    for picture in pictures
        .iter()
        .filter(|picture| picture.cluster.as_deref() == cluster)
    {
        let _ = writeln!(out, "<figure>\n{}\n</figure>", picture.chart.svg.trim_end());
    }
}

fn section(out: &mut String, title: &str, heads: &[&str], rows: Vec<Vec<String>>) {
    let _ = writeln!(out, "<section>\n<h2>{}</h2>", escape(title));
    table(out, heads, rows);
    out.push_str("</section>\n");
}

fn table(out: &mut String, heads: &[&str], rows: Vec<Vec<String>>) {
    out.push_str("<div class=\"scroll\"><table>\n<thead><tr>");
    for head in heads {
        let _ = write!(out, "<th>{}</th>", escape(head));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        out.push_str("<tr>");
        for cell in row {
            let _ = write!(out, "<td>{}</td>", escape(&cell));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table></div>\n");
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
