//! Rebuilds the crate when a migration is added: `migrate!` alone sees only changed ones.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
