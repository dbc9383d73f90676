# List the recipes.
default:
    @just --list

# Format, lint and type-check.
check:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings

# Run all tests.
test:
    cargo test

# Measure speed; every figure comes with the digest of the work done.
bench:
    cargo bench

# Replay the quickstart into output/quickstart.
demo:
    cargo run --release

# Write anew what pages show of the program, then build the API's documentation.
docs:
    ECSIM_BLESS=1 cargo test --test it documents
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps

# Do all that CI does.
ci:
    .ci/run
