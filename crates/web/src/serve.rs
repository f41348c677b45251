//! From a socket to answers, until somebody says stop.

use std::{future::Future, net::SocketAddr, time::Duration};

use axum::{Router, extract::DefaultBodyLimit, middleware};
use tokio::net::TcpListener;
use tower_http::{
    CompressionLevel,
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer,
        predicate::{DefaultPredicate, NotForContentType, Predicate},
    },
};

use crate::{app::App, caller, error::ApiError, events, headers, log, routes, ui};

/// Bytes of a body, at most.
pub const LARGEST_BODY: usize = 1024 * 1024;

/// How long answers under way may take once somebody said stop.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

/// The whole server, as tests and [`serve`] use it.
pub fn router(app: App) -> Router {
    layered(routes::router(&app), app)
}

fn layered(routes: Router<App>, app: App) -> Router {
    let pictures_and_zips_are_small_already = DefaultPredicate::new()
        .and(NotForContentType::const_new("video/"))
        .and(NotForContentType::const_new("application/zip"));
    routes
        .method_not_allowed_fallback(async || ApiError::wrong_method())
        .fallback(ui::serve)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(middleware::from_fn_with_state(app.clone(), caller::admit))
        .layer(
            CompressionLayer::new()
                .quality(CompressionLevel::Fastest)
                .compress_when(pictures_and_zips_are_small_already),
        )
        .layer(CatchPanicLayer::custom(log::panicked))
        .layer(middleware::from_fn(headers::add))
        .layer(middleware::from_fn(log::requests))
        .with_state(app)
}

/// Serves until `stop` is done, then lets answers under way finish for a while.
///
/// # Errors
/// Where the socket fails.
pub async fn serve(
    app: App,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let (stopped, mut stopping) = tokio::sync::watch::channel(false);
    let watching = tokio::spawn(events::watch(app.clone()));
    let told = app.clone();
    let stop = async move {
        stop.await;
        // Their streams would never end by themselves.
        told.events.stop();
        stopped.send_replace(true);
    };
    let service = router(app).into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(stop).into_future();
    let served = tokio::select! {
        done = serving => done,
        () = async {
            let _ = stopping.wait_for(|stopped| *stopped).await;
            tokio::time::sleep(LAST_ANSWERS).await;
        } => Ok(()),
    };
    watching.abort();
    served
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, extract::Request, routing::get};
    use giaolo_plate::Grammar;
    use giaolo_store::Store;
    use tower::ServiceExt;

    use super::*;
    use crate::app::Settings;

    async fn broken() -> ApiError {
        let nothing: Option<ApiError> = std::hint::black_box(None);
        nothing.unwrap()
    }

    #[tokio::test]
    async fn a_handler_that_panics_is_answered_in_words_and_the_server_goes_on() {
        let store = Store::open("sqlite::memory:").await.unwrap();
        let grammar = Grammar::from_toml(include_str!("../../../configs/plates.toml")).unwrap();
        let app = App::new(store, Settings::new("nowhere".into(), grammar)).unwrap();
        let routes = routes::router(&app).route("/broken", get(broken));
        let router = layered(routes, app);
        for (path, status) in [("/broken", 500), ("/healthz", 200), ("/broken", 500)] {
            let request = Request::get(path).body(Body::empty()).unwrap();
            let answer = router.clone().oneshot(request).await.unwrap();
            assert_eq!(answer.status().as_u16(), status, "{path}");
            assert!(answer.headers().contains_key("content-security-policy"));
            assert_eq!(answer.headers()["content-type"], "application/json");
        }
    }
}
