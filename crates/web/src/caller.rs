//! Who asks: the session behind the cookie, and whether it may do what it asks.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State},
    http::{HeaderMap, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use giaolo_store::{Account, Role, Session};

use crate::{
    app::{App, Settings},
    error::{ApiError, ApiResult},
    limit::{Allowance, CHANGES, OF_A_SESSION, OF_AN_ADDRESS, Whose},
    routes::Needs,
    secret,
};

/// The session's cookie.
pub const COOKIE: &str = "giaolo_session";
/// The header that every change carries.
pub const CSRF_HEADER: &str = "x-giaolo-csrf";

/// Whoever is signed in.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The account as it is now.
    pub account: Account,
    /// What each change must carry.
    pub csrf: String,
    /// The cookie's token.
    pub token: String,
}

impl Caller {
    /// Whoever a session belongs to.
    pub fn new(session: Session, token: &str) -> Self {
        Self { account: session.account, csrf: session.csrf, token: token.to_owned() }
    }

    /// The account's name, as the audit log has it.
    pub fn name(&self) -> &str {
        &self.account.name
    }

    /// Whether the account has one of these roles.
    pub fn has_any(&self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.account.has(*role))
    }

    fn may(&self, needs: Needs) -> ApiResult<()> {
        if matches!(needs, Needs::Nobody | Needs::SignedIn) {
            return Ok(());
        }
        if self.account.must_change_password {
            return Err(ApiError::password_must_change());
        }
        let has_role = match needs {
            Needs::Roles(roles) => self.has_any(roles),
            _ => !self.account.roles.is_empty(),
        };
        if has_role { Ok(()) } else { Err(ApiError::no_role()) }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        parts.extensions.get::<Self>().cloned().ok_or_else(ApiError::not_signed_in)
    }
}

/// The caller, where there is one.
pub struct MaybeCaller(pub Option<Caller>);

impl<S: Send + Sync> FromRequestParts<S> for MaybeCaller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        Ok(Self(parts.extensions.get::<Caller>().cloned()))
    }
}

/// Where a request came from.
#[derive(Clone, Copy, Debug)]
pub struct From {
    /// The client's address, behind a trusted proxy as that one says it.
    pub address: IpAddr,
    /// Whether the cookie must be sent over TLS alone.
    pub secure_cookie: bool,
}

impl From {
    fn of(request: &Request, settings: &Settings) -> Self {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |info| info.0.ip().to_canonical());
        Self::behind(peer, request.headers(), settings)
    }

    fn behind(peer: IpAddr, headers: &HeaderMap, settings: &Settings) -> Self {
        let trusted = peer.is_loopback() || settings.trusted_proxies.contains(&peer);
        let said = |name: &str| headers.get(name).filter(|_| trusted).and_then(|v| v.to_str().ok());
        // The last one is what the proxy itself saw; those before it may be anybody's invention.
        let forwarded = said("x-forwarded-for")
            .and_then(|list| list.rsplit(',').next())
            .and_then(|address| address.trim().parse::<IpAddr>().ok());
        let address = forwarded.unwrap_or(peer);
        let over_tls = said("x-forwarded-proto").is_some_and(|proto| proto == "https");
        let plain_is_fine =
            settings.insecure_cookies || (peer.is_loopback() && forwarded.is_none());
        Self { address, secure_cookie: over_tls || !plain_is_fine }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for From {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        parts.extensions.get::<Self>().copied().ok_or_else(ApiError::fault)
    }
}

/// Before all else: notes where the request comes from and whether it is one too many.
pub async fn admit(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let from = From::of(&request, &app.settings);
    let taken = app.limiter.take(Whose::Address(from.address), OF_AN_ADDRESS, app.now());
    if let Err(seconds) = taken {
        return ApiError::too_many(seconds).into_response();
    }
    request.extensions_mut().insert(from);
    next.run(request).await
}

/// Before a route: lets through whoever may use it.
pub async fn check(
    State((app, needs)): State<(App, Needs)>,
    mut request: Request,
    next: Next,
) -> Response {
    let from = request.extensions().get::<From>().copied();
    // The body cannot be shared between threads, and is not needed to decide.
    let (method, headers) = (request.method().clone(), request.headers().clone());
    let answered = async {
        match let_in(&app, needs, &method, &headers, from).await {
            Ok(Some(caller)) => {
                request.extensions_mut().insert(caller);
            }
            Ok(None) => {}
            Err(error) => return error.into_response(),
        }
        next.run(request).await
    };
    // A transaction that is given up leaves nothing behind.
    tokio::time::timeout(app.settings.patience, answered).await.unwrap_or_else(|_| {
        tracing::warn!("the database did not answer in time");
        ApiError::database_away().into_response()
    })
}

async fn let_in(
    app: &App,
    needs: Needs,
    method: &Method,
    headers: &HeaderMap,
    from: Option<From>,
) -> ApiResult<Option<Caller>> {
    let changes = !matches!(*method, Method::GET | Method::HEAD);
    let caller = match cookie(headers) {
        Some(token) => crate::session::caller(app, token).await?,
        None => None,
    };
    let Some(caller) = caller else {
        if needs != Needs::Nobody {
            return Err(ApiError::not_signed_in());
        }
        if let (true, Some(from)) = (changes, from) {
            limit(app, Whose::ChangesOf(from.address), CHANGES)?;
        }
        return Ok(None);
    };
    limit(app, Whose::Session(caller.token.clone()), OF_A_SESSION)?;
    caller.may(needs)?;
    if changes {
        let given = headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok());
        if !given.is_some_and(|given| secret::equal(given, &caller.csrf)) {
            return Err(ApiError::wrong_csrf());
        }
        limit(app, Whose::ChangesOfSession(caller.token.clone()), CHANGES)?;
    }
    Ok(Some(caller))
}

fn limit(app: &App, whose: Whose, allowance: Allowance) -> ApiResult<()> {
    app.limiter.take(whose, allowance, app.now()).map_err(ApiError::too_many)
}

/// The session's token, from among the request's cookies.
fn cookie(headers: &HeaderMap) -> Option<&str> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    pairs
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == COOKIE && !value.is_empty()).then_some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trusted_proxy_is_believed_about_the_client() {
        let grammar = include_str!("../../../configs/plates.toml");
        let grammar = giaolo_plate::Grammar::from_toml(grammar).unwrap();
        let mut settings = Settings::new("evidence".into(), grammar);
        settings.trusted_proxies = vec!["10.0.0.2".parse().unwrap()];
        type Headers = &'static [(&'static str, &'static str)];
        let cases: [(&str, Headers, &str, bool); 6] = [
            ("127.0.0.1", &[], "127.0.0.1", false),
            ("127.0.0.1", &[("x-forwarded-for", "6.6.6.6, 10.1.1.1")], "10.1.1.1", true),
            ("10.0.0.9", &[("x-forwarded-for", "10.1.1.1")], "10.0.0.9", true),
            ("10.0.0.2", &[("x-forwarded-for", "10.1.1.1")], "10.1.1.1", true),
            ("10.0.0.2", &[("x-forwarded-for", "nonsense")], "10.0.0.2", true),
            ("127.0.0.1", &[("x-forwarded-proto", "https")], "127.0.0.1", true),
        ];
        for (peer, headers, address, secure) in cases {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.insert(*name, value.parse().unwrap());
            }
            let from = From::behind(peer.parse().unwrap(), &map, &settings);
            assert_eq!((from.address.to_string().as_str(), from.secure_cookie), (address, secure));
        }
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let cases = [
            ("giaolo_session=abc", Some("abc")),
            ("a=b; giaolo_session=abc; c=d", Some("abc")),
            ("giaolo_session=", None),
            ("xgiaolo_session=abc", None),
            ("giaolo_session", None),
        ];
        for (line, token) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, line.parse().unwrap());
            assert_eq!(cookie(&headers), token, "{line}");
        }
    }
}
