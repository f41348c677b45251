//! Entries with mistakes must say which key is wrong.

use giaolo_domain::RoadUserClass;

use super::{ModelEntry, Precision};

pub(super) const ENTRY: &str = r#"
name = "small"
task = "detect-road-users"
title = "t"
source = "s"
licence = "Apache-2.0"
decoder = "nanodet"
default_size = [640, 384]
default_precision = "int8"
[input]
name = "images"
channels = "rgb"
scale = 1.0
mean = [0.0, 0.0, 0.0]
std = [1.0, 1.0, 1.0]
pad = 114
[thresholds]
score = 0.2
[classes]
0 = "pedestrian"
3 = "motorbike"
[[files]]
size = [640, 384]
precision = "int8"
path = "small/a.onnx"
sha256 = "00"
bytes = 3
"#;

const FINDER: &str = r#"
name = "find"
task = "find-text"
title = "t"
source = "s"
licence = "Apache-2.0"
default_precision = "fp32"
output = "map"
multiple = 32
[input]
name = "x"
channels = "rgb"
scale = 1.0
mean = [0.0, 0.0, 0.0]
std = [1.0, 1.0, 1.0]
[[files]]
precision = "fp32"
path = "find/a.onnx"
sha256 = "00"
bytes = 3
"#;

fn reader() -> String {
    FINDER
        .replace("find-text", "read-text")
        .replace("multiple = 32", "height = 48\nleast_width = 96")
}

#[test]
fn mistakes_are_named_whatever_the_task() {
    let reader = reader();
    for (entry, from, to, message) in [
        (ENTRY, "\"nanodet\"", "\"telepathy\"", "telepathy"),
        (ENTRY, "std = [1.0, 1.0, 1.0]", "std = [1.0, 0.0, 1.0]", "input.std"),
        (ENTRY, "scale = 1.0", "scale = nan", "input"),
        (ENTRY, "scale = 1.0", "scale = \"x\"", "scale"),
        (ENTRY, "bytes = 3", "bytes = -3", "bytes"),
        (ENTRY, "pad = 114", "", "input.pad"),
        (ENTRY, "score = 0.2", "score = 1.5", "thresholds.score"),
        (ENTRY, "3 = \"motorbike\"", "three = \"motorbike\"", "`three`"),
        (ENTRY, "3 = \"motorbike\"", "3 = \"tank\"", "tank"),
        (ENTRY, "small/a.onnx", "../a.onnx", "leaves the weights folder"),
        (ENTRY, "size = [640, 384]\nprecision", "size = [0, 384]\nprecision", "0x384"),
        (ENTRY, "size = [640, 384]\nprecision", "precision", "small/a.onnx has no size"),
        (ENTRY, "pad = 114", "pad = 114\ncolour = 3", "colour"),
        (ENTRY, "decoder = \"nanodet\"", "", "decoder"),
        (ENTRY, "decoder", "multiple = 32\ndecoder", "multiple"),
        (ENTRY, "title = \"t\"", "", "title"),
        (ENTRY, "name = \"small\"", "name = 3", "name"),
        (
            ENTRY,
            "detect-road-users",
            "read-minds",
            "`read-minds` is none of detect-road-users, find",
        ),
        (FINDER, "multiple = 32", "multiple = 0", "multiple: 0"),
        (FINDER, "multiple = 32", "", "multiple"),
        (FINDER, "multiple = 32", "multiple = 32\ndecoder = \"nanodet\"", "decoder"),
        (
            FINDER,
            "precision = \"fp32\"\npath",
            "size = [64, 64]\nprecision = \"fp32\"\npath",
            "any size",
        ),
        (&reader, "height = 48", "height = 0", "height: 0"),
        (&reader, "least_width = 96", "least_width = 9000", "least_width: 9000"),
        (&reader, "output = \"map\"", "", "output"),
        ("", "", "", "name"),
        ("name = ", "", "", "line 1"),
    ] {
        let error = ModelEntry::parse(&entry.replacen(from, to, 1)).unwrap_err();
        assert!(error.contains(message), "{to}: {error}");
    }
}

#[test]
fn an_entry_is_what_its_task_makes_it() {
    let detector = ModelEntry::parse(ENTRY).unwrap();
    let task = detector.road_user_detector().unwrap();
    assert_eq!((task.classes[&3], task.default_size), (RoadUserClass::Motorbike, (640, 384)));
    let finder = ModelEntry::parse(FINDER).unwrap();
    assert_eq!(finder.text_finder().unwrap().multiple, 32);
    let reader = ModelEntry::parse(&reader()).unwrap();
    assert_eq!(reader.text_reader().unwrap().height, 48);

    let error = finder.road_user_detector().unwrap_err().to_string();
    assert!(error.contains("`find` is for find-text") && error.contains("detect-road"), "{error}");
    assert!(detector.text_finder().is_err() && finder.text_reader().is_err());
}

#[test]
fn the_file_that_fits_is_found_and_what_is_not_there_is_said() {
    let entry = ModelEntry::parse(ENTRY).unwrap();
    assert!(entry.file(None, None, &[]).is_ok());
    let error = entry.file(Some((64, 64)), None, &[]).unwrap_err().to_string();
    assert!(error.contains("64x64") && error.contains("640x384 int8"), "{error}");
    let finder = ModelEntry::parse(FINDER).unwrap();
    assert!(finder.file(None, None, &[]).is_ok());
    let error = finder.file(None, Some(Precision::Int8), &[]).unwrap_err().to_string();
    assert!(error.contains("any size int8") && error.contains("any size fp32"), "{error}");
}

#[test]
fn a_licence_that_obliges_must_be_accepted() {
    let closed = ENTRY.replace("decoder", "accept_licence = \"agpl-3.0\"\ndecoder");
    let closed = ModelEntry::parse(&closed).unwrap();
    let error = closed.file(None, None, &[]).unwrap_err().to_string();
    assert!(error.contains("--accept-licence agpl-3.0"), "{error}");
    assert!(closed.file(None, None, &["agpl-3.0".to_owned()]).is_ok());
}
