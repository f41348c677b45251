//! What lies within an account's units.

use std::collections::BTreeSet;

use giaolo_domain::CameraId;

use crate::{
    app::App,
    caller::Caller,
    error::{ApiError, ApiResult},
};

/// The cameras that an account may see; `None` for all.
pub async fn cameras(app: &App, caller: &Caller) -> ApiResult<Option<BTreeSet<CameraId>>> {
    let scope = caller.account.scope();
    if scope.units.is_none() {
        return Ok(None);
    }
    let cameras = app.store.camera_list(&scope, app.now()).await?;
    Ok(Some(cameras.into_iter().map(|camera| camera.id).collect()))
}

/// Whether a case is there for an account.
///
/// # Errors
/// 404 where it is not.
pub async fn case_is_there(app: &App, caller: &Caller, id: &str) -> ApiResult<()> {
    let scope = caller.account.scope();
    if scope.units.is_some() {
        app.store.case(id, &scope, app.now()).await?;
        return Ok(());
    }
    // The stills of a case come with the page; for whoever sees the whole town a look at the key will do.
    if app.store.has_violation(id).await? { Ok(()) } else { Err(ApiError::not_found()) }
}
