//! The `giaolo` command: arguments, wiring and exit codes.
fn main() {}
