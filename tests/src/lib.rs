//! What the end-to-end tests share: running the program, the footage, and reading what came out.
//!
//! A test here sees the product as its users do: a binary, files, exit codes. The crates are used only
//! to read results back. A helper that cannot do its work panics with the reason; there is nobody
//! else to tell.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "all of this is test code")]

pub mod chance;
pub mod footage;
pub mod mp4;
pub mod postgres;
pub mod program;
pub mod results;
pub mod staged;
pub mod town;
