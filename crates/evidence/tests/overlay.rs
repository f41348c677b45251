//! The drawings: what they may touch, what they must show, and that they are the same every time.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::facts;
use giaolo_domain::*;
use giaolo_evidence::{SourceClass, overlay::*};
use image::{Rgb, RgbImage};

const GREY: Rgb<u8> = Rgb([90, 95, 100]);

fn at(x: f32, y: f32) -> PixelPoint {
    PixelPoint::new(x, y)
}

fn caption(reasons: usize, verdict: Verdict) -> Caption {
    let facts = facts();
    let mut violation = facts.violation.clone();
    violation.reasons = vec![violation.reasons[0].clone(); reasons];
    violation.verdict = verdict;
    violation.insufficient = vec![violation.reasons[0].clone()];
    Caption::of_violation(&CaptionSource {
        place: &facts.place,
        point: facts.point.as_deref(),
        camera: &facts.camera,
        source_class: Some(SourceClass::CitizenData),
        clock: &facts.clock,
        violation: &violation,
        signal: Some(SignalState::Red),
        plate: Some(&PlateReading::unreadable(Unreadable::TooSmall)),
    })
}

fn overview(overlay: &mut Overlay, width: u32, height: u32, caption: &Caption) -> RgbImage {
    let still = RgbImage::from_pixel(width, height, GREY);
    let (w, h) = (width as f32, height as f32);
    let past: Vec<_> = (0..20).map(|i| at(w * 0.3, h * (0.95 - 0.02 * i as f32))).collect();
    let later: Vec<_> = (0..20).map(|i| at(w * 0.3, h * (0.55 - 0.01 * i as f32))).collect();
    let drawing = OverviewDrawing {
        title: "Giảng Võ - Láng Hạ",
        time: "2026-11-24 07:30:05.500",
        lines: &[LineShape {
            points: [at(w * 0.1, h * 0.7), at(w * 0.6, h * 0.72)],
            meaning: Meaning::Rule,
            label: Some(("Vạch dừng", "Stop line")),
        }],
        zones: &[],
        subject: PixelBox::new(w * 0.27, h * 0.4, w * 0.33, h * 0.55),
        subject_label: ("Xe mô tô số 7", "motorbike, track 7"),
        past: &past,
        later: &later,
        lamp: Some(LampShape {
            region: PixelBox::new(w * 0.9, h * 0.3, w * 0.93, h * 0.45),
            state: SignalState::Red,
        }),
    };
    render_overview(overlay, &still, &drawing, caption).unwrap()
}

fn has(image: &RgbImage, colour: Colour) -> bool {
    image.pixels().any(|pixel| *pixel == colour)
}

#[test]
fn an_overview_shows_every_meaning_and_leaves_most_of_the_picture() {
    let mut overlay = Overlay::new().unwrap();
    for (width, height) in [(640, 480), (1600, 1200), (320, 240)] {
        let image = overview(&mut overlay, width, height, &caption(2, Verdict::Sure));
        assert_eq!(image.width(), width);
        for colour in [
            palette::SUBJECT,
            palette::RULE,
            palette::lamp(SignalState::Red),
            palette::COMPLETE,
            palette::PAPER,
            palette::INK,
        ] {
            assert!(has(&image, colour), "{width}: {colour:?}");
        }
        assert!(!has(&image, palette::CAUTION));
        let clean = image.pixels().filter(|pixel| **pixel == GREY).count();
        let still = (width * height) as usize;
        assert!(clean * 10 > still * 8, "{width}: {clean} of {still}");
    }
}

#[test]
fn the_panel_grows_with_its_words_and_marks_what_is_missing() {
    let mut overlay = Overlay::new().unwrap();
    let short = overview(&mut overlay, 640, 480, &caption(1, Verdict::Sure));
    let long = overview(&mut overlay, 640, 480, &caption(12, Verdict::Insufficient));
    assert!(long.height() > short.height() + 200);
    assert!(has(&long, palette::CAUTION) && !has(&long, palette::COMPLETE));
}

#[test]
fn the_same_drawing_is_the_same_bytes() {
    let (mut one, mut other) = (Overlay::new().unwrap(), Overlay::new().unwrap());
    let caption = caption(2, Verdict::Sure);
    let first = overview(&mut one, 640, 480, &caption);
    overview(&mut other, 1600, 1200, &caption);
    assert_eq!(first, overview(&mut other, 640, 480, &caption));
}

#[test]
fn captions_say_what_is_unknown_and_never_guilt() {
    let facts = facts();
    let known = caption(1, Verdict::Sure);
    let row = |caption: &Caption, label: &str| {
        let row = caption.rows.iter().find(|row| row.label.en == label);
        row.map(|row| row.value.clone())
    };
    let value = |label| row(&known, label).unwrap();
    assert_eq!(value("Time").vi, "2026-11-24 07:30:05.500 (UTC+7)");
    assert_eq!(value("Clock").vi, "người vận hành nhập, sai số ±2,0 giây");
    assert_eq!(value("Signal").vi, "đèn đỏ, đã đỏ 1,3 giây");
    assert_eq!(value("Source").vi, "dữ liệu do cá nhân, tổ chức cung cấp");
    assert_eq!(value("Plate").en, "the plate is too small in the picture");
    assert!(known.footer.vi.contains("người có thẩm quyền"));

    let unknown = Caption::of_violation(&CaptionSource {
        place: "x",
        point: None,
        camera: &facts.camera,
        source_class: None,
        clock: &TimeOrigin::UNKNOWN,
        violation: &facts.violation,
        signal: None,
        plate: None,
    });
    let value = |label| row(&unknown, label).unwrap();
    assert!(value("Time").vi.starts_with("không rõ ngày giờ"));
    assert!(!value("Time").vi.contains("1970"));
    assert!(value("Clock").en.contains("uncertainty unknown"));
    assert_eq!(row(&unknown, "Signal"), None);
    assert_eq!(row(&unknown, "Plate"), None);
    assert_eq!(value("Source").vi, "chưa khai báo loại nguồn");
}

#[test]
fn a_frame_of_the_video_is_drawn_within_itself() {
    let mut overlay = Overlay::new().unwrap();
    let trail: Vec<_> = (0..30).map(|i| at(100.0 + i as f32 * 5.0, 300.0)).collect();
    let track = |number: u64, x: f32, is_subject, predicted| TrackShape {
        track: TrackId(number),
        bbox: PixelBox::new(x, 220.0, x + 40.0, 300.0),
        class: RoadUserClass::Car,
        trail: &trail,
        is_subject,
        predicted,
    };
    let heads = [HeadShape {
        region: PixelBox::new(600.0, 100.0, 630.0, 180.0),
        state: SignalState::Unlit,
    }];
    let mut drawn = Vec::new();
    for is_subject in [false, true] {
        let mut image = RgbImage::from_pixel(640, 480, GREY);
        let tracks = [
            track(1, 225.0, is_subject, false),
            track(2, -30.0, false, true),
            track(3, f32::NAN, false, false),
        ];
        let drawing = FrameDrawing {
            title: "Giảng Võ",
            time: "07:30:05",
            footer: "vạch dừng 12",
            zones: &[],
            lines: &[],
            heads: &heads,
            tracks: &tracks,
        };
        overlay.frame(&mut image, &drawing).unwrap();
        drawn.push(image);
    }
    assert!(!has(&drawn[0], palette::SUBJECT) && has(&drawn[1], palette::SUBJECT));
    assert!(has(&drawn[0], palette::road_user(ClassGroup::Car)));
}
