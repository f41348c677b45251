//! Accounts, for administrators of the whole town: one with units could otherwise make himself another
//! without.

use std::collections::BTreeSet;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use giaolo_domain::UtcTime;
use giaolo_store::{Account, AccountChange, NewAccount, PasswordHash, Role};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::App,
    caller::Caller,
    error::{ApiError, ApiResult},
    extract::{Body, PathOf},
    password,
    shapes::{Listed, RoleShape},
};

/// An account as administrators see it.
#[derive(Serialize, ToSchema)]
pub struct AccountShape {
    name: String,
    full_name: String,
    #[schema(value_type = Vec<RoleShape>)]
    roles: BTreeSet<Role>,
    /// Empty for the whole town.
    units: Vec<String>,
    disabled: bool,
    #[schema(value_type = Option<String>)]
    locked_until: Option<UtcTime>,
    must_change_password: bool,
    #[schema(value_type = Option<String>)]
    last_sign_in: Option<UtcTime>,
}

/// An account to make.
#[derive(Deserialize, ToSchema)]
pub struct AccountRequest {
    /// 1 to 60 of `a-z 0-9 . _ -`.
    name: String,
    full_name: String,
    /// 12 characters or more; must be changed at the first sign-in.
    password: String,
    #[schema(value_type = Vec<RoleShape>)]
    roles: BTreeSet<Role>,
    #[serde(default)]
    units: Vec<String>,
}

/// What of an account changes.
#[derive(Deserialize, ToSchema)]
pub struct AccountPatch {
    full_name: Option<String>,
    #[schema(value_type = Option<Vec<RoleShape>>)]
    roles: Option<BTreeSet<Role>>,
    units: Option<Vec<String>>,
    disabled: Option<bool>,
    /// Must be changed at the next sign-in.
    password: Option<String>,
}

/// `GET /api/v1/accounts`
pub async fn list(State(app): State<App>, caller: Caller) -> ApiResult<Json<Listed<AccountShape>>> {
    of_the_town(&caller)?;
    let locked = app.store.locked_accounts(app.now()).await?;
    let accounts = app.store.accounts().await?.into_iter();
    let shown = accounts.map(|account| {
        let locked_until = locked.get(&account.name).copied();
        shape(account, locked_until)
    });
    Ok(Json(Listed::whole(shown.collect())))
}

/// `GET /api/v1/accounts/{name}`
pub async fn one(
    State(app): State<App>,
    caller: Caller,
    PathOf(name): PathOf<String>,
) -> ApiResult<Json<AccountShape>> {
    of_the_town(&caller)?;
    let (account, _) = app.store.account(&name).await?.ok_or_else(ApiError::not_found)?;
    shown(&app, account).await
}

/// `POST /api/v1/accounts`
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Body(given): Body<AccountRequest>,
) -> ApiResult<Response> {
    of_the_town(&caller)?;
    password::must_be_good(&given.password, &given.name, "password")?;
    let account = NewAccount {
        name: given.name,
        full_name: given.full_name,
        password: PasswordHash::new(app.passwords.hash(given.password).await?)?,
        roles: given.roles,
        units: given.units,
        must_change_password: true,
    };
    let made = app.store.create_account(&account, caller.name(), app.now()).await?;
    Ok((StatusCode::CREATED, shown(&app, made).await?).into_response())
}

/// `PATCH /api/v1/accounts/{name}`
pub async fn change(
    State(app): State<App>,
    caller: Caller,
    PathOf(name): PathOf<String>,
    Body(given): Body<AccountPatch>,
) -> ApiResult<Json<AccountShape>> {
    of_the_town(&caller)?;
    let password = match given.password {
        Some(password) => {
            password::must_be_good(&password, &name, "password")?;
            Some(PasswordHash::new(app.passwords.hash(password).await?)?)
        }
        None => None,
    };
    let change = AccountChange {
        full_name: given.full_name,
        roles: given.roles,
        units: given.units,
        disabled: given.disabled,
        password,
    };
    let changed = app.store.change_account(&name, &change, caller.name(), app.now()).await?;
    shown(&app, changed).await
}

fn of_the_town(caller: &Caller) -> ApiResult<()> {
    if caller.account.units.is_empty() { Ok(()) } else { Err(ApiError::no_role()) }
}

async fn shown(app: &App, account: Account) -> ApiResult<Json<AccountShape>> {
    let locked = app.store.locked_accounts(app.now()).await?;
    let locked_until = locked.get(&account.name).copied();
    Ok(Json(shape(account, locked_until)))
}

fn shape(account: Account, locked_until: Option<UtcTime>) -> AccountShape {
    AccountShape {
        name: account.name,
        full_name: account.full_name,
        roles: account.roles,
        units: account.units,
        disabled: account.disabled,
        locked_until,
        must_change_password: account.must_change_password,
        last_sign_in: account.last_sign_in,
    }
}
