//! `/healthz`: whether the program answers and its database too. Says nothing else to a stranger.

use std::time::Duration;

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    error::{ApiError, ApiResult},
};

/// Whoever watches the program waits no longer.
const PATIENCE: Duration = Duration::from_secs(3);

/// All is well.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// Always `ok`; otherwise the answer is 503.
    status: &'static str,
    /// The program's version.
    version: &'static str,
}

/// Asks the database for its name.
pub async fn healthz(State(app): State<App>) -> ApiResult<Json<Health>> {
    match tokio::time::timeout(PATIENCE, app.store.installation_id()).await {
        Ok(Ok(_)) => Ok(Json(Health { status: "ok", version: crate::VERSION })),
        Ok(Err(error)) => {
            tracing::warn!(error = %crate::error::causes(&error), "the database is away");
            Err(ApiError::database_away())
        }
        Err(_) => Err(ApiError::database_away()),
    }
}
