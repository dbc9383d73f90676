//! The command line program. See [`ecsim::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    ecsim::cli::main()
}
