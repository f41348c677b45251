//! Signing in and out.
//!
//! A wrong name, a wrong password and a disabled account get one answer in one time. The store counts
//! wrong passwords of a name, whether an account has it or not; here those of an address are counted.

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use giaolo_domain::UtcTime;
use giaolo_store::{
    Account, AttemptId, NewAccount, NewSession, PasswordHash, Role, Session, SignInGate,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::App,
    caller::{COOKIE, Caller, From, MaybeCaller},
    error::{ApiError, ApiResult},
    extract::Body,
    limit::{WRONG_PASSWORDS, Whose},
    password, secret,
    shapes::RoleShape,
};

/// How long a session holds at most, in seconds.
const LONGEST_S: i64 = 12 * 3_600;
/// Characters of a name, at most.
const LONGEST_NAME: usize = 200;

/// Who is signed in.
#[derive(Serialize, ToSchema)]
pub struct SessionAnswer {
    /// `null` where nobody is.
    account: Option<Me>,
    /// What each change must carry in `x-giaolo-csrf`.
    csrf: Option<String>,
    /// Whether there is no account yet.
    first_run: bool,
    /// The program's version.
    version: &'static str,
}

/// The account that is signed in.
#[derive(Serialize, ToSchema)]
pub struct Me {
    name: String,
    full_name: String,
    #[schema(value_type = Vec<RoleShape>)]
    roles: Vec<Role>,
    /// Units whose cases and cameras it sees; empty for all.
    units: Vec<String>,
    must_change_password: bool,
}

/// A name and its password.
#[derive(Deserialize, ToSchema)]
pub struct SignIn {
    name: String,
    password: String,
}

/// The first account.
#[derive(Deserialize, ToSchema)]
pub struct FirstRunRequest {
    /// What `giaolo serve` printed.
    code: String,
    /// 1 to 60 of `a-z 0-9 . _ -`.
    name: String,
    full_name: String,
    /// 12 characters or more.
    password: String,
}

/// Another password.
#[derive(Deserialize, ToSchema)]
pub struct PasswordChange {
    old: String,
    /// 12 characters or more.
    new: String,
}

/// Whose session a token is.
pub async fn caller(app: &App, token: &str) -> ApiResult<Option<Caller>> {
    let session = app.store.session(token, app.now()).await?;
    Ok(session.map(|session| Caller::new(session, token)))
}

/// `GET /api/v1/session`
pub async fn read(
    State(app): State<App>,
    MaybeCaller(caller): MaybeCaller,
) -> ApiResult<Json<SessionAnswer>> {
    let Some(caller) = caller else {
        let first_run = !app.store.has_accounts().await?;
        let version = crate::VERSION;
        return Ok(Json(SessionAnswer { account: None, csrf: None, first_run, version }));
    };
    Ok(Json(answer(&caller.account, &caller.csrf)))
}

/// `POST /api/v1/session`
pub async fn sign_in(
    State(app): State<App>,
    from: From,
    MaybeCaller(before): MaybeCaller,
    Body(given): Body<SignIn>,
) -> ApiResult<Response> {
    must_be_short("name", &given.name, LONGEST_NAME)?;
    must_be_short("password", &given.password, password::LONGEST)?;
    let (account, attempt) = verify(&app, from, &given.name, given.password).await?;
    let response = begin(&app, from, &account, Some(attempt)).await?;
    // Whoever signs in anew on this browser has left the old session for good.
    if let Some(before) = before {
        app.store.session_end(&before.token, app.now()).await?;
    }
    Ok(response)
}

/// `DELETE /api/v1/session`
pub async fn sign_out(
    State(app): State<App>,
    from: From,
    MaybeCaller(caller): MaybeCaller,
) -> ApiResult<Response> {
    if let Some(caller) = caller {
        app.store.session_end(&caller.token, app.now()).await?;
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    set_cookie(&mut response, "", 0, from);
    Ok(response)
}

/// `POST /api/v1/first-run`
pub async fn first_run(
    State(app): State<App>,
    from: From,
    Body(given): Body<FirstRunRequest>,
) -> ApiResult<Response> {
    let whose = || Whose::WrongPasswordsOf(from.address);
    app.limiter.look(whose(), WRONG_PASSWORDS, app.now()).map_err(ApiError::too_many)?;
    if app.store.has_accounts().await? {
        return Err(giaolo_store::StoreError::from(giaolo_store::Refusal::NotTheFirst).into());
    }
    if !app.first_run.is_code(&given.code) {
        let _ = app.limiter.take(whose(), WRONG_PASSWORDS, app.now());
        let vi = "Mã không đúng. Mã được in ra khi chạy `giaolo serve`.";
        let en = "This is not the code. `giaolo serve` printed it when it started.";
        return Err(ApiError::new(StatusCode::FORBIDDEN, "wrong_code", vi, en).field("code"));
    }
    password::must_be_good(&given.password, &given.name, "password")?;
    let account = NewAccount {
        name: given.name,
        full_name: given.full_name,
        password: PasswordHash::new(app.passwords.hash(given.password).await?)?,
        // An administrator may give himself every role in any case; a town of one person must be able
        // to look at what it has.
        roles: Role::ALL.into_iter().collect(),
        units: Vec::new(),
        must_change_password: false,
    };
    let made = app.store.create_first_administrator(&account, app.now()).await?;
    app.first_run.end();
    begin(&app, from, &made, None).await
}

/// `POST /api/v1/session/password`
pub async fn change_password(
    State(app): State<App>,
    from: From,
    caller: Caller,
    Body(given): Body<PasswordChange>,
) -> ApiResult<Response> {
    let name = caller.name().to_owned();
    must_be_short("old", &given.old, password::LONGEST)?;
    password::must_be_good(&given.new, &name, "new")?;
    if given.new == given.old {
        let vi = "Mật khẩu mới phải khác mật khẩu cũ.";
        return Err(ApiError::refused("new", vi, "the new password is the old one"));
    }
    // As at sign-in: whoever took a session over must not guess the password with it.
    let (account, attempt) = verify(&app, from, &name, given.old).await?;
    let hash = PasswordHash::new(app.passwords.hash(given.new).await?)?;
    let changed = app.store.change_password(&name, account.version, &hash, app.now()).await?;
    begin(&app, from, &changed, Some(attempt)).await
}

/// The account whose password this is.
async fn verify(
    app: &App,
    from: From,
    name: &str,
    password: String,
) -> ApiResult<(Account, AttemptId)> {
    let whose = || Whose::WrongPasswordsOf(from.address);
    app.limiter.look(whose(), WRONG_PASSWORDS, app.now()).map_err(ApiError::too_many)?;
    let now = app.now();
    let open = match app.store.sign_in_begin(name, &from.address.to_string(), now).await? {
        SignInGate::Open(open) => open,
        SignInGate::Locked { until } => return Err(locked(until, now)),
    };
    let hash = open.account.as_ref().map(|(_, hash)| hash.as_str().to_owned());
    let right = app.passwords.is_right(password, hash).await?;
    match open.account {
        Some((account, _)) if right && !account.disabled => Ok((account, open.attempt)),
        _ => {
            let _ = app.limiter.take(whose(), WRONG_PASSWORDS, now);
            let vi = "Tên hoặc mật khẩu không đúng.";
            let en = "The name or the password is wrong.";
            Err(ApiError::new(StatusCode::UNAUTHORIZED, "wrong_password", vi, en))
        }
    }
}

fn locked(until: UtcTime, now: UtcTime) -> ApiError {
    let seconds = (until.micros() - now.micros()).max(0) as u64 / 1_000_000 + 1;
    let vi = "Nhập sai quá nhiều lần: tài khoản tạm khóa. Hãy thử lại sau.";
    let en = "Too many wrong passwords: the account is locked for a while. Try again later.";
    ApiError::new(StatusCode::TOO_MANY_REQUESTS, "account_locked", vi, en).retry_after(seconds)
}

/// Begins a session and gives its cookie.
async fn begin(
    app: &App,
    from: From,
    account: &Account,
    attempt: Option<AttemptId>,
) -> ApiResult<Response> {
    let at = app.now();
    let token = secret::token()?;
    let session = NewSession {
        token: token.clone(),
        csrf: secret::token()?,
        account: account.name.clone(),
        account_version: account.version,
        attempt,
        at,
        expires_at: UtcTime::from_micros(at.micros() + LONGEST_S * 1_000_000),
    };
    let Session { account, csrf, .. } = app.store.session_begin(&session).await?;
    let mut response = Json(answer(&account, &csrf)).into_response();
    set_cookie(&mut response, &token, LONGEST_S, from);
    Ok(response)
}

fn answer(account: &Account, csrf: &str) -> SessionAnswer {
    SessionAnswer {
        account: Some(Me {
            name: account.name.clone(),
            full_name: account.full_name.clone(),
            roles: account.roles.iter().copied().collect(),
            units: account.units.clone(),
            must_change_password: account.must_change_password,
        }),
        csrf: Some(csrf.to_owned()),
        first_run: false,
        version: crate::VERSION,
    }
}

fn set_cookie(response: &mut Response, token: &str, seconds: i64, from: From) {
    let secure = if from.secure_cookie { "; Secure" } else { "" };
    let cookie =
        format!("{COOKIE}={token}; HttpOnly; SameSite=Strict; Path=/; Max-Age={seconds}{secure}");
    // A token is base64: always a header.
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
}

fn must_be_short(field: &'static str, text: &str, longest: usize) -> ApiResult<()> {
    if text.chars().count() <= longest {
        return Ok(());
    }
    let vi = format!("Quá dài: tối đa {longest} ký tự.");
    Err(ApiError::refused(field, vi, format!("too long: at most {longest} characters")))
}
