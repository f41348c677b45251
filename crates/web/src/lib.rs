//! The HTTP interface: sign-in, review, statistics, cameras, the audit log, and the screens built into
//! the program. `docs/design/web.md` says what it promises; nothing else of giaolo knows HTTP.
//!
//! It asks [`giaolo_store`] for everything that is remembered and [`giaolo_evidence`] for files. Nothing
//! is reachable without a role that needs it: see [`routes`](fn@routes), from which router, checks, description and
//! tests are made.

mod accounts;
mod app;
mod audit;
mod caller;
mod cameras;
mod cases;
mod docs;
mod error;
mod events;
mod evidence;
mod extract;
mod files;
mod first_run;
mod headers;
mod health;
mod limit;
mod log;
mod mp4;
mod password;
mod plates;
mod refusals;
mod review;
mod routes;
mod scope;
mod secret;
mod serve;
mod session;
mod shapes;
mod stats;
mod table_csv;
mod thumbs;
mod ui;

pub use app::{App, Clock, Settings, StartError};
pub use caller::{COOKIE, CSRF_HEADER};
pub use error::{ApiError, ApiResult};
pub use routes::{Needs, Route, routes};
pub use serve::{LARGEST_BODY, router, serve};

/// The program's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
