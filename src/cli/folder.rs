//! Result folders that are either whole or not there.
//!
//! Everything is written into a folder beside the final one, whose name says that it is partial,
//! and renamed at the end. A run that dies leaves no folder that looks whole; one that was there
//! before is replaced only if it is a result of this program.

use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use super::exit::Failure;
use crate::report::Artifact;
use crate::trace::{
    DemandOptions, ReadOptions, SpotOptions, TraceReader, find_duplicate_ids, read_demand,
    read_spot_series,
};

/// The file by which a result folder is known.
const MARK: &str = "manifest.json";

/// What that file begins with; others may have a manifest too, and must not lose it.
const MARK_START: &[u8] = b"{\n  \"ecsim_version\": ";

/// A result folder in the making. Dropped before [`keep`](Self::keep), it is taken away.
pub(super) struct ResultFolder {
    partial: PathBuf,
    target: PathBuf,
    /// The folder that both are in, if there was none before.
    new_parent: Option<PathBuf>,
    is_kept: bool,
}

impl ResultFolder {
    /// Begins the folder `name` inside `parent`.
    pub(super) fn begin(parent: &Path, name: &str) -> Result<Self, Failure> {
        let target = parent.join(name);
        if target.exists() && !is_result(&target) && !is_empty(&target) {
            return Err(Failure::Mistake(format!(
                "{} exists and is not a result of ecsim; choose another folder with `--out`",
                target.display()
            )));
        }
        let partial = parent.join(format!(".{name}.partial-{}", std::process::id()));
        if partial.exists() {
            // Left by a run that died and had our number: nothing of it may get into this result.
            fs::remove_dir_all(&partial)
                .map_err(|error| Failure::world("cannot clear", &partial, &error))?;
        }
        let folder = Self {
            partial,
            target,
            new_parent: (!parent.exists()).then(|| parent.to_owned()),
            is_kept: false,
        };
        match fs::create_dir_all(&folder.partial) {
            Ok(()) => Ok(folder),
            Err(error) => Err(Failure::world("cannot create", &folder.partial, &error)),
        }
    }

    /// Creates a file for a table that is written as the run goes on.
    pub(super) fn create(&self, path: &str) -> std::io::Result<BufWriter<File>> {
        let path = self.partial.join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        Ok(BufWriter::with_capacity(1 << 18, File::create(path)?))
    }

    /// Writes a file whole.
    pub(super) fn write(&self, artifact: &Artifact) -> Result<(), Failure> {
        let failed = |error: std::io::Error| {
            Failure::world("cannot write", &self.partial.join(&artifact.path), &error)
        };
        let mut file = self.create(&artifact.path).map_err(failed)?;
        file.write_all(&artifact.bytes).map_err(failed)?;
        file.flush().map_err(failed)
    }

    /// Puts the folder in its place. Returns where that is.
    pub(super) fn keep(mut self) -> Result<PathBuf, Failure> {
        let target = self.target.clone();
        let failed = |error: std::io::Error| Failure::world("cannot replace", &target, &error);
        // An older result steps aside before it goes: at every moment one of the two is whole.
        let mut old = self.partial.clone().into_os_string();
        old.push(".old");
        let had_older = self.target.exists();
        if had_older {
            fs::rename(&self.target, &old).map_err(failed)?;
        }
        if let Err(error) = fs::rename(&self.partial, &self.target) {
            let _ = fs::rename(&old, &self.target);
            return Err(failed(error));
        }
        if had_older {
            fs::remove_dir_all(&old).map_err(failed)?;
        }
        self.is_kept = true;
        Ok(target)
    }
}

impl Drop for ResultFolder {
    fn drop(&mut self) {
        if !self.is_kept {
            // What cannot be taken away still says by its name that it is partial.
            let _ = fs::remove_dir_all(&self.partial);
            if let Some(parent) = &self.new_parent {
                // Only if nothing else has come into it.
                let _ = fs::remove_dir(parent);
            }
        }
    }
}

/// What a file holds that others will read.
#[derive(Clone, Copy)]
pub(super) enum Holds {
    /// A native trace.
    Tasks,
    /// A request-rate file.
    Requests,
    /// A Spot series.
    Prices,
}

/// Writes a native trace or a request-rate file so that it is whole, right and readable, or not
/// there: before it gets its name it is read back by the rules for all of its kind.
pub(super) fn write_trace(
    path: &Path,
    holds: Holds,
    fill: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::world("cannot write", path, &error);
    if path.exists() && !path.is_file() {
        return Err(Failure::Mistake(format!(
            "{} is not a file; a trace is written to a file",
            path.display()
        )));
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".partial-{}", std::process::id()));
    let partial = path.with_file_name(name);
    let written = File::create(&partial).and_then(|file| {
        let mut out = BufWriter::with_capacity(1 << 18, file);
        fill(&mut out)?;
        out.flush()
    });
    let result = match written {
        Ok(()) => read_back(&partial, path, holds)
            .and_then(|()| fs::rename(&partial, path).map_err(failed)),
        Err(error) => Err(failed(error)),
    };
    if result.is_err() {
        let _ = fs::remove_file(&partial);
    }
    result
}

/// Reads what was written as any file of its kind is read.
fn read_back(partial: &Path, path: &Path, holds: Holds) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::world("cannot read back", partial, &error);
    let name = path.display().to_string();
    let file = File::open(partial).map_err(failed)?;
    let report = match holds {
        Holds::Tasks => {
            let reader = TraceReader::open(file, &name, ReadOptions::default());
            let summary = reader.map_err(Failure::Mistakes)?.finish();
            let mut report = summary.report;
            if summary.needs_id_check {
                let mut reopen = || Ok(Box::new(File::open(partial)?) as Box<dyn Read + Send>);
                report.append(find_duplicate_ids(&mut reopen, &name));
            }
            report
        }
        Holds::Requests => {
            let read = read_demand(file, &name, DemandOptions::default());
            read.map_err(Failure::Mistakes)?.report
        }
        Holds::Prices => {
            let options = SpotOptions {
                region: String::new(),
                types: Vec::new(),
                horizon: None,
                epoch_ms: 0,
            };
            let read = read_spot_series(file, &name, &options);
            read.map_err(Failure::Mistakes)?.report
        }
    };
    if report.has_errors() {
        Err(Failure::Mistakes(report))
    } else {
        Ok(())
    }
}

fn is_result(folder: &Path) -> bool {
    fs::read(folder.join(MARK)).is_ok_and(|text| text.starts_with(MARK_START))
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}
