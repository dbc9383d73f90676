//! Exit codes, and failures on the way to them.

use std::fmt::Display;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use super::terminal;
use crate::diagnostic::{Report, render};

/// What the program's exit code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Everything was done.
    Fine = 0,
    /// The arguments, the scenario or a trace is wrong; stderr says what and where. Nothing was
    /// written.
    Mistake = 2,
    /// The world is in the way: a disk, a permission, a pipe; stderr names the path and the act.
    World = 3,
}

/// Why a command could not be carried out.
#[derive(Debug)]
pub(super) enum Failure {
    /// The user's mistakes.
    Mistakes(Report),
    /// A user's mistake that stands in no file.
    Mistake(String),
    /// The world's.
    World(String),
    /// Whoever read our output has gone.
    PipeClosed,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl Failure {
    /// A failure to `act` on `path`, such as "cannot write".
    pub(super) fn world(act: &str, path: &Path, error: &impl Display) -> Self {
        Self::World(format!("{act} {}: {error}", path.display()))
    }

    /// Says it on stderr.
    pub(super) fn tell(self) -> Exit {
        match self {
            Self::Mistakes(report) => {
                terminal::talk(&render(&report));
                let count = report.errors();
                let noun = if count == 1 { "error" } else { "errors" };
                terminal::talk(&format!("\n{count} {noun}; nothing was written\n"));
                Exit::Mistake
            }
            Self::Mistake(text) => {
                terminal::talk(&format!("error: {text}\n"));
                Exit::Mistake
            }
            Self::World(text) => {
                terminal::talk(&format!("error: {text}\n"));
                Exit::World
            }
            Self::PipeClosed => Exit::Fine,
        }
    }
}

/// A failure to print.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::PipeClosed
        } else {
            Self::World(format!("cannot write to stdout: {error}"))
        }
    }
}
