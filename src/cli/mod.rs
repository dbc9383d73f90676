//! The command line: arguments, files, the terminal and exit codes.
//!
//! This is the only module that opens files, prints, or knows that there is a terminal. Results go
//! to stdout and talk to stderr, so that a pipe gets data and nothing else; nothing depends on
//! colour.

mod arguments;
mod convert;
mod document;
mod exit;
mod folder;
mod load;
mod prices;
mod run;
mod terminal;

pub use document::diagnostics_page;
pub use exit::Exit;

use std::process::ExitCode;

use arguments::{Arguments, Command, PricesCommand};
use clap::Parser;

/// Runs the program with the process's arguments.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // clap writes help to stdout and mistakes to stderr; a closed pipe is nobody's fault.
            let _ = error.print();
            return if error.use_stderr() {
                Exit::Mistake
            } else {
                Exit::Fine
            }
            .into();
        }
    };
    let result = match arguments.command {
        Some(Command::Run(run)) => run::run(&run),
        None => run::run(&arguments.run),
        Some(Command::Check(check)) => run::check(&check),
        Some(Command::Import(import)) => convert::import(&import),
        Some(Command::Generate(generate)) => convert::generate(&generate),
        Some(Command::Prices(command)) => match command {
            PricesCommand::Show(show) => prices::show(&show),
            PricesCommand::Diff(diff) => prices::diff(&diff),
            PricesCommand::Check(check) => prices::check(&check),
        },
        Some(Command::Schema) => document::schema(),
        Some(Command::Defaults) => document::defaults(),
        Some(Command::Completions { shell }) => document::completions(shell),
        Some(Command::Documents { folder }) => document::write_pages(&folder),
    };
    result.unwrap_or_else(exit::Failure::tell).into()
}
