//! Builds the screens in when they are there: a release holds `web/dist` itself, so cargo must notice
//! that the folder came, went or changed. A debug build reads the folder while it runs.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("PROFILE").as_deref() == Ok("release") {
        println!("cargo:rerun-if-changed=../../web/dist");
    }
}
