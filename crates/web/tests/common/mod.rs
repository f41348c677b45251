//! A small town with two wards, a real database and real evidence, behind the real router.
#![allow(dead_code, missing_docs, clippy::unwrap_used)]

pub mod evidence;

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use argon2::{Argon2, password_hash::PasswordHasher};
use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use giaolo_domain::UtcTime;
use giaolo_store::{
    Camera, NewAccount, NewSession, PasswordHash, Point, Register, Role, Store, Unit, UnitKind,
};
use giaolo_web::{App, COOKIE, CSRF_HEADER, Settings};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

pub const PASSWORD: &str = "đèn đỏ ngã tư";
pub const HERE: &str = "Phường Uyên Hưng";
pub const THERE: &str = "Phường Tân Hiệp";
pub const START: &str = "2026-11-24T02:00:00Z";

pub struct Town {
    pub home: tempfile::TempDir,
    pub app: App,
    pub router: Router,
    /// Cases at `TU15-C1`, in the ward of [`HERE`], oldest first.
    pub cases: Vec<String>,
    /// A case at `TU16-C1`, in the ward of [`THERE`].
    pub elsewhere: String,
    micros: Arc<AtomicI64>,
}

/// Somebody's browser.
#[derive(Clone, Debug, Default)]
pub struct Client {
    pub token: Option<String>,
    pub csrf: Option<String>,
    pub address: Option<IpAddr>,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|_| panic!("{}: {}", self.status, self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The error's code; empty where it is none.
    pub fn code(&self) -> String {
        let body: Value = serde_json::from_slice(&self.bytes).unwrap_or_default();
        body["error"]["code"].as_str().unwrap_or_default().to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Town {
    pub async fn new() -> Self {
        Self::impatient(Duration::from_secs(30)).await
    }

    pub async fn impatient(patience: Duration) -> Self {
        let home = tempfile::tempdir().unwrap();
        let database = home.path().join("giaolo.db").display().to_string();
        let store = Store::open(&database).await.unwrap();
        store.upsert_points_and_cameras(&register()).await.unwrap();
        let (cases, elsewhere) = evidence::fill(&store, home.path()).await;
        let micros = Arc::new(AtomicI64::new(UtcTime::parse(START).unwrap().micros()));
        let now = Arc::clone(&micros);
        let grammar = include_str!("../../../../configs/plates.toml");
        let grammar = giaolo_plate::Grammar::from_toml(grammar).unwrap();
        let mut settings = Settings::new(home.path().join("evidence"), grammar);
        settings.patience = patience;
        settings.clock = Arc::new(move || UtcTime::from_micros(now.load(Ordering::Relaxed)));
        let app = App::new(store, settings).unwrap();
        let router = giaolo_web::router(app.clone());
        Self { home, app, router, cases, elsewhere, micros }
    }

    pub fn now(&self) -> UtcTime {
        UtcTime::from_micros(self.micros.load(Ordering::Relaxed))
    }

    pub fn pass(&self, seconds: i64) {
        self.micros.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }

    pub fn evidence(&self) -> PathBuf {
        self.home.path().join("evidence")
    }

    /// Makes an account with [`PASSWORD`].
    pub async fn account(&self, name: &str, roles: &[Role], units: &[&str]) {
        let account = NewAccount {
            name: name.to_owned(),
            full_name: format!("Cán bộ {name}"),
            password: PasswordHash::new(hash()).unwrap(),
            roles: roles.iter().copied().collect(),
            units: units.iter().map(|unit| (*unit).to_owned()).collect(),
            must_change_password: false,
        };
        self.app.store.create_account(&account, "test", self.now()).await.unwrap();
    }

    /// A session of an account that is there.
    pub async fn session(&self, name: &str) -> Client {
        let (account, _) = self.app.store.account(name).await.unwrap().unwrap();
        static NUMBER: AtomicI64 = AtomicI64::new(0);
        let token = format!("token-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let at = self.now();
        let session = NewSession {
            csrf: format!("csrf-of-{token}"),
            token: token.clone(),
            account: account.name,
            account_version: account.version,
            attempt: None,
            at,
            expires_at: UtcTime::from_micros(at.micros() + 12 * 3_600_000_000),
        };
        let session = self.app.store.session_begin(&session).await.unwrap();
        Client { token: Some(token), csrf: Some(session.csrf), address: None }
    }

    /// Makes an account and a session of it.
    pub async fn signed_in(&self, name: &str, roles: &[Role]) -> Client {
        self.account(name, roles, &[]).await;
        self.session(name).await
    }

    pub async fn get(&self, client: &Client, path: &str) -> Answer {
        self.send(client, Method::GET, path, None).await
    }

    pub async fn post(&self, client: &Client, path: &str, body: Value) -> Answer {
        self.send(client, Method::POST, path, Some(body)).await
    }

    pub async fn send(
        &self,
        client: &Client,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        let mut request = client.request(method, path);
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.answer(request.body(body).unwrap()).await
    }

    pub async fn answer(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        // A stream of events has no end.
        let endless =
            parts.headers.get(header::CONTENT_TYPE).is_some_and(|t| t == "text/event-stream");
        let bytes =
            if endless { Vec::new() } else { body.collect().await.unwrap().to_bytes().to_vec() };
        Answer { status: parts.status, headers: parts.headers, bytes }
    }

    /// Signs in as a browser does.
    pub async fn sign_in(&self, name: &str, password: &str) -> (Client, Answer) {
        let body = serde_json::json!({ "name": name, "password": password });
        let answer = self.post(&Client::default(), "/api/v1/session", body).await;
        (Client::of(&answer), answer)
    }
}

impl Client {
    /// What a browser keeps of an answer.
    pub fn of(answer: &Answer) -> Self {
        let cookie = answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
        let token = cookie.strip_prefix(&format!("{COOKIE}=")).map(str::to_owned);
        let body: Value = serde_json::from_slice(&answer.bytes).unwrap_or_default();
        Self { token, csrf: body["csrf"].as_str().map(str::to_owned), address: None }
    }

    pub fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let address = self.address.unwrap_or(IpAddr::from([127, 0, 0, 1]));
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .extension(ConnectInfo(SocketAddr::new(address, 50_000)));
        if let Some(token) = &self.token {
            request = request.header(header::COOKIE, format!("{COOKIE}={token}"));
        }
        if let Some(csrf) = &self.csrf {
            request = request.header(CSRF_HEADER, csrf);
        }
        request
    }
}

fn hash() -> String {
    static HASH: OnceLock<String> = OnceLock::new();
    let hashed = || Argon2::default().hash_password(PASSWORD.as_bytes()).unwrap().to_string();
    HASH.get_or_init(hashed).clone()
}

fn register() -> Register {
    let unit = |name: &str| Unit { name: name.to_owned(), kind: UnitKind::Ward, successor: None };
    let point = |id: &str, unit: &str| Point {
        id: id.to_owned(),
        name: format!("Ngã tư {id}"),
        unit: Some(unit.to_owned()),
        position: Some((11.05, 106.76)),
    };
    let camera = |id: &str, point: &str| Camera {
        id: id.into(),
        point: Some(point.to_owned()),
        role: Some("đường chính".to_owned()),
    };
    Register {
        units: vec![unit(HERE), unit(THERE)],
        points: vec![point("TU15", HERE), point("TU16", THERE)],
        cameras: vec![camera("TU15-C1", "TU15"), camera("TU16-C1", "TU16")],
    }
}
