//! What changed, told as server-sent events to whoever listens.
//!
//! Everything that a person or a program does to a case stands in the audit log, also where another
//! process did it: the log's end is read every two seconds and turned into notices. A notice says only
//! that something changed; what it is, the listener asks for and gets only within his roles and units.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::State,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use giaolo_store::{Role, StoredAuditEntry};
use serde_json::json;
use tokio::sync::{Semaphore, broadcast, mpsc};
use tokio_stream::wrappers::ReceiverStream;

use crate::{
    app::App,
    caller::Caller,
    error::{ApiError, ApiResult},
};

/// How often the audit log is looked at.
const EVERY: Duration = Duration::from_secs(2);
/// How often a listener's session is looked at: one that has ended hears nothing more.
const SESSION_EVERY: Duration = Duration::from_secs(10);
/// Listeners at once.
const MOST_LISTENERS: usize = 1_000;
/// Entries of the audit log read at once.
const PAGE: u32 = 500;

/// Something changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What kind of thing: `case`, `cases`, `cameras`, `counts`.
    pub what: &'static str,
    /// Which one, where it is one.
    pub id: Option<String>,
    /// Who may hear of it; empty for all.
    roles: &'static [Role],
}

#[derive(Clone, Debug)]
enum Message {
    Changed(Notice),
    Stop,
}

/// All listeners.
pub struct Events {
    sender: broadcast::Sender<Message>,
    places: Arc<Semaphore>,
}

impl Default for Events {
    fn default() -> Self {
        let (sender, _) = broadcast::channel(256);
        Self { sender, places: Arc::new(Semaphore::new(MOST_LISTENERS)) }
    }
}

impl Events {
    /// Ends every listener's stream: the server stops.
    pub fn stop(&self) {
        let _ = self.sender.send(Message::Stop);
    }

    fn tell(&self, notice: Notice) {
        // Nobody listening is no fault.
        let _ = self.sender.send(Message::Changed(notice));
    }
}

/// Reads the audit log's end for ever and tells what it says. While the database is away it waits.
pub async fn watch(app: App) {
    let mut last = None;
    loop {
        match next(&app, last).await {
            Ok(place) => last = Some(place),
            Err(error) => {
                tracing::warn!(cause = %crate::error::causes(&error), "cannot read what changed");
            }
        }
        tokio::time::sleep(EVERY).await;
    }
}

async fn next(app: &App, last: Option<u64>) -> Result<u64, giaolo_store::StoreError> {
    let Some(mut last) = last else { return end_of_log(app).await };
    loop {
        let entries = app.store.audit_entries(last, PAGE).await?;
        let mut notices: Vec<Notice> = Vec::new();
        for entry in &entries {
            last = entry.sequence;
            if let Some(notice) = notice(entry).filter(|notice| !notices.contains(notice)) {
                notices.push(notice);
            }
        }
        notices.into_iter().for_each(|notice| app.events.tell(notice));
        if entries.len() < PAGE as usize {
            return Ok(last);
        }
    }
}

/// The place of the log's last entry, found by halving: a log may have millions.
async fn end_of_log(app: &App) -> Result<u64, giaolo_store::StoreError> {
    let goes_beyond = async |place: u64| {
        app.store.audit_entries(place, 1).await.map(|entries| !entries.is_empty())
    };
    let (mut low, mut high) = (0, 1);
    while goes_beyond(high).await? {
        (low, high) = (high, high * 2);
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if goes_beyond(middle).await? { low = middle + 1 } else { high = middle }
    }
    Ok(low)
}

fn notice(entry: &StoredAuditEntry) -> Option<Notice> {
    const OFFICERS: &[Role] = &[Role::Reviewer, Role::Approver];
    let entry = &entry.entry;
    let one = |what, roles| Some(Notice { what, id: Some(entry.subject.clone()), roles });
    match entry.action.split_once('.')? {
        ("violation", "found") => Some(Notice { what: "cases", id: None, roles: &[] }),
        ("case", _) => one("case", OFFICERS),
        ("scene", _) => one("cameras", &[]),
        ("run", _) => Some(Notice { what: "counts", id: None, roles: &[] }),
        _ => None,
    }
}

/// `GET /api/v1/events`
pub async fn listen(State(app): State<App>, caller: Caller) -> ApiResult<Response> {
    let places = Arc::clone(&app.events.places);
    let place = places.try_acquire_owned().map_err(|_| ApiError::too_many(30))?;
    let mut heard = app.events.sender.subscribe();
    let (say, said) = mpsc::channel::<Result<Event, Infallible>>(16);
    tokio::spawn(async move {
        let _place = place;
        let mut look = tokio::time::interval(SESSION_EVERY);
        loop {
            let event = tokio::select! {
                () = say.closed() => return,
                _ = look.tick() => {
                    match crate::session::caller(&app, &caller.token).await {
                        Ok(None) => return,
                        // While the database is away nothing is known, and nothing is told.
                        Ok(Some(_)) | Err(_) => continue,
                    }
                }
                message = heard.recv() => match message {
                    Ok(Message::Changed(notice)) => match event(&notice, &caller) {
                        Some(event) => event,
                        None => continue,
                    },
                    // More came than were heard: whoever listens asks for all he shows.
                    Err(broadcast::error::RecvError::Lagged(_)) => {
                        sse("cases", None)
                    }
                    Ok(Message::Stop) | Err(broadcast::error::RecvError::Closed) => return,
                }
            };
            if say.send(Ok(event)).await.is_err() {
                return;
            }
        }
    });
    let stream = Sse::new(ReceiverStream::new(said)).keep_alive(KeepAlive::default());
    let mut response = stream.into_response();
    // A proxy that waits for the end would keep everything.
    let unbuffered = axum::http::HeaderValue::from_static("no");
    response.headers_mut().insert("x-accel-buffering", unbuffered);
    Ok(response)
}

/// The id of a case names its camera: who does not see all units is told only that some case changed.
fn event(notice: &Notice, caller: &Caller) -> Option<Event> {
    if !notice.roles.is_empty() && !caller.has_any(notice.roles) {
        return None;
    }
    let whole_town = caller.account.units.is_empty();
    Some(sse(notice.what, notice.id.as_deref().filter(|_| whole_town)))
}

fn sse(what: &str, id: Option<&str>) -> Event {
    Event::default().event(what).data(json!({ "id": id, "version": null }).to_string())
}

#[cfg(test)]
mod tests {
    use giaolo_domain::UtcTime;
    use giaolo_store::AuditEntry;

    use super::*;

    #[test]
    fn only_what_screens_show_is_told() {
        let cases = [
            ("violation.found", Some(("cases", None))),
            ("case.decide", Some(("case", Some("x")))),
            ("scene.put", Some(("cameras", Some("x")))),
            ("plates.search", None),
            ("session.begin", None),
            ("nonsense", None),
        ];
        for (action, expected) in cases {
            let entry = AuditEntry {
                at: UtcTime::from_micros(0),
                who: "an".to_owned(),
                action: action.to_owned(),
                subject: "x".to_owned(),
                detail: json!({}),
            };
            let said = notice(&StoredAuditEntry { sequence: 1, entry, hash: String::new() });
            let said = said.as_ref().map(|notice| (notice.what, notice.id.as_deref()));
            assert_eq!(said, expected, "{action}");
        }
    }
}
