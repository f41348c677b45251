//! A case's way through two officers, over HTTP.
#![allow(clippy::unwrap_used)]

mod common;

use axum::http::{Method, StatusCode};
use common::{Client, HERE, THERE, Town};
use giaolo_store::Role;
use serde_json::{Value, json};

const NO: [&str; 3] = ["priority_vehicle", "officer_directing", "signal_fault"];

fn confirm(version: u64) -> Value {
    let answers: Value = NO
        .iter()
        .map(|code| ((*code).to_owned(), json!("no")))
        .collect::<serde_json::Map<_, _>>()
        .into();
    json!({ "version": version, "decision": "confirm", "answers": answers, "seconds": 6.4 })
}

fn reject(version: u64, reason: &str, note: &str) -> Value {
    json!({ "version": version, "decision": "reject", "reason": reason, "note": note })
}

async fn case(town: &Town, client: &Client, id: &str) -> Value {
    let answer = town.get(client, &format!("/api/v1/cases/{id}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

fn version(case: &Value) -> u64 {
    case["version"].as_u64().unwrap()
}

#[tokio::test]
async fn a_case_tells_everything_that_decides_it() {
    let town = Town::new().await;
    let an = town.signed_in("an", &[Role::Reviewer]).await;
    let shown = case(&town, &an, &town.cases[0]).await;
    let whole = json!({
        "state": "flagged", "kind": "red_light", "verdict": "sure", "camera": "TU15-C1",
        "class": "motorbike", "clock_known": true, "still": "act.jpg", "place": "Ngã tư thử",
        "plate_text": "61B123411", "size": [64, 48], "act_at": "2026-11-24T00:30:10.000000Z",
        "group_size": 1, "held_by": null, "first_by": null, "sure_share": 1.0,
    });
    for (key, value) in whole.as_object().unwrap() {
        assert_eq!(&shown[key], value, "{key}");
    }
    assert_eq!(
        shown["plate"],
        json!({ "shown": "61-B1 234.11", "verdict": "sure", "edited": false })
    );
    assert_eq!(shown["point"]["unit"], HERE);
    assert_eq!(shown["violation"]["reasons"][0]["code"], "red_at_crossing");
    assert_eq!(shown["plate_reading"]["text"], "61B123411");
    // The clip begins two seconds before the first picture at 9.0 s.
    let clip = &shown["clip"];
    assert_eq!((&clip["from_s"], &clip["from_uncertainty_s"]), (&json!(7.0), &Value::Null));
    assert_eq!(
        (&clip["before_s"], &clip["act_s"], &clip["after_s"]),
        (&json!(2.0), &json!(3.0), &json!(4.0))
    );
    assert_eq!((&clip["fps"], &clip["duration_s"]), (&json!(10.0), &json!(6.0)));
    assert_eq!(
        shown["signal"],
        json!([{ "head": "near", "state": "red", "from_s": 2.0, "to_s": 4.0 }])
    );
    assert_eq!(shown["track"][1], json!({ "t_s": 3.0, "x": 3.25, "y": 4.5 }));
    assert_eq!(shown["law"]["fine_max"], 6_000_000);
    assert_eq!(shown["law"]["as_of"], shown["act_at"]);
    assert!(shown["route"]["who_en"].as_str().unwrap().starts_with("The traffic police"));
    let codes: Vec<&str> = shown["questions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|q| q["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, NO);
    assert_eq!(shown["clocks"][0]["code"], "limitation");
    assert_eq!(shown["files"].as_array().unwrap().len(), 4);
    let act = shown["files"].as_array().unwrap().iter().find(|file| file["name"] == "act.jpg");
    assert_eq!((&act.unwrap()["frame"], &act.unwrap()["role"]), (&json!(100), &json!("still_act")));
    assert_eq!(shown["may"]["decide"], true);
    assert_eq!(shown["history"][0]["action"], "violation.found");
}

#[tokio::test]
async fn the_queue_is_filtered_paged_and_counted() {
    let town = Town::new().await;
    let an = town.signed_in("an", &[Role::Reviewer]).await;
    let ids = async |query: &str| -> (Vec<String>, u64, Option<String>) {
        let answer = town.get(&an, &format!("/api/v1/cases?{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.text());
        let page = answer.json();
        let items = page["items"].as_array().unwrap();
        let ids = items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
        (ids, page["total"].as_u64().unwrap(), page["next"].as_str().map(str::to_owned))
    };
    let (newest, total, next) = ids("order=newest").await;
    assert_eq!((newest.len(), total, next), (4, 4, None));
    assert_eq!(newest[0], town.elsewhere);
    let cases = [
        ("camera=TU15-C1", 3),
        ("point=TU16", 1),
        ("kind=red_light&state=flagged,confirmed", 4),
        ("kind=stopping", 0),
        ("verdict=insufficient", 0),
        ("state=confirmed", 0),
        ("plate=61-B1%20234.22", 1),
        ("from=2026-11-24T00:30:20Z&until=2026-11-24T00:30:30Z", 1),
        ("camera=%3Cscript%3E", 0),
    ];
    for (query, expected) in cases {
        assert_eq!(ids(query).await.1, expected, "{query}");
    }
    let mut paged = Vec::new();
    let mut query = "order=oldest&limit=1".to_owned();
    loop {
        let (page, total, next) = ids(&query).await;
        assert_eq!(total, 4);
        paged.extend(page);
        let Some(next) = next else { break };
        query = format!("order=oldest&limit=1&after={next}");
    }
    paged.reverse();
    assert_eq!(paged, newest);
    for query in [
        "state=nonsense",
        "kind=x",
        "order=x",
        "limit=-1",
        "from=yesterday",
        "after=%%%",
        "after=e30",
    ] {
        let answer = town.get(&an, &format!("/api/v1/cases?{query}")).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::BAD_REQUEST, "malformed"),
            "{query}"
        );
        assert!(answer.json()["error"]["vi"].as_str().unwrap().len() > 5);
    }
}

#[tokio::test]
async fn a_case_is_confirmed_by_two_people_and_never_by_one() {
    let town = Town::new().await;
    let an = town.signed_in("an", &[Role::Reviewer, Role::Approver]).await;
    let reviewer = town.signed_in("binh", &[Role::Reviewer]).await;
    let chi = town.signed_in("chi", &[Role::Approver]).await;
    let id = &town.cases[0];
    let path = format!("/api/v1/cases/{id}/decision");
    let seen = version(&case(&town, &an, id).await);

    let missing =
        json!({ "version": seen, "decision": "confirm", "answers": { "priority_vehicle": "no" } });
    assert_eq!(town.post(&an, &path, missing).await.code(), "question_open");
    let mut doubted = confirm(seen);
    doubted["answers"]["signal_fault"] = json!("unknown");
    assert_eq!(town.post(&an, &path, doubted).await.code(), "question_open");
    assert_eq!(town.post(&an, &path, confirm(seen + 7)).await.code(), "case_changed");

    let first = town.post(&an, &path, confirm(seen)).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.text());
    let first = first.json();
    assert_eq!((&first["state"], &first["first_by"]), (&json!("first_confirmed"), &json!("an")));
    assert_eq!(first["may"]["decide"], false);
    assert!(first["may"]["why_not_vi"].as_str().unwrap().contains("cán bộ khác"));
    let seen = version(&first);

    let again = town.post(&an, &path, confirm(seen)).await;
    assert_eq!((again.status, again.code().as_str()), (StatusCode::CONFLICT, "same_officer"));
    let other = town.post(&reviewer, &path, confirm(seen)).await;
    assert_eq!((other.status, other.code().as_str()), (StatusCode::FORBIDDEN, "no_role"));
    let waiting = case(&town, &chi, id).await;
    assert_eq!(
        (&waiting["may"]["decide"], &waiting["may"]["second"]),
        (&json!(true), &json!(true))
    );
    let second = town.post(&chi, &path, confirm(seen)).await;
    assert_eq!(second.json()["state"], "confirmed", "{}", second.text());
    let actions: Vec<String> = second.json()["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            format!("{} {}", entry["who"].as_str().unwrap(), entry["action"].as_str().unwrap())
        })
        .collect();
    assert!(actions.iter().any(|action| action.starts_with("an case.")), "{actions:?}");
    assert!(actions.iter().any(|action| action.starts_with("chi case.")), "{actions:?}");
    let late = town.post(&chi, &path, reject(version(&second.json()), "duplicate", "")).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.text());
}

#[tokio::test]
async fn two_officers_at_once_and_one_is_told() {
    let town = Town::new().await;
    let an = town.signed_in("an", &[Role::Reviewer]).await;
    let binh = town.signed_in("binh", &[Role::Reviewer]).await;
    let id = &town.cases[0];
    let open = format!("/api/v1/cases/{id}/open");
    let held = town.post(&an, &open, json!({})).await;
    assert_eq!(held.json()["held_until"], "2026-11-24T02:02:00.000000Z", "{}", held.text());
    let taken = town.post(&binh, &open, json!({})).await;
    assert_eq!((taken.status, taken.code().as_str()), (StatusCode::CONFLICT, "case_taken"));
    assert!(taken.json()["error"]["vi"].as_str().unwrap().contains("an"));
    let shown = case(&town, &binh, id).await;
    assert_eq!((&shown["held_by"], &shown["may"]["decide"]), (&json!("an"), &json!(false)));
    town.send(&an, Method::DELETE, &open, None).await;
    assert_eq!(town.post(&binh, &open, json!({})).await.status, StatusCode::OK);
    town.pass(121);
    assert_eq!(town.post(&an, &open, json!({})).await.status, StatusCode::OK);

    // Both saw the same version; the second word comes too late.
    let seen = version(&case(&town, &an, id).await);
    let path = format!("/api/v1/cases/{id}/decision");
    town.send(&an, Method::DELETE, &open, None).await;
    let (one, other) = tokio::join!(
        town.post(&an, &path, reject(seen, "poor_picture", "")),
        town.post(&binh, &path, reject(seen, "duplicate", ""))
    );
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{} {}", one.text(), other.text());
}

#[tokio::test]
async fn a_rejection_has_a_reason_and_an_approver_may_reopen_it() {
    let town = Town::new().await;
    let an = town.signed_in("an", &[Role::Reviewer]).await;
    let chi = town.signed_in("chi", &[Role::Approver]).await;
    let id = &town.cases[1];
    let path = format!("/api/v1/cases/{id}/decision");
    let seen = version(&case(&town, &an, id).await);
    let without = json!({ "version": seen, "decision": "reject" });
    assert_eq!(town.post(&an, &path, without).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(town.post(&an, &path, reject(seen, "other", " ")).await.code(), "refused");
    assert_eq!(
        town.post(&an, &path, reject(seen, "vì thế", "")).await.status,
        StatusCode::BAD_REQUEST
    );
    let rejected = town.post(&an, &path, reject(seen, "signal_fault", "đèn hỏng")).await.json();
    assert_eq!(rejected["state"], "rejected");
    assert_eq!(rejected["may"]["reopen"], false);
    let seen = version(&rejected);
    let reopen = |note: &str| json!({ "version": seen, "decision": "reopen", "note": note });
    assert_eq!(town.post(&an, &path, reopen("xem lại")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(town.post(&chi, &path, reopen("")).await.code(), "refused");
    assert_eq!(town.post(&chi, &path, reopen("đèn không hỏng")).await.json()["state"], "flagged");
}

#[tokio::test]
async fn a_plate_is_mended_only_to_one_of_the_grammar_and_with_a_reason() {
    let town = Town::new().await;
    let an = town.signed_in("an", &[Role::Reviewer]).await;
    let id = &town.cases[2];
    let path = format!("/api/v1/cases/{id}/plate");
    let seen = version(&case(&town, &an, id).await);
    let plate =
        |plate: &str, reason: &str| json!({ "version": seen, "plate": plate, "reason": reason });
    for (text, reason) in [
        ("<b>61B1</b>", "nhìn rõ"),
        ("61A1234567890", "nhìn rõ"),
        ("", "nhìn rõ"),
        ("99Z9\u{0}9999", "nhìn rõ"),
        ("61-B1 234.56", ""),
    ] {
        let answer = town.post(&an, &path, plate(text, reason)).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::UNPROCESSABLE_ENTITY, "refused"),
            "{text}"
        );
    }
    let mended = town.post(&an, &path, plate("61b1-234.56", "số 6 nhìn rõ ở ảnh sau")).await;
    assert_eq!(mended.status, StatusCode::OK, "{}", mended.text());
    let mended = mended.json();
    assert_eq!(mended["plate_text"], "61B123456");
    assert_eq!(mended["plate"]["edited"], true);
    assert_eq!(mended["plate_edits"][0]["from"], "61B123433");
    assert_eq!(mended["plate_edits"][0]["who"], "an");
    let stale = town.post(&an, &path, plate("61B123457", "nhìn rõ")).await;
    assert_eq!(stale.code(), "case_changed");
    let note = format!("/api/v1/cases/{id}/note");
    let noted =
        town.post(&an, &note, json!({ "note": "<img src=x onerror=alert(1)>" })).await.json();
    let last = noted["history"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["action"], &last["detail"]["note"]),
        (&json!("case.note"), &json!("<img src=x onerror=alert(1)>"))
    );
}

#[tokio::test]
async fn what_lies_in_another_ward_is_not_there() {
    let town = Town::new().await;
    town.account("an", &[Role::Reviewer, Role::Approver, Role::Analyst], &[HERE]).await;
    town.account("binh", &[Role::Reviewer], &[THERE]).await;
    let (an, binh) = (town.session("an").await, town.session("binh").await);
    assert_eq!(town.get(&an, "/api/v1/cases").await.json()["total"], 3);
    assert_eq!(town.get(&binh, "/api/v1/cases").await.json()["total"], 1);
    let there = &town.elsewhere;
    for path in ["", "/files/act.jpg", "/evidence.zip"] {
        let path = format!("/api/v1/cases/{there}{path}");
        assert_eq!(town.get(&an, &path).await.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(town.get(&binh, &path).await.status, StatusCode::OK, "{path}");
    }
    for (path, body) in [
        ("open", json!({})),
        ("decision", confirm(1)),
        ("plate", json!({ "version": 1, "plate": "61B123456", "reason": "x" })),
        ("note", json!({ "note": "x" })),
    ] {
        let answer = town.post(&an, &format!("/api/v1/cases/{there}/{path}"), body).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}: {}", answer.text());
    }
    let asked = json!({ "plate": "61B123444", "reason": "tìm xe" });
    let found = town.post(&an, "/api/v1/plates/search", asked.clone()).await.json();
    assert_eq!(found["total"], 0, "{found}");
    let way =
        town.post(&an, "/api/v1/plates/61B123444/journey", json!({ "reason": "tìm xe" })).await;
    assert_eq!(way.json()["sightings"], json!([]));
    let mut for_case = asked;
    for_case["case"] = json!(there);
    let found = town.post(&binh, "/api/v1/plates/search", for_case).await.json();
    assert_eq!(found["items"][0]["shown"], "61-B1 234.44", "{found}");
}
