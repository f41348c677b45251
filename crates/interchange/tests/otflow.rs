//! `.otflow`: what an analyst drew for OTAnalytics, as a scene; and `.otevents`, the way back.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::io::Read;

use common::{at, dataset, files_below};
use giaolo_domain::{
    Crossing, LineId, PixelPoint, RoadUserClass, TimeOrigin, TrackId, UtcTime, Way,
};
use giaolo_interchange::{Note, OtEvent, OtEventsSource, import_otflow, write_otevents};
use giaolo_scene::{Hysteresis, LineKind, Scene};
use proptest::prelude::*;
use serde_json::{Value, json};

const SIZE: (u32, u32) = (800, 600);

fn import(document: &Value) -> Result<(Scene, Vec<Note>), String> {
    import_otflow(document.to_string().as_bytes(), SIZE).map_err(|e| e.to_string())
}

fn section(id: &str, points: &[[f64; 2]]) -> Value {
    let points: Vec<Value> = points.iter().map(|[x, y]| json!({"x": x, "y": y})).collect();
    json!({
        "id": id, "type": "line", "coordinates": points, "plugin_data": {},
        "relative_offset_coordinates": {"section-enter": {"x": 0.25, "y": 1.0}},
    })
}

fn flow(id: &str, start: &str, end: &str) -> Value {
    json!({"id": id, "name": id, "start": start, "end": end, "distance": 0.0})
}

fn english(notes: &[Note]) -> String {
    notes.iter().map(|note| format!("{}\n", note.en)).collect()
}

#[test]
fn the_junction_of_the_real_file_has_its_four_lines() {
    let Some(folder) = dataset("otc/groundtruther") else {
        return;
    };
    let bytes = std::fs::read(folder.join("Testvideo.otflow")).unwrap();
    let (scene, notes) = import_otflow(&bytes, SIZE).unwrap();
    assert_eq!(scene.size, SIZE);
    assert_eq!(scene.sha256.len(), 64);
    let ids: Vec<&str> = scene.lines.iter().map(|line| line.id.as_str()).collect();
    assert_eq!(ids, ["1", "2", "3", "4"]);
    let south = scene.line(&LineId::from("1")).unwrap();
    assert_eq!(south.kind, LineKind::Count);
    assert_eq!(south.points, [PixelPoint::new(38.0, 203.0), PixelPoint::new(422.0, 101.0)]);
    assert_eq!(south.anchor, (0.5, 0.5));
    assert_eq!(south.hysteresis, Hysteresis { before: 0.0, after: 0.0, travel: 0.0 });
    assert_eq!(notes.len(), 5, "the place and four names: {}", english(&notes));
    assert!(scene.movements.is_empty());
}

#[test]
fn real_polylines_are_split_and_their_flows_multiplied() {
    let Some(folder) = dataset("otc/otanalytics/tests/data") else {
        return;
    };
    let name = "Testvideo_Cars-Cyclist_FR20_2020-01-01_00-00-00.otflow";
    let (scene, notes) = import_otflow(&std::fs::read(folder.join(name)).unwrap(), SIZE).unwrap();
    let ids: Vec<&str> = scene.lines.iter().map(|line| line.id.as_str()).collect();
    let expected =
        ["1-1", "1-2", "1-3", "2-1", "2-2", "2-3", "3-1", "3-2", "3-3", "4-1", "4-2", "4-3"];
    assert_eq!(ids, expected);
    assert_eq!(scene.line(&LineId::from("4-2")).unwrap().anchor, (0.7, 0.2));
    assert_eq!(scene.movements.len(), 18);
    assert_eq!(scene.movements[0].id.as_str(), "Nord --> Süd-1");
    let notes = english(&notes);
    for says in [
        "section `1` is bent and became 3 straight lines",
        "flow `Nord --> Süd` became 9 movements",
        "the distance of 25 m of flow `Nord --> Süd` is not carried over",
        "the plugin_data of section `2`",
    ] {
        assert!(notes.contains(says), "{says}\n{notes}");
    }
    let old = import_otflow(&std::fs::read(folder.join("section.json.bz2.otflow")).unwrap(), SIZE);
    assert_eq!(old.unwrap().0.lines[0].id.as_str(), "north");
}

/// What the scene's own reader makes of the scene as it would stand in a file.
fn reads_back(scene: &Scene) -> bool {
    let text = scene.to_toml();
    let back = Scene::from_toml(&text).unwrap_or_else(|e| panic!("{e:?}\n{text}"));
    let sha256 = scene.sha256.clone();
    Scene { sha256, ..back } == *scene
}

#[test]
fn every_real_file_gives_a_scene_that_its_own_reader_accepts() {
    let Some(folder) = dataset("otc") else { return };
    let files = files_below(&folder, ".otflow");
    assert_eq!(files.len(), 3);
    for path in files {
        let (scene, _) = import_otflow(&std::fs::read(&path).unwrap(), SIZE).unwrap();
        assert!(reads_back(&scene), "{}", path.display());
    }
}

#[test]
fn forward_goes_to_the_right_of_the_way_from_first_to_second_point() {
    for (points, right) in [
        ([[100.0, 300.0], [300.0, 300.0]], PixelPoint::new(200.0, 320.0)),
        ([[300.0, 300.0], [100.0, 300.0]], PixelPoint::new(200.0, 280.0)),
        ([[100.0, 100.0], [100.0, 300.0]], PixelPoint::new(80.0, 200.0)),
        // Near and at the edge: nearer, and to the left with a note.
        ([[100.0, 590.0], [300.0, 590.0]], PixelPoint::new(200.0, 600.0)),
        ([[100.0, 600.0], [300.0, 600.0]], PixelPoint::new(200.0, 580.0)),
    ] {
        let document = json!({"sections": [section("a", &points)]});
        let (scene, notes) = import(&document).unwrap();
        let line = &scene.lines[0];
        assert_eq!(line.forward_to, right, "{points:?}");
        assert!(line.forward_distance(right) > 0.0);
        assert_eq!(line.anchor, (0.25, 1.0));
        assert_eq!(english(&notes).contains("left-hand side"), points[0][1] == 600.0);
    }
}

#[test]
fn names_that_a_scene_cannot_have_are_changed_with_a_note() {
    for (id, named) in [
        ("a b", "a b"),
        ("../etc", "-etc"),
        (" . ", "line"),
        ("", "line"),
        ("a\nb", "a-b"),
        (&*"x".repeat(300), &*"x".repeat(48)),
    ] {
        let document = json!({"sections": [section(id, &[[10.0, 10.0], [90.0, 10.0]])]});
        let (scene, notes) = import(&document).unwrap();
        assert_eq!(scene.lines[0].id.as_str(), named);
        assert_eq!(english(&notes).contains("is named"), id != named, "{id}");
    }
}

#[test]
fn what_cannot_be_carried_over_is_a_note_in_both_languages() {
    let mut area = section("square", &[[0.0, 0.0], [9.0, 0.0], [9.0, 9.0]]);
    area["type"] = json!("area");
    let mut offsets = section("b-c", &[[10.0, 10.0], [900.0, 10.0]]);
    offsets["relative_offset_coordinates"]["section-leave"] = json!({"x": 0, "y": 0});
    let document = json!({
        "sections": [
            area,
            offsets,
            section("b/c", &[[10.0, 50.0], [20.0, 50.0]]),
            section("dot", &[[5.0, 5.0], [5.0, 5.0]]),
        ],
        "flows": [flow("f", "b-c", "b/c"), flow("g", "square", "b-c"), flow("h", "b-c", "dot"), flow("i", "b-c", "b-c"), flow("j", "b-c", "b/c")],
    });
    let (scene, notes) = import(&document).unwrap();
    let ids: Vec<&str> = scene.lines.iter().map(|line| line.id.as_str()).collect();
    assert_eq!(ids, ["b-c", "b-c-2"]);
    let movements: Vec<&str> = scene.movements.iter().map(|m| m.id.as_str()).collect();
    assert_eq!(movements, ["f"]);
    assert_eq!(scene.movements[0].from, (LineId::from("b-c"), None));
    assert_eq!(scene.movements[0].to, (LineId::from("b-c-2"), None));
    let text = english(&notes);
    for says in [
        "area `square` is not carried over",
        "the offset for `section-leave` of section `b-c` is not carried over",
        "point (900, 10) of section `b-c` is outside the picture, moved to (800, 10)",
        "`b/c` is named `b-c-2` here",
        "line `dot` is left out: it is shorter than 4 pixels",
        "flow `g` is left out",
        "flow `h` is left out",
        "flow `i` is left out: a U-turn",
        "flow `j` is left out: it has the start and end of flow `f`",
    ] {
        assert!(text.contains(says), "{says}\n{text}");
    }
    assert!(notes.iter().all(|note| !note.vi.is_empty() && note.vi != note.en));
}

#[test]
fn broken_files_are_named() {
    let whole = json!({
        "sections": [section("a", &[[1.0, 1.0], [90.0, 90.0]]), section("b", &[[1.0, 90.0], [90.0, 1.0]])],
        "flows": [flow("f", "a", "b"), flow("g", "b", "a")],
    });
    assert!(import(&whole).is_ok());
    let change = |pointer: &str, value: Value| {
        let mut document = whole.clone();
        *document.pointer_mut(pointer).unwrap() = value;
        document
    };
    let enter = "/sections/1/relative_offset_coordinates/section-enter";
    for (document, says) in [
        (json!([]), "otflow: JSON: "),
        (json!({}), "missing field `sections`"),
        (
            change("/sections/1/type", json!("circle")),
            "unknown variant `circle`, expected `line` or `area`",
        ),
        (change("/sections/1/id", json!("a")), "sections[1]: `id` is a; another section has it"),
        (
            change("/sections/1/coordinates", json!([{"x": 1, "y": 1}])),
            "sections[1] `b`: `number of coordinates` is 1; it must be at least 2",
        ),
        (change("/sections/1/coordinates/0", json!({"x": 1})), "missing field `y`"),
        (change("/sections/1/coordinates/0/x", json!(1e30)), "`coordinates.x` is 1"),
        (
            change("/sections/1/relative_offset_coordinates", json!({})),
            "has no `relative_offset_coordinates.section-enter`",
        ),
        (
            change(&format!("{enter}/x"), json!(1.5)),
            "`relative_offset_coordinates.section-enter.x` is 1.5; it must be 0 to 1",
        ),
        (change("/flows/1/end", json!("z")), "flows[1] `g`: `end` is z; it must be a section's id"),
        (change("/flows/1/id", json!("f")), "flows[1] `f`: `id` is f; another flow has it"),
    ] {
        let error = import(&document).unwrap_err();
        assert!(error.contains(says), "{says}\n{error}");
    }
    let error = import_otflow(whole.to_string().as_bytes(), (0, 600)).unwrap_err().to_string();
    assert!(error.contains("`size` is 0x600"), "{error}");
    assert!(import_otflow(b"{\"sections\": [", SIZE).is_err());
}

fn crossing(line: &str, way: Way) -> Crossing {
    Crossing {
        at: at(107, 5_350_000),
        track: TrackId(18),
        line: LineId::from(line),
        way,
        class: RoadUserClass::Bicycle,
        confidence: 0.5,
        point: PixelPoint::new(137.5, 343.5),
        confirmed: at(108, 5_400_000),
        movement: None,
        speed_kmh: None,
    }
}

fn events(scene: &Scene, events: &[OtEvent<'_>]) -> Result<Value, String> {
    let source = OtEventsSource {
        video: "Cam1_FR20_2020-02-20_13-11-00.mp4".to_owned(),
        origin: TimeOrigin {
            start: UtcTime::parse("2020-02-20T13:11:00Z").unwrap(),
            ..TimeOrigin::UNKNOWN
        },
        program_version: "0.1.0".to_owned(),
    };
    let mut packed = Vec::new();
    write_otevents(&mut packed, &source, scene, events).map_err(|e| e.to_string())?;
    let mut text = String::new();
    bzip2::read::BzDecoder::new(&packed[..]).read_to_string(&mut text).unwrap();
    Ok(serde_json::from_str(&text).unwrap())
}

#[test]
fn events_have_the_form_of_otanalytics() {
    let document = json!({"sections": [section("a", &[[100.0, 300.0], [300.0, 300.0]])]});
    let scene = import(&document).unwrap().0;
    let [forward, back] = [Way::Forward, Way::Back].map(|way| crossing("a", way));
    let list = [(&forward, None), (&back, None), (&back, Some([3.5, -1.25]))]
        .map(|(crossing, direction)| OtEvent { crossing, direction });
    let written = events(&scene, &list).unwrap();
    assert_eq!(written["metadata"]["event_file_version"], "0.0");
    let mut sections = document["sections"].clone();
    sections[0]["name"] = json!("a");
    assert_eq!(written["sections"], sections);
    assert_eq!(
        written["event_list"][0],
        json!({
            "road_user_id": "18", "road_user_type": "bicyclist", "hostname": "Cam1",
            "occurrence": "2020-02-20 13:11:05.350000", "frame_number": 108, "section_id": "a",
            "event_coordinate": [137.5, 343.5], "event_type": "section-enter",
            "direction_vector": [0.0, 1.0], "video_name": "Cam1_FR20_2020-02-20_13-11-00.mp4",
        })
    );
    assert_eq!(written["event_list"][1]["direction_vector"], json!([-0.0, -1.0]));
    assert_eq!(written["event_list"][2]["direction_vector"], json!([3.5, -1.25]));
}

#[test]
fn events_that_no_reader_could_use_are_refused() {
    let document = json!({"sections": [section("a", &[[100.0, 300.0], [300.0, 300.0]])]});
    let scene = import(&document).unwrap().0;
    let stray = crossing("z", Way::Forward);
    let good = crossing("a", Way::Forward);
    for (event, says) in [
        (
            OtEvent { crossing: &stray, direction: None },
            "track 18 crosses line z, which the scene does not have",
        ),
        (OtEvent { crossing: &good, direction: Some([f32::NAN, 0.0]) }, "all must be finite"),
    ] {
        let error = events(&scene, &[event]).unwrap_err();
        assert!(error.contains(says), "{error}");
    }
}

proptest! {
    #[test]
    fn every_line_that_is_made_is_one(
        points in proptest::collection::vec((-100.0f64..1000.0, -100.0f64..800.0), 2..6),
    ) {
        let points: Vec<[f64; 2]> = points.into_iter().map(|(x, y)| [x, y]).collect();
        let (scene, _) = import(&json!({"sections": [section("a", &points)]})).unwrap();
        prop_assert!(reads_back(&scene));
        for line in &scene.lines {
            prop_assert!(line.length() > 0.0);
            prop_assert!(line.forward_distance(line.forward_to) > 0.5);
            for point in line.points.iter().chain([&line.forward_to]) {
                prop_assert!((0.0..=800.0).contains(&point.x) && (0.0..=600.0).contains(&point.y));
            }
        }
    }
}
