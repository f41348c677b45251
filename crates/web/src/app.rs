//! What every handler is given: the store, where the evidence lies, the clock, and what is remembered
//! between requests.

use std::{net::IpAddr, ops::Deref, path::PathBuf, sync::Arc, time::Duration};

use giaolo_domain::UtcTime;
use giaolo_plate::Grammar;
use giaolo_store::{Store, StoreError};

use crate::{
    error::ApiResult, events::Events, first_run::FirstRun, limit::Limiter, password::Passwords,
    thumbs::Thumbs,
};

/// Where the time comes from; tests own theirs.
pub type Clock = Arc<dyn Fn() -> UtcTime + Send + Sync>;

/// How a server is set up.
pub struct Settings {
    /// The folder of all evidence.
    pub evidence: PathBuf,
    /// Sends cookies without `Secure` also to other machines than this one. For tests over plain
    /// HTTP: whoever listens on the network could then take a session over.
    pub insecure_cookies: bool,
    /// Proxies besides those on this machine whose `x-forwarded-for` and `x-forwarded-proto` are
    /// believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// What a plate may look like; a plate that a person types must be one of these.
    pub grammar: Grammar,
    /// How long a request may wait for the database before it is told that it is away.
    pub patience: Duration,
    /// Where the time comes from.
    pub clock: Clock,
}

impl Settings {
    /// Evidence in that folder, plates of that grammar, this machine's clock, nothing else.
    pub fn new(evidence: PathBuf, grammar: Grammar) -> Self {
        let clock: Clock = Arc::new(system_time);
        Self {
            evidence,
            insecure_cookies: false,
            trusted_proxies: Vec::new(),
            grammar,
            patience: Duration::from_secs(10),
            clock,
        }
    }
}

/// Why a server could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database cannot be opened or does not answer.
    #[error(transparent)]
    Database(#[from] StoreError),
    /// The system gave no random bytes; the log has more.
    #[error("this machine gives no random numbers, without which nobody can sign in safely")]
    Machine,
}

/// The server's state; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// What [`App`] shares.
pub struct Inner {
    /// Everything that is remembered.
    pub store: Store,
    /// How the server is set up.
    pub settings: Settings,
    /// Password hashes.
    pub passwords: Passwords,
    /// Who asks too much.
    pub limiter: Limiter,
    /// Small pictures.
    pub thumbs: Thumbs,
    /// What changed, for whoever listens.
    pub events: Events,
    /// The one-time code of the first sign-in.
    pub first_run: FirstRun,
}

impl App {
    /// A server over an open store.
    ///
    /// # Errors
    /// Where the system gives no random bytes.
    pub fn new(store: Store, settings: Settings) -> ApiResult<Self> {
        Ok(Self(Arc::new(Inner {
            store,
            settings,
            passwords: Passwords::new()?,
            limiter: Limiter::default(),
            thumbs: Thumbs::default(),
            events: Events::default(),
            first_run: FirstRun::default(),
        })))
    }

    /// Opens the database and sets the server up.
    ///
    /// # Errors
    /// [`StartError`]
    pub async fn open(database: &str, settings: Settings) -> Result<Self, StartError> {
        let store = Store::open(database).await?;
        Self::new(store, settings).map_err(|_| StartError::Machine)
    }

    /// The code of the first sign-in, made new; `None` where somebody has an account.
    ///
    /// # Errors
    /// [`StartError`]
    pub async fn first_run_code(&self) -> Result<Option<String>, StartError> {
        if self.store.has_accounts().await? {
            return Ok(None);
        }
        self.first_run.begin().map(Some).map_err(|_| StartError::Machine)
    }

    /// Now.
    pub fn now(&self) -> UtcTime {
        (self.0.settings.clock)()
    }
}

impl Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

fn system_time() -> UtcTime {
    let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    // A clock before 1970 makes every session look new, never valid for longer.
    let micros = since_1970.map_or(0, |time| i64::try_from(time.as_micros()).unwrap_or(i64::MAX));
    UtcTime::from_micros(micros)
}
