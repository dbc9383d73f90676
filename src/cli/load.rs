//! Scenario files and the traces they name, from disk.

use std::cell::RefCell;
use std::fmt::Write;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::arguments::ScenarioArguments;
use super::exit::Failure;
use super::terminal;
use crate::billing::Rates;
use crate::diagnostic::{Report, render};
use crate::report::{NamedFile, Provenance};
use crate::scenario::{self, Override, Scenario};

/// A scenario, ready to run.
pub(super) struct Loaded {
    pub(super) scenario: Scenario,
    /// The rates of each cluster.
    pub(super) rates: Vec<Rates>,
    pub(super) provenance: Provenance,
    folder: PathBuf,
}

/// Reads and checks a scenario; warnings are said on stderr.
pub(super) fn load(arguments: &ScenarioArguments) -> Result<Loaded, Failure> {
    let (text, name, folder) = match &arguments.file {
        Some(path) => {
            let text = read_text(path)?;
            let folder = path.parent().unwrap_or(Path::new("")).to_owned();
            (text, path.display().to_string(), folder)
        }
        None => (
            scenario::QUICKSTART.to_owned(),
            "quickstart.toml".to_owned(),
            PathBuf::new(),
        ),
    };
    let mut typed = arguments.changes.clone();
    typed.extend(arguments.seed.map(|seed| format!("seed={seed}")));
    let overrides: Vec<Override> = typed.iter().map(|text| text.as_str().into()).collect();
    let files = RefCell::new(Vec::new());
    let open = |path: &str| {
        let text = std::fs::read_to_string(folder.join(path))?;
        files.borrow_mut().push(NamedFile {
            path: path.to_owned(),
            sha256: hex(&Sha256::digest(text.as_bytes())),
        });
        Ok(text)
    };
    let (scenario, warnings) =
        scenario::parse_with(&text, &name, &overrides, &open).map_err(Failure::Mistakes)?;
    warn(&warnings);
    let rates = rates(&scenario)?;
    let mut provenance = Provenance {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: scenario.name.clone(),
        title: scenario.title.clone(),
        description: scenario.description.clone(),
        scenario_sha256: hex(&Sha256::digest(text.as_bytes())),
        files: Vec::new(),
        overrides: typed,
        region: scenario.region.clone(),
        epoch_ms: scenario.epoch_ms,
        seed: scenario.seed,
        prices_date: String::new(),
        prices_digest: String::new(),
        prices_at: None,
        price_files: Vec::new(),
        digest: String::new(),
    };
    provenance.set_files(&scenario.prices, files.into_inner());
    Ok(Loaded {
        scenario,
        rates,
        provenance,
        folder,
    })
}

impl Loaded {
    /// Opens a trace by its path in the scenario.
    pub(super) fn open(&self, path: &str) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(File::open(self.folder.join(path))?))
    }
}

/// Says warnings on stderr.
pub(super) fn warn(warnings: &Report) {
    if !warnings.is_empty() {
        terminal::talk(&render(warnings));
        terminal::talk("\n");
    }
}

/// The scenario's reader has checked that every price is there.
fn rates(scenario: &Scenario) -> Result<Vec<Rates>, Failure> {
    let book = &scenario.prices.book;
    let definitions = scenario.apps.definitions.as_slice();
    let of = |cluster| book.rates_for(&scenario.region, (cluster, definitions));
    let rates: Result<Vec<Rates>, _> = scenario.clusters.iter().map(of).collect();
    rates.map_err(|missing| {
        let lines: Vec<String> = missing.iter().map(ToString::to_string).collect();
        Failure::Mistake(lines.join("\n"))
    })
}

pub(super) fn read_text(path: &Path) -> Result<String, Failure> {
    let bytes = std::fs::read(path).map_err(|error| {
        let text = format!("cannot read {}: {error}", path.display());
        if error.kind() == io::ErrorKind::NotFound {
            Failure::Mistake(text)
        } else {
            Failure::World(text)
        }
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let valid = &error.as_bytes()[..at];
        let line = memchr::memchr_iter(b'\n', valid).count() + 1;
        Failure::Mistake(format!("{} is not UTF-8 text: line {line}", path.display()))
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
