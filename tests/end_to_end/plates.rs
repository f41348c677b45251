//! `plates search`, `journey`, `watch` and `alerts`: what they answer, and that every question stands
//! in the audit log.

use std::fs;

use giaolo_store::{Store, StoredAuditEntry};
use giaolo_tests::{
    postgres::{PASSWORD, Server},
    program::{Giaolo, giaolo},
    results::block_on,
    town::{VIOLATION, car, doubtful, fill, read_once_more, town_in},
};
use serde_json::{Value, json};

/// `giaolo plates WORDS` about a database, with a reason.
fn ask(database: &str, words: &[&str]) -> Giaolo {
    giaolo(["plates"].iter().chain(words))
        .arg("--database")
        .arg(database)
        .arg("--reason")
        .arg("tìm xe gây tai nạn")
}

fn answer(database: &str, words: &[&str]) -> Value {
    serde_json::from_str(&ask(database, words).arg("--json").succeed()).unwrap()
}

fn audit(database: &str) -> Vec<StoredAuditEntry> {
    block_on(async {
        let store = Store::open(database).await.unwrap();
        assert_eq!(store.audit_verify().await.unwrap().broken, None);
        let entries = store.audit_entries(0, 10_000).await.unwrap();
        store.close().await;
        entries
    })
}

/// How, camera and what is shown of each hit.
fn hits(answer: &Value) -> Vec<(&str, &str, &str)> {
    let hits = answer["hits"].as_array().unwrap().iter();
    hits.map(|hit| {
        let text = |key: &str| hit[key].as_str().unwrap();
        (text("how"), text("camera"), text("shown"))
    })
    .collect()
}

#[test]
fn plates_are_found_with_their_doubts() {
    let folder = tempfile::tempdir().unwrap();
    let town = town_in(folder.path());
    let (c1, c2, c3) = ("TU15-C1", "TU16-C1", "TU99-C1");
    let exact = vec![
        ("sure", c3, "61A-123.45"),
        ("sure", c2, "61A-123.45"),
        ("sure", c1, "61A-123.45"),
        ("possible", c1, "61A-12?.45"),
    ];
    let one_wrong = [&exact[..], &[("sure_one_wrong", c1, "61A-123.46")]].concat();
    type Case<'a> = (&'a [&'a str], Vec<(&'a str, &'a str, &'a str)>);
    let cases: [Case<'_>; 16] = [
        (&["61A-123.45"], exact.clone()),
        (&[" 61a 12345 "], exact.clone()),
        (&["61A-123.45", "--one-wrong"], one_wrong),
        (&["61B?234*"], vec![("sure", c1, "61-B1 234.56"), ("doubtful", c2, "61-B1 2?4.56")]),
        (
            &["61? 1 23456", "--one-wrong"],
            vec![("sure", c1, "61-B1 234.56"), ("doubtful", c2, "61-B1 2?4.56")],
        ),
        (&["61B1 284*"], vec![("possible", c2, "61-B1 2?4.56")]),
        (&["61A12345", "--camera", c1, "--camera", c2], vec![exact[1], exact[2], exact[3]]),
        (&["61A12345", "--verdict", "doubtful"], vec![exact[3]]),
        (&["61A12345", "--from", "2026-11-24T07:13"], vec![exact[0], exact[1]]),
        (&["61A12345", "--until", "2026-11-24T07:02"], vec![exact[2]]),
        (&["61A12345", "--until", "2026-11-24"], exact.clone()),
        (&["61A12345", "--until", "2026-11-23"], vec![]),
        (&["61C*", "--from", "1970-01-01"], vec![("sure", c3, "61C-999.99")]),
        (&["99Z-999.99"], vec![]),
        (&["'; DROP TABLE readings;--"], vec![]),
        (&["61A12345"], exact.clone()),
    ];
    for (words, expected) in cases {
        let found = answer(&town, &[&["search"], words].concat());
        assert_eq!(hits(&found), expected, "{words:?}");
        assert_eq!(found["found"], expected.len(), "{words:?}");
        assert_eq!(found["more"], false);
        assert_eq!(found["looked_back_to"], Value::Null);
    }
    let found = answer(&town, &["search", "61-B1 234.56"]);
    let hit = &found["hits"][0];
    assert_eq!(hit["violations"], json!([VIOLATION]));
    assert_eq!(hit["place"], "Ngã tư Miếu Ông Cù");
    assert_eq!(hit["read_at"], "2026-11-24T00:02:00.000000Z");
    assert_eq!((&hit["class"], &hit["track"]), (&json!("motorbike"), &json!(2)));
    assert_eq!(hit["reading"]["verdict"], "sure");
}

#[test]
fn pages_go_on_and_say_that_there_is_more() {
    let folder = tempfile::tempdir().unwrap();
    let town = town_in(folder.path());
    let first = answer(&town, &["search", "61A*", "--limit", "2"]);
    assert_eq!((hits(&first).len(), &first["found"], &first["more"]), (2, &json!(5), &json!(true)));
    let all = answer(&town, &["search", "61A*", "--all"]);
    assert_eq!((hits(&all).len(), &all["more"]), (5, &json!(false)));
    let said = ask(&town, &["search", "61A*", "--limit", "2"]).succeed();
    assert!(said.contains("5 found, 2 shown"), "{said}");
}

#[test]
fn what_people_read_hides_doubtful_characters_and_says_how_it_fits() {
    let folder = tempfile::tempdir().unwrap();
    let town = town_in(folder.path());
    let said = ask(&town, &["search", "61B?234*"]).succeed();
    for part in [
        "2026-11-24 07:02:00.000  61-B1 234.56",
        "TU15-C1 Ngã tư Miếu Ông Cù",
        "fits, motorbike",
        VIOLATION,
        "61-B1 2?4.56",
        "fits, but is doubtful, motorbike, `?` may be 3 or 8",
        "2 found",
        "in the audit log of",
        &format!("\nentry {} in the audit log of", audit(&town).len()),
    ] {
        assert!(said.contains(part), "{part}:\n{said}");
    }
    assert_eq!(
        said.matches("61-B1 234.56").count(),
        1,
        "the doubtful one is never shown so:\n{said}"
    );
    let nothing = ask(&town, &["search", "61A"]).succeed();
    for part in ["0 found", "says nothing of where no camera looked", "write `61A*`"] {
        assert!(nothing.contains(part), "{part}:\n{nothing}");
    }
    let undated = ask(&town, &["search", "61C 999.99"]).succeed();
    assert!(undated.contains("12.0 s into a recording of unknown time"), "{undated}");
    assert!(!undated.contains("1970"), "{undated}");
}

#[test]
fn a_way_is_in_order_and_what_cannot_be_is_pointed_out() {
    let folder = tempfile::tempdir().unwrap();
    let town = town_in(folder.path());
    let way = answer(&town, &["journey", "61A-123.45"]);
    assert_eq!(
        (&way["sure"], &way["doubtful"], &way["possible"]),
        (&json!(3), &json!(0), &json!(1))
    );
    let steps = way["sightings"].as_array().unwrap();
    let cameras: Vec<&str> = steps.iter().map(|step| step["camera"].as_str().unwrap()).collect();
    assert_eq!(cameras, ["TU15-C1", "TU15-C1", "TU16-C1", "TU99-C1"]);
    let gaps: Vec<Option<f64>> = steps.iter().map(|step| step["gap_s"].as_f64()).collect();
    assert_eq!(gaps, [None, Some(119.0), Some(599.0), Some(-0.7)]);
    let doubts: Vec<&Value> = steps.iter().map(|step| &step["doubt"]).collect();
    assert!(doubts[..3].iter().all(|doubt| doubt.is_null()), "{doubts:?}");
    assert_eq!((&doubts[3]["kind"], &doubts[3]["camera"]), (&json!("overlap"), &json!("TU16-C1")));
    assert_eq!(steps[0]["point"]["position"], json!([11.06, 106.79]));
    assert_eq!((&steps[3]["point"], &steps[3]["place"]), (&Value::Null, &json!("Cầu Thạnh Hội")));

    let said = ask(&town, &["journey", "61A-123.45"]).succeed();
    for part in [
        "+10.0 min  61A-123.45",
        "61A-12?.45",
        "reads otherwise, but may be it",
        "watch out: at the same time, for 0.7 s, it was read at TU16-C1",
        "4 sighting(s): 3 sure, 0 doubtful, 1 possible",
    ] {
        assert!(said.contains(part), "{part}:\n{said}");
    }
    let fast = answer(&town, &["journey", "59-T1 461.01"]);
    let doubts: Vec<&Value> =
        fast["sightings"].as_array().unwrap().iter().map(|step| &step["doubt"]).collect();
    assert_eq!(
        doubts[..2],
        [&Value::Null, &Value::Null],
        "two cameras of one point see one vehicle"
    );
    assert_eq!(doubts[2]["kind"], "too_fast", "{fast:#}");
    let kmh = doubts[2]["kmh"].as_f64().unwrap();
    assert!((900.0..1100.0).contains(&kmh), "2.48 km in nearly nine seconds, not {kmh} km/h");
    let undated = answer(&town, &["journey", "61C-999.99"]);
    let step = &undated["sightings"][0];
    assert_eq!((&step["gap_s"], &step["doubt"]), (&Value::Null, &Value::Null));
    assert_eq!(step["readings"][0]["clock"], "unknown");
    let nothing = answer(&town, &["journey", "61A-123.45", "--from", "2026-11-25"]);
    assert_eq!(nothing["sightings"], json!([]));
}

#[test]
fn a_watched_plate_is_told_and_seen_once() {
    let folder = tempfile::tempdir().unwrap();
    let town = town_in(folder.path());
    let add = |pattern: &str| {
        let until = days_from_now(30);
        answer(
            &town,
            &["watch", "add", pattern, "--until", &until, "--case", "VA-17", "--who", "an"],
        )
    };
    let exact = add("61A-123.45");
    assert_eq!(exact["entry"]["pattern"], "61A12345");
    assert_eq!((&exact["entry"]["who"], &exact["entry"]["case"]), (&json!("an"), &json!("VA-17")));
    let wide = add("61?123.4*")["entry"]["id"].clone();
    let listed = answer(&town, &["watch", "list"]);
    assert_eq!(listed["entries"].as_array().unwrap().len(), 2);
    assert_eq!(answer(&town, &["alerts"])["alerts"], json!([]), "it looks forward only");

    let removed = answer(&town, &["watch", "remove", &wide.to_string()]);
    assert_eq!(removed["removed"], true);
    assert_eq!(answer(&town, &["watch", "remove", &wide.to_string()])["removed"], false);
    assert_eq!(answer(&town, &["watch", "list"])["entries"].as_array().unwrap().len(), 1);
    assert_eq!(answer(&town, &["watch", "list", "--all"])["entries"].as_array().unwrap().len(), 2);

    let raised = block_on(async {
        let store = Store::open(&town).await.unwrap();
        let raised = read_once_more(&store, doubtful(car(9, "61A-128.45", 5.0), 5, '3')).await;
        store.close().await;
        raised
    });
    assert_eq!(raised.len(), 1);
    let id = raised[0].id.0.to_string();
    let alerts = answer(&town, &["alerts"]);
    let alert = &alerts["alerts"][0];
    assert_eq!((&alert["how"], &alert["shown"]), (&json!("possible"), &json!("61A-12?.45")));
    assert_eq!(alert["read_at"], "2026-11-24T00:30:05.000000Z");
    assert_eq!(alert["watch"]["case"], "VA-17");
    let said = ask(&town, &["alerts"]).succeed();
    for part in ["2026-11-24 07:30:05.000", "61A-12?.45", "may be it", "VA-17", "1 alert(s)"] {
        assert!(said.contains(part), "{part}:\n{said}");
    }
    assert!(!said.contains("61A-128.45"), "{said}");

    let run = ask(&town, &["alerts", "--seen", "999", "--seen", &id]).run();
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("alert 999 is not there"), "{}", run.stderr);
    assert!(run.stdout.contains(&format!("alert {id} is seen")), "{}", run.stdout);
    assert_eq!(
        answer(&town, &["alerts", "--seen", &id])["seen"],
        json!([{"id": raised[0].id, "first": false}])
    );
    assert_eq!(answer(&town, &["alerts"])["alerts"], json!([]));
    assert_eq!(answer(&town, &["alerts", "--all"])["alerts"].as_array().unwrap().len(), 1);
}

#[test]
fn a_server_is_asked_like_a_file_and_its_password_is_never_shown() {
    let Some(server) = Server::start() else { return };
    let database = server.url();
    block_on(async {
        let store = Store::open(&database).await.unwrap();
        fill(&store).await;
        store.close().await;
    });
    let said = ask(&database, &["search", "61B?234*"]).succeed();
    assert!(said.contains("2 found") && said.contains("61-B1 2?4.56"), "{said}");
    assert!(said.contains("in the audit log of postgres://postgres@127.0.0.1"), "{said}");
    assert_eq!(audit(&database).pop().unwrap().entry.action, "plates.search");
    let nowhere = database.replace("/postgres", "/nowhere").replacen("/nowhere:", "/postgres:", 1);
    let run = ask(&nowhere, &["search", "61B?234*"]).run();
    assert_eq!(run.code, Some(1), "{}", run.stdout);
    assert!(run.stderr.contains("nowhere"), "{}", run.stderr);
    for text in [&said, &run.stderr, &run.stdout] {
        assert!(!text.contains(PASSWORD), "{text}");
    }
}

#[test]
fn what_makes_no_sense_is_refused_and_finds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let town = town_in(folder.path());
    let before = audit(&town).len();
    let long = "6".repeat(21);
    let wrong: [(i32, &[&str], &str); 26] = [
        (2, &["search", ""], "empty"),
        (2, &["search", "*"], "every plate"),
        (2, &["search", "?*?"], "every plate"),
        (2, &["search", "61%"], "`%`"),
        (2, &["search", "61[A-Z]"], "`[`"),
        (2, &["search", "61É1"], "`É`"),
        (2, &["search", &long], "21 characters"),
        (2, &["search", "61A*", "--from", "yesterday"], "`yesterday`"),
        (2, &["search", "61A*", "--from", "2026-13-01"], "`2026-13-01`"),
        (2, &["search", "61A*", "--until", "24/11/2026"], "`24/11/2026`"),
        (1, &["search", "61A*", "--from", "2026-11-25", "--until", "2026-11-23"], "refused"),
        (2, &["search", "61A*", "--verdict", "unreadable"], "unreadable"),
        (2, &["search", "61A*", "--limit", "0"], "0"),
        (2, &["search", "61A*", "--limit", "9", "--all"], "--all"),
        (1, &["search", "61A*", "--camera", "TU15-C9"], "no camera `TU15-C9`"),
        (1, &["search", "61A*", "--case", " "], "the case is empty"),
        (1, &["search", "61A*", "--who", ""], "the account is empty"),
        (2, &["journey", "61A*"], "many plates"),
        (2, &["journey", ""], "empty"),
        (2, &["watch", "add", "61A12345"], "--until"),
        (1, &["watch", "add", "61A12345", "--until", "2020-01-01"], "is past"),
        (1, &["watch", "add", "61A12345", "--until", "2999-01-01"], "366 days"),
        (1, &["watch", "add", "61*", "--until", &days_from_now(5)], "four characters"),
        (1, &["watch", "remove", "77"], "77 is not there"),
        (1, &["alerts", "--seen", "77"], "77 is not there"),
        (2, &["alerts", "--seen", "77", "--all"], "--all"),
    ];
    for (code, words, named) in wrong {
        let run = ask(&town, words).run();
        assert_eq!(run.code, Some(code), "{words:?}: {}", run.stderr);
        assert!(run.stderr.contains(named), "{words:?} should name {named}: {}", run.stderr);
        assert!(!run.stdout.contains("61A"), "{words:?}: {}", run.stdout);
    }
    assert_eq!(audit(&town).len(), before, "nothing was looked at, so nothing is written down");
}

#[test]
fn nobody_looks_without_a_reason_or_into_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let town = town_in(folder.path());
    for words in [
        &["search", "61A*"][..],
        &["journey", "61A12345"],
        &["watch", "list"],
        &["watch", "remove", "1"],
        &["alerts"],
    ] {
        let run = giaolo(["plates"].iter().chain(words)).arg("--database").arg(&town).run();
        assert_eq!(run.code, Some(2), "{words:?}");
        assert!(run.stderr.contains("--reason"), "{words:?}: {}", run.stderr);
        let run = giaolo(["plates"].iter().chain(words)).arg("--reason").arg("x").run();
        assert_eq!(run.code, Some(2), "{words:?}");
        assert!(run.stderr.contains("--database"), "{words:?}: {}", run.stderr);
    }
    for reason in ["", "  ", &"dài ".repeat(200)] {
        let run =
            giaolo(["plates", "search", "61A*", "--database", &town, "--reason", reason]).run();
        assert_eq!(run.code, Some(1));
        assert!(run.stderr.contains("the reason"), "{}", run.stderr);
        assert_eq!(run.stdout, "");
    }

    let missing = folder.path().join("none.db");
    let empty = folder.path().join("empty.db");
    fs::write(&empty, "").unwrap();
    let text = folder.path().join("text.db");
    fs::write(&text, "no database at all, but longer than a header is").unwrap();
    for (database, named) in [
        (missing.clone(), "there is no database"),
        (empty.clone(), "empty file"),
        (text, "not a giaolo database"),
        (folder.path().to_owned(), "giaolo.db"),
    ] {
        let run = ask(&database.display().to_string(), &["search", "61A*"]).run();
        assert_eq!(run.code, Some(1), "{named}: {}", run.stdout);
        assert!(run.stderr.contains(named), "{named}: {}", run.stderr);
    }
    assert!(!missing.exists() && fs::metadata(&empty).unwrap().len() == 0, "a search made one");
    let run = ask("mysql://u:bi-mat@h/n", &["search", "61A*"]).run();
    assert_eq!(run.code, Some(1));
    assert!(!run.stderr.contains("bi-mat"), "{}", run.stderr);
    let help = giaolo(["plates", "search", "--help"])
        .env("GIAOLO_DATABASE", "postgres://u:bi-mat@h/n")
        .succeed();
    assert!(help.contains("GIAOLO_DATABASE") && !help.contains("bi-mat"), "{help}");
}

#[test]
fn every_look_is_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let town = town_in(folder.path());
    let before = audit(&town).len();
    let by = ["--who", "nguyen.van.a", "--case", "VA-17"];
    let looks: [(&[&str], &str, &str, Value); 7] = [
        (&["search", "61B? 234*"], "plates.search", "61B?234*", json!({"found": 2, "hits": 2})),
        (&["search", "99Z 999.99"], "plates.search", "99Z99999", json!({"found": 0, "hits": 0})),
        (&["journey", "61A12345"], "plates.journey", "61A12345", json!({"sure": 3, "possible": 1})),
        (
            &["watch", "add", "61A12345", "--until", &days_from_now(9)],
            "watch.add",
            "61A12345",
            json!({"watch": 1}),
        ),
        (&["watch", "list"], "watch.list", "", json!({"hits": 1})),
        (&["watch", "remove", "1"], "watch.remove", "61A12345", json!({"removed": true})),
        (&["alerts"], "alerts.list", "", json!({"hits": 0})),
    ];
    for (place, (words, action, ..)) in (before + 1..).zip(&looks) {
        let words = &[words, &by[..]].concat();
        if action.starts_with("plates.") {
            assert_eq!(answer(&town, words)["audit_entries"], json!([place]), "{words:?}");
        } else {
            ask(&town, words).succeed();
        }
    }
    let written = audit(&town);
    assert_eq!(written.len(), before + looks.len());
    for (stored, (words, action, subject, detail)) in written[before..].iter().zip(&looks) {
        let entry = &stored.entry;
        assert_eq!(
            (entry.action.as_str(), entry.subject.as_str()),
            (*action, *subject),
            "{words:?}"
        );
        assert_eq!(entry.who, "nguyen.van.a");
        assert_eq!(entry.detail["reason"], "tìm xe gây tai nạn");
        assert_eq!(entry.detail["case"], "VA-17");
        for (key, value) in detail.as_object().unwrap() {
            assert_eq!(&entry.detail[key], value, "{words:?}: {key}");
        }
    }
    // Without a name it is the account that runs the program, whatever the environment claims.
    ask(&town, &["search", "61A12345"]).env("USER", "somebody-else").succeed();
    let who = audit(&town).pop().unwrap().entry.who;
    assert!(!who.is_empty() && who != "somebody-else", "{who}");
}

/// A day as `--until` takes it.
fn days_from_now(days: u64) -> String {
    let now = std::time::SystemTime::now() + std::time::Duration::from_secs(days * 86_400);
    let micros = now.duration_since(std::time::UNIX_EPOCH).unwrap().as_micros();
    giaolo_domain::UtcTime::from_micros(micros as i64).date_in_viet_nam()
}
